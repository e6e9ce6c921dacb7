"""Several runners, each of which takes its share of the tenants."""

import unittest

from support import CHANGES, DONE, EmulatorCase, FAILED, PARTIAL, comparable, configuration, tenant

SHARDS = 4
KEYS = [f"c{number:02}" for number in range(12)]


class Sharded(EmulatorCase):
    """A fleet of twelve, and four shards."""

    def setUp(self):
        super().setUp()
        self.declare(KEYS)

    def declare(self, keys, **sections):
        self.configure(configuration(self.emulator, {key: tenant(key) for key in keys},
                                     organization=True, **sections))

    def tenants_of(self, *arguments, **options):
        """Keys of the tenants that a plan looks at."""
        document = self.tenantry("plan", "--json", *arguments, **options).json()
        return [entry["key"] for entry in document["tenantry"]["tenants"]]

    def shard(self, number):
        return ("--shard", f"{number}/{SHARDS}")


class Shards(Sharded):
    def test_each_tenant_is_of_one_shard_and_stays_there_when_others_come(self):
        shares = [self.tenants_of(*self.shard(number + 1)) for number in range(SHARDS)]
        self.assertEqual(sorted(key for share in shares for key in share), KEYS)
        self.assertTrue(all(shares), shares)
        self.declare(KEYS + ["new"])
        for number, share in enumerate(shares):
            self.assertEqual([key for key in self.tenants_of(*self.shard(number + 1))
                              if key != "new"], share)

    def test_shards_one_after_the_other_do_what_one_runner_does(self):
        self.apply()
        expected = comparable(self.emulator.snapshot())
        self.start_over()
        for number in (3, 1, 4, 2):
            ended = self.apply(*self.shard(number))
            self.assertRegex(ended.out, rf"Shard {number} of 4: \d+ of 12 tenants\.")
        self.assertEqual(comparable(self.emulator.snapshot()), expected)
        self.plan_is_empty()

    def test_shards_together_do_what_one_runner_does(self):
        self.apply()
        expected = comparable(self.emulator.snapshot())
        self.start_over()
        running = [self.start("apply", "--auto-approve", *self.shard(number + 1))
                   for number in range(SHARDS)]
        for one in running:
            ended = one.wait(60)
            self.assertEqual(ended.code, DONE, str(ended))
        self.assertEqual(comparable(self.emulator.snapshot()), expected)
        self.plan_is_empty()

    def test_what_left_the_configuration_is_of_the_shard_of_its_key(self):
        self.apply()
        gone, *rest = KEYS
        self.declare(rest)
        planners = [number for number in range(1, SHARDS + 1)
                    if gone in self.planned(*self.shard(number), "--allow-deactivate")]
        self.assertEqual(len(planners), 1)
        self.declare(KEYS)
        self.assertIn(gone, self.tenants_of(*self.shard(planners[0])))

    def test_a_renamed_tenant_is_of_the_shard_of_its_new_key(self):
        self.apply()
        renamed = {("moved" if key == "c00" else key): tenant(key) for key in KEYS}
        self.configure(configuration(self.emulator, renamed, organization=True,
                                     moved=[{"from": "c00", "to": "moved"}]))
        for number in range(1, SHARDS + 1):
            self.apply(*self.shard(number))
        self.assertEqual(len(self.emulator.snapshot()["tenants"]), len(KEYS))
        self.plan_is_empty()

    def test_a_saved_plan_keeps_its_shard(self):
        self.tenantry("plan", *self.shard(2), "--out", "two.plan")
        share = self.tenants_of(*self.shard(2))
        ended = self.tenantry("apply", "two.plan")
        self.assertIn(f"Shard 2 of 4: {len(share)} of 12 tenants.", ended.out)
        self.assertEqual(len(self.emulator.snapshot()["tenants"]), len(share))
        refused = self.tenantry("apply", "two.plan", *self.shard(2), code=FAILED)
        self.assertIn("carried out as it is", refused.err)

    def test_a_target_of_another_shard_is_no_mistake_of_this_one(self):
        for number in range(1, SHARDS + 1):
            mine = "c05" in self.tenants_of(*self.shard(number))
            looked_at = self.tenants_of(*self.shard(number), "--target", "c05/groups/*")
            self.assertEqual(looked_at, ["c05"] if mine else [])
        self.tenantry("plan", *self.shard(1), "--target", "nobody", code=FAILED)

    def test_drift_and_destroy_look_at_their_share(self):
        self.apply()
        share = self.tenants_of(*self.shard(1))
        self.tenantry("drift", *self.shard(1))
        self.tenantry("destroy", "--auto-approve", *self.shard(1))
        empty = [row["name"] for row in self.emulator.snapshot()["tenants"]
                 if not row["webIntegrations"]]
        self.assertEqual(sorted(empty), sorted(key.capitalize() for key in share))

    def test_the_command_that_goes_on_names_the_shard(self):
        self.emulator.faults({"match": {"method": "POST", "path": "/api/v1/groups"},
                              "status": 400})
        ended = self.apply(*self.shard(1), code=PARTIAL)
        self.assertIn("--shard 1/4", ended.out)
        ended = self.apply(code=PARTIAL, environment={"TENANTRY_SHARD": "2/4"})
        self.assertIn("--shard 2/4", ended.out)


class FromTheSystem(Sharded):
    def test_gitlab_and_kubernetes_number_their_runners(self):
        for name, variables in {
                "CI_NODE_INDEX and CI_NODE_TOTAL":
                    {"CI_NODE_INDEX": "2", "CI_NODE_TOTAL": "4"},
                "JOB_COMPLETION_INDEX and TENANTRY_SHARDS":
                    {"JOB_COMPLETION_INDEX": "1", "TENANTRY_SHARDS": "4"},
                "TENANTRY_SHARD": {"TENANTRY_SHARD": "2/4"}}.items():
            with self.subTest(name):
                ended = self.tenantry("plan", environment=variables)
                self.assertIn("Shard 2 of 4: ", ended.out)
                self.assertIn(f"shard 2/4, from {name}; --shard none takes all", ended.err)
                self.assertEqual(self.tenants_of("--shard", "none", environment=variables), KEYS)
                self.assertEqual(self.tenants_of("--shard", "3/4", environment=variables),
                                 self.tenants_of("--shard", "3/4"))

    def test_an_index_without_a_total_is_an_error_and_not_everything(self):
        ended = self.tenantry("plan", environment={"JOB_COMPLETION_INDEX": "1"}, code=FAILED)
        self.assertIn("set TENANTRY_SHARDS", ended.err)
        self.assertEqual(self.emulator.requests(), [])

    def test_a_shard_that_counts_alone_is_warned_of_limits(self):
        self.declare(KEYS, policy={"maxCreates": 100})
        alone = self.apply(*self.shard(1))
        self.assertIn("count for this shard alone", alone.err)
        named = self.apply(*self.shard(2), environment={"TENANTRY_RUN_ID": "7"})
        self.assertNotIn("count for this shard alone", named.err)


class AliasHandover(Sharded):
    def test_an_alias_of_another_shard_is_taken_once_that_one_gave_it_up(self):
        self.apply()
        first = self.tenants_of(*self.shard(1))[0]
        second = self.tenants_of(*self.shard(2))[0]
        tenants = {key: tenant(key) for key in KEYS}
        tenants[second]["alias"] = tenants[first]["alias"]
        tenants[first]["alias"] = "given-up"
        self.configure(configuration(self.emulator, tenants, organization=True))
        early = self.apply(*self.shard(2), code=FAILED)
        self.assertIn(f"{second}: the alias {first}-e2e is still that of {first}, which shard 1 of "
                      "4 works on", early.text.replace("\n", " "))
        left_out = self.tenantry("plan", "--target", second, code=FAILED)
        self.assertIn("which this run leaves out", left_out.text)
        self.apply(*self.shard(1))
        self.apply(*self.shard(2))
        self.assertIn("No changes.", self.tenantry("plan", "--detailed-exitcode").out)

    def test_without_shards_it_goes_in_one_run(self):
        self.apply()
        tenants = {key: tenant(key) for key in KEYS}
        tenants["c01"]["alias"] = tenants["c00"]["alias"]
        tenants["c00"]["alias"] = "given-up"
        self.configure(configuration(self.emulator, tenants, organization=True))
        self.tenantry("plan", "--detailed-exitcode", code=CHANGES)
        self.apply()


if __name__ == "__main__":
    unittest.main()
