"""Whose call is next: tenants share the calls in flight fairly, and chains go first within a tenant."""

import unittest

from support import EmulatorCase, configuration


def webs(count):
    return {f"web{i}": {"name": f"Web {i}", "validOrigins": ["https://portal.example"]}
            for i in range(count)}


class SchedulingTest(EmulatorCase):
    EMULATOR_ARGUMENTS = ("--latency", "20", "--rate-limits", "off")

    def declare(self, **tenants):
        self.configure(configuration(self.emulator, {
            key: {"region": "eu", "name": key.capitalize(), "alias": key + "-e2e", **sections}
            for key, sections in tenants.items()}))

    def writes(self, mark):
        return [entry for entry in self.emulator.requests(mark)
                if entry["method"] == "POST" and entry["path"] != "/oauth/token"]

    def test_a_big_tenant_does_not_hold_up_small_ones(self):
        self.declare(big={"webIntegrations": webs(200)},
                     **{f"small{i}": {"webIntegrations": webs(5)} for i in range(10)})
        mark = self.emulator.mark()
        self.apply("--parallelism", "6")
        hosts = {name: tenant["hostnames"][0] for name, tenant in self.emulator.tenants().items()}
        order = [entry["host"] for entry in self.writes(mark)
                 if not entry["host"].startswith("register.")]
        last_small = max(i for i, host in enumerate(order) if host != hosts["Big"])
        big_before = order[:last_small].count(hosts["Big"])
        # The big one is the first by name. Served as they came, it would have had most of its
        # calls by then: it has as many in flight as all others.
        self.assertLess(big_before, 60)
        self.plan_is_empty()

    def test_the_change_with_the_longest_chain_behind_it_is_made_first(self):
        groups = {f"group{i}": {"name": f"Group {i}", "providerType": "custom",
                                "assignedRoles": ["author"]} for i in range(3)}
        self.declare(acme={"webIntegrations": webs(30), "groups": groups,
                           "roles": {"author": {"name": "Author"}}})
        mark = self.emulator.mark()
        self.apply("--parallelism", "1")
        made = [entry["path"].rsplit("/", 1)[1] for entry in self.writes(mark)]
        self.assertEqual(made[:2], ["tenants", "roles"])


if __name__ == "__main__":
    unittest.main()
