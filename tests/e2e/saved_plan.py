"""`plan --out` and `apply FILE`: what was shown is what is done, or nothing."""

import json
import os
import re
import stat
import unittest

from support import CLIENT_SECRET, DONE, FAILED, LICENSE_KEY, PARTIAL, EmulatorCase, configuration
from support import kill, oauth_client, tenant, wait_until

PLAN = "fleet.plan"


class SavedPlanTest(EmulatorCase):
    def setUp(self):
        super().setUp()
        self.declared = {"acme": tenant(), "globex": tenant("globex")}
        self.declare()

    def declare(self):
        self.configure(configuration(self.emulator, self.declared))

    def describe(self, text, *keys):
        for key in keys:
            self.declared[key]["groups"]["analysts"]["description"] = text
        self.declare()

    def save(self, *arguments):
        return self.tenantry("plan", "--out", PLAN, *arguments)

    def description(self, name):
        return self.emulator.find(name, "groups", "Analysts")[0]["description"]

    def test_a_saved_plan_makes_what_it_showed(self):
        self.save()
        self.tenantry("apply", PLAN)
        self.assertEqual(set(self.emulator.tenants()), {"Acme", "Globex"})
        self.plan_is_empty()

    def test_a_saved_plan_is_applied_as_shown_whatever_the_configuration_says_by_then(self):
        self.apply()
        self.describe("Shown", "acme")
        self.save()
        self.describe("Written later", "acme")
        mark = self.emulator.mark()
        self.tenantry("apply", PLAN)
        self.assertEqual(self.description("Acme"), "Shown")
        self.assertEqual(len(self.emulator.changing_calls(mark)), 1)

    def test_a_plan_that_was_applied_has_nothing_left_to_do(self):
        self.apply()
        self.describe("Shown", "acme")
        self.save()
        self.tenantry("apply", PLAN)
        mark = self.emulator.mark()
        again = self.tenantry("apply", PLAN)
        self.assertIn("Applied: 1 done (1 by an earlier run of this plan).", again.out)
        self.assertIn("acme/groups/analysts: updated by an earlier run of this plan", again.err)
        events = self.tenantry("apply", PLAN, "--json").events()
        self.assertEqual([(e["address"], e["action"]) for e in events
                          if e["type"] == "change_passed"], [("acme/groups/analysts", "update")])
        self.assertEqual([e["counts"]["done"] for e in events if e["type"] == "report"], [1])
        self.assertEqual(self.emulator.changing_calls(mark), [])

    def test_a_plan_that_was_applied_is_stale_once_something_else_happened(self):
        self.apply()
        self.describe("Shown", "acme")
        self.save()
        self.tenantry("apply", PLAN)
        self.describe("Later", "acme")
        self.apply()
        mark = self.emulator.mark()
        again = self.tenantry("apply", PLAN, code=PARTIAL)
        self.assertIn("moved on since the plan was made", again.text)
        self.assertEqual(self.emulator.changing_calls(mark), [])
        self.assertEqual(self.description("Acme"), "Later")

    def test_what_failed_is_done_by_the_plan_again_and_what_was_done_is_not(self):
        """In a new tenant: its id is not in the plan."""
        self.declared = {"acme": tenant()}
        self.declare()
        self.save()
        self.emulator.faults({"match": {"method": "POST", "path": "/api/v1/groups"},
                              "times": 1, "status": 400})
        ended = self.tenantry("apply", PLAN, code=PARTIAL)
        self.assertIn(f"To go on: tenantry apply {PLAN}\n", ended.out)
        self.assertEqual(self.emulator.names("Acme", "groups"), [])
        mark = self.emulator.mark()
        ended = self.tenantry("apply", PLAN)
        self.assertIn("Applied: 4 done (3 by an earlier run of this plan).", ended.out)
        self.assertEqual(self.emulator.changing_calls(mark), ["POST /api/v1/groups"])
        self.plan_is_empty("--changed")
        self.plan_is_empty()

    def test_a_tenant_that_was_made_and_not_finished_is_not_made_twice(self):
        self.declared = {"acme": tenant()}
        self.declare()
        self.save()
        self.emulator.faults({"match": {"method": "PATCH", "path": "/api/v1/tenants/"},
                              "times": 1, "status": 400})
        self.workspace.run("apply", PLAN)
        ended = self.workspace.run("apply", PLAN)
        self.assertIn("moved on since the plan was made", ended.text)
        self.assertIn(f"To go on: tenantry plan --out {PLAN} && tenantry apply {PLAN}", ended.text)
        self.assertEqual(len(self.emulator.snapshot()["tenants"]), 1)
        self.save()
        self.tenantry("apply", PLAN)
        self.assertEqual(len(self.emulator.snapshot()["tenants"]), 1)
        self.plan_is_empty()

    def test_an_object_that_somebody_else_makes_between_two_runs_of_a_plan_is_noticed(self):
        self.declared = {"acme": tenant()}
        self.declare()
        self.save()
        self.emulator.faults({"match": {"method": "POST", "path": "/api/v1/groups"},
                              "times": 1, "status": 400})
        self.tenantry("apply", PLAN, code=PARTIAL)
        host = self.emulator.tenants()["Acme"]["hostnames"][0]
        self.emulator.api(host, "POST", "/api/v1/groups",
                          {"name": "Analysts", "providerType": "custom"})
        ended = self.tenantry("apply", PLAN, code=PARTIAL)
        self.assertIn("exists by now", ended.text)
        self.assertEqual(self.emulator.names("Acme", "groups"), ["Analysts"])

    def test_a_reverted_drift_is_not_taken_for_done(self):
        """The state said before what it says after: only the journal tells."""
        self.apply()
        self.emulator.patch("Acme", "groups", "Analysts", description="By hand")
        self.describe("Read", "acme")
        self.declared["acme"]["webIntegrations"]["portal"]["name"] = "Front door"
        self.declare()
        self.save()
        self.emulator.faults({"match": {"method": "PATCH", "path": "/api/v1/groups"},
                              "times": 1, "status": 400})
        self.tenantry("apply", PLAN, code=PARTIAL)
        self.assertEqual(self.description("Acme"), "By hand")
        self.tenantry("apply", PLAN)
        self.assertEqual(self.description("Acme"), "Read")
        self.plan_is_empty()

    def test_a_tenant_that_another_run_brought_to_the_same_configuration_is_done(self):
        self.apply()
        self.describe("Shown", "acme")
        self.save()
        self.apply()
        mark = self.emulator.mark()
        self.tenantry("apply", PLAN)
        self.assertEqual(self.emulator.changing_calls(mark), [])

    def test_a_plan_that_is_out_of_date_ends_with_the_command_that_makes_it_anew(self):
        self.apply()
        self.describe("Shown", "acme", "globex")
        self.save("--target", "*/groups/*", "--exclude", "globex/roles/*")
        self.describe("In between", "acme")
        self.apply("--target", "acme")
        ended = self.tenantry("apply", PLAN, code=PARTIAL)
        self.assertIn("To go on: tenantry plan --target '*/groups/*' --exclude 'globex/roles/*' "
                      f"--out {PLAN} && tenantry apply {PLAN}\n", ended.out)

    def test_a_tenant_whose_state_moved_on_is_skipped_and_reported_and_the_others_are_done(self):
        self.apply()
        self.describe("Shown", "acme", "globex")
        self.save()
        self.describe("In between", "acme")
        self.apply("--target", "acme")
        ended = self.tenantry("apply", PLAN, code=PARTIAL)
        self.assertIn("acme/groups/analysts", ended.text)
        self.assertIn("moved on since the plan was made", ended.text)
        self.assertEqual(self.description("Acme"), "In between")
        self.assertEqual(self.description("Globex"), "Shown")

    def test_an_object_that_was_changed_since_is_refused_and_the_others_are_done(self):
        self.apply()
        self.describe("Shown", "acme", "globex")
        self.save()
        self.emulator.patch("Acme", "groups", "Analysts", description="By somebody else")
        ended = self.tenantry("apply", PLAN, code=PARTIAL)
        self.assertIn("was changed since it was planned", ended.text)
        self.assertEqual(self.description("Acme"), "By somebody else")
        self.assertEqual(self.description("Globex"), "Shown")

    def test_an_object_that_was_deleted_since_is_refused(self):
        self.apply()
        self.describe("Shown", "acme")
        self.save()
        group, host = self.emulator.find("Acme", "groups", "Analysts")
        self.emulator.api(host, "DELETE", f"/api/v1/groups/{group['id']}")
        mark = self.emulator.mark()
        ended = self.tenantry("apply", PLAN, code=PARTIAL)
        self.assertIn("no longer exists", ended.text)
        self.assertEqual(self.emulator.changing_calls(mark), [])

    def test_a_creation_is_refused_when_somebody_else_made_the_object_meanwhile(self):
        self.apply()
        self.declared["acme"]["groups"]["more"] = {"name": "More", "providerType": "custom"}
        self.declare()
        self.save()
        host = self.emulator.tenants()["Acme"]["hostnames"][0]
        self.emulator.api(host, "POST", "/api/v1/groups",
                          {"name": "More", "providerType": "custom"})
        ended = self.tenantry("apply", PLAN, code=PARTIAL)
        self.assertIn("exists by now", ended.text)
        self.assertEqual(self.emulator.names("Acme", "groups"), ["Analysts", "More"])

    def test_a_saved_plan_holds_no_secret_and_is_private(self):
        self.declared["acme"]["oauthClients"] = {"portal": oauth_client("acme")}
        self.declare()
        self.save()
        file = self.workspace.path / PLAN
        for secret in (CLIENT_SECRET, LICENSE_KEY):
            self.assertNotIn(secret, file.read_text())
        self.assertEqual(stat.S_IMODE(file.stat().st_mode), 0o600)
        self.tenantry("apply", PLAN)
        delivered = json.loads((self.workspace.path / "secrets/acme.json").read_text())
        self.save()
        self.assertNotIn(delivered["clientSecret"], file.read_text())

    def test_show_renders_a_saved_plan_as_plan_did(self):
        shown = self.save().out
        self.assertEqual(self.tenantry("show", PLAN).out, shown)
        document = self.tenantry("show", PLAN, "--json").json()
        self.assertEqual([c["address"] for c in document["resource_changes"]
                          if c["address"].startswith("acme/groups")], ["acme/groups/analysts"])

    def assert_refused(self, words):
        mark = self.emulator.mark()
        for command in (("apply", PLAN), ("show", PLAN)):
            ended = self.tenantry(*command, code=FAILED)
            self.assertRegex(ended.err, words)
            self.assertIn(PLAN, ended.err)
        self.assertEqual(self.emulator.requests(mark), [])

    def test_an_edited_plan_is_refused(self):
        self.save()
        file = self.workspace.path / PLAN
        text = file.read_text()
        edited = text.replace("https://portal.example", "https://portal.evil.example")
        self.assertNotEqual(edited, text)
        file.write_text(edited)
        self.assert_refused("torn or was edited")

    def test_a_torn_plan_is_refused(self):
        self.save()
        file = self.workspace.path / PLAN
        whole = file.read_bytes()
        for length in (0, 1, len(whole) // 2, len(whole) - 1):
            with self.subTest(length=length):
                file.write_bytes(whole[:length])
                self.assert_refused("the plan cannot be trusted")

    def test_what_is_no_plan_is_refused(self):
        self.workspace.write(PLAN, '{"format_version": "1.2", "resource_changes": []}\n')
        self.assert_refused("no plan of Tenantry")

    def test_a_missing_plan_is_refused(self):
        self.assert_refused(re.escape(PLAN))

    def test_a_plan_of_another_state_or_of_none_is_refused(self):
        self.save()
        self.tenantry("--state", "other.state", "plan")
        mark = self.emulator.mark()
        for state, words in (("other.state", "another state"), ("none.state", "no state none")):
            with self.subTest(state=state):
                ended = self.tenantry("--state", state, "apply", PLAN, code=FAILED)
                self.assertIn(words, ended.err)
        self.assertFalse((self.workspace.path / "none.state").exists())
        self.assertEqual(self.emulator.requests(mark), [])

    def test_a_place_where_no_plan_can_be_saved_is_an_error_before_any_call(self):
        """A rename over a device would take it from every program."""
        pipe = self.workspace.path / "pipe"
        os.mkfifo(pipe)
        for place in ("pipe", "none/fleet.plan", "."):
            with self.subTest(place=place):
                ended = self.tenantry("plan", "--out", place, code=FAILED)
                self.assertIn(place, ended.err)
                self.assertEqual(ended.out, "")
        self.assertTrue(pipe.is_fifo())
        self.assertEqual(self.emulator.requests(), [])

    def test_flags_that_change_what_is_planned_cannot_be_given_with_a_saved_plan(self):
        self.save()
        self.tenantry("apply", PLAN, "--target", "acme", code=FAILED)
        self.assertEqual(self.emulator.tenants(), {})


class KilledPlanTest(EmulatorCase):
    EMULATOR_ARGUMENTS = ("--latency", "30")

    def test_a_plan_whose_run_was_killed_goes_on_and_makes_nothing_twice(self):
        made_up_for = 0
        for calls in (1, 3, 5, 7):
            with self.subTest(calls=calls):
                self.start_over()
                self.configure(configuration(self.emulator, {"acme": tenant(), "globex": tenant(
                    "globex")}, organization=True))
                self.tenantry("plan", "--out", PLAN)
                running = self.start("apply", PLAN, "--parallelism", "2")
                wait_until(lambda: len(self.emulator.changing_calls()) >= calls, "calls")
                kill(running)
                # What was under way is looked up by a plan; the saved one waits for that.
                self.tenantry("plan")
                ended = self.workspace.run("apply", PLAN)
                self.assertIn(ended.code, (DONE, PARTIAL), ended.text)
                made_up_for += "by an earlier run of this plan" in ended.text
                if ended.code == PARTIAL:  # a tenant that was made and not finished
                    self.assertIn("moved on since the plan was made", ended.text)
                    self.apply()
                self.plan_is_empty()
                self.assertEqual(sorted(t["name"] for t in self.emulator.snapshot()["tenants"]),
                                 ["Acme", "Globex"])
                for name in ("Acme", "Globex"):
                    self.assertEqual(self.emulator.names(name, "groups"), ["Analysts"])
        self.assertGreater(made_up_for, 0)


if __name__ == "__main__":
    unittest.main()
