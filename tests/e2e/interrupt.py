"""Ctrl-C and SIGTERM: once ends in order, twice ends at once, and the state is true after both."""

import signal
import time
import unittest

from support import DONE, INTERRUPTED, SLOWNESS, EmulatorCase, configuration, wait_until

GROUPS = 8


class InterruptTest(EmulatorCase):
    EMULATOR_ARGUMENTS = ("--latency", "100")

    def setUp(self):
        super().setUp()
        groups = {f"g{n}": {"name": f"Group {n}", "providerType": "custom"}
                  for n in range(GROUPS)}
        self.configure(configuration(self.emulator, {
            "acme": {"region": "eu", "name": "Acme", "alias": "acme-e2e", "groups": groups}}))

    def made(self):
        return self.emulator.names("Acme", "groups")

    def begin_apply(self, calls=4):
        """One call at a time: the tenant, its name, then the groups."""
        running = self.start("apply", "--auto-approve", "--parallelism", "1")
        wait_until(lambda: len(self.emulator.changing_calls()) >= calls, "the apply makes calls")
        return running

    def assert_state_is_true(self):
        made = len(self.made())
        self.emulator.no_faults()
        planned = self.planned()
        self.assertEqual(len([a for a in planned.values() if a == "create"]), GROUPS - made)
        self.apply()
        self.plan_is_empty()
        self.assertEqual(len(self.made()), GROUPS)
        self.assertEqual(self.emulator.calls().count("POST /api/v1/groups"), GROUPS)

    def test_one_signal_ends_the_run_without_new_calls_and_with_a_true_state(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            with self.subTest(signal=number):
                self.start_over()
                running = self.begin_apply()
                running.send(number)
                seen = len(self.emulator.changing_calls())
                ended = running.wait(10)
                self.assertEqual(ended.code, INTERRUPTED, str(ended))
                # One may have been on its way when the signal came.
                self.assertLessEqual(len(self.emulator.changing_calls()), seen + 1)
                self.assertLess(len(self.made()), GROUPS)
                self.assertIn("Interrupted: ", ended.text)
                self.assertIn("never started", ended.text)
                self.assertIn("To go on: tenantry apply", ended.text)
                self.assert_state_is_true()

    def test_a_call_in_flight_is_finished_and_noted(self):
        self.emulator.faults({"match": {"method": "POST", "path": "/api/v1/groups"},
                              "delayMs": 1500, "times": 1})
        running = self.begin_apply(calls=3)
        running.send(signal.SIGINT)
        ended = running.wait(10)
        self.assertEqual(ended.code, INTERRUPTED, str(ended))
        self.assertEqual(len(self.made()), 1)
        self.assertIn("acme/groups/g0", self.tenantry("state", "list").out)
        self.assertNotIn("Unknown", ended.text)

    def test_a_call_that_hangs_is_given_up_in_time_for_a_cancelled_job(self):
        self.emulator.faults({"match": {"method": "POST", "path": "/api/v1/groups"},
                              "delayMs": 30_000, "times": 1})
        running = self.begin_apply(calls=3)
        begun = time.monotonic()
        running.send(signal.SIGTERM)
        ended = running.wait(10)
        self.assertEqual(ended.code, INTERRUPTED, str(ended))
        self.assertLess(time.monotonic() - begun, 7.5)
        self.assertIn("Unknown", ended.text)
        self.assert_state_is_true()

    def test_a_second_signal_ends_the_run_at_once(self):
        self.emulator.faults({"match": {"method": "POST", "path": "/api/v1/groups"},
                              "delayMs": 30_000, "times": 1})
        running = self.begin_apply(calls=3)
        running.send(signal.SIGINT)
        wait_until(lambda: running.said("once more"), "the first signal is answered")
        begun = time.monotonic()
        running.send(signal.SIGINT)
        self.assertEqual(running.wait(10).code, INTERRUPTED)
        self.assertLess(time.monotonic() - begun, 1 * SLOWNESS)
        self.assert_state_is_true()

    def test_an_interrupted_plan_ends_with_the_same_code(self):
        self.apply()
        self.emulator.faults({"match": {"method": "GET", "path": "/api/v1/groups"},
                              "delayMs": 2000})
        mark = self.emulator.mark()
        running = self.start("plan")
        wait_until(lambda: len(self.emulator.calls(mark)) >= 1, "the plan reads")
        running.send(signal.SIGINT)
        ended = running.wait(10)
        self.assertEqual(ended.code, INTERRUPTED, str(ended))
        self.assertEqual(ended.out, "")
        self.emulator.no_faults()
        self.plan_is_empty()

    def test_an_emulator_that_is_told_to_stop_has_not_failed(self):
        running = self.start("emulator", "--port", "0")
        wait_until(lambda: running.printed("license key"), "the emulator greets")
        running.send(signal.SIGINT)
        self.assertEqual(running.wait(10).code, DONE)


if __name__ == "__main__":
    unittest.main()
