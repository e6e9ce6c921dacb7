"""What why, history, output and graph tell."""

import contextlib
import json
import shutil
import sqlite3
import subprocess
import unittest

from support import CHANGES, CLIENT_SECRET, FAILED, EmulatorCase, configuration, oauth_client, tenant

BLUEPRINT = {
    "parameters": {"site": {"type": "string", "default": "nowhere"}},
    "roles": {"author": {"name": "Author"}},
    "groups": {"analysts": {"name": "Analysts", "description": "At ${values.site}",
                            "providerType": "custom", "assignedRoles": ["author"]}},
}


def declared(**more):
    return {"region": "eu", "blueprint": "standard", "name": "Acme", "alias": "acme-e2e",
            "values": {"site": "Bern"}, **more}


class WhyTest(EmulatorCase):
    GROUP = "acme/groups/analysts"

    def setUp(self):
        super().setUp()
        self.acme = declared()
        self.sections = {"blueprints": {"standard": dict(BLUEPRINT)},
                         "rollout": {"waves": [{"name": "canary"}, {"name": "rest"}]}}
        self.acme["wave"] = "canary"
        self.declare()
        self.apply("--reason", "first time")

    def declare(self):
        self.configure(configuration(self.emulator, {"acme": self.acme}, **self.sections))

    def why(self, address=None, *arguments, code=0):
        return self.tenantry("why", address or self.GROUP, "--json", *arguments, code=code).json()

    def attribute(self, explanation, name):
        return next(a for a in explanation["attributes"] if a["name"] == name)

    def line_of(self, text):
        lines = (self.workspace.path / "tenantry.yaml").read_text().splitlines()
        return next(n for n, line in enumerate(lines, 1) if text in line)

    def test_a_changed_line_is_named_with_its_layer_its_value_and_what_is_live(self):
        self.acme["values"]["site"] = "Basel"
        self.declare()
        explanation = self.why()
        self.assertEqual((explanation["action"], explanation["reason"]),
                         ("update", "config_changed"))
        description = self.attribute(explanation, "description")
        self.assertEqual((description["wanted"], description["live"], description["lastApplied"]),
                         ("At Basel", "At Bern", "At Bern"))
        self.assertTrue(description["configChanged"])
        self.assertFalse(description["drifted"])
        written, = description["statements"]
        self.assertEqual((written["layer"]["kind"], written["layer"]["name"], written["value"]),
                         ("blueprint", "standard", "At ${values.site}"))
        self.assertEqual(written["source"]["line"], self.line_of('"At ${values.site}"'))
        site, = description["uses"]
        self.assertEqual(site["name"], "values.site")
        counted, = [s for s in site["statements"] if s["counts"]]
        self.assertEqual((counted["layer"]["kind"], counted["value"]), ("tenant", "Basel"))
        self.assertEqual(counted["source"]["line"], self.line_of('"site": "Basel"'))
        self.assertEqual(explanation["wave"], "canary")
        self.assertEqual(explanation["lastOperation"]["reason"], "first time")
        self.assertEqual([n["address"] for n in explanation["needs"]], ["acme/roles/author"])
        text = self.tenantry("why", self.GROUP).out
        for part in ("update", "blueprint standard", '"At Basel"', '"At Bern"', "canary",
                     'values.site', '"Basel"', "first time", "acme/roles/author: no change"):
            self.assertIn(part, text)

    def test_drift_is_told_apart_with_the_rule_that_decides(self):
        self.emulator.patch("Acme", "groups", "Analysts", description="By hand")
        explanation = self.why()
        self.assertEqual(explanation["reason"], "drifted")
        self.assertTrue(self.attribute(explanation, "description")["drifted"])
        self.sections["policy"] = {"drift": {"*/groups/*": "report"}}
        self.declare()
        explanation = self.why()
        description = self.attribute(explanation, "description")
        self.assertEqual((explanation["action"], description["effect"], description["live"]),
                         ("no-op", "left_alone", "By hand"))
        rule, = description["rules"]
        self.assertIn("policy.drift", rule["name"])
        self.assertEqual(rule["source"]["line"], self.line_of('"*/groups/*"'))

    def test_an_unchanged_address_has_every_attribute_and_no_change(self):
        explanation = self.why()
        self.assertEqual(explanation["action"], "no-op")
        self.assertIn("agree", explanation["because"])
        names = {a["name"] for a in explanation["attributes"]}
        self.assertEqual(names, {"name", "description", "providerType", "assignedRoles"})
        self.assertEqual({a["effect"] for a in explanation["attributes"]}, {"unchanged"})
        role = self.why("acme/roles/author")
        self.assertEqual([n["address"] for n in role["neededBy"]], [self.GROUP])

    def test_without_a_network_the_state_answers(self):
        before = self.emulator.mark()
        self.acme["groups"] = {"analysts": {"description": "Mine"}}
        self.declare()
        explanation = self.why(self.GROUP, "--no-refresh")
        self.assertFalse(explanation["refreshed"])
        description = self.attribute(explanation, "description")
        self.assertEqual([s["counts"] for s in description["statements"]], [False, True])
        self.assertEqual(description["statements"][1]["layer"]["kind"], "tenant")
        self.assertEqual(self.emulator.mark(), before)

    def test_a_block_that_is_gone_tells_who_removed_it(self):
        self.acme["groups"] = {"analysts": None}
        self.declare()
        explanation = self.why()
        self.assertEqual((explanation["action"], explanation["reason"]),
                         ("delete", "no_longer_declared"))
        self.assertIn("Tenant acme removes it with a null", explanation["because"])
        self.acme["groups"] = {"analysts": {"when": "false"}}
        self.declare()
        self.assertIn("`when`", self.why()["because"])

    def test_a_guard_is_told_with_what_lets_it_through(self):
        self.acme["roles"] = {"author": {"lifecycle": {"preventDestroy": True}}}
        self.declare()
        self.apply()
        self.acme["roles"] = {"author": None}
        self.acme["groups"] = {"analysts": None}
        self.declare()
        explanation = self.why("acme/roles/author")
        self.assertEqual(explanation["guard"]["rule"], "preventDestroy")
        text = self.tenantry("why", "acme/roles/author").out
        self.assertIn("preventDestroy", text)
        self.assertIn(f"--acknowledge {explanation['digest']}", text)

    def test_a_replacement_names_the_attribute_that_forces_it(self):
        self.acme["oauthClients"] = {"portal": oauth_client("acme")}
        self.declare()
        self.apply()
        self.acme["oauthClients"]["portal"] = {
            "clientName": "Portal", "appType": "spa", "allowedOrigins": ["https://a.example"],
            "redirectUris": ["https://a.example/login"]}
        self.declare()
        explanation = self.why("acme/oauthClients/portal")
        self.assertEqual((explanation["action"], explanation["reason"]),
                         ("replace", "attribute_cannot_change"))
        app_type = self.attribute(explanation, "appType")
        self.assertEqual([rule["name"] for rule in app_type["rules"]], ["replace"])

    def test_a_saved_plan_is_explained_with_the_limit_that_stops_it(self):
        self.sections["policy"] = {"maxDeletes": 1}
        self.acme["groups"] = {"analysts": None}
        self.acme["roles"] = {"author": None}
        self.declare()
        self.tenantry("plan", "--out", "saved.plan")
        before = self.emulator.mark()
        explanation = self.why(self.GROUP, "--plan", "saved.plan")
        self.assertEqual(explanation["guard"]["rule"], "policy.maxDeletes")
        self.assertNotIn("lines are those of today", explanation["because"])
        self.acme["name"] = "Acme Inc"
        self.declare()
        explanation = self.why(self.GROUP, "--plan", "saved.plan")
        self.assertIn("lines are those of today", explanation["because"])
        self.assertEqual(self.emulator.mark(), before)

    def test_what_is_not_there_gets_a_suggestion(self):
        ended = self.tenantry("why", "acme/groups/analyst", code=FAILED)
        self.assertIn('did you mean "acme/groups/analysts"?', ended.err)
        ended = self.tenantry("why", "acne", code=FAILED)
        self.assertIn('did you mean "acme"?', ended.err)

    def test_a_tenant_that_cannot_be_planned_says_why(self):
        self.emulator.faults({"path": "/api/v1/groups", "status": 403})
        ended = self.tenantry("why", self.GROUP, code=FAILED)
        self.assertIn("could not be planned", ended.out)
        self.assertIn("403", ended.out)

    def test_a_paused_tenant_is_told_apart(self):
        self.acme["paused"] = True
        self.declare()
        self.assertIn("paused", self.why()["because"])

    def test_secrets_are_in_no_explanation(self):
        self.acme["oauthClients"] = {"portal": oauth_client("acme")}
        self.declare()
        for arguments in ((), ("--json",), ("--no-refresh",)):
            ended = self.tenantry("why", "acme/oauthClients/portal", *arguments)
            self.assertNotIn(CLIENT_SECRET, ended.out + ended.err)


class DriftTest(EmulatorCase):
    """What a cron job goes by."""

    def test_the_exit_code_says_whether_anything_was_changed_outside(self):
        self.configure(configuration(self.emulator, {"acme": tenant()}))
        self.apply()
        self.assertEqual(self.tenantry("drift", "--json").json()["resource_drift"], [])
        self.emulator.patch("Acme", "groups", "Analysts", description="By hand")
        drift, = self.tenantry("drift", "--json", code=CHANGES).json()["resource_drift"]
        self.assertEqual((drift["address"], drift["change"]["before"]["description"],
                          drift["change"]["after"]["description"]),
                         ("acme/groups/analysts", "Read", "By hand"))
        self.assertIn("By hand", self.tenantry("drift", code=CHANGES).out)
        self.emulator.faults({"match": {"path": "/api/v1/roles"}, "status": 403})
        self.tenantry("drift", code=FAILED)


class HistoryTest(EmulatorCase):
    CI = {"GITHUB_ACTIONS": "true", "GITHUB_SERVER_URL": "https://github.example",
          "GITHUB_REPOSITORY": "acme/fleet", "GITHUB_RUN_ID": "42"}

    def setUp(self):
        super().setUp()
        self.acme = tenant()
        self.declare()

    def declare(self):
        self.configure(configuration(self.emulator, {"acme": self.acme}))

    def history(self, *arguments):
        return self.tenantry("history", "--json", *arguments).json()

    def test_who_when_commit_run_reason_what_and_outcome_are_kept(self):
        git = ["git", "-c", "user.name=T", "-c", "user.email=t@example.com"]
        for command in (["git", "init", "-q"], [*git, "add", "tenantry.yaml"],
                        [*git, "commit", "-q", "-m", "first"]):
            subprocess.run(command, cwd=self.workspace.path, check=True)
        commit = subprocess.run(["git", "rev-parse", "HEAD"], cwd=self.workspace.path,
                                capture_output=True, text=True, check=True).stdout.strip()
        self.apply("--reason", "CHG-1", environment=self.CI)
        self.acme["groups"]["analysts"]["description"] = "Others"
        self.declare()
        self.emulator.faults({"method": "PATCH", "path": "/groups", "status": 403, "times": 1})
        self.apply("--reason", "CHG-2", environment=self.CI, code=FAILED)
        entries = self.history("acme/groups/analysts")
        self.assertEqual([(e["action"], e["status"]) for e in entries],
                         [("create", "done"), ("update", "failed")])
        first, second = entries
        self.assertEqual(first["run"]["commit"], commit)
        self.assertEqual(first["run"]["url"], "https://github.example/acme/fleet/actions/runs/42")
        self.assertEqual((first["run"]["reason"], second["run"]["reason"]), ("CHG-1", "CHG-2"))
        self.assertTrue(first["run"]["user"] and first["run"]["host"] and first["startedAt"])
        self.assertEqual(second["attributes"], ["description"])
        self.assertIn("403", second["error"])
        text = self.tenantry("history", "acme/groups/analysts").out
        for part in (commit[:12], "/actions/runs/42", '"CHG-2"', "failed", "(description)"):
            self.assertIn(part, text)

    def test_it_says_that_there_are_older_ones(self):
        self.apply()
        told = "There are older ones"
        every = len(self.history("acme"))
        self.assertGreater(every, 2)
        short = self.tenantry("history", "acme", "--limit", "2")
        self.assertIn(told, short.err)
        self.assertEqual(short.out.count("done"), 2)
        self.assertEqual(len(self.history("--limit", "2")), 2)
        self.assertNotIn(told, self.tenantry("history", "acme", "--limit", str(every)).text)

    def test_what_ended_long_ago_is_forgotten_by_the_next_apply(self):
        self.apply()
        with contextlib.closing(sqlite3.connect(self.workspace.path / "tenantry.state")) as state:
            with state:
                state.execute("UPDATE operations SET ended_at = '2020-01-01T00:00:00Z'"
                              " WHERE section = 'groups'")
        self.tenantry("plan")
        self.assertEqual(len(self.history("acme/groups/analysts")), 1)
        self.apply()
        self.assertEqual(self.history("acme/groups/analysts"), [])
        self.assertTrue(self.history("acme/roles/author"))

    def test_repairs_of_the_state_are_history_with_their_reason(self):
        self.apply()
        self.tenantry("state", "mv", "acme/groups/analysts", "acme/groups/others",
                      "--reason", "renamed")
        self.tenantry("state", "rm", "acme/groups/others", "--reason", "handed over")
        moved, forgotten = self.history("acme/groups/others")
        self.assertEqual((moved["action"], moved["from"], moved["run"]["reason"]),
                         ("move", "acme/groups/analysts", "renamed"))
        self.assertEqual((forgotten["action"], forgotten["status"], forgotten["run"]["reason"]),
                         ("forget", "done", "handed over"))
        self.assertNotIn("acme/groups/others", self.tenantry("state", "list").out)


class OutputTest(EmulatorCase):
    def setUp(self):
        super().setUp()
        self.tenants = {"acme": tenant(oauthClients={"portal": oauth_client("acme")}),
                        "globex": tenant("globex")}
        self.declare()
        self.apply()
        self.live = {t["name"]: t for t in self.emulator.tenants().values()}

    def declare(self):
        self.configure(configuration(self.emulator, self.tenants))

    def test_ids_host_names_and_clients_come_from_the_state_alone(self):
        before = self.emulator.mark()
        document = self.tenantry("output", "--json").json()
        acme = document["tenants"]["acme"]
        live = self.emulator.tenants()["Acme"]
        self.assertEqual((acme["id"], acme["hostname"], acme["status"], acme["purgeDate"]),
                         (live["id"], live["hostnames"][0], "active", None))
        client, _ = self.emulator.find("Acme", "oauthClients", "Portal")
        self.assertEqual(acme["oauthClients"], {"portal": client["id"]})
        self.assertNotIn("oauthClients", document["tenants"]["globex"])
        one = self.tenantry("output", "acme/oauthClients/portal").out
        self.assertEqual(one, client["id"] + "\n")
        self.assertEqual(self.emulator.mark(), before)

    def test_a_deactivated_tenant_has_a_purge_date(self):
        self.tenants["globex"]["status"] = "deactivated"
        self.declare()
        self.apply("--allow-deactivate")
        out = self.tenantry("output", "--target", "globex", "--json").json()["tenants"]
        self.assertEqual(list(out), ["globex"])
        self.assertEqual(out["globex"]["status"], "deactivated")
        self.assertRegex(out["globex"]["purgeDate"], r"^20\d\d-\d\d-\d\d")

    def test_dotenv_is_what_a_shell_reads(self):
        out = self.tenantry("output", "--format", "dotenv").out
        path = self.workspace.write("fleet.env", out)
        shell = subprocess.run(["sh", "-ec", ". ./fleet.env; echo $TENANT_ACME_HOSTNAME "
                                "$TENANT_ACME_OAUTH_CLIENT_PORTAL"],
                               cwd=path.parent, capture_output=True, text=True, check=True)
        client, _ = self.emulator.find("Acme", "oauthClients", "Portal")
        live = self.emulator.tenants()["Acme"]
        self.assertEqual(shell.stdout.split(), [live["hostnames"][0], client["id"]])

    def test_dotenv_names_that_would_be_the_same_are_refused(self):
        self.tenants["a-b"] = tenant("a-b")
        self.tenants["a_b"] = tenant("a_b", alias="a-b-two")
        self.declare()
        self.apply()
        ended = self.tenantry("output", "--format", "dotenv", code=FAILED)
        self.assertIn("a-b/id and a_b/id would both be TENANT_A_B_ID", ended.err)
        self.tenantry("output", "--format", "dotenv", "--target", "a-b")

    def test_unknown_names_get_a_suggestion(self):
        ended = self.tenantry("output", "acme/hostnam", code=FAILED)
        self.assertIn('did you mean "acme/hostname"?', ended.err)
        ended = self.tenantry("output", "--target", "acne", code=FAILED)
        self.assertIn('did you mean "acme"?', ended.err)


@unittest.skipUnless(shutil.which("dot"), "graphviz is not installed")
class GraphTest(EmulatorCase):
    def draw(self, *arguments):
        """What graphviz makes of it: {title of the cluster: {label: [labels it needs]}}."""
        dot = self.tenantry("graph", *arguments).out
        svg = subprocess.run(["dot", "-Tsvg"], input=dot, capture_output=True, text=True)
        self.assertEqual((svg.returncode, svg.stderr), (0, ""), dot)
        self.assertIn("</svg>", svg.stdout)
        read = subprocess.run(["dot", "-Tdot_json"], input=dot, capture_output=True, text=True,
                              check=True)
        graph = json.loads(read.stdout)
        objects = {o["_gvid"]: o for o in graph["objects"]}
        edges = {}
        for edge in graph.get("edges", []):
            edges.setdefault(edge["tail"], []).append(objects[edge["head"]]["label"])
        return {o["label"]: {objects[n]["label"]: sorted(edges.get(n, [])) for n in o["nodes"]}
                for o in graph["objects"] if "nodes" in o}

    def test_tenants_with_equal_graphs_are_drawn_once(self):
        tenants = {f"t{n:04}": tenant(f"t{n:04}") for n in range(200)}
        tenants["odd"] = {"region": "eu", "name": "Odd", "alias": "odd"}
        self.configure(configuration(self.emulator, tenants))
        drawn = self.draw()
        title = "200 tenants: t0000, t0001, t0002 and 197 more"
        self.assertEqual(set(drawn), {"odd", title})
        self.assertEqual(drawn[title], {"the tenant": [], "roles/author": ["the tenant"],
                                        "groups/analysts": ["roles/author"],
                                        "webIntegrations/portal": ["the tenant"]})
        self.assertEqual(set(self.draw("--target", "t0001")), {"t0001"})
        ended = self.tenantry("graph", "--target", "t001", code=FAILED)
        self.assertIn("did you mean", ended.err)

    def test_a_saved_plan_is_drawn_with_its_actions(self):
        acme = tenant()
        self.configure(configuration(self.emulator, {"acme": acme}))
        self.apply()
        acme["groups"]["analysts"]["description"] = "Others"
        del acme["webIntegrations"]
        self.configure(configuration(self.emulator, {"acme": acme}))
        self.tenantry("plan", "--out", "changes.plan")
        self.assertEqual(self.draw("--plan", "changes.plan"),
                         {"acme": {"update groups/analysts": ["roles/author"], "roles/author": [],
                                   "delete webIntegrations/portal": []}})


if __name__ == "__main__":
    unittest.main()
