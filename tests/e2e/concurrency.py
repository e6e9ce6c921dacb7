"""Two runs at once on one state, and a run that is killed: nothing is done twice."""

import collections
import unittest

from support import DONE, FAILED, EmulatorCase, comparable, configuration, kill, oauth_client
from support import tenant, wait_until

LATENCY_MS = 100


class ConcurrencyTest(EmulatorCase):
    EMULATOR_ARGUMENTS = ("--latency", str(LATENCY_MS))

    def setUp(self):
        super().setUp()
        self.declared = {"acme": tenant(oauthClients={"portal": oauth_client("acme")})}
        self.declare()

    def declare(self):
        self.configure(configuration(self.emulator, self.declared, organization=True))

    def begin_apply(self, *arguments, changing_calls=1):
        """An apply that has made so many calls and is not yet done."""
        mark = self.emulator.mark()
        running = self.start("apply", "--auto-approve", *arguments)
        wait_until(lambda: len(self.emulator.changing_calls(mark)) >= changing_calls,
                   "the apply makes its calls")
        return running

    def assert_each_creation_once(self):
        made = collections.Counter(c for c in self.emulator.changing_calls()
                                   if c.startswith("POST") and c.count("/") == 3)
        self.assertEqual(set(made.values()), {1}, made)

    def test_a_second_apply_is_told_who_holds_the_lock(self):
        first = self.begin_apply()
        second = self.apply(code=FAILED)
        self.assertIn(f"pid {first.pid}", second.text)
        self.assertIn("tenantry apply", second.text)
        self.assertIn("--lock-timeout", second.text)
        self.assertEqual(first.wait().code, DONE)
        self.assert_each_creation_once()
        self.plan_is_empty()

    def test_a_second_apply_waits_when_told_to_and_then_has_nothing_to_do(self):
        first = self.begin_apply()
        second = self.apply("--lock-timeout", "60")
        self.assertIn("Nothing had to be changed.", second.out)
        self.assertEqual(first.wait().code, DONE)
        self.assert_each_creation_once()

    def test_waiting_ends_with_its_time(self):
        self.emulator.faults({"match": {"method": "POST", "path": "/api/v1/roles"},
                              "delayMs": 4000, "times": 1})
        first = self.begin_apply()
        second = self.apply("--lock-timeout", "1", code=FAILED)
        self.assertIn(f"pid {first.pid}", second.text)
        self.assertEqual(first.wait().code, DONE)

    def test_plan_works_while_an_apply_is_under_way(self):
        first = self.begin_apply(changing_calls=2)
        self.tenantry("plan", "--no-refresh")
        self.assertEqual(first.wait().code, DONE)

    def test_a_tenant_without_changes_is_not_held_while_others_are_applied(self):
        self.apply()
        self.declared["globex"] = tenant("globex")
        self.declare()
        self.emulator.faults({"match": {"method": "POST", "path": "/api/v1/roles"},
                              "delayMs": 2000, "times": 1})
        first = self.begin_apply()  # of all tenants, of which acme has no changes
        self.assertIn("Nothing had to be changed.", self.apply("--target", "acme").out)
        self.assertIsNone(first.process.poll())
        self.assertEqual(first.wait().code, DONE)

    def test_different_tenants_are_applied_side_by_side(self):
        self.declared["globex"] = tenant("globex")
        self.declare()
        first = self.begin_apply("--target", "acme")
        second = self.apply("--target", "globex")
        self.assertIn("Applied: 4 done.", second.out)
        self.assertEqual(first.wait().code, DONE)
        self.plan_is_empty()
        self.assertEqual(set(self.emulator.tenants()), {"Acme", "Globex"})

    def test_a_killed_apply_is_continued_from_wherever_it_was(self):
        self.apply()
        undisturbed = comparable(self.emulator.snapshot())
        total = len(self.emulator.changing_calls())
        for calls in range(1, total + 1):
            with self.subTest(calls=calls):
                self.start_over()
                kill(self.begin_apply(changing_calls=calls))
                # Nobody unlocks: the lock of a process ends with it.
                self.apply()
                self.plan_is_empty()
                self.assertEqual(comparable(self.emulator.snapshot()), undisturbed)
                self.assert_each_creation_once()
                self.assertTrue((self.workspace.path / "secrets/acme.json").exists())

    def test_a_plan_after_a_kill_tells_the_truth(self):
        kill(self.begin_apply(changing_calls=4))
        live = {"acme/roles/author": self.emulator.names("Acme", "roles"),
                "acme/groups/analysts": self.emulator.names("Acme", "groups"),
                "acme/webIntegrations/portal": self.emulator.names("Acme", "webIntegrations"),
                "acme/oauthClients/portal": self.emulator.names("Acme", "oauthClients")}
        missing = {address for address, names in live.items() if not names}
        planned = self.planned()
        self.assertEqual({a for a, action in planned.items() if action == "create"}, missing)


if __name__ == "__main__":
    unittest.main()
