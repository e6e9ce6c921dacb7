"""A change that reaches a fleet wave by wave: order, failures, pins, approval, shards."""

import os
import pty
import select
import subprocess
import time
import unittest

from support import CHANGES, DONE, FAILED, GUARD, PARTIAL, SLOWNESS, EmulatorCase, binary
from support import configuration, tenant

CANARIES, REST = ("a1", "a2"), ("b1", "b2", "b3")
GROUPS = "/api/v1/groups"


def blueprint(version):
    return {"groups": {"analysts": {"name": "Analysts", "providerType": "custom",
                                    "description": f"version {version}"}}}


def member(key, **more):
    return {"region": "eu", "name": key, "alias": key + "-e2e", "blueprint": "standard", **more}


class RolloutCase(EmulatorCase):
    """Two canaries and a rest of three, all of version 11."""

    def setUp(self):
        super().setUp()
        self.declared = {key: member(key, wave="canary") for key in CANARIES}
        self.declared.update({key: member(key) for key in REST})
        self.declared["b1"]["wave"] = "rest"
        self.versions = {"standard": blueprint(11), "standard-v12": blueprint(12)}
        self.pins = {"canary": {}, "rest": {}}
        self.rollout = {}

    def declare(self, **sections):
        waves = [{"name": name, **({"blueprints": pins} if pins else {})}
                 for name, pins in self.pins.items()]
        self.configure(configuration(self.emulator, self.declared, organization=True,
                                     blueprints=self.versions,
                                     rollout={"waves": waves, **self.rollout}, **sections))

    def begin(self):
        """Everybody has version 11, and version 12 is on its way to all, canaries first."""
        self.declare()
        self.apply()
        for pins in self.pins.values():
            pins["standard"] = "standard-v12"
        self.declare()

    def version(self, key):
        groups = self.emulator.tenants()[key]["groups"]
        return [g["description"] for g in groups if g["name"] == "Analysts"][0]

    def assert_versions(self, **expected):
        self.assertEqual({key: self.version(key) for key in expected},
                         {key: f"version {number}" for key, number in expected.items()})

    def hosts_of(self, keys):
        tenants = self.emulator.tenants()
        return [tenants[key]["hostnames"][0] for key in keys]

    def break_groups(self, *keys, times=10):
        self.emulator.faults(*[{"match": {"method": "PATCH", "host": host, "path": GROUPS},
                                "times": times, "status": 400} for host in self.hosts_of(keys)])


class WavesTest(RolloutCase):
    def test_the_plan_names_the_waves_and_says_who_is_in_them(self):
        self.declare()
        ended = self.tenantry("plan")
        self.assertIn("Wave canary (2 tenants, none may fail): 2 with changes, 4 to create.",
                      ended.out)
        self.assertIn("Wave rest (3 tenants, none may fail): 3 with changes, 6 to create.",
                      ended.out)
        own = self.tenantry("plan", "--json").json()["tenantry"]
        self.assertEqual(own["waves"][1], {
            "name": "rest", "tenants": 3, "failures_max": 0, "planned_tenants": 3,
            "tenants_with_changes": 3, "counts": {"create": 6}})
        self.assertEqual({t["key"]: t["wave"] for t in own["tenants"]},
                         {**dict.fromkeys(CANARIES, "canary"), **dict.fromkeys(REST, "rest")})

    def test_no_tenant_of_a_wave_begins_before_the_wave_before_it_has_ended(self):
        self.begin()
        mark = self.emulator.mark()
        ended = self.apply()
        patched = [r["host"] for r in self.emulator.requests(mark) if r["method"] == "PATCH"]
        self.assertEqual(sorted(patched[:2]), sorted(self.hosts_of(CANARIES)))
        self.assertEqual(sorted(patched[2:]), sorted(self.hosts_of(REST)))
        self.assertRegex(ended.err, r"(?s)Wave canary: 2 tenants with changes.*"
                                    r"Wave canary: 2 tenants done, 0 failed.*Wave rest: 3 tenants")
        self.assertIn("Waves:\n  canary: 2 tenants done\n  rest: 3 tenants done\n", ended.out)
        self.plan_is_empty()

    def test_a_wave_that_was_not_asked_for_is_not_called_done(self):
        self.begin()
        ended = self.apply("--wave", "rest")
        self.assertNotIn("canary", ended.text)
        self.assertIn("rest: 3 tenants done", ended.out)
        self.assertNotEqual(self.planned("--wave", "canary"), {})

    def test_a_failed_canary_stops_the_rollout_and_a_rerun_goes_on_where_it_stood(self):
        self.begin()
        self.break_groups("a2")
        ended = self.apply("--parallelism", "1", code=PARTIAL)
        self.assertIn("canary: 1 tenant done, 1 failed; stopped: 1 tenant of wave canary had failed, "
                      "rollout.maxFailures allows 0", ended.out)
        self.assertIn("rest: 3 tenants not begun; not started: 1 tenant of wave canary had failed",
                      ended.out)
        self.assertRegex(ended.out, r"Never started:\n  b1/groups/analysts \(update\): wave rest was"
                                    r" not started: 1 tenant")
        self.assertIn("To go on: tenantry apply", ended.out)
        self.assert_versions(a1=12, a2=11, b1=11, b2=11, b3=11)
        # What was not rolled out yet is no drift.
        self.tenantry("drift")
        self.emulator.no_faults()
        mark = self.emulator.mark()
        ended = self.apply()
        self.assertEqual(len(self.emulator.changing_calls(mark)), 4)
        self.assertIn("canary: 1 tenant done\n  rest: 3 tenants done\n", ended.out)
        self.plan_is_empty()

    def test_a_wave_that_is_done_is_passed_and_that_is_said(self):
        self.begin()
        self.apply("--wave", "canary")
        ended = self.apply()
        self.assertIn("Wave canary: nothing to do", ended.err)
        self.assertIn("Waves:\n  canary: nothing to do\n  rest: 3 tenants done\n", ended.out)

    def test_as_many_tenants_may_fail_as_max_failures_says(self):
        self.rollout = {"maxFailures": 1}
        self.begin()
        self.break_groups("a2")
        self.apply(code=PARTIAL)
        self.assert_versions(a1=12, a2=11, b1=12, b2=12, b3=12)

    def test_a_share_counts_of_the_tenants_of_the_wave(self):
        self.rollout = {"maxFailures": "50%"}
        self.begin()
        self.assertIn("Wave canary (2 tenants, up to 1 may fail)", self.tenantry("plan").out)
        self.break_groups("a1", "a2")
        self.apply(code=FAILED)
        self.assert_versions(a1=11, a2=11, b1=11)
        # In a run of one tenant the share is still that of its wave.
        self.emulator.no_faults()
        self.break_groups("b1")
        self.apply("--target", "b1", code=FAILED)
        self.assertIn("up to 1 may fail", self.tenantry("plan", "--target", "b1").out)

    def test_a_wave_stops_early_once_too_many_of_its_tenants_have_failed(self):
        more = [f"c{number:02}" for number in range(20)]
        self.declared.update({key: member(key) for key in more})
        self.begin()
        self.apply("--wave", "canary")
        self.break_groups(*REST, *more)
        mark = self.emulator.mark()
        ended = self.apply("--parallelism", "1", code=FAILED)
        tried = len(self.emulator.changing_calls(mark))
        self.assertLess(tried, 12)  # what was in work already is finished
        self.assertIn(f"rest: {tried} failed, {23 - tried} not begun; stopped: 1 tenant of wave "
                      "rest had failed", ended.out)

    def test_a_canary_that_cannot_be_planned_stops_the_rollout_before_it_begins(self):
        self.begin()
        self.emulator.faults({"match": {"method": "GET", "host": self.hosts_of(["a1"])[0],
                                        "path": GROUPS}, "status": 403, "times": 10})
        ended = self.apply(code=FAILED)
        self.assertIn("canary: 1 failed; not started: 1 tenant of wave canary had failed", ended.out)
        self.assert_versions(a2=11, b1=11)


class PinsTest(RolloutCase):
    def test_merging_a_version_does_not_make_it_desired_everywhere(self):
        self.declare()
        self.apply()
        self.pins["canary"]["standard"] = "standard-v12"
        self.declare()
        self.assertEqual(set(self.planned()), {f"{key}/groups/analysts" for key in CANARIES})
        self.apply()
        self.assert_versions(a1=12, a2=12, b1=11)
        self.plan_is_empty()
        self.tenantry("drift")

    def test_a_hotfix_of_one_tenant_of_a_later_wave_leaves_its_version(self):
        self.declare()
        self.apply()
        self.pins["canary"]["standard"] = "standard-v12"
        self.declared["b2"]["name"] = "b2 renamed"
        self.declare()
        mark = self.emulator.mark()
        self.apply("--target", "b2")
        self.assertEqual(len(self.emulator.changing_calls(mark)), 1)
        self.assertEqual([g["description"] for g in self.emulator.tenants()["b2 renamed"]["groups"]
                          if g["name"] == "Analysts"], ["version 11"])
        self.assert_versions(a1=11)

    def test_one_tenant_may_be_ahead_of_its_wave(self):
        self.declared["b3"]["blueprint"] = "standard-v12"
        self.declare()
        self.apply()
        self.assert_versions(a1=11, b2=11, b3=12)


class SelectionTest(RolloutCase):
    def test_only_the_tenants_of_a_named_wave_are_looked_at(self):
        self.begin()
        mark = self.emulator.mark()
        self.assertEqual({a.split("/")[0] for a in self.planned("--wave", "canary")}, set(CANARIES))
        asked = {r["host"] for r in self.emulator.requests(mark)}
        self.assertFalse(asked & set(self.hosts_of(REST)))
        self.assertEqual(len(self.planned("--wave", "canary", "--wave", "rest")), 5)
        self.apply("--wave", "canary")
        self.assert_versions(a1=12, b1=11)
        self.tenantry("drift", "--wave", "canary")
        self.emulator.patch("a1", "groups", "Analysts", description="by hand")
        self.tenantry("drift", "--wave", "canary", code=CHANGES)
        self.tenantry("drift", "--wave", "rest")

    def test_a_wave_in_a_job_of_its_own_waits_for_the_failures_of_the_job_before(self):
        run = {"TENANTRY_RUN_ID": "pipeline-7"}
        self.begin()
        self.break_groups("a1")
        self.apply("--wave", "canary", code=PARTIAL, environment=run)
        self.emulator.no_faults()
        ended = self.apply("--wave", "rest", code=FAILED, environment=run)
        self.assertIn("rest: 3 tenants not begun; not started: 1 tenant of wave canary had failed",
                      ended.out)
        self.assert_versions(a1=11, a2=12, b1=11)
        self.apply("--wave", "canary", environment=run)  # the job is repeated
        self.apply("--wave", "rest", environment=run)
        self.assert_versions(a1=12, b1=12, b2=12, b3=12)

    def test_an_unknown_wave_is_an_error_with_the_nearest_name(self):
        self.declare()
        ended = self.tenantry("plan", "--wave", "canray", code=FAILED)
        self.assertIn('--wave canray: there is no such wave (did you mean "canary"?)', ended.err)
        self.assertIn("the waves of the rollout are: canary, rest", ended.err)

    def test_a_tenant_of_another_wave_is_named_with_its_wave(self):
        self.declare()
        mark = self.emulator.mark()
        ended = self.tenantry("plan", "--wave", "canary", "--target", "b1/groups/*", code=FAILED)
        self.assertIn("--target 'b1/groups/*': b1 is of wave rest, which --wave leaves out",
                      ended.err)
        self.assertIn("leave --wave out, or add --wave rest", ended.err)
        self.assertEqual(self.emulator.requests(mark), [])
        self.assertEqual({a.split("/")[0] for a in
                          self.planned("--wave", "canary", "--target", "?1")}, {"a1"})

    def test_a_tenant_of_another_shard_is_named_with_its_shard(self):
        self.declare()
        other = {1: "2/2", 2: "1/2"}
        for number in (1, 2):
            ended = self.tenantry("plan", "--target", "b1", "--shard", f"{number}/2")
            is_its = "b1/groups/analysts" in ended.out
            words = f"--target b1: b1 is of shard {other[number]}, and this run is shard {number}/2"
            self.assertEqual(words in ended.err, not is_its, ended.text)
        # Where some are meant and some are not there is nothing to be told.
        self.assertNotIn("is of shard", self.tenantry("plan", "--target", "*", "--shard", "2/2").err)

    def test_what_left_the_configuration_belongs_to_the_last_wave(self):
        self.declare()
        self.apply()
        del self.declared["a1"]
        self.declare()
        self.assertEqual(self.planned("--wave", "rest"), {"a1": "deactivate"})
        self.assertEqual(self.planned("--wave", "canary"), {})


class SavedPlanTest(RolloutCase):
    def test_a_saved_plan_is_carried_out_in_its_waves(self):
        self.begin()
        self.tenantry("plan", "--out", "rollout.plan")
        self.break_groups(*CANARIES)
        ended = self.tenantry("apply", "rollout.plan", "--parallelism", "1", code=FAILED)
        self.assertIn("Wave canary (2 tenants, none may fail): 2 with changes", ended.out)
        self.assertIn("rest: 3 tenants not begun; not started", ended.out)
        self.assert_versions(a1=11, a2=11, b1=11)
        self.emulator.no_faults()
        self.tenantry("apply", "rollout.plan")
        self.assert_versions(a1=12, a2=12, b1=12, b2=12, b3=12)

    def test_a_saved_plan_goes_on_where_the_rollout_stopped(self):
        self.begin()
        self.tenantry("plan", "--out", "rollout.plan")
        self.break_groups("a2")
        ended = self.tenantry("apply", "rollout.plan", code=PARTIAL)
        self.assertIn("To go on: tenantry apply rollout.plan", ended.out)
        self.assert_versions(a1=12, a2=11, b1=11)
        self.emulator.no_faults()
        mark = self.emulator.mark()
        ended = self.tenantry("apply", "rollout.plan")
        self.assertEqual(len(self.emulator.changing_calls(mark)), 4)
        self.assertIn("Waves:\n  canary: 2 tenants done\n  rest: 3 tenants done\n", ended.out)
        self.assert_versions(a1=12, a2=12, b1=12, b2=12, b3=12)
        self.plan_is_empty()

    def test_events_tell_of_the_waves(self):
        self.begin()
        events = self.apply("--json").events()
        waves = [(e["type"], e["wave"]) for e in events if e["type"].startswith("wave_")]
        self.assertEqual(waves, [("wave_started", "canary"), ("wave_ended", "canary"),
                                 ("wave_started", "rest"), ("wave_ended", "rest")])
        self.assertEqual([(w["wave"], w["done"]) for w in events[-1]["waves"]],
                         [("canary", 2), ("rest", 3)])


class Terminal:
    """A run of the program with a person in front of it."""

    def __init__(self, workspace, *arguments):
        self.master, slave = pty.openpty()
        environment = {**workspace.environment, "TERM": "xterm"}
        self.process = subprocess.Popen([binary(), *arguments], cwd=workspace.path, env=environment,
                                        stdin=slave, stdout=slave, stderr=slave, close_fds=True)
        os.close(slave)
        self.text = ""

    def until(self, words, timeout=30):
        deadline = time.monotonic() + timeout * SLOWNESS
        while words not in self.text:
            ready, _, _ = select.select([self.master], [], [], max(0, deadline - time.monotonic()))
            if not ready:
                raise AssertionError(f"no {words!r} in: {self.text}")
            try:
                chunk = os.read(self.master, 4096)
            except OSError:  # the program has ended
                chunk = b""
            if not chunk:
                raise AssertionError(f"ended without {words!r}: {self.text}")
            self.text += chunk.decode("utf-8", "replace").replace("\r\n", "\n")

    def type(self, line):
        os.write(self.master, line.encode() + b"\n")

    def wait(self):
        while True:
            try:
                chunk = os.read(self.master, 4096)
            except OSError:
                break
            if not chunk:
                break
            self.text += chunk.decode("utf-8", "replace").replace("\r\n", "\n")
        os.close(self.master)
        return self.process.wait(30 * SLOWNESS)


class ApprovalTest(RolloutCase):
    def test_a_person_is_asked_between_waves_and_yes_goes_on(self):
        self.begin()
        terminal = Terminal(self.workspace, "apply")
        terminal.until("Apply these changes?")
        terminal.type("yes")
        terminal.until("Wave canary: 2 tenants done, 0 failed\nGo on with wave rest (3 tenants)?")
        self.assertEqual(terminal.text.count("Wave canary: 2 tenants done"), 1, terminal.text)
        self.assert_versions(a1=12, a2=12, b1=11)
        terminal.type("yes")
        self.assertEqual(terminal.wait(), DONE, terminal.text)
        self.assert_versions(b1=12, b2=12, b3=12)

    def test_anything_else_stops_the_rollout_and_a_saved_plan_asks_too(self):
        self.begin()
        self.tenantry("plan", "--out", "rollout.plan")
        terminal = Terminal(self.workspace, "apply", "rollout.plan")
        terminal.until("Go on with wave rest (3 tenants)?")
        terminal.type("y")
        self.assertEqual(terminal.wait(), PARTIAL, terminal.text)
        self.assertIn("rest: 3 tenants not begun; not started: it was not approved", terminal.text)
        self.assert_versions(a1=12, a2=12, b1=11, b2=11)

    def test_auto_approve_asks_nobody(self):
        self.begin()
        terminal = Terminal(self.workspace, "apply", "--auto-approve")
        self.assertEqual(terminal.wait(), DONE, terminal.text)
        self.assertNotIn("Go on with", terminal.text)


class SharedLimitsTest(EmulatorCase):
    """Two runners of one run over one state."""

    KEYS = [f"c{number:02}" for number in range(8)]

    def setUp(self):
        super().setUp()
        self.declare()

    def declare(self, keys=(), **policy):
        self.configure(configuration(self.emulator, {key: tenant(key) for key in keys or self.KEYS},
                                     organization=True, policy=policy))

    def shard(self, number, run="run-1", code=DONE):
        return self.apply("--shard", f"{number}/2", code=code,
                          environment={"TENANTRY_RUN_ID": run})

    def shares(self):
        return [len(self.tenantry("plan", "--json", "--shard", f"{number}/2").json()
                    ["tenantry"]["tenants"]) for number in (1, 2)]

    def test_shards_share_max_creates(self):
        first, second = self.shares()
        self.declare(maxCreates=max(first, second))
        self.shard(1)
        ended = self.shard(2, code=GUARD)
        self.assertIn("8 tenants would be created by all runs that share the limit, "
                      f"policy.maxCreates allows {max(first, second)}", ended.text)
        self.assertEqual(len(self.emulator.snapshot()["tenants"]), first)
        # Another run counts anew.
        self.shard(2, run="run-2")
        self.assertEqual(len(self.emulator.snapshot()["tenants"]), len(self.KEYS))

    def test_a_shard_that_is_repeated_counts_once(self):
        self.declare(maxCreates=len(self.KEYS))
        self.emulator.faults({"match": {"method": "POST", "path": "/api/v1/tenants$"},
                              "status": 403, "times": 1})
        self.shard(1, code=PARTIAL)
        self.emulator.no_faults()
        self.shard(1)
        self.shard(2)
        self.assertEqual(len(self.emulator.snapshot()["tenants"]), len(self.KEYS))

    def without(self, *sections, max_deletes=2):
        """Two tenants, one in each shard, that lose what `sections` hold."""
        pair = [next(k for k in self.KEYS if k in self.of_shard(number)) for number in (1, 2)]
        tenants = {key: tenant(key) for key in self.KEYS}
        for key in pair:
            for section in sections:
                del tenants[key][section]
        self.configure(configuration(self.emulator, tenants, organization=True,
                                     policy={"maxDeletes": max_deletes}))
        return pair

    def of_shard(self, number):
        document = self.tenantry("plan", "--json", "--shard", f"{number}/2").json()
        return [t["key"] for t in document["tenantry"]["tenants"]]

    def test_a_rerun_that_deletes_more_in_the_same_tenant_counts_that_too(self):
        self.apply()
        key, _ = self.without("webIntegrations", max_deletes=1)
        self.shard(1)
        self.without("webIntegrations", "groups", max_deletes=1)
        ended = self.shard(1, code=GUARD)  # a second one, though never more than one at a time
        self.assertIn("2 resources would be deleted by all runs that share the limit", ended.text)
        # What was planned and not done is counted once, however often it is planned.
        self.without("webIntegrations", "groups", max_deletes=2)
        self.emulator.faults({"match": {"method": "DELETE"}, "status": 400, "times": 1})
        self.shard(1, code=FAILED)
        self.emulator.no_faults()
        self.shard(1)
        self.plan_is_empty("--target", key)

    def test_plan_shows_the_guard_that_other_shards_of_the_run_bring_about(self):
        self.apply()
        _, other = self.without("webIntegrations", max_deletes=1)
        run = {"TENANTRY_RUN_ID": "run-1"}
        self.assertNotIn("by all runs", self.tenantry("plan", "--shard", "2/2",
                                                      environment=run).text)
        self.shard(1)
        for _ in range(2):  # a plan takes nothing of the allowance itself
            ended = self.tenantry("plan", "--shard", "2/2", environment=run)
            self.assertIn("2 resources would be deleted by all runs that share the limit, "
                          "policy.maxDeletes allows 1", ended.out)
        self.tenantry("plan", "--shard", "2/2", environment={"TENANTRY_RUN_ID": "run-2"})
        ended = self.shard(2, code=GUARD)
        self.assertEqual(ended.text.count("by all runs that share the limit"), 1, ended.text)
        self.assertTrue(self.emulator.tenants()[other.capitalize()]["webIntegrations"])

    def test_a_share_of_the_deletions_is_of_all_resources_also_for_one_tenant(self):
        self.apply()
        tenants = {key: tenant(key) for key in self.KEYS}
        del tenants["c00"]["webIntegrations"]
        for share, code in (("4%", GUARD), ("5%", DONE)):  # of 24
            self.configure(configuration(self.emulator, tenants, organization=True,
                                         policy={"maxDeletes": share}))
            self.apply("--target", "c00", code=code)

    def test_a_share_is_of_the_whole_fleet(self):
        enough_for_one = -(-100 * max(self.shares()) // len(self.KEYS))
        self.declare(maxCreates=f"{enough_for_one}%")
        self.shard(1)
        self.shard(2, code=GUARD)


if __name__ == "__main__":
    unittest.main()
