"""A lost state never means new tenants: the plan stops and names what adopts."""

import unittest

from support import FAILED, EmulatorCase, configuration, tenant


class LostStateTest(EmulatorCase):
    def declare(self, tenants, **more):
        self.configure(configuration(self.emulator, tenants, **more))

    def lose_state(self):
        lost = list(self.workspace.path.glob("tenantry.state*"))
        self.assertTrue(lost)
        for file in lost:
            file.unlink()

    def made_and_lost(self, tenants, **more):
        self.declare(tenants, **more)
        self.apply()
        self.plan_is_empty()
        self.lose_state()

    def assert_stops(self, *keys):
        mark = self.emulator.mark()
        for command in (("plan",), ("apply", "--auto-approve")):
            ended = self.tenantry(*command, code=FAILED)
            for key in keys:
                self.assertIn(f"tenantry apply --adopt-only --target {key}", ended.text)
            self.assertNotIn("create", ended.out)
        self.assertEqual(self.emulator.changing_calls(mark), [])

    def assert_adopted_without_a_change(self, *arguments):
        before = self.emulator.snapshot()
        mark = self.emulator.mark()
        self.apply("--adopt-only", *arguments)
        self.assertEqual(self.emulator.changing_calls(mark), [])
        self.assertEqual(self.emulator.snapshot(), before)
        self.plan_is_empty()

    def test_a_tenant_that_answers_at_its_alias_stops_the_plan(self):
        self.made_and_lost({"acme": tenant(), "globex": tenant("globex", region="us")})
        self.assert_stops("acme", "globex")

    def test_adopt_only_brings_everything_back_without_changing_anything(self):
        self.made_and_lost({"acme": tenant(), "globex": tenant("globex", region="us")})
        owned = "acme acme/groups/analysts acme/roles/author acme/webIntegrations/portal"
        self.assert_adopted_without_a_change()
        self.assertEqual(self.tenantry("state", "list", "acme/*").out.split(), owned.split()[1:])
        self.assertEqual(self.tenantry("state", "list", "acme").out.split()[0], "acme")

    def test_one_tenant_alone_can_be_brought_back(self):
        self.made_and_lost({"acme": tenant(), "globex": tenant("globex")})
        self.apply("--adopt-only", "--target", "acme")
        listed = self.tenantry("state", "list").out
        self.assertIn("acme/groups/analysts", listed)
        self.assertNotIn("globex", listed)

    def test_a_tenant_without_alias_is_found_in_the_organizations_list(self):
        unnamed = tenant()
        del unnamed["alias"]
        self.made_and_lost({"acme": unnamed}, organization=True)
        self.assert_stops("acme")
        self.assert_adopted_without_a_change()

    def test_a_tenant_with_another_name_is_none_of_ours(self):
        unnamed = tenant()
        del unnamed["alias"]
        self.emulator.create_tenant("eu", "Somebody else's")
        self.declare({"acme": unnamed}, organization=True)
        self.apply()
        self.assertEqual(set(self.emulator.tenants()), {"Acme", "Somebody else's"})

    def test_adopting_shows_what_differs_and_adopt_only_leaves_it(self):
        self.made_and_lost({"acme": tenant()})
        self.emulator.patch("Acme", "groups", "Analysts", description="Changed meanwhile")
        self.assert_adopted_without_a_change_but_differing()

    def assert_adopted_without_a_change_but_differing(self):
        mark = self.emulator.mark()
        self.apply("--adopt-only")
        self.assertEqual(self.emulator.changing_calls(mark), [])
        self.assertEqual(self.planned(), {"acme/groups/analysts": "update"})
        self.apply()
        self.plan_is_empty()

    def test_a_resource_that_state_does_not_know_is_an_error_until_adoption_is_asked_for(self):
        declared = {"acme": {"region": "eu", "name": "Acme", "alias": "acme-e2e"}}
        self.declare(declared)
        self.apply()
        host = self.emulator.tenants()["Acme"]["hostnames"][0]
        made = self.emulator.api(host, "POST", "/api/v1/groups",
                                 {"name": "Theirs", "providerType": "custom"})
        declared["acme"]["groups"] = {"ours": {"name": "Theirs", "providerType": "custom"}}
        self.declare(declared)
        refused = self.tenantry("plan", code=FAILED)
        self.assertIn("acme/groups/ours", refused.text)
        self.assertIn(made["id"], refused.text)
        self.assertEqual(self.planned("--adopt"), {"acme/groups/ours": "adopt"})
        declared["acme"]["groups"]["ours"]["lifecycle"] = {"adopt": True}
        self.declare(declared)
        self.apply()
        self.assertEqual(self.emulator.names("Acme", "groups"), ["Theirs"])
        self.plan_is_empty()

    def test_a_broken_state_is_refused_and_never_taken_for_an_empty_one(self):
        self.declare({"acme": tenant()})
        self.apply()
        file = self.workspace.path / "tenantry.state"
        for leftover in self.workspace.path.glob("tenantry.state-*"):
            leftover.unlink()
        whole = file.read_bytes()
        for name, content in (("empty", b""), ("torn", whole[:len(whole) // 2]),
                              ("foreign", b"this is no state\n" * 100)):
            with self.subTest(name):
                file.write_bytes(content)
                mark = self.emulator.mark()
                ended = self.apply(code=FAILED)
                self.assertIn("tenantry.state", ended.err)
                self.assertEqual(self.emulator.requests(mark), [])
                self.assertEqual(file.read_bytes(), content)


if __name__ == "__main__":
    unittest.main()
