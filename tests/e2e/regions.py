"""Tenants in several regions, and those of the organization that nobody manages."""

import unittest

from support import DONE, EmulatorCase, FAILED, configuration, tenant

REGIONS = ("ap", "eu", "us")


class Regions(EmulatorCase):
    def declare(self, organization=True, **more):
        tenants = {f"{region}{n}": tenant(f"{region}{n}", region=region)
                   for region in REGIONS for n in range(2)}
        self.configure(configuration(self.emulator, {**tenants, **more},
                                     organization=organization))

    def unmanaged(self, *arguments):
        document = self.tenantry("plan", "--show-unmanaged", "--json", *arguments).json()
        return document["tenantry"]["unmanaged"]


class ManyRegions(Regions):
    def test_one_run_works_in_all_of_them_at_once(self):
        self.declare()
        self.apply()
        rows = self.emulator.snapshot()["tenants"]
        hosts = sorted(row["hostnames"][0].split(".")[1] for row in rows)
        self.assertEqual(hosts, ["ap", "ap", "eu", "eu", "us", "us"])
        self.plan_is_empty()
        asked = {request["host"] for request in self.emulator.requests()}
        self.assertLessEqual({f"register.{region}.qlikcloud.com" for region in REGIONS}, asked)

    def test_one_listing_of_the_organization_answers_all_that_ask_at_once(self):
        self.declare()
        self.tenantry("plan")
        listings = [request for request in self.emulator.requests()
                    if request["host"] == "console.qlikcloud.com" and request["method"] == "GET"]
        self.assertEqual(len(listings), 1, listings)

    def test_a_region_that_does_not_answer_keeps_no_other_from_being_done(self):
        self.declare()
        self.emulator.faults({"match": {"host": r"register\.ap\."}, "status": 503})
        ended = self.workspace.run("apply", "--auto-approve")
        self.assertNotEqual(ended.code, DONE)
        self.emulator.no_faults()
        names = [row["name"] for row in self.emulator.snapshot()["tenants"]]
        self.assertLessEqual({"Eu0", "Eu1", "Us0", "Us1"}, set(names))
        self.apply()
        self.plan_is_empty()
        self.assertEqual(len(self.emulator.snapshot()["tenants"]), 6)


class Unmanaged(Regions):
    def test_they_are_named_with_all_that_is_known_and_are_no_change(self):
        self.declare()
        self.apply()
        self.assertEqual(self.unmanaged(), [])
        strays = [self.emulator.create_tenant("us", "Stray"), self.emulator.create_tenant("ap")]
        text = self.tenantry("plan", "--show-unmanaged", "--detailed-exitcode").out
        self.assertIn("2 tenants of the organization, managed by nobody", text)
        host, ident = strays[0]["hostnames"][0], strays[0]["id"]
        self.assertIn(f'{host} "Stray" (id {ident}, us, active)', text)
        self.assertIn("No changes.", text)
        found = {row["id"]: row for row in self.unmanaged()}
        self.assertEqual(found[ident], {"id": ident, "hostname": host, "name": "Stray",
                                        "region": "us", "status": "active"})
        self.assertEqual(set(found), {stray["id"] for stray in strays})
        self.assertNotIn("unmanaged", self.tenantry("plan", "--json").json()["tenantry"])

    def test_a_tenant_that_is_declared_is_not_one_of_them_though_it_is_not_adopted_yet(self):
        stray = self.emulator.create_tenant("eu", "Initech")
        self.declare(initech={"region": "eu", "hostname": stray["hostnames"][0]})
        self.assertEqual(self.unmanaged("--adopt"), [])
        self.declare()
        self.assertEqual([row["id"] for row in self.unmanaged()], [stray["id"]])

    def test_the_whole_organization_counts_whatever_part_of_the_fleet_is_planned(self):
        self.declare()
        self.apply()
        self.assertEqual(self.unmanaged("--target", "eu0"), [])
        self.assertEqual(self.unmanaged("--shard", "2/5"), [])
        stray = self.emulator.create_tenant("us")
        self.assertEqual([row["id"] for row in self.unmanaged("--shard", "2/5")], [stray["id"]])

    def test_a_lost_state_shows_what_it_knew(self):
        self.declare()
        self.apply("--target", "us0")
        (self.workspace.path / "tenantry.state").unlink()
        document = self.workspace.run("plan", "--show-unmanaged", "--json").json()
        self.assertEqual([row["name"] for row in document["tenantry"]["unmanaged"]], ["Us0"])

    def test_without_an_organization_client_it_is_an_error_that_says_what_to_write(self):
        self.declare(organization=False)
        ended = self.tenantry("plan", "--show-unmanaged", code=FAILED)
        self.assertIn("only an organization-level client can list", ended.err)
        self.assertIn("organization: {clientId", ended.err)

    def test_without_network_nobody_can_be_asked(self):
        self.declare()
        ended = self.tenantry("plan", "--show-unmanaged", "--no-refresh", code=FAILED)
        self.assertIn("--no-refresh", ended.err)

    def test_it_works_with_the_emulator_inside(self):
        self.declare()
        ended = self.tenantry("plan", "--show-unmanaged", "--emulated")
        self.assertIn("No tenant of the organization is unmanaged.", ended.out)


if __name__ == "__main__":
    unittest.main()
