"""What exists already: imported, exported, adopted; renamed and let go without a call."""

import json
import re
import unittest

from support import (CLIENT_SECRET, FAILED, LICENSE_KEY, PARTIAL, EmulatorCase, configuration,
                     oauth_client, tenant)


# Names that would move the cursor, turn what follows, leave a folder, or be something else in YAML.
HOSTILE = ["../../etc/passwd", "/absolute", "..", "a\u202egnp.\u2066exe", "next\x85line",
           "line\nfeed\ttab\r", "${var.x} $${y} ${tenant.name}", "- a: b # c", "!!str &a *a",
           "yes", "~", "0x1F", "2026-01-01", "\"quoted\" 'too' \\n", "{a: [b]}", "tag\U000e0041",
           "\x1b[2J\x1b]0;owned\x07", "--flag", "%TAG", "a" * 200]
DISGUISES = "\x1b\x07\r\x85\u202e\u2066\U000e0041"


class Brownfield(EmulatorCase):
    def declare(self, tenants, **more):
        self.tenants = tenants
        self.configure(configuration(self.emulator, tenants, **more))

    def made(self, tenants=None, **more):
        """Applied, and the mark after it."""
        self.declare(tenants or {"acme": tenant()}, **more)
        self.apply()
        return self.emulator.mark()

    def changed_nothing(self, mark):
        self.assertEqual(self.emulator.changing_calls(mark), [])

    def addresses(self):
        return {row["address"] for row in self.tenantry("state", "list", "--json").json()}

    def history(self):
        return [(e["action"], e["address"])
                for e in self.tenantry("history", "--json").json()]


class ImportTest(Brownfield):
    def theirs(self, name="Theirs", **more):
        """A group that somebody else made."""
        host = self.emulator.tenants()["Acme"]["hostnames"][0]
        return self.emulator.api(host, "POST", "/api/v1/groups",
                                 {"name": name, "providerType": "custom", **more})["id"]

    def declared_group(self, **attributes):
        self.tenants["acme"]["groups"]["theirs"] = {
            "name": "Theirs", "providerType": "custom", **attributes}
        self.declare(self.tenants)

    def test_an_import_takes_a_resource_over_and_changes_nothing(self):
        self.made()
        found = self.theirs()
        self.declared_group(description="Ours now")
        mark = self.emulator.mark()
        told = self.tenantry("import", "acme/groups/theirs", found, "--json").json()
        self.changed_nothing(mark)
        self.assertEqual(told, {"address": "acme/groups/theirs", "id": found,
                                "differs": ["description"]})
        self.assertIn("acme/groups/theirs", self.addresses())
        self.assertEqual(self.planned(), {"acme/groups/theirs": "update"})
        self.assertIn(("adopt", "acme/groups/theirs"), self.history())
        self.apply()
        self.plan_is_empty()

    def test_an_import_refuses_what_is_taken_or_not_declared(self):
        self.made()
        found = self.theirs()
        self.declared_group()
        ours = json.loads(self.tenantry("state", "show", "acme/groups/analysts", "--json").out)["id"]
        for address, identifier, words in (
                ("acme/groups/analysts", found, "in the state already"),
                ("acme/groups/theirs", ours, "managed as acme/groups/analysts"),
                ("acme/groups/thiers", found, "acme/groups/theirs"),
                ("acme/roles/author", found, "in the state already"),
                ("acme/groups/theirs", "65f1c0ffee65f1c0ffee0001", "has no group")):
            with self.subTest(address=address, words=words):
                refused = self.tenantry("import", address, identifier, code=FAILED)
                self.assertIn(words, refused.err)

    def test_a_tenant_is_imported_by_its_id(self):
        made = self.emulator.create_tenant("eu", "Initech")
        self.declare({"initech": {"region": "eu", "name": "Initech"}}, organization=True)
        mark = self.emulator.mark()
        self.tenantry("import", "initech", made["id"])
        self.changed_nothing(mark)
        self.plan_is_empty()
        self.assertEqual(self.addresses(), {"initech"})
        again = self.tenantry("import", "initech", made["id"], code=FAILED)
        self.assertIn("in the state already", again.err)

    def test_two_clients_of_one_name_stop_the_plan_which_names_import(self):
        self.made()
        host = self.emulator.tenants()["Acme"]["hostnames"][0]
        ids = [self.emulator.api(host, "POST", "/api/v1/oauth-clients", {
            "clientName": "Portal", "appType": "spa"})["clientId"] for _ in range(2)]
        self.tenants["acme"]["oauthClients"] = {"portal": {"clientName": "Portal",
                                                           "appType": "spa"}}
        self.declare(self.tenants)
        refused = self.tenantry("plan", "--adopt", code=FAILED)
        for words in (*ids, "tenantry import acme/oauthClients/portal ID"):
            self.assertIn(words, refused.text)
        self.tenantry("import", "acme/oauthClients/portal", ids[1])
        self.plan_is_empty()


class MoveTest(Brownfield):
    def rename_group(self, **more):
        groups = self.tenants["acme"]["groups"]
        groups["report-analysts"] = groups.pop("analysts")
        self.declare(self.tenants, **more)

    def test_state_mv_follows_a_renamed_key(self):
        mark = self.made()
        self.rename_group()
        self.assertEqual(self.planned(), {"acme/groups/analysts": "delete",
                                          "acme/groups/report-analysts": "create"})
        self.tenantry("state", "mv", "acme/groups/analysts", "acme/groups/report-analysts")
        self.plan_is_empty()
        self.changed_nothing(mark)
        self.assertIn(("move", "acme/groups/report-analysts"), self.history())

    def test_state_mv_takes_a_tenant_with_all_that_is_in_it(self):
        mark = self.made()
        self.declare({"acme-corp": self.tenants["acme"]})
        self.tenantry("state", "mv", "acme", "acme-corp")
        self.plan_is_empty()
        self.changed_nothing(mark)
        self.assertEqual(self.addresses(), {
            "acme-corp", "acme-corp/groups/analysts", "acme-corp/roles/author",
            "acme-corp/webIntegrations/portal"})
        # What depends on what has followed: a role goes after the group that has it.
        del self.tenants["acme-corp"]["groups"], self.tenants["acme-corp"]["roles"]
        self.declare(self.tenants)
        self.apply()
        self.plan_is_empty()

    def test_state_mv_refuses_what_cannot_be(self):
        self.made({"acme": tenant(), "globex": tenant("globex")})
        for source, target, words in (
                ("acme/groups/analysts", "acme/roles/analysts", "cannot become"),
                ("acme/groups/analysts", "globex/groups/analysts", "cannot become"),
                ("acme/groups/none", "acme/groups/other", "not in the state"),
                ("acme", "globex", "in the state already")):
            with self.subTest(source=source, target=target):
                refused = self.tenantry("state", "mv", source, target, code=FAILED)
                self.assertIn(words, refused.err)

    def test_moved_in_all_tenants_is_told_by_plan_and_made_by_apply(self):
        mark = self.made({"acme": tenant(), "globex": tenant("globex")})
        moved = [{"from": "*/groups/analysts", "to": "*/groups/report-analysts"}]
        for key in self.tenants:
            groups = self.tenants[key]["groups"]
            groups["report-analysts"] = groups.pop("analysts")
        self.declare(self.tenants, moved=moved)
        plan = self.tenantry("plan")
        self.assertIn("moved from groups/analysts", plan.out)
        self.assertIn("2 to move", plan.out)
        self.assertIn("acme/groups/analysts", self.addresses())
        self.apply()
        self.changed_nothing(mark)
        self.assertIn("globex/groups/report-analysts", self.addresses())
        self.plan_is_empty()  # moved already: nothing is said

    def test_a_moved_resource_that_also_changes_is_updated(self):
        self.made()
        self.tenants["acme"]["groups"]["analysts"]["description"] = "Reports"
        self.rename_group(moved=[{"from": "acme/groups/analysts",
                                  "to": "acme/groups/report-analysts"}])
        self.assertEqual(self.planned(), {"acme/groups/report-analysts": "update"})
        self.tenantry("plan", "--out", "tenantry.plan")
        self.tenantry("apply", "tenantry.plan")
        self.assertEqual(self.emulator.names("Acme", "groups"), ["Analysts"])
        self.plan_is_empty()

    def test_a_moved_tenant_keeps_what_it_has(self):
        mark = self.made()
        self.declare({"acme-corp": self.tenants["acme"]},
                     moved=[{"from": "acme", "to": "acme-corp"}])
        self.assertIn("moved from acme", self.tenantry("plan").out)
        self.assertEqual(self.planned(), {})
        self.apply()
        self.changed_nothing(mark)
        self.plan_is_empty()
        self.assertNotIn("acme", self.addresses())

    def test_wrong_moves_are_errors_of_the_configuration(self):
        move = lambda a, b: {"from": f"acme/groups/{a}", "to": f"acme/groups/{b}"}  # noqa: E731
        self.declare({"acme": tenant()})
        for moved, words in (
                ([move("analysts", "other")], "still declared"),
                ([move("old", "none")], "not declared"),
                ([move("a", "b"), move("b", "a")], "circle"),
                ([{"from": "acme/groups/a", "to": "acme/roles/author"}], "not possible"),
                ([{"from": "acme/grups/a", "to": "acme/groups/analysts"}], "groups")):
            with self.subTest(words=words):
                self.declare(self.tenants, moved=moved)
                self.assertIn(words, self.tenantry("validate", code=FAILED).err)

    def test_both_in_the_state_is_an_error_of_the_plan(self):
        self.made()
        groups = self.tenants["acme"]["groups"]
        groups["new"] = {"name": "New", "providerType": "custom"}
        self.declare(self.tenants)
        self.apply()
        del groups["analysts"]
        self.declare(self.tenants, moved=[{"from": "acme/groups/analysts",
                                           "to": "acme/groups/new"}])
        self.assertIn("the state has both", self.tenantry("plan", code=FAILED).text)


class RemovedTest(Brownfield):
    def test_what_is_declared_as_removed_is_forgotten_and_stays_live(self):
        mark = self.made({"acme": tenant(), "globex": tenant("globex")})
        for key in self.tenants:
            del self.tenants[key]["groups"]
        self.declare(self.tenants, removed=[{"from": "*/groups/analysts"}])
        self.assertEqual(self.planned(), {"acme/groups/analysts": "forget",
                                          "globex/groups/analysts": "forget"})
        self.assertIn("declared as removed", self.tenantry("plan").out)
        self.apply()
        self.changed_nothing(mark)
        self.assertEqual(self.emulator.names("Acme", "groups"), ["Analysts"])
        self.plan_is_empty()

    def test_a_removed_tenant_is_forgotten_without_being_deactivated(self):
        mark = self.made({"acme": tenant(), "globex": tenant("globex")})
        del self.tenants["globex"]
        self.declare(self.tenants, removed=[{"from": "globex"}])
        self.assertEqual(self.planned(), {"globex": "forget"})
        self.apply()
        self.changed_nothing(mark)
        self.assertEqual(self.emulator.tenants()["Globex"]["status"], "active")
        self.assertFalse({a for a in self.addresses() if a.startswith("globex")})
        self.plan_is_empty()

    def test_what_is_still_declared_cannot_be_removed(self):
        self.declare({"acme": tenant()}, removed=[{"from": "*/groups/analysts"}])
        self.assertIn("still declared", self.tenantry("validate", code=FAILED).err)


class ExportTest(Brownfield):
    def by_hand(self, name, region="eu"):
        """A tenant as somebody made it, without Tenantry."""
        made = self.emulator.create_tenant(region, name)
        host = made["hostnames"][0]
        post = lambda path, body: self.emulator.api(host, "POST", path, body)  # noqa: E731
        role = post("/api/v1/roles", {"name": "Report Author", "description": "Writes ${this}",
                                      "assignedScopes": ["automations"]})
        post("/api/v1/groups", {"name": "Analysts", "providerType": "custom", "description": "A",
                                "assignedRoles": [{"id": role["id"]}]})
        post("/api/v1/groups", {"name": "analysts", "providerType": "custom"})
        post("/api/v1/web-integrations", {"name": "Portal: \"main\"",
                                          "validOrigins": ["https://portal.example"]})
        post("/api/v1/oauth-clients", {"clientName": "Server", "appType": "web",
                                       "redirectUris": ["https://portal.example/back"]})
        post("/api/v1/spaces", {"name": "Pipelines", "type": "data"})
        return made

    def export(self, made, region, out="out", **options):
        return self.tenantry("export", "--region", region, "--hostname", made["hostnames"][0],
                             "--out", out, **options)

    def test_hostile_names_are_exported_harmlessly_and_mean_the_same(self):
        self.declare({})
        made = self.emulator.create_tenant("eu", "../../\u202egnp.${var.x}\x1b[2J")
        host = made["hostnames"][0]
        for number, name in enumerate(HOSTILE):
            description = f"{name} {number}"
            self.emulator.api(host, "POST", "/api/v1/roles",
                              {"name": name, "description": description, "assignedScopes": []})
            self.emulator.api(host, "POST", "/api/v1/groups",
                              {"name": name, "providerType": "custom", "description": description})
            # Names of spaces may not hold these.
            space = re.sub(r'["*?<>/|\\:]', "_", name)
            self.emulator.api(host, "POST", "/api/v1/spaces", {"name": space, "type": "data"})
            self.emulator.api(host, "POST", "/api/v1/oauth-clients", {
                "clientName": name, "appType": "web",
                "redirectUris": ["https://portal.example/back"]})
        self.configure({**configuration(self.emulator, {"x": {"region": "eu"}}), "tenants": {}})
        before = self.files()
        ended = self.export(made, "eu", out="out")
        self.assertEqual(self.files() - before, {"out/tenantry.yaml"})
        text = (self.workspace.path / "out/tenantry.yaml").read_bytes().decode()
        for character in DISGUISES:
            self.assertFalse(character in text + ended.text, repr(character))
        at = ("--chdir", "out")
        self.tenantry(*at, "validate")
        self.assertNotIn("->", self.tenantry(*at, "plan", "--adopt").out)
        self.assertEqual(set(self.planned(*at, "--adopt").values()), {"adopt"})
        mark = self.emulator.mark()
        self.apply(*at, "--adopt-only")
        self.changed_nothing(mark)
        self.plan_is_empty(*at)
        key = self.tenantry(*at, "state", "list", "--json").json()[0]["address"].split("/")[0]
        for command in (("render", key), ("show",), ("show", "--json"), ("state", "list"),
                        ("state", "show", key)):
            shown = self.tenantry(*at, *command).text
            for character in DISGUISES:
                self.assertFalse(character in shown, f"{character!r} by {command}")

    def files(self):
        return {str(path.relative_to(self.workspace.path))
                for path in self.workspace.path.rglob("*") if path.is_file()}

    def test_three_tenants_are_exported_adopted_and_then_nothing_is_left_to_do(self):
        self.declare({}, organization=True)
        regions = {"Acme": "eu", "Globex": "us", "Initech": "eu"}
        made = {name: self.by_hand(name, region) for name, region in regions.items()}
        configured = configuration(self.emulator, {"x": {"region": "eu"}, "y": {"region": "us"}})
        self.configure({**configured, "tenants": {}})
        for name, region in regions.items():
            with self.subTest(name):
                mark = self.emulator.mark()
                self.export(made[name], region, out=name)
                self.changed_nothing(mark)
                self.assertEqual(self.workspace.has_bytes(CLIENT_SECRET), [])
                at = ("--chdir", name)
                self.tenantry(*at, "validate")
                planned = self.planned(*at, "--adopt")
                self.assertEqual(set(planned.values()), {"adopt"})
                self.assertEqual(len(planned), 9, planned)  # two are there from the start
                plan = self.tenantry(*at, "plan", "--adopt").out
                self.assertNotIn("->", plan)
                before = self.emulator.snapshot()
                self.apply(*at, "--adopt-only")
                self.changed_nothing(mark)
                self.assertEqual(self.emulator.snapshot(), before)
                self.plan_is_empty(*at)

    def test_an_export_overwrites_nothing_and_names_what_it_leaves_out(self):
        self.declare({"acme": tenant()})
        made = self.by_hand("Initech")
        self.assertIn("not overwritten", self.export(made, "eu", out=".", code=FAILED).err)
        self.export(made, "eu")
        text = (self.workspace.path / "out/tenantry.yaml").read_text()
        for words in ("assignedRoles:\n          - report-author", "analysts-2:",
                      "# deliverSecret: add a sink", "clientSecret: ${var.clientSecret}",
                      "Writes $${this}"):
            self.assertIn(words, text)
        self.assertNotIn("AnalyticsAdmin:", text)

    def test_literal_credentials_become_variables(self):
        self.declare({"acme": tenant()})
        written = configuration(self.emulator, {"acme": tenant()})
        written["regions"]["eu"]["clientSecret"] = CLIENT_SECRET
        written["regions"]["eu"]["licenseKey"] = LICENSE_KEY
        self.configure(written)
        self.export(self.by_hand("Initech"), "eu")
        text = (self.workspace.path / "out/tenantry.yaml").read_text()
        self.assertIn("clientSecret: ${var.euClientSecret}", text)
        self.assertIn("env: QLIK_EU_CLIENT_SECRET", text)
        self.assertNotIn(CLIENT_SECRET, text)
        self.assertNotIn(LICENSE_KEY, text)
        self.tenantry("--chdir", "out", "validate")

    def test_a_fleet_is_told_apart_from_its_blueprint(self):
        standard = {
            "parameters": {"origins": {"type": "list", "required": True}},
            "roles": {"author": {"name": "Report Author", "description": "Writes"}},
            "groups": {"analysts": {"name": "Analysts", "providerType": "custom",
                                    "description": "A", "assignedRoles": ["author"]},
                       "readers": {"name": "Readers", "providerType": "custom"}},
            "webIntegrations": {"portal": {"name": "Portal: \"main\"",
                                           "validOrigins": "${values.origins}"}},
        }
        for name in ("Acme", "Globex"):
            self.by_hand(name)
        self.configure(configuration(self.emulator, {}, organization=True,
                                     blueprints={"standard": standard}))
        mark = self.emulator.mark()
        self.tenantry("export", "--all", "--against", "standard", "--out", "fleet")
        self.changed_nothing(mark)
        text = (self.workspace.path / "fleet/tenantry.yaml").read_text()
        self.assertIn("the blueprint has it, the tenant has not", text)
        self.assertIn("readers: null", text)
        self.assertEqual(text.count("blueprint: standard"), 2)
        self.assertNotIn("name: Analysts\n", text.split("\ntenants:")[1])
        self.tenantry("--chdir", "fleet", "validate")
        planned = self.planned("--chdir", "fleet", "--adopt")
        self.assertEqual(set(planned.values()), {"adopt"})
        self.apply("--chdir", "fleet", "--adopt-only")
        self.changed_nothing(mark)
        self.plan_is_empty("--chdir", "fleet")

    def test_a_tenant_that_cannot_be_read_does_not_stop_the_rest(self):
        made = {name: self.by_hand(name) for name in ("Acme", "Globex")}
        self.configure(configuration(self.emulator, {}, organization=True))
        host = made["Globex"]["hostnames"][0]
        self.emulator.faults({"match": {"host": host, "path": "/api/v1/roles"}, "status": 400})
        ended = self.tenantry("export", "--all", "--out", "fleet", code=PARTIAL)
        self.assertIn(host, ended.err)
        self.assertIn("1 tenant", ended.out)
        self.tenantry("--chdir", "fleet", "validate")

    def test_an_export_of_an_adopted_client_keeps_its_secret(self):
        self.made({"acme": tenant(oauthClients={"portal": oauth_client("acme")})})
        client, host = self.emulator.find("Acme", "oauthClients", "Portal")
        self.export({"hostnames": [host]}, "eu")
        at = ("--chdir", "out")
        self.tenantry(*at, "apply", "--adopt-only", "--auto-approve")
        mark = self.emulator.mark()
        self.plan_is_empty(*at)
        self.changed_nothing(mark)

    def test_wrong_usage_is_told(self):
        self.declare({"acme": tenant()})
        for arguments in (("--all",), ("--out", "x"), ("--all", "--region", "eu", "--out", "x"),
                          ("--region", "eu", "--out", "x"),
                          ("--region", "eu", "--hostname", "h", "--against", "b", "--out", "x"),
                          ("--region", "ue", "--hostname", "h", "--out", "x")):
            with self.subTest(arguments):
                self.tenantry("export", *arguments, code=FAILED)


if __name__ == "__main__":
    unittest.main()
