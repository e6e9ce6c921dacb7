"""--changed: only tenants whose configuration moved since it was last applied to them."""

import json
import sqlite3
import unittest

from support import CHANGES, DONE, FAILED, PARTIAL, EmulatorCase, configuration, tenant


class ChangedTest(EmulatorCase):
    def setUp(self):
        super().setUp()
        self.declared = {"acme": tenant("acme"), "globex": tenant("globex")}
        self.declare()
        self.apply()

    def declare(self):
        self.configure(configuration(self.emulator, self.declared))

    def describe(self, key, text):
        self.declared[key]["groups"]["analysts"]["description"] = text
        self.declare()

    def looked_at(self, *arguments, code=DONE):
        """The tenants that a plan asks something of."""
        mark = self.emulator.mark()
        self.tenantry("plan", "--changed", *arguments, code=code)
        hosts = {r["host"].split(":")[0] for r in self.emulator.requests(mark)}
        return {name for name, row in self.emulator.tenants().items()
                if hosts & set(row["hostnames"])}

    def test_what_was_applied_is_passed_over_without_a_call(self):
        mark = self.emulator.mark()
        ended = self.tenantry("plan", "--changed", "--detailed-exitcode")
        self.assertEqual(self.emulator.mark(), mark)
        self.assertIn("No changes.", ended.out)
        self.assertIn("2 tenants passed over: their configuration is the one that was applied last.",
                      ended.out)

    def test_only_the_tenant_whose_configuration_moved_is_looked_at(self):
        self.describe("globex", "Read more")
        self.assertEqual(self.looked_at("--detailed-exitcode", code=CHANGES), {"Globex"})
        document = self.tenantry("plan", "--changed", "--json").json()
        self.assertEqual(document["tenantry"]["passed_over"], 1)
        self.assertEqual({c["address"].split("/")[0] for c in document["resource_changes"]},
                         {"globex"})

    def test_apply_does_the_same_and_then_all_are_passed_over(self):
        self.describe("globex", "Read more")
        mark = self.emulator.mark()
        ended = self.apply("--changed")
        self.assertIn("1 tenant passed over: its configuration", ended.out)
        self.assertEqual(len(self.emulator.changing_calls(mark)), 1)
        self.assertEqual(self.looked_at(), set())

    def test_a_tenant_that_was_never_applied_counts(self):
        self.declared["initech"] = tenant("initech")
        self.declare()
        self.assertEqual(set(self.planned("--changed")), {
            "initech", "initech/roles/author", "initech/groups/analysts",
            "initech/webIntegrations/portal"})

    def test_a_tenant_that_left_the_configuration_counts(self):
        del self.declared["globex"]
        self.declare()
        self.assertEqual(self.planned("--changed"), {"globex": "deactivate"})

    def test_a_change_that_failed_in_part_counts_also_when_it_is_taken_back(self):
        before = json.dumps(self.declared)
        self.declared["globex"]["groups"]["analysts"]["description"] = "Read more"
        self.declared["globex"]["webIntegrations"]["portal"]["name"] = "Gate"
        self.declare()
        self.emulator.faults({"match": {"method": "PATCH", "path": "/api/v1/web-integrations/.*"},
                              "status": 403})
        self.apply("--changed", code=PARTIAL)
        self.emulator.no_faults()
        self.assertEqual(self.looked_at(), {"Globex"})
        self.declared = json.loads(before)
        self.declare()
        self.assertEqual(self.planned("--changed"), {"globex/groups/analysts": "update"})

    def test_a_row_that_was_taken_out_of_the_state_counts(self):
        self.tenantry("state", "rm", "globex/webIntegrations/portal")
        self.assertEqual(self.looked_at(code=FAILED), {"Globex"})

    def test_an_operation_without_an_outcome_counts(self):
        state = sqlite3.connect(self.workspace.path / "tenantry.state")
        with state:
            state.execute(
                "INSERT INTO operations (tenant, section, key, action, request_digest, natural_key,"
                " remote_id, before, planned, context, run_id, started_at) SELECT tenant, section,"
                " key, 'update', '', '', remote_id, '{}', applied, '{}', 'r',"
                " '2026-01-01T00:00:00Z' FROM resources WHERE tenant = 'globex' AND"
                " section = 'groups'")
        state.close()
        self.assertEqual(self.looked_at(), {"Globex"})

    def test_an_apply_with_nothing_to_do_is_an_apply(self):
        self.declared["globex"]["purgeAfterDays"] = 30  # for when it is deactivated one day
        self.declare()
        self.assertEqual(self.looked_at(), {"Globex"})
        self.apply()
        self.assertEqual(self.looked_at(), set())

    def test_a_part_that_was_applied_is_not_the_whole(self):
        self.declared["globex"]["groups"]["analysts"]["description"] = "Read more"
        self.declared["globex"]["roles"]["author"]["description"] = "Writes more"
        self.declare()
        self.apply("--target", "globex/groups/analysts")
        self.assertEqual(self.planned("--changed"), {"globex/roles/author": "update"})

    def test_what_is_only_taken_over_is_not_applied(self):
        (self.workspace.path / "tenantry.state").unlink()
        self.describe("globex", "Read more")
        self.apply("--adopt-only", "--adopt")
        self.assertIn("globex/groups/analysts", self.planned("--changed"))

    def test_what_was_destroyed_is_not_as_it_was_applied(self):
        self.tenantry("destroy", "--auto-approve", "--target", "globex")
        self.assertEqual(self.looked_at("--detailed-exitcode", code=CHANGES), {"Globex"})

    def test_a_target_that_is_passed_over_is_no_mistake(self):
        self.tenantry("plan", "--changed", "--target", "acme/groups/analysts")
        ended = self.tenantry("plan", "--changed", "--target", "acne", code=FAILED)
        self.assertIn("--target acne fits no address", ended.err)

    def test_flags_that_look_at_everything_contradict_it(self):
        for arguments in (["--destroy"], ["--refresh-only"], ["--replace", "acme/roles/author"],
                          ["--rotate", "*/oauthClients/*"]):
            ended = self.tenantry("plan", "--changed", *arguments, code=FAILED)
            self.assertIn(f"--changed and {arguments[0]} contradict each other", ended.err)
        self.tenantry("drift", "--changed", code=FAILED)


class UnchangedTest(EmulatorCase):
    """What does not change is counted, and still listed where a format lists it."""

    def setUp(self):
        super().setUp()
        self.declared = {"acme": tenant("acme"), "globex": tenant("globex")}
        self.configure(configuration(self.emulator, self.declared))
        self.apply()
        self.declared["acme"]["groups"]["analysts"]["description"] = "Read more"
        self.configure(configuration(self.emulator, self.declared))
        self.addresses = [f"{key}{rest}" for key in ("acme", "globex") for rest in (
            "", "/groups/analysts", "/roles/author", "/webIntegrations/portal")]

    def test_json_lists_all_in_the_order_of_addresses(self):
        for arguments in ([], ["--no-refresh"]):
            document = self.tenantry("plan", "--json", *arguments).json()
            self.assertEqual([c["address"] for c in document["resource_changes"]], self.addresses)
            self.assertEqual([c["change"]["actions"][0] for c in document["resource_changes"]],
                             ["no-op", "update"] + ["no-op"] * 6)
            values = document["planned_values"]["root_module"]["resources"]
            self.assertEqual([v["address"] for v in values], self.addresses)
            self.assertEqual(values[2]["values"]["name"], "Author")
            self.assertEqual(document["tenantry"]["counts"], {"no-op": 7, "update": 1})

    def test_a_saved_plan_holds_what_changes_and_how_much_does_not(self):
        self.tenantry("plan", "--out", "saved.plan")
        saved = json.loads((self.workspace.path / "saved.plan").read_text())
        self.assertEqual([[c["address"] for c in t["changes"]] for t in saved["tenants"]],
                         [["acme/groups/analysts"], []])
        self.assertEqual([t["unchanged"] for t in saved["tenants"]], [2, 3])
        shown = self.tenantry("show", "saved.plan", "--json").json()
        self.assertEqual(shown["tenantry"]["counts"], {"no-op": 7, "update": 1})
        self.tenantry("apply", "saved.plan")
        self.plan_is_empty()

    def test_a_pattern_that_fits_only_what_stays_is_no_mistake(self):
        self.tenantry("plan", "--no-refresh", "--target", "*/roles/*")
        ended = self.tenantry("plan", "--no-refresh", "--target", "*/rolls/*", code=FAILED)
        self.assertIn("fits no address", ended.err)

    def test_a_share_of_the_resources_counts_those_that_stay(self):
        del self.declared["globex"]["roles"]
        self.declared["globex"]["groups"]["analysts"]["assignedRoles"] = []
        for share, stopped in (("16%", True), ("17%", False)):  # one of six
            self.configure(configuration(self.emulator, self.declared,
                                         policy={"maxDeletes": share}))
            self.assertEqual("stopped: 1 resource" in self.tenantry("plan").out, stopped)


if __name__ == "__main__":
    unittest.main()
