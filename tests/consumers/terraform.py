"""Terraform's plan representation, read by what is made for Terraform's plans."""

import json
import re
import shutil
import subprocess
import unittest

from common import HERE, main, node, problems
from support import EmulatorCase, REPOSITORY, configuration, oauth_client, tenant

SCHEMA = HERE / "terraform-plan.schema.json"
POLICY = REPOSITORY / "examples" / "policy" / "tenants.rego"
VIEWER = "node_modules/@ahmadnassri/terraform-unidiff/bin.js"


class Terraform(EmulatorCase):
    def setUp(self):
        super().setUp()
        self.acme = tenant(oauthClients={"portal": oauth_client("acme")},
                           spaces={"lake": {"name": "Lake", "type": "shared"}})
        self.tenants = {"acme": self.acme, "globex": tenant("globex")}
        self.sections = {}
        self.plans = {}

    def declare(self):
        self.configure(configuration(self.emulator, self.tenants, **self.sections))

    def plan(self, name, *arguments):
        """Keeps the plan under a name, also as a file, and gives its changes by address."""
        self.declare()
        text = self.tenantry("plan", "--json", *arguments).out
        self.workspace.write(f"plans/{name}.json", text)
        self.plans[name] = json.loads(text)
        return {c["address"]: c for c in self.plans[name]["resource_changes"]}

    def path(self, name):
        return self.workspace.path / "plans" / f"{name}.json"

    def make_plans(self):
        """One of every kind of change that there is; each is what its name says."""
        self.acme["webIntegrations"]["portal"]["validOrigins"].append("https://${tenant.hostname}")
        changes = self.plan("create")
        self.assertEqual({c["change"]["actions"][0] for c in changes.values()}, {"create"})
        deferred = changes["acme/webIntegrations/portal"]["change"]["after_unknown"]
        self.assertIn("validOrigins", deferred)
        self.apply()
        self.plan("unchanged")
        self.update()
        self.replace_and_delete()
        self.adopt_and_forget()
        self.offboard()

    def update(self):
        self.acme["groups"]["analysts"]["description"] = "Others"
        del self.acme["roles"]["author"]["description"]
        changes = self.plan("update")
        self.assertEqual(changes["acme/groups/analysts"]["change"]["actions"], ["update"])
        self.assertTrue(changes["acme/roles/author"]["tenantry"]["released"])
        self.apply()
        self.emulator.patch("Acme", "groups", "Analysts", description="By hand")
        self.plan("drift", "--refresh-only")
        self.assertEqual(len(self.plans["drift"]["resource_drift"]), 1)
        self.assertEqual(self.plan("reverted")["acme/groups/analysts"]["tenantry"]["reason"],
                         "drifted")
        self.apply()

    def replace_and_delete(self):
        self.acme["oauthClients"]["portal"] = {
            "clientName": "Portal", "appType": "spa", "allowedOrigins": ["https://a.example"],
            "redirectUris": ["https://a.example/login"]}
        del self.acme["spaces"]
        changes = self.plan("replace")
        self.assertEqual(changes["acme/oauthClients/portal"]["change"]["actions"],
                         ["delete", "create"])
        self.assertEqual(changes["acme/spaces/lake"]["change"]["actions"], ["delete"])
        self.apply()
        self.plan("destroy", "--destroy")

    def adopt_and_forget(self):
        self.tenantry("state", "rm", "acme/groups/analysts")
        changes = self.plan("adopt", "--adopt")
        self.assertIn("importing", changes["acme/groups/analysts"]["change"])
        self.apply("--adopt")
        self.acme["groups"]["others"] = self.acme["groups"].pop("analysts")
        self.sections["moved"] = [{"from": "acme/groups/analysts", "to": "acme/groups/others"}]
        changes = self.plan("move")
        self.assertEqual(changes["acme/groups/others"]["previous_address"], "acme/groups/analysts")
        self.apply()
        del self.sections["moved"], self.acme["webIntegrations"]
        self.sections["removed"] = [{"from": "acme/webIntegrations/portal"}]
        changes = self.plan("forget")
        self.assertEqual(changes["acme/webIntegrations/portal"]["change"]["actions"], ["forget"])
        self.apply()
        del self.sections["removed"]

    def offboard(self):
        self.tenants["globex"]["status"] = "deactivated"
        changes = self.plan("deactivate")
        self.assertEqual(changes["globex"]["change"]["actions"], ["delete"])
        self.apply("--allow-deactivate")
        del self.tenants["globex"]["status"]
        changes = self.plan("reactivate")
        self.assertEqual(changes["globex"]["tenantry"]["action"], "reactivate")

    def test_every_kind_of_plan_is_read_as_terraforms(self):
        self.make_plans()
        with self.subTest("a JSON Schema of the documented representation"):
            self.assertEqual(problems(SCHEMA, self.plans.values()), [])
        with self.subTest("a viewer of plans"):
            for name in self.plans:
                self.view(name)
        with self.subTest("a policy for OPA"):
            self.judge()

    def view(self, name):
        shown = node(VIEWER, self.path(name))
        actions = [action for change in self.plans[name]["resource_changes"]
                   for action in change["change"]["actions"]]
        self.assertIn("Plan: {} to add, {} to change, {} to destroy".format(
            *(actions.count(action) for action in ("create", "update", "delete"))), shown)
        for change in self.plans[name]["resource_changes"]:
            shows = "no-op" not in change["change"]["actions"]
            self.assertEqual(f"Index: {change['address']}\n" in shown, shows, shown)
        if name == "update":
            self.assertIn('-description: Read', shown)
            self.assertIn('+description: Others', shown)

    def judge(self):
        """What the policy of the examples denies, by OPA."""
        denied = json.loads(node("opa.mjs", POLICY, *map(self.path, self.plans)))
        self.assertEqual({name.removesuffix(".json"): messages for name, messages in denied.items()
                          if messages}, {
            "reverted": ["acme/groups/analysts: was changed by hand; find out by whom first"],
            "replace": ["acme/oauthClients/portal: would be replaced, since appType cannot change"],
            "deactivate": ["globex: a tenant is taken down by a person, not by a pipeline"]})

    @unittest.skipUnless(shutil.which("opa"), "there is no opa on this machine")
    def test_the_program_of_opa_says_the_same(self):
        self.declare()
        self.apply()
        self.emulator.patch("Acme", "groups", "Analysts", description="By hand")
        self.plan("reverted")
        done = subprocess.run(["opa", "eval", "--format", "json", "--data", str(POLICY), "--input",
                               str(self.path("reverted")), "data.main.deny"],
                              capture_output=True, text=True, check=True)
        value = json.loads(done.stdout)["result"][0]["expressions"][0]["value"]
        self.assertEqual(value,
                         ["acme/groups/analysts: was changed by hand; find out by whom first"])

    def test_the_schema_finds_what_is_wrong(self):
        self.plan("create")
        document = self.plans["create"]
        change = document["resource_changes"][0]
        for break_it, place in (
                (lambda: change["change"].update(before={}), "/resource_changes/0/change/before"),
                (lambda: change["change"].update(actions=["adopt"]),
                 "/resource_changes/0/change/actions"),
                (lambda: change.update(undocumented=1), "/resource_changes/0 "),
                (lambda: document.pop("planned_values"), "/ must have")):
            kept = json.dumps(document)
            break_it()
            found = problems(SCHEMA, [document])
            self.assertTrue(any(re.search(f"^1 {place}", line) for line in found), (place, found))
            document.clear()
            document.update(json.loads(kept))
            change = document["resource_changes"][0]

    @unittest.skipUnless(shutil.which("terraform"), "there is no terraform on this machine")
    def test_the_schema_accepts_what_terraform_itself_writes(self):
        self.workspace.write("real/main.tf", 'resource "terraform_data" "a" { input = { x = [1] } }\n'
                             'resource "terraform_data" "b" { input = terraform_data.a.output }\n')
        folder = self.workspace.path / "real"

        def terraform(*arguments):
            done = subprocess.run(["terraform", *arguments], cwd=folder, capture_output=True,
                                  text=True, timeout=100)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            return done.stdout

        terraform("init")
        written = []
        for text, flags in (("", ()), ("x = [1]", ()), ("x = [2]", ("-destroy",))):
            file = folder / "main.tf"
            if text:
                terraform("apply", "-auto-approve")
                file.write_text(file.read_text().replace("x = [1]", "x = [2]"))
            terraform("plan", "-out", "p.tfplan", *flags)
            written.append(json.loads(terraform("show", "-json", "p.tfplan")))
        self.assertEqual(problems(SCHEMA, written), [])


if __name__ == "__main__":
    main()
