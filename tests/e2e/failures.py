"""Faults on the way: what fails takes only its dependents along, and nothing is made twice."""

import json
import time
import unittest

from support import DONE, FAILED, PARTIAL, EmulatorCase, comparable, configuration, oauth_client
from support import tenant

ROLES, GROUPS = "/api/v1/roles$", "/api/v1/groups$"
WEB_INTEGRATIONS, CLIENTS = "/api/v1/web-integrations$", "/api/v1/oauth-clients$"


class FailuresTest(EmulatorCase):
    def setUp(self):
        super().setUp()
        self.declared = {"acme": tenant(oauthClients={"portal": oauth_client("acme")})}
        self.declare()

    def declare(self, organization=True):
        self.configure(configuration(self.emulator, self.declared, organization=organization))

    def fault(self, method, path, **action):
        self.emulator.faults({"match": {"method": method, "path": path}, "times": 1, **action})

    def count(self, call):
        return self.emulator.calls().count(call)

    def assert_only_missing_is_made(self, *missing):
        """The next apply does just what is missing, and then all is as it is without faults."""
        self.emulator.no_faults()
        mark = self.emulator.mark()
        self.apply()
        made = [c.replace("POST /api/v1/", "") for c in self.emulator.changing_calls(mark)
                if c.startswith("POST") and c.count("/") == 3]
        self.assertEqual(sorted(made), sorted(missing))
        self.plan_is_empty()
        self.assert_complete()

    def assert_complete(self):
        for table, names in (("roles", ["Author"]), ("groups", ["Analysts"]),
                             ("webIntegrations", ["Portal"]), ("oauthClients", ["Portal"])):
            self.assertEqual(self.emulator.names("Acme", table), names)
        self.assertTrue((self.workspace.path / "secrets/acme.json").exists())

    # --- an answer that says no ---

    def test_a_failing_resource_fails_only_itself_and_what_depends_on_it(self):
        self.fault("POST", ROLES, status=500)
        ended = self.apply(code=PARTIAL)
        self.assertRegex(ended.text, r"(?s)Failed:\n  acme/roles/author \(create\).*500")
        self.assertRegex(ended.text, r"(?s)Never started:\n  acme/groups/analysts \(create\)")
        self.assertIn("Applied in part: 3 done, 1 failed, 1 never started.", ended.text)
        self.assertIn("To go on: tenantry apply", ended.text)
        self.assertEqual(self.count("POST /api/v1/roles"), 1)
        self.assert_only_missing_is_made("roles", "groups")

    def test_a_refused_creation_is_a_failure_and_is_not_repeated(self):
        for status in (403, 409):
            with self.subTest(status=status):
                self.start_over()
                self.fault("POST", WEB_INTEGRATIONS, status=status)
                ended = self.apply(code=PARTIAL)
                self.assertRegex(ended.text,
                                 fr"(?s)Failed:\n  acme/webIntegrations/portal.*{status}")
                self.assertEqual(self.count("POST /api/v1/web-integrations"), 1)
                self.assert_only_missing_is_made("web-integrations")

    def test_an_update_and_a_deletion_that_fail_are_planned_again(self):
        self.apply()
        acme = self.declared["acme"]
        acme["groups"]["analysts"]["description"] = "Others"
        del acme["webIntegrations"]
        self.declare()
        self.fault("PATCH", "/api/v1/groups/", status=400)
        self.fault("DELETE", "/api/v1/web-integrations/", status=403)
        self.apply(code=FAILED)
        self.assertEqual(self.planned(), {"acme/groups/analysts": "update",
                                          "acme/webIntegrations/portal": "delete"})
        self.apply()
        self.plan_is_empty()

    def test_a_tenant_that_cannot_be_made_leaves_the_others_alone(self):
        self.declared["globex"] = tenant("globex", region="us")
        self.declare()
        self.emulator.faults({"match": {"method": "POST", "host": "register.eu",
                                        "path": "/api/v1/tenants$"}, "status": 403, "times": 1})
        ended = self.apply(code=PARTIAL)
        self.assertIn("acme (create)", ended.text)
        self.assertEqual(set(self.emulator.tenants()), {"Globex"})
        self.apply()
        self.assertEqual(set(self.emulator.tenants()), {"Acme", "Globex"})
        self.plan_is_empty()

    def test_a_tenant_that_cannot_be_read_leaves_the_plans_of_the_others_alone(self):
        self.declared["globex"] = tenant("globex", region="us")
        self.declare()
        self.apply()
        for each in self.declared.values():
            each["groups"]["analysts"]["description"] = "Others"
        self.declare()
        self.emulator.faults({"match": {"method": "GET", "host": r"\.us\.",
                                        "path": "/api/v1/groups"}, "status": 403})
        ended = self.tenantry("plan", code=FAILED)
        self.assertIn("acme/groups/analysts", ended.out)
        self.assertIn("globex", ended.text)
        self.apply(code=PARTIAL)
        self.assertEqual(self.emulator.find("Acme", "groups", "Analysts")[0]["description"],
                         "Others")

    # --- an answer that does not come ---

    def test_a_creation_whose_answer_was_lost_is_found_and_not_made_again(self):
        for path in (ROLES, GROUPS, WEB_INTEGRATIONS, CLIENTS):
            with self.subTest(path=path):
                self.start_over()
                self.fault("POST", path, dropAfterProcessing=True)
                self.workspace.run("apply", "--auto-approve")
                self.apply()
                self.plan_is_empty()
                self.assert_complete()
                self.assertEqual(self.count("POST " + path.rstrip("$")), 1)

    def test_a_secret_whose_delivery_was_lost_is_renewed_and_works(self):
        self.fault("POST", CLIENTS, dropAfterProcessing=True)
        self.workspace.run("apply", "--auto-approve")
        self.apply()
        delivered = self.workspace.path / "secrets/acme.json"
        self.assert_secret_works(delivered)

    def assert_secret_works(self, file):
        delivered = json.loads(file.read_text())
        status, answer = self.emulator.exchange(delivered["host"], "POST", "/oauth/token", {
            "client_id": delivered["clientId"], "client_secret": delivered["clientSecret"],
            "grant_type": "client_credentials"})
        # A client that is not trusted yet is told so only once its secret fits.
        self.assertIn(status, (200, 403), answer)

    def test_a_creation_that_never_arrived_is_made_by_the_next_run(self):
        self.fault("POST", WEB_INTEGRATIONS, dropBeforeProcessing=True)
        ended = self.workspace.run("apply", "--auto-approve")
        self.assertIn(ended.code, (DONE, PARTIAL), str(ended))
        if ended.code == PARTIAL:
            self.assert_only_missing_is_made("web-integrations")
        self.plan_is_empty()
        self.assert_complete()

    def test_a_truncated_answer_to_a_creation_makes_nothing_twice(self):
        for path in (GROUPS, CLIENTS):
            with self.subTest(path=path):
                self.start_over()
                self.fault("POST", path, truncateBody=True)
                self.workspace.run("apply", "--auto-approve")
                self.apply()
                self.plan_is_empty()
                self.assert_complete()

    def test_an_update_whose_answer_was_lost_is_settled(self):
        self.apply()
        self.declared["acme"]["groups"]["analysts"]["description"] = "Others"
        self.declare()
        self.fault("PATCH", "/api/v1/groups/", dropAfterProcessing=True)
        self.workspace.run("apply", "--auto-approve")
        self.apply()
        self.plan_is_empty()
        self.assertEqual(self.emulator.find("Acme", "groups", "Analysts")[0]["description"],
                         "Others")

    def test_a_deletion_whose_answer_was_lost_is_settled(self):
        self.apply()
        del self.declared["acme"]["webIntegrations"]
        self.declare()
        self.fault("DELETE", "/api/v1/web-integrations/", dropAfterProcessing=True)
        self.workspace.run("apply", "--auto-approve")
        self.apply()
        self.plan_is_empty()
        self.assertEqual(self.emulator.names("Acme", "webIntegrations"), [])

    def test_a_tenant_whose_creation_was_answered_by_nobody_is_made_exactly_once(self):
        for fault in ("dropAfterProcessing", "truncateBody"):
            with self.subTest(fault=fault):
                self.start_over()
                self.fault("POST", "/api/v1/tenants$", **{fault: True})
                self.workspace.run("apply", "--auto-approve")
                self.apply()
                self.assertEqual(len(self.emulator.snapshot()["tenants"]), 1)
                self.assertEqual(self.count("POST /api/v1/tenants"), 1)
                self.plan_is_empty()
                self.assert_complete()

    def test_two_creations_side_by_side_never_own_one_tenant(self):
        self.declared = {key: {"region": "eu", "name": key.capitalize()}
                         for key in ("acme", "globex")}
        self.declare()
        creation = {"method": "POST", "host": "register.eu", "path": "/api/v1/tenants$"}
        # One is made and its answer takes long; the other is not made, and looks what there is.
        self.emulator.faults({"match": creation, "times": 1, "delayMs": 2000},
                             {"match": creation, "times": 1, "status": 503})
        self.apply(code=PARTIAL)
        self.emulator.no_faults()
        self.apply()
        self.assertEqual(sorted(self.emulator.tenants()), ["Acme", "Globex"])
        self.plan_is_empty()

    def test_without_an_organization_client_a_person_decides_about_a_lost_creation(self):
        self.declare(organization=False)
        self.fault("POST", "/api/v1/tenants$", dropAfterProcessing=True)
        self.apply(code=FAILED)
        stopped = self.apply(code=FAILED)
        self.assertIn("tenantry state resolve acme --created", stopped.text)
        self.assertEqual(len(self.emulator.snapshot()["tenants"]), 1)
        made = self.emulator.snapshot()["tenants"][0]
        self.tenantry("state", "resolve", "acme", "--created", made["id"],
                      "--hostname", made["hostnames"][0])
        self.apply()
        self.assertEqual(self.count("POST /api/v1/tenants"), 1)
        self.plan_is_empty()
        self.assert_complete()

    def test_a_person_decides_which_of_two_objects_an_interrupted_creation_made(self):
        portal = "acme/webIntegrations/portal"
        self.emulator.faults(
            {"match": {"method": "POST", "path": WEB_INTEGRATIONS}, "times": 1,
             "dropAfterProcessing": True},
            {"match": {"method": "GET", "path": "/api/v1/web-integrations"}, "status": 403})
        self.apply(code=PARTIAL)
        self.emulator.no_faults()
        _, host = self.emulator.find("Acme", "webIntegrations", "Portal")
        self.emulator.api(host, "POST", "/api/v1/web-integrations", {"name": "Portal"})
        made = [one["id"] for one in self.emulator.tenants()["Acme"]["webIntegrations"]]
        self.assertEqual(len(made), 2)
        stopped = self.apply(code=FAILED)
        self.assertIn(f"tenantry state resolve {portal} --not-created", stopped.text)
        refused = self.tenantry("state", "resolve", portal, "--created", made[1], code=FAILED)
        self.assertIn(f"tenantry import {portal} {made[1]}", refused.text)
        other = self.tenantry("state", "resolve", "acme/groups/analysts", "--not-created", code=FAILED)
        self.assertIn("no creation of acme/groups/analysts is open", other.text)
        self.tenantry("state", "resolve", portal, "--not-created")
        self.tenantry("import", portal, made[1])
        self.apply()
        self.plan_is_empty()
        self.assertEqual(self.count("POST /api/v1/web-integrations"), 2)

    # --- answers that are late, or come at the second try ---

    def test_reads_are_repeated_until_the_service_is_back(self):
        self.apply()
        for action in ({"status": 503}, {"status": 502}, {"dropBeforeProcessing": True},
                       {"truncateBody": True}):
            with self.subTest(**action):
                self.emulator.faults({"match": {"method": "GET", "path": "/api/v1/groups"},
                                      "times": 2, **action})
                self.plan_is_empty()
                self.emulator.no_faults()

    def test_a_throttled_call_waits_as_long_as_it_is_told_and_is_made_once(self):
        self.apply()
        self.declared["acme"]["groups"]["more"] = {"name": "More", "providerType": "custom"}
        self.declare()
        self.fault("POST", GROUPS, status=429, retryAfter=2)
        mark = self.emulator.mark()
        begun = time.monotonic()
        self.apply()
        self.assertGreaterEqual(time.monotonic() - begun, 2)
        statuses = [r["status"] for r in self.emulator.requests(mark) if r["method"] == "POST"
                    and r["path"] == "/api/v1/groups"]
        self.assertEqual(statuses, [429, 201])
        self.assertEqual(self.emulator.names("Acme", "groups"), ["Analysts", "More"])

    def test_slow_answers_are_waited_for(self):
        self.emulator.faults({"match": {"method": "GET|POST|PATCH", "path": "/api/v1/"},
                              "delayMs": 300})
        self.apply()
        self.emulator.no_faults()
        self.plan_is_empty()
        self.assert_complete()

    def test_a_host_that_never_answers_is_an_error_of_its_tenant(self):
        self.apply()
        self.emulator.faults({"match": {"path": "/api/v1/groups"}, "dropBeforeProcessing": True})
        ended = self.tenantry("plan", code=FAILED)
        self.assertIn("acme", ended.text)
        self.assertIn("/api/v1/groups", ended.text)

    def test_faults_all_over_converge_to_what_an_undisturbed_run_makes(self):
        self.apply()
        undisturbed = comparable(self.emulator.snapshot())
        self.start_over()
        self.emulator.faults(
            {"match": {"method": "POST", "path": "/api/v1/(roles|groups|web)"},
             "dropAfterProcessing": True, "probability": 0.5, "times": 3},
            {"match": {"method": "POST", "path": "/api/v1/(roles|groups|oauth)"}, "status": 500,
             "probability": 0.5, "times": 3},
            {"match": {"method": "GET"}, "status": 503, "probability": 0.2, "times": 5})
        for _ in range(8):
            if self.workspace.run("apply", "--auto-approve").code == DONE:
                break
        self.emulator.no_faults()
        self.apply()
        self.plan_is_empty()
        self.assertEqual(comparable(self.emulator.snapshot()), undisturbed)


if __name__ == "__main__":
    unittest.main()
