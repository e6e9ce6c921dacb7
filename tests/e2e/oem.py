"""examples/oem against an emulator process: three tenants, two regions, one of them adopted."""

import unittest

from support import CHANGES, CLIENT_ID, CLIENT_SECRET, GUARD, LICENSE_KEY, EmulatorCase

PARTS = ["groups/analysts", "groups/authors", "oauthClients/portal", "roles/author",
         "webIntegrations/portal"]
INITECH = """
  initech:                         # is there already, and is taken over
    region: us
    hostname: ${var.initechHostname}
    blueprint: standard
    name: Initech Reports
    values:
      origins: ["https://reports.initech.example"]
    lifecycle: {preventDestroy: true}
"""
GLOBEX = """
  globex:
    region: us
    blueprint: standard
    name: Globex Insights
    alias: globex-oem
    values:
      origins: ["https://bi.globex.example", "https://staging.bi.globex.example"]
    groups:
      analysts:
        description: Analysts of Globex
        assignedRoles: {$append: [Steward]}
"""


class OemTest(EmulatorCase):
    def setUp(self):
        super().setUp()
        self.workspace.copy_example("oem")
        existing = self.emulator.create_tenant("us", "Initech before")
        self.workspace.environment.update(
            QLIK_LICENSE_KEY=LICENSE_KEY,
            TENANTRY_VAR_endpoint=self.emulator.url,
            TENANTRY_VAR_initechHostname=existing["hostnames"][0])
        for name in ("EU", "US", "ORG"):
            self.workspace.environment[f"QLIK_{name}_CLIENT_ID"] = CLIENT_ID
            self.workspace.environment[f"QLIK_{name}_CLIENT_SECRET"] = CLIENT_SECRET
        self.existing = existing

    def edit(self, old, new, file="tenantry.yaml"):
        self.workspace.edit(file, old, new)

    def changes(self, *arguments):
        """The changes of a plan, by address."""
        document = self.tenantry("plan", "--json", *arguments).json()
        return {c["address"]: c for c in document["resource_changes"]
                if c["tenantry"]["action"] != "no-op"}

    def changed_attributes(self, change):
        before, after = change["change"]["before"], change["change"]["after"]
        return {name for name in {*before, *after} if before.get(name) != after.get(name)}

    def test_plan_lists_the_exact_changes(self):
        expected = {"acme": "create", "globex": "create", "initech": "adopt"}
        for tenant in ("acme", "globex", "initech"):
            expected.update({f"{tenant}/{part}": "create" for part in PARTS})
        self.assertEqual(self.planned(), expected)

    def test_apply_makes_the_fleet_and_the_next_plan_is_empty(self):
        self.apply()
        self.plan_is_empty()
        tenants = self.emulator.tenants()
        self.assertEqual(set(tenants), {"Acme Analytics", "Globex Insights", "Initech Reports"})
        self.assertEqual(tenants["Initech Reports"]["id"], self.existing["id"])
        self.assertIn("acme-oem.eu.qlikcloud.com", tenants["Acme Analytics"]["hostnames"])
        analysts, _ = self.emulator.find("Globex Insights", "groups", "globex-analysts")
        self.assertEqual({r["name"] for r in analysts["assignedRoles"]},
                         {"Report author", "AnalyticsAdmin", "Steward"})
        for tenant in ("acme", "globex", "initech"):
            self.assertTrue((self.workspace.path / f"secrets/{tenant}-portal.json").exists())

    def test_one_attribute_changed_in_yaml_plans_exactly_that_attribute(self):
        self.apply()
        self.edit("description: Analysts of Globex", "description: Those who analyse")
        changes = self.changes()
        self.assertEqual(list(changes), ["globex/groups/analysts"])
        change = changes["globex/groups/analysts"]
        self.assertEqual(change["tenantry"]["action"], "update")
        self.assertEqual(change["tenantry"]["reason"], "config_changed")
        self.assertEqual(self.changed_attributes(change), {"description"})
        mark = self.emulator.mark()
        self.apply()
        self.assertEqual(len(self.emulator.changing_calls(mark)), 1)
        self.plan_is_empty()

    def test_one_attribute_changed_on_the_server_plans_as_drift(self):
        self.apply()
        self.emulator.patch("Globex Insights", "groups", "globex-analysts", description="Mine now")
        document = self.tenantry("plan", "--json").json()
        drifted = document["resource_drift"]
        self.assertEqual([d["address"] for d in drifted], ["globex/groups/analysts"])
        self.assertEqual(self.changed_attributes(drifted[0]), {"description"})
        changes = self.changes()
        self.assertEqual(list(changes), ["globex/groups/analysts"])
        self.assertEqual(changes["globex/groups/analysts"]["tenantry"]["reason"], "drifted")
        self.assertEqual(self.changed_attributes(changes["globex/groups/analysts"]),
                         {"description"})
        self.assertIn("changed outside of Tenantry", self.tenantry("plan").out)
        self.tenantry("drift", code=CHANGES)
        self.apply()
        self.plan_is_empty()
        self.tenantry("drift")

    def test_removing_a_group_plans_one_delete(self):
        self.apply()
        self.edit("    groups:\n      analysts:\n",
                  "    groups:\n      authors: null\n      analysts:\n")
        self.assertEqual(self.planned(), {"globex/groups/authors": "delete"})
        self.apply()
        self.assertEqual(self.emulator.names("Globex Insights", "groups"), ["globex-analysts"])
        self.plan_is_empty()

    def test_a_removed_tenant_plans_a_deactivate_that_apply_refuses_unless_allowed(self):
        self.apply()
        self.edit(GLOBEX, "\n")
        self.assertEqual(self.planned(), {"globex": "deactivate"})
        mark = self.emulator.mark()
        refused = self.apply(code=GUARD)
        self.assertIn("--allow-deactivate", refused.text)
        self.assertEqual(self.emulator.changing_calls(mark), [])
        self.assertEqual(self.emulator.tenants()["Globex Insights"]["status"], "active")

        self.apply("--allow-deactivate")
        self.assertEqual(self.emulator.tenants()["Globex Insights"]["status"], "disabled")
        self.plan_is_empty()

        self.workspace.edit("tenantry.yaml", "\n  initech:", GLOBEX + "\n  initech:")
        self.assertEqual(self.planned()["globex"], "reactivate")
        self.apply()
        self.assertEqual(self.emulator.tenants()["Globex Insights"]["status"], "active")
        self.plan_is_empty()

    def test_a_protected_tenant_is_not_deactivated_by_the_flag(self):
        self.apply()
        self.edit(INITECH, "\n")
        refused = self.apply("--allow-deactivate", code=GUARD)
        self.assertIn("preventDestroy", refused.text)
        self.assertEqual(self.emulator.tenants()["Initech Reports"]["status"], "active")


if __name__ == "__main__":
    unittest.main()
