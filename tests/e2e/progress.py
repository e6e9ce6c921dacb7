"""What a person and a program see of a run over many tenants while it goes on."""

import re
import unittest

from support import DONE, EmulatorCase, FAILED, PARTIAL, configuration, tenant
from terminal import OnTerminal

FLEET = [f"c{number:02}" for number in range(24)]


class Progress(EmulatorCase):
    # Slow enough to be looked at.
    EMULATOR_ARGUMENTS = ("--latency", "40")

    def declare(self, keys, **sections):
        self.configure(configuration(self.emulator, {key: tenant(key) for key in keys}, **sections))

    def on_terminal(self, *arguments, columns=80, rows=50, environment=None):
        run = OnTerminal(arguments, self.workspace.path,
                         {**self.workspace.environment, **(environment or {})}, columns, rows)
        self.code = run.wait()
        return run

    def blocks(self, run, word):
        """The progress that stood on the screen, draw by draw."""
        blocks = []
        for lines in run.shots:
            starts = [n for n, line in enumerate(lines) if line.startswith(word + ": ")]
            if starts:
                block = [line for line in lines[starts[-1]:] if line]
                self.assertEqual(len(starts), 1, f"drawn twice instead of in place: {lines}")
                blocks.append(block)
        return blocks


    def assert_none_wrapped(self, run):
        """Of the lines that are drawn in place; a plan may be wider."""
        self.assertEqual([line for line in run.screen.wrapped
                          if line.startswith(("planning: ", "applying: ", "  c", "  and "))], [])


class OnATerminal(Progress):
    def test_the_total_and_a_line_for_each_tenant_in_work_drawn_in_place(self):
        self.declare(FLEET)
        run = self.on_terminal("apply", "--auto-approve", "--parallelism", "8")
        self.assertEqual(self.code, DONE, run.raw)
        planning = self.blocks(run, "planning")
        self.assertRegex(planning[0][0], r"^planning: \d+ of 24 tenants")
        applying = self.blocks(run, "applying")
        self.assertTrue(any(line.startswith("  c0") and "create" in line
                            for block in applying for line in block), applying)
        self.assertRegex(applying[-1][0], r"^applying: \d+ of 24 tenants, \d+ of 96 changes")
        self.assertLessEqual(max(len(block) for block in planning + applying), 10)
        self.assert_none_wrapped(run)
        # Gone when it is over; the lines of the finished tenants stay.
        text = "\n".join(run.screen.lines)
        self.assertNotIn("applying: ", text)
        self.assertEqual(sum("4 changes done in" in line for line in run.screen.lines), 24, text)

    def test_a_narrow_terminal_cuts_lines_instead_of_wrapping_them(self):
        self.declare(FLEET)
        run = self.on_terminal("plan", columns=44)
        self.assertEqual(self.code, DONE, run.raw)
        self.assertTrue(self.blocks(run, "planning"))
        self.assert_none_wrapped(run)

    def test_a_tiny_terminal_gets_few_and_short_lines(self):
        self.declare(FLEET)
        run = self.on_terminal("plan", "--parallelism", "8", columns=20, rows=5)
        self.assertEqual(self.code, DONE, run.raw)
        blocks = self.blocks(run, "planning")
        self.assertTrue(blocks)
        self.assertLessEqual(max(len(block) for block in blocks), 4)
        self.assert_none_wrapped(run)

    def test_colour_is_one_thing_and_progress_another(self):
        self.declare(FLEET[:4])
        plain = self.on_terminal("plan", environment={"NO_COLOR": "1"})
        self.assertTrue(self.blocks(plain, "planning"))
        self.assertNotRegex(plain.raw, r"\x1b\[[\d;]*m")
        self.assertRegex(self.on_terminal("plan").raw, r"\x1b\[[\d;]*m")
        self.assertNotRegex(self.on_terminal("plan", "--color", "never").raw, r"\x1b\[[\d;]*m")

    def test_an_export_tells_how_far_it_is(self):
        self.declare(FLEET, organization=True)
        self.apply()
        run = self.on_terminal("export", "--all", "--parallelism", "4", "--out", "live")
        self.assertEqual(self.code, DONE, run.raw)
        counts = [int(re.match(r"exporting: (\d+) of 24 tenants$", block[0]).group(1))
                  for block in self.blocks(run, "exporting")]
        self.assertGreater(len(set(counts)), 5, run.raw)
        self.assertEqual(counts, sorted(counts))
        self.assertNotIn("exporting: ", "\n".join(run.screen.lines))
        self.assertIn("exported 24 of 24 tenants",
                      self.tenantry("export", "--all", "--out", "again").err)

    def test_checking_a_large_fleet_tells_how_far_it_is(self):
        rows = "".join(f"c{number},Customer {number}\n" for number in range(100_000))
        self.workspace.write("customers.csv", "key,name\n" + rows)
        self.configure(configuration(self.emulator, {}, fleets={"customers": {
            "from": "customers.csv", "region": "eu", "name": "${row.name}",
            "roles": {f"r{number}": {"name": f"Role {number}"} for number in range(12)}}}))
        run = self.on_terminal("validate")
        self.assertEqual(self.code, DONE, run.raw)
        self.assertRegex(run.raw, r"checking: \d+ of 100000 tenants")
        self.assertNotIn("checking: ", "\n".join(run.screen.lines))

    def test_where_nothing_can_be_drawn_in_place_nothing_is(self):
        self.declare(FLEET[:4])
        for environment in ({"TERM": "dumb"}, {"CI": "true"}):
            with self.subTest(environment):
                run = self.on_terminal("plan", environment=environment)
                self.assertEqual(self.code, DONE, run.raw)
                self.assertNotIn("\x1b", run.raw)


class OffATerminal(Progress):
    EMULATOR_ARGUMENTS = ()

    def test_a_fleet_gets_a_line_for_each_tenant_that_is_finished(self):
        self.declare(FLEET)
        ended = self.apply()
        lines = ended.err.splitlines()
        for key in FLEET:
            self.assertEqual(sum(line.startswith(f"{key}: 4 changes done in ") for line in lines),
                             1, ended.err)
        self.assertFalse([line for line in lines if "created" in line], ended.err)
        self.assertNotIn("\x1b", ended.err)

    def test_a_few_tenants_get_a_line_for_each_change(self):
        self.declare(FLEET[:2])
        ended = self.apply()
        self.assertRegex(ended.err, r"(?m)^c00/groups/analysts: created \(")
        self.assertRegex(ended.err, r"(?m)^c00: 4 changes done in ")

    def test_failures_are_told_at_once_and_in_full(self):
        self.declare(FLEET)
        self.emulator.faults({"match": {"method": "POST", "path": "/api/v1/web-integrations"},
                              "times": 1, "status": 400})
        ended = self.apply(code=PARTIAL)
        self.assertRegex(ended.err, r"(?m)^c\d\d/webIntegrations/portal: create failed")
        self.assertRegex(ended.err, r"(?m)^c\d\d: 3 changes done, 1 failed in ")

    def test_events_tell_phases_and_tenants(self):
        self.declare(FLEET[:3])
        events = self.apply("--json").events()
        self.assertEqual([(e["phase"], e["tenants"]) for e in events if e["type"] == "run_started"],
                         [("planning", 3), ("applying", 3)])
        started = [(e["phase"], e["tenant"]) for e in events if e["type"] == "tenant_started"]
        self.assertEqual(sorted(started), [(phase, key) for phase in ("applying", "planning")
                                           for key in FLEET[:3]])
        for event in (e for e in events if e["type"] == "tenant_applied"):
            self.assertEqual((event["done"], event["failed"], event["notBegun"]), (4, 0, 0))
            self.assertGreaterEqual(event["durationMs"], 0)
        self.assertTrue(all("durationMs" in e for e in events if e["type"] == "tenant_planned"))

    def test_events_name_the_shard(self):
        self.declare(FLEET)
        events = self.apply("--json", "--shard", "1/3").events()
        plan = next(e for e in events if e["type"] == "plan")
        self.assertEqual((plan["shard"], plan["fleetSize"]), ("1/3", 24))
        self.assertLess(plan["tenants"], 24)


class Long(Progress):
    EMULATOR_ARGUMENTS = ("--latency", "400")

    def test_more_tenants_than_lines_are_counted(self):
        self.declare(FLEET)
        run = self.on_terminal("plan", "--parallelism", "24")
        full = [block for block in self.blocks(run, "planning") if len(block) == 10]
        self.assertTrue(full, run.raw)
        self.assertRegex(full[0][-1], r"^  and \d+ more$")
        self.assertRegex(full[0][1], r"^  c\d\d  \d\.\d s$")

    def test_the_total_has_rate_and_time_left_once_they_are_known(self):
        self.declare(FLEET[:8])
        run = self.on_terminal("apply", "--auto-approve", "--parallelism", "4")
        self.assertEqual(self.code, DONE, run.raw)
        self.assertTrue([block for block in self.blocks(run, "applying")
                         if re.search(r"^applying: \d of 8 tenants, \d+ of 32 changes, "
                                      r"[\d.]+/s, \d+ s left$", block[0])], run.raw)

    def test_a_run_that_takes_long_tells_programs_how_far_it_is(self):
        self.declare(FLEET[:12])
        events = self.apply("--json", "--parallelism", "4").events()
        told = [e for e in events if e["type"] == "progress"]
        self.assertTrue(told)
        self.assertEqual(told[-1]["phase"], "applying")
        self.assertEqual(told[-1]["changes"], 48)
        self.assertGreater(told[-1]["perSecond"], 0)
        self.assertGreater(told[-1]["secondsLeft"], 0)


if __name__ == "__main__":
    unittest.main()
