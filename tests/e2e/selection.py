"""--target and --exclude: what is done, what is pulled in, what is left out and why."""

import unittest

from support import FAILED, EmulatorCase, configuration, tenant


class SelectionTest(EmulatorCase):
    def setUp(self):
        super().setUp()
        self.configure(configuration(self.emulator, {"acme": tenant()}))

    def test_what_a_target_needs_is_made_too(self):
        self.apply("--target", "acme/groups/analysts")
        self.assertEqual(self.emulator.names("Acme", "groups"), ["Analysts"])
        self.assertIn("Author", self.emulator.names("Acme", "roles"))
        self.assertEqual(self.emulator.names("Acme", "webIntegrations"), [])

    def test_what_needs_something_that_is_excluded_is_left_out_with_it(self):
        ended = self.apply("--exclude", "*/roles/*")
        self.assertIn("acme/groups/analysts needs acme/roles/author, which does not exist yet",
                      ended.err)
        self.assertNotIn("Author", self.emulator.names("Acme", "roles"))
        self.assertEqual(self.emulator.names("Acme", "groups"), [])
        self.assertEqual(self.emulator.names("Acme", "webIntegrations"), ["Portal"])
        # It was in part: the rest is still to be done.
        self.assertEqual(self.planned("--changed"), {"acme/roles/author": "create",
                                                     "acme/groups/analysts": "create"})
        self.apply()
        self.assertNotIn("needs", self.plan_is_empty("--exclude", "*/roles/*").err)

    def test_a_target_of_which_exclude_leaves_nothing_is_told_so(self):
        for exclude in ("*/groups/*", "acme/roles/author"):
            with self.subTest(exclude=exclude):
                ended = self.tenantry("plan", "--target", "acme/groups/*", "--exclude", exclude,
                                      code=FAILED)
                self.assertIn("--target acme/groups/*: nothing is left of what it fits", ended.err)
        ended = self.tenantry("plan", "--target", "acme/group/*", code=FAILED)
        self.assertIn("--target acme/group/* fits no address", ended.err)


if __name__ == "__main__":
    unittest.main()
