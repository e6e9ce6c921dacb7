"""Fleets: tenants that are rows of a file, from CSV to live objects and back out."""

import json
import unittest

from support import CLIENT_ID, Case, EmulatorCase, FAILED, GUARD, PARTIAL

HEADER = "id,name,edition,origins,was\n"
ACME = "acme,Acme,,https://a.example;https://b.example,\n"
GLOBEX = "globex,Globex,premium,,\n"


class FleetsTest(EmulatorCase):
    def setUp(self):
        super().setUp()
        self.mode = "error"
        self.write(ACME, GLOBEX)

    def write(self, *rows, more=""):
        self.workspace.write("customers.csv", HEADER + "".join(rows))
        self.workspace.write("tenantry.yaml", f"""\
apiVersion: tenantry/v1
variables: {{clientSecret: {{env: E2E_CLIENT_SECRET}}, licenseKey: {{env: E2E_LICENSE_KEY}}}}
regions:
  eu: {{clientId: {CLIENT_ID}, clientSecret: "${{var.clientSecret}}",
       licenseKey: "${{var.licenseKey}}", endpoint: "{self.emulator.url}"}}
policy: {{listDelaySeconds: 0}}
blueprints:
  standard:
    parameters: {{origins: {{type: list}}}}
    groups:
      analysts: {{name: "${{tenant.key}}-analysts", providerType: custom}}
    webIntegrations:
      portal: {{when: "${{values.origins:-}}", name: Portal, validOrigins: "${{values.origins}}"}}
  premium:
    spaces: {{pipelines: {{name: Pipelines, type: data}}}}
fleets:
  customers:
    from: customers.csv
    columns: {{origins: {{type: list}}}}
    key: ${{row.id}}
    formerKeys: ${{row.was}}
    region: eu
    blueprint: [standard, "${{row.edition}}"]
    name: ${{row.name}}
    alias: ${{row.id}}-e2e
    values: {{origins: "${{row.origins}}"}}
    onMissingRow: {self.mode}
{more}""")

    def names(self, section):
        return {tenant["name"]: sorted(item["name"] for item in tenant[section])
                for tenant in self.emulator.snapshot()["tenants"]}

    def test_rows_become_tenants_and_the_second_plan_is_empty(self):
        self.apply()
        self.assertEqual(self.names("webIntegrations"), {"Acme": ["Portal"], "Globex": []})
        self.assertEqual(self.names("spaces"), {"Acme": [], "Globex": ["Pipelines"]})
        self.plan_is_empty()

    def test_json_rows_of_an_ordinary_encoder(self):
        name = "Acme \U0001F600 \\ud83d\\ude00 ä"  # a character of two escapes, and no such
        written = self.workspace.path / "tenantry.yaml"
        self.workspace.write("tenantry.yaml",
                             written.read_text().replace("customers.csv", "rows.json"))
        self.workspace.write("rows.json", json.dumps(
            [{"id": "acme", "name": name, "edition": None, "origins": [], "was": None}]))
        self.apply()
        self.assertIn(name, self.emulator.tenants())

    def test_a_change_is_shown_at_its_cell(self):
        self.apply()
        self.write(ACME.replace("Acme", "Acme AG"), GLOBEX)
        self.assertEqual(self.planned(), {"acme": "update"})
        document = self.tenantry("plan", "--json").json()
        change = [c for c in document["resource_changes"] if c["address"] == "acme"][0]
        self.assertEqual(change["tenantry"]["source"],
                         {"file": "customers.csv", "line": 2, "column": 1})

    def test_render_tells_file_and_row(self):
        text = self.tenantry("render", "acme", "--origin").out
        self.assertIn("name: Acme  # customers.csv:2\n", text)
        self.assertIn("validOrigins:  # customers.csv:2\n", text)

    def test_validate_tells_file_row_and_column(self):
        self.write(ACME, "globex,Globex,premum,no origin,\n")
        ended = self.tenantry("validate", code=FAILED)
        self.assertIn('customers.csv:3:15: error: unknown blueprint "premum"', ended.err)
        self.assertIn('column "edition"', ended.err)
        document = self.tenantry("validate", "--json", code=FAILED).json()
        place = [(d["file"], d["line"], d["column"]) for d in document["diagnostics"]]
        self.assertIn(("customers.csv", 3, 15), place)

    def test_no_cell_leads_a_secret_out_of_its_folder(self):
        for name in ("../../stolen", "..", "a/b"):
            with self.subTest(name=name):
                self.write(f"acme,{name},,,\n", more="""\
    oauthClients:
      portal: {clientName: Portal, appType: web, deliverSecret: {file: "secrets/${row.name}"}}
""")
                ended = self.apply(code=FAILED)
                self.assertIn("customers.csv:2:6: error: sink that a cell would redirect", ended.err)
                self.assertEqual(self.emulator.snapshot()["tenants"], [])

    def test_a_vanished_row_stops_its_tenant_alone(self):
        self.apply()
        self.write("acme,Acme AG,,https://a.example;https://b.example,\n")
        ended = self.tenantry("plan", code=FAILED)
        self.assertIn("customers.csv has no row for globex any more", ended.text)
        self.assertIn("formerKeys", ended.text)
        self.apply(code=PARTIAL)
        self.assertEqual(sorted(self.names("groups")), ["Acme AG", "Globex"])

    def test_a_vanished_row_may_mean_deactivation(self):
        self.apply()
        self.mode = "deactivate"
        self.write(ACME)
        self.assertEqual(self.planned(), {"globex": "deactivate"})
        self.apply(code=GUARD)
        self.apply("--allow-deactivate")
        # Its countdown runs: no row is missed any more.
        self.mode = "error"
        self.write(ACME)
        self.plan_is_empty()

    def test_a_file_without_rows_never_means_that_all_are_to_go(self):
        self.apply()
        self.mode = "deactivate"
        self.write()
        ended = self.apply("--allow-deactivate", code=FAILED)
        self.assertIn("customers.csv has no rows", ended.text)
        statuses = {tenant["status"] for tenant in self.emulator.snapshot()["tenants"]}
        self.assertEqual(statuses, {"active"})

    def test_a_tenant_that_becomes_a_row_is_known_as_one(self):
        self.workspace.write("tenantry.yaml", "")
        self.write(ACME, more="tenants:\n  initech: {region: eu, name: Initech, alias: initech-e2e}\n")
        self.apply()
        self.write(ACME, "initech,Initech,,,\n")
        self.apply()
        self.write(ACME)
        ended = self.tenantry("plan", code=FAILED)
        self.assertIn("customers.csv has no row for initech any more", ended.text)

    def test_a_former_key_takes_the_tenant_along(self):
        self.apply()
        self.write(ACME, "globex-corp,Globex,premium,,globex\n")
        self.tenantry("plan")
        before = self.emulator.snapshot()["tenants"]
        self.apply()
        # The name of its group holds the key; the tenant is the same.
        self.assertEqual(sorted(t["id"] for t in before),
                         sorted(t["id"] for t in self.emulator.snapshot()["tenants"]))
        listed = self.tenantry("state", "list").out
        self.assertIn("globex-corp", listed)
        self.plan_is_empty()


class ExampleTest(Case):
    def test_the_example_is_applied_as_its_readme_tells(self):
        self.workspace.copy_example("fleet")
        self.assertIn("5 tenants", self.tenantry("validate", "--emulated").out)
        self.assertIn("# customers.csv:2",
                      self.tenantry("render", "c1001", "--origin", "--emulated").out)
        self.assertIn("Waves:\n  canary: 2 tenants done\n  rest: 3 tenants done\n",
                      self.apply("--emulated").out)
        self.plan_is_empty("--emulated")
        self.workspace.edit("customers.csv", "c1005,", "c2005,")
        self.workspace.edit("customers.csv", "https://data.stark.example,1200,\n",
                            "https://data.stark.example,1200,c1005\n")
        self.apply("--emulated")
        self.plan_is_empty("--emulated")
        rows = (self.workspace.path / "customers.csv").read_text().splitlines(keepends=True)
        self.workspace.write("customers.csv", "".join(r for r in rows if not r.startswith("c1004")))
        ended = self.tenantry("plan", "--emulated", code=FAILED)
        self.assertIn("customers.csv has no row for c1004 any more", ended.text)


if __name__ == "__main__":
    unittest.main()
