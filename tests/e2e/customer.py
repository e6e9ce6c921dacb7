"""examples/customer: everything that is managed, as its README tells."""

import unittest

from support import Case


class CustomerTest(Case):
    def setUp(self):
        super().setUp()
        self.workspace.copy_example("customer")

    def test_everything_is_applied_planned_empty_and_offboarded_with_two_flags(self):
        self.apply("--emulated")
        self.plan_is_empty("--emulated")
        self.workspace.edit("tenantry.yaml", "    lifecycle: {preventDestroy: true}\n", "")
        self.apply("--emulated")
        self.tenantry("destroy", "--emulated", "--allow-deactivate", "--auto-approve")
        left = self.tenantry("--state", ".tenantry/emulated.state", "state", "show", "acme").json()
        self.assertEqual(left["extra"]["status"], "disabled")

    def test_only_the_picture_that_changed_is_sent(self):
        self.apply("--emulated")
        picture = self.workspace.path / "assets/logo.png"
        picture.write_bytes(picture.read_bytes() + b"\n")
        self.assertEqual(self.planned("--emulated"), {"acme/brands/house": "update"})
        self.apply("--emulated")
        self.plan_is_empty("--emulated")


if __name__ == "__main__":
    unittest.main()
