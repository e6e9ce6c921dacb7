"""What reaches the API: no call too many, none twice, and in the order of the dependencies."""

import collections
import unittest

from support import FAILED, EmulatorCase, configuration, oauth_client, tenant


class RequestsTest(EmulatorCase):
    def declare(self, tenants, **more):
        self.configure(configuration(self.emulator, tenants, **more))

    def test_plan_of_an_existing_tenant_asks_for_one_token_and_lists_each_kind_once(self):
        self.declare({"acme": tenant(oauthClients={"portal": oauth_client("acme")})})
        self.apply()
        mark = self.emulator.mark()
        self.plan_is_empty()
        requests = self.emulator.requests(mark)
        self.assertEqual([r["path"] for r in requests].count("/oauth/token"), 1)
        self.assertEqual(len({r["host"] for r in requests}), 1)
        calls = collections.Counter(self.emulator.calls(mark))
        tenant_id = self.emulator.tenants()["Acme"]["id"]
        self.assertEqual(calls, {f"GET /api/v1/tenants/{tenant_id}": 1,
                                 "GET /api/v1/groups": 1,
                                 "GET /api/v1/oauth-clients": 1,
                                 "GET /api/v1/roles": 1,
                                 "GET /api/v1/web-integrations": 1})

    def test_plan_lists_only_the_kinds_that_are_configured_or_owned(self):
        self.declare({"acme": {"region": "eu", "name": "Acme", "alias": "acme-e2e",
                               "roles": {"author": {"name": "Author"}}}})
        self.apply()
        mark = self.emulator.mark()
        self.plan_is_empty()
        lists = [c for c in self.emulator.calls(mark) if "/tenants/" not in c]
        self.assertEqual(lists, ["GET /api/v1/roles"])

    def test_plan_lists_every_page_once(self):
        groups = {f"g{n:03}": {"name": f"Group {n:03}", "providerType": "custom"}
                  for n in range(210)}
        self.declare({"acme": {"region": "eu", "name": "Acme", "alias": "acme-e2e",
                               "groups": groups}})
        self.apply()
        self.assertEqual(len(self.emulator.names("Acme", "groups")), 210)
        mark = self.emulator.mark()
        self.plan_is_empty()
        pages = [r for r in self.emulator.requests(mark) if r["path"] == "/api/v1/groups"]
        self.assertEqual(len(pages), 3)
        self.assertEqual(len({r.get("query", "") for r in pages}), 3)

    def test_plan_of_a_new_tenant_makes_no_call_that_changes_anything(self):
        self.declare({"acme": tenant()}, organization=True)
        self.tenantry("plan")
        self.assertEqual(self.emulator.changing_calls(), [])
        self.assertEqual(self.emulator.tenants(), {})

    def test_apply_makes_exactly_the_planned_calls_each_once_in_order_of_dependencies(self):
        self.declare({"acme": tenant(oauthClients={"portal": oauth_client("acme")})})
        self.apply()
        calls = self.emulator.changing_calls()
        tenant_id = self.emulator.tenants()["Acme"]["id"]
        self.assertEqual(calls[:2], ["POST /api/v1/tenants", f"PATCH /api/v1/tenants/{tenant_id}"])
        kinds = ["POST /api/v1/roles", "POST /api/v1/groups", "POST /api/v1/web-integrations",
                 "POST /api/v1/oauth-clients"]
        rest = [c for c in calls[2:] if "/oauth-clients/" not in c]  # connection configuration
        self.assertEqual(collections.Counter(rest), {kind: 1 for kind in kinds})
        self.assertLess(calls.index("POST /api/v1/roles"), calls.index("POST /api/v1/groups"))

    def test_apply_of_one_edit_makes_one_call(self):
        declared = {"acme": tenant()}
        self.declare(declared)
        self.apply()
        declared["acme"]["groups"]["analysts"]["description"] = "Others"
        self.declare(declared)
        mark = self.emulator.mark()
        self.apply()
        group, _ = self.emulator.find("Acme", "groups", "Analysts")
        self.assertEqual(self.emulator.changing_calls(mark),
                         [f"PATCH /api/v1/groups/{group['id']}"])

    def test_deletions_go_against_the_dependencies(self):
        declared = {"acme": tenant()}
        self.declare(declared)
        self.apply()
        group, _ = self.emulator.find("Acme", "groups", "Analysts")
        role, _ = self.emulator.find("Acme", "roles", "Author")
        del declared["acme"]["roles"], declared["acme"]["groups"]
        self.declare(declared)
        mark = self.emulator.mark()
        self.apply()
        self.assertEqual(self.emulator.changing_calls(mark),
                         [f"DELETE /api/v1/groups/{group['id']}",
                          f"DELETE /api/v1/roles/{role['id']}"])

    def test_an_alias_is_given_away_before_it_is_taken(self):
        aliases = {"acme": "one-e2e", "beta": "two-e2e", "gamma": "three-e2e"}
        declared = {key: {"region": "eu", "name": key, "alias": alias}
                    for key, alias in aliases.items()}
        self.declare(declared)
        self.apply()
        # Each takes the alias of the next, whose own goes to nobody at last.
        declared["acme"]["alias"] = "two-e2e"
        declared["beta"]["alias"] = "three-e2e"
        declared["gamma"]["alias"] = "four-e2e"
        self.declare(declared)
        self.assertIn("takes the alias two-e2e over from beta", self.tenantry("plan").out)
        self.apply()
        self.plan_is_empty()

    def test_aliases_that_are_exchanged_in_a_circle_are_refused_with_what_to_do(self):
        declared = {"acme": {"region": "eu", "name": "A", "alias": "one-e2e"},
                    "beta": {"region": "eu", "name": "B", "alias": "two-e2e"}}
        self.declare(declared)
        self.apply()
        declared["acme"]["alias"], declared["beta"]["alias"] = "two-e2e", "one-e2e"
        self.declare(declared)
        mark = self.emulator.mark()
        ended = self.tenantry("apply", "--auto-approve", code=FAILED)
        self.assertIn("another alias first", ended.text)
        self.assertEqual(self.emulator.changing_calls(mark), [])

    def test_a_token_is_asked_for_once_per_host(self):
        self.declare({"acme": tenant(), "globex": tenant("globex", region="us")})
        self.apply()
        hosts = [r["host"] for r in self.emulator.requests()
                 if r["path"] == "/oauth/token" and r["status"] == 200]
        self.assertEqual(sorted(hosts), sorted(set(hosts)))

    def test_a_paused_tenant_is_not_called(self):
        declared = {"acme": tenant(), "globex": tenant("globex")}
        self.declare(declared)
        self.apply()
        declared["globex"] = {"region": "eu", "paused": True}
        self.declare(declared)
        mark = self.emulator.mark()
        ended = self.plan_is_empty()
        self.assertIn("globex", ended.out)
        host = self.emulator.tenants()["Acme"]["hostnames"][0]
        self.assertEqual({r["host"] for r in self.emulator.requests(mark)}, {host})

    def test_a_plan_against_the_state_alone_makes_no_call_and_needs_no_credentials(self):
        declared = {"acme": tenant()}
        self.declare(declared)
        self.apply()
        declared["acme"]["groups"]["analysts"]["description"] = "Others"
        self.declare(declared)
        for name in ("E2E_CLIENT_SECRET", "E2E_LICENSE_KEY"):
            del self.workspace.environment[name]
        mark = self.emulator.mark()
        self.assertEqual(self.planned("--no-refresh"), {"acme/groups/analysts": "update"})
        self.assertEqual(self.emulator.requests(mark), [])

    def test_a_targeted_apply_changes_only_the_target_and_what_it_needs(self):
        self.declare({"acme": tenant(), "globex": tenant("globex")})
        self.apply("--target", "acme/groups/analysts")
        self.assertEqual(set(self.emulator.tenants()), {"Acme"})
        self.assertEqual(self.emulator.names("Acme", "groups"), ["Analysts"])
        self.assertEqual(self.emulator.names("Acme", "roles"), ["Author"])
        self.assertEqual(self.emulator.names("Acme", "webIntegrations"), [])


if __name__ == "__main__":
    unittest.main()
