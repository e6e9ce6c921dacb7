"""What programs read: Terraform's plan representation, the events of apply, clean streams."""

import json
import unittest

from support import CLIENT_SECRET, FAILED, LICENSE_KEY, PARTIAL, EmulatorCase, configuration
from support import oauth_client, tenant


class JsonTest(EmulatorCase):
    def setUp(self):
        super().setUp()
        self.declared = {"acme": tenant(oauthClients={"portal": oauth_client("acme")})}
        self.declare()

    def declare(self):
        self.configure(configuration(self.emulator, self.declared))

    def plan(self, *arguments):
        return self.tenantry("plan", "--json", *arguments).json()

    def changes(self, *arguments):
        return {c["address"]: c for c in self.plan(*arguments)["resource_changes"]}

    # --- Terraform's plan representation ---

    def test_a_plan_has_the_form_that_terraforms_tools_read(self):
        document = self.plan()
        self.assertRegex(document["format_version"], r"^1\.\d+$")
        self.assertIn("terraform_version", document)
        self.assertIn("resources", document["planned_values"]["root_module"])
        self.assertEqual((document["applyable"], document["complete"], document["errored"]),
                         (True, True, False))
        for change in document["resource_changes"]:
            self.assertLessEqual({"address", "mode", "type", "name", "provider_name", "change"},
                                 set(change))
            self.assertEqual(change["mode"], "managed")
            self.assertLessEqual({"actions", "before", "after", "after_unknown",
                                  "before_sensitive", "after_sensitive"}, set(change["change"]))

    def test_types_are_sections_in_snake_case(self):
        types = {a: c["type"] for a, c in self.changes().items()}
        self.assertEqual(types, {"acme": "qlik_tenants", "acme/groups/analysts": "qlik_groups",
                                 "acme/roles/author": "qlik_roles",
                                 "acme/webIntegrations/portal": "qlik_web_integrations",
                                 "acme/oauthClients/portal": "qlik_oauth_clients"})

    def test_a_creation_has_nothing_before_and_its_id_is_unknown(self):
        change = self.changes()["acme/groups/analysts"]["change"]
        self.assertEqual(change["actions"], ["create"])
        self.assertIsNone(change["before"])
        self.assertEqual(change["after"]["name"], "Analysts")
        self.assertIs(change["after_unknown"]["id"], True)

    def test_what_is_known_only_after_apply_is_marked(self):
        self.declared["acme"]["webIntegrations"]["portal"]["validOrigins"] = [
            "https://portal.example", "https://${tenant.hostname}"]
        self.declare()
        change = self.changes()["acme/webIntegrations/portal"]["change"]
        self.assertIn("validOrigins", change["after_unknown"])
        self.apply()
        host = self.emulator.tenants()["Acme"]["hostnames"][0]
        live, _ = self.emulator.find("Acme", "webIntegrations", "Portal")
        self.assertIn(f"https://{host}", live["validOrigins"])
        self.plan_is_empty()

    def test_updates_deletions_and_replacements_have_terraforms_actions(self):
        self.apply()
        acme = self.declared["acme"]
        acme["groups"]["analysts"]["description"] = "Others"
        acme["oauthClients"]["portal"] = {"clientName": "Portal", "appType": "spa",
                                          "allowedOrigins": ["https://portal.example"],
                                          "redirectUris": ["https://portal.example/login"]}
        del acme["webIntegrations"]
        self.declare()
        changes = self.changes()
        update = changes["acme/groups/analysts"]["change"]
        self.assertEqual(update["actions"], ["update"])
        self.assertEqual((update["before"]["description"], update["after"]["description"]),
                         ("Read", "Others"))
        self.assertEqual(update["before"]["id"], update["after"]["id"])
        delete = changes["acme/webIntegrations/portal"]["change"]
        self.assertEqual(delete["actions"], ["delete"])
        self.assertIsNone(delete["after"])
        replace = changes["acme/oauthClients/portal"]
        self.assertEqual(replace["change"]["actions"], ["delete", "create"])
        self.assertEqual(replace["change"]["replace_paths"], [["appType"]])
        self.assertEqual(replace["action_reason"], "replace_because_cannot_update")
        self.apply()
        self.plan_is_empty()

    def test_an_adoption_is_an_import(self):
        self.apply()
        self.tenantry("state", "rm", "acme/groups/analysts")
        group, _ = self.emulator.find("Acme", "groups", "Analysts")
        change = self.changes("--adopt")["acme/groups/analysts"]["change"]
        self.assertEqual(change["importing"], {"id": group["id"]})
        self.assertEqual(change["actions"], ["no-op"])
        self.declared["acme"]["groups"]["analysts"]["description"] = "Others"
        self.declare()
        change = self.changes("--adopt")["acme/groups/analysts"]["change"]
        self.assertEqual(change["actions"], ["update"])

    def test_a_deactivation_is_a_deletion(self):
        self.declared["globex"] = tenant("globex")
        self.declare()
        self.apply()
        del self.declared["globex"]
        self.declare()
        change = self.changes()["globex"]
        self.assertEqual(change["change"]["actions"], ["delete"])
        self.assertEqual(change["tenantry"]["action"], "deactivate")
        self.assertEqual(change["tenantry"]["guard"]["rule"], "allow-deactivate")

    def test_a_released_attribute_is_told_with_the_value_it_leaves_behind(self):
        self.apply()
        del self.declared["acme"]["groups"]["analysts"]["description"]
        self.declare()
        change = self.changes()["acme/groups/analysts"]
        self.assertEqual(change["change"]["actions"], ["no-op"])
        self.assertEqual(change["tenantry"]["action"], "release")
        self.assertEqual([(r["name"], r["before"]) for r in change["tenantry"]["released"]],
                         [("description", "Read")])
        mark = self.emulator.mark()
        self.apply()
        self.assertEqual(self.emulator.changing_calls(mark), [])
        self.plan_is_empty()

    def test_each_change_tells_its_line(self):
        source = self.changes()["acme/groups/analysts"]["tenantry"]["source"]
        lines = (self.workspace.path / "tenantry.yaml").read_text().splitlines()
        self.assertIn("analysts", lines[source["line"] - 1])

    def test_no_secret_is_in_any_output(self):
        texts = [self.tenantry("plan", "--json").text, self.apply("--json").text,
                 self.tenantry("show", "--json").text, self.tenantry("plan", "--json").text]
        delivered = json.loads((self.workspace.path / "secrets/acme.json").read_text())
        for secret in (CLIENT_SECRET, LICENSE_KEY, delivered["clientSecret"]):
            for text in texts:
                self.assertNotIn(secret, text)

    # --- the events of apply ---

    def test_apply_tells_an_event_a_line(self):
        events = self.apply("--json").events()
        self.assertEqual(events[0]["type"], "version")
        self.assertEqual((events[-1]["type"], events[-1]["exitCode"]), ("report", 0))
        for event in events:
            self.assertLessEqual({"type", "time"}, set(event))
        addresses = {"acme", "acme/groups/analysts", "acme/roles/author",
                     "acme/webIntegrations/portal", "acme/oauthClients/portal"}
        for kind in ("planned_change", "change_started", "change_done"):
            self.assertEqual({e["address"] for e in events if e["type"] == kind}, addresses)
        delivered = [e for e in events if e["type"] == "secret_delivered"]
        self.assertEqual(len(delivered), 1)
        self.assertTrue(delivered[0]["sink"].endswith("secrets/acme.json"))

    def test_a_failure_is_an_event_with_the_words_of_the_api(self):
        self.emulator.faults({"match": {"method": "POST", "path": "/api/v1/roles"}, "status": 500})
        events = self.apply("--json", code=PARTIAL).events()
        failed = [e for e in events if e["type"] == "change_failed"]
        self.assertEqual([e["address"] for e in failed], ["acme/roles/author"])
        self.assertEqual(failed[0]["error"]["status"], 500)
        report = events[-1]
        self.assertEqual(report["exitCode"], PARTIAL)
        self.assertEqual({(u["address"], u["status"]) for u in report["unfinished"]},
                         {("acme/roles/author", "failed"),
                          ("acme/groups/analysts", "never_started")})

    # --- stdout and stderr ---

    def test_results_alone_go_to_stdout(self):
        planned = self.tenantry("plan", "--json", "--log-level", "debug")
        planned.json()
        applied = self.apply()
        self.assertIn("Applied: 5 done.", applied.out)
        self.assertIn("acme/roles/author: created", applied.err)
        self.assertNotIn("acme/roles/author: created", applied.out)

    def test_errors_go_to_stderr(self):
        self.workspace.write("tenantry.yaml", "apiVersion: tenantry/v2\n")
        ended = self.tenantry("plan", "--json", code=FAILED)
        self.assertEqual(ended.out, "")
        self.assertIn("error:", ended.err)

    def test_without_a_terminal_there_is_no_colour(self):
        self.assertNotIn("\x1b", self.tenantry("plan").text)
        self.assertIn("\x1b[", self.tenantry("--color", "always", "plan").out)


if __name__ == "__main__":
    unittest.main()
