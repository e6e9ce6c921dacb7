"""A plan that does not stay in memory: what is shown, saved and read is the same as of a small one."""

import signal
import types
import unittest

from support import FAILED, INTERRUPTED, Case, configuration, wait_until

TENANTS = 3000
NOBODY = types.SimpleNamespace(url="http://127.0.0.1:1")  # planned without a network


class LargePlanTest(Case):
    def declare(self, tenants, emulator=NOBODY, **sections):
        blueprint = {
            "roles": {"author": {"name": "Author", "description": "Writes in ${tenant.key}"}},
            "groups": {"analysts": {"name": "${tenant.key}-analysts", "providerType": "custom",
                                    "description": "Reads, and tells about it " * 8,
                                    "assignedRoles": ["author"]}},
            "webIntegrations": {"portal": {"name": "Portal",
                                           "validOrigins": ["https://${tenant.key}.example"]}}}
        fleet = {"from": "customers.csv", "region": "eu", "blueprint": "standard",
                 "name": "Customer ${row.key}", "alias": "${row.key}"}
        self.workspace.write("customers.csv",
                             "key\n" + "".join(f"c{n:04}\n" for n in range(tenants)))
        self.workspace.configure(configuration(
            emulator, {}, blueprints={"standard": blueprint}, fleets={"customers": fleet}, **sections))

    def in_scratch(self, *arguments, **options):
        """Runs with a folder of its own for temporary files, in which nothing may be left."""
        scratch = self.workspace.path / "scratch"
        scratch.mkdir(exist_ok=True)
        ended = self.tenantry(*arguments, environment={"TMPDIR": str(scratch)}, **options)
        self.assertEqual(list(scratch.iterdir()), [])
        return ended

    def test_a_saved_plan_shows_what_was_planned(self):
        self.declare(TENANTS)
        text = self.in_scratch("plan", "--no-refresh", "--out", "saved.plan").out
        self.assertIn(f"{TENANTS} tenants: the same 4 creations", text)
        self.assertIn(f"Plan: {4 * TENANTS} to create.", text)
        self.assertEqual(self.in_scratch("show", "saved.plan").out, text)

        planned = self.in_scratch("plan", "--no-refresh", "--json").json()
        shown = self.in_scratch("show", "saved.plan", "--json").json()
        self.assertEqual(len(planned["resource_changes"]), 4 * TENANTS)
        self.assertEqual(planned["resource_changes"], shown["resource_changes"])
        self.assertEqual(planned["planned_values"], shown["planned_values"])
        self.assertEqual(planned["tenantry"]["tenants"], shown["tenantry"]["tenants"])
        group = next(change for change in shown["resource_changes"]
                     if change["address"] == "c2999/groups/analysts")
        self.assertEqual(group["change"]["after"]["name"], "c2999-analysts")

    def test_a_guard_reaches_what_left_memory(self):
        self.declare(TENANTS, policy={"maxCreates": 10})
        text = self.in_scratch("plan", "--no-refresh").out
        self.assertIn(f"{TENANTS} tenants stopped by a guard", text)
        self.assertIn("c2999: raise policy.maxCreates", text)

    def test_without_a_folder_for_temporary_files_only_small_plans_are_made(self):
        missing = {"TMPDIR": str(self.workspace.path / "missing")}
        self.declare(TENANTS)
        ended = self.tenantry("plan", "--no-refresh", code=FAILED, environment=missing)
        self.assertIn("temporary files", ended.err)
        self.assertIn("TMPDIR", ended.err)
        self.declare(20)
        self.tenantry("plan", "--no-refresh", environment=missing)

    def test_a_stop_tells_each_change_that_was_never_started(self):
        tenants = 600  # more changes than an apply keeps one by one
        self.declare(tenants, self.start_emulator("--latency", "30", "--rate-limits", "off"))
        running = self.start("apply", "--no-refresh", "--auto-approve", "--json", "--parallelism", "4")
        wait_until(lambda: running.printed("change_done"), "a change is done")
        running.send(signal.SIGINT)
        ended = running.wait(30)
        self.assertEqual(ended.code, INTERRUPTED, str(ended))
        report = ended.events()[-1]
        self.assertEqual(sum(report["counts"].values()), 4 * tenants)
        unfinished = {change["address"] for change in report["unfinished"]}
        self.assertEqual(len(unfinished), 4 * tenants - report["counts"]["done"])
        self.assertIn("c0599/groups/analysts", unfinished)
        self.assertGreater(report["counts"]["never_started"], 3 * tenants)


if __name__ == "__main__":
    unittest.main()
