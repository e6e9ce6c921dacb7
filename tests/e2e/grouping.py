"""A fleet's plan is a screenful: what is equal is said once."""

import unittest

from support import EmulatorCase, configuration

TENANTS = 50


class GroupingTest(EmulatorCase):
    def setUp(self):
        super().setUp()
        self.blueprint = {
            "roles": {"author": {"name": "Author"}},
            "groups": {"analysts": {"name": "${tenant.key}-analysts", "description": "Read",
                                    "providerType": "custom", "assignedRoles": ["author"]}}}
        self.declared = {
            f"c{n:04}": {"region": "eu", "blueprint": "standard", "name": f"Customer {n:04}",
                         "alias": f"customer-{n:04}"} for n in range(TENANTS)}
        self.declare()
        self.apply()

    def declare(self):
        self.configure(configuration(self.emulator, self.declared,
                                     blueprints={"standard": self.blueprint}))

    def test_one_edit_of_a_blueprint_is_one_group(self):
        self.plan_is_empty()
        self.blueprint["groups"]["analysts"]["description"] = "Read of ${tenant.key}"
        self.declare()
        text = self.tenantry("plan").out
        self.assertLessEqual(len(text.splitlines()), 40, text)
        self.assertEqual(text.count(f"{TENANTS} tenants"), 1, text)
        self.assertEqual(text.count("groups/analysts"), 1, text)
        self.assertIn(f"Plan: {TENANTS} to update.", text)

        self.declared["c0007"]["groups"] = {"analysts": {"description": "Special"}}
        self.declare()
        text = self.tenantry("plan").out
        self.assertLessEqual(len(text.splitlines()), 40, text)
        self.assertIn("c0007/groups/analysts", text)
        self.assertIn('"Special"', text)
        self.assertLess(text.index("c0007/groups/analysts"), text.index(f"{TENANTS - 1} tenants"))

        self.apply()
        self.plan_is_empty()


if __name__ == "__main__":
    unittest.main()
