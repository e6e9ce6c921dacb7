"""The schema of the configuration, read by a strict validator and by the YAML language server."""

import json
import pathlib
import re
import shutil
import subprocess
import sys
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "e2e"))

from language_server import LanguageServer  # noqa: E402
from support import Case, REPOSITORY, configuration, oauth_client, tenant  # noqa: E402

BAD = REPOSITORY / "tests" / "configs" / "bad"

# Mistakes that no schema of a file can see, and why.
UNSEEN = {
    "what the YAML reader says before any schema is asked": """
        alias-bomb control-character not-utf8 not-yaml nested-too-deeply
        two-documents number-as-key duplicate-key duplicate-tenant recursive-alias unknown-anchor
        unknown-tag tab-indentation unclosed-quote colon-in-text
        infinity number-too-large expansion-too-large""",
    "it is in files that are named": """
        broken-zip ca-file-outside file-is-a-folder file-is-not-json file-name-not-known-yet
        file-outside fleet-broken-quotes fleet-duplicate-column
        fleet-empty-cells fleet-key-twice fleet-missing-file fleet-not-utf8
        fleet-ragged-rows fleet-unknown-column fleet-yaml-rows
        key-in-two-files organization-in-two-files missing-ca-file missing-file
        variable-file-outside wrong-kind-of-file zip-that-leads-outside""",
    "a name leads to another place": """
        blueprint-named-twice blueprint-pinned-twice cycle-of-dependencies cycle-of-values
        dependency-left-out moved same-alias same-hostname same-natural-key same-sink
        two-active-brands unknown-blueprint unknown-blueprint-of-a-wave unknown-dependency
        unknown-region unknown-value unknown-variable unknown-variable-with-fallback unknown-wave
        unknown-parameter wave-named-twice parameter-of-wrong-type""",
    "what is merged of several blocks has to have it": """
        missing-attribute missing-attribute-of-a-blueprint missing-parameter missing-region
        no-tenants region-without-credentials two-credentials path-of-a-postgres-state""",
    "it is in a placeholder": """
        row-outside-of-a-fleet sensitive-in-a-name sensitive-in-when sensitive-region
        sensitive-through-a-value sensitive-with-fallback tenant-placeholder-in-a-region
        unclosed-placeholder unknown-placeholder unknown-tenant-placeholder value-not-set
        variable-without-a-value list-inside-a-text append-to-a-text""",
}


class Schemas(Case):
    def setUp(self):
        super().setUp()
        self.schema = self.write("schema.json", self.tenantry("schema").out)

    def write(self, name, text):
        return self.workspace.write(name, text)

    def errors(self, *files, schema=None):
        """{file: errors} of the validator."""
        done = subprocess.run(
            ["node", "validate.mjs", str(schema or self.schema), *map(str, files)], cwd=HERE,
            capture_output=True, text=True, timeout=120)
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)

    def valid(self, text, schema=None):
        path = self.write("one.yaml", text)
        self.assertEqual(self.errors(path, schema=schema)[str(path)], [])

    def test_every_example_is_valid(self):
        files = [path for path in sorted((REPOSITORY / "examples").rglob("*.yaml"))
                 if re.search("^apiVersion: tenantry/", path.read_text(), re.MULTILINE)]
        self.assertGreaterEqual(len(files), 5)
        self.assertEqual({path: found for path, found in self.errors(*files).items() if found}, {})

    def test_what_the_documentation_shows_is_valid(self):
        blocks = re.findall(r"```yaml\n(.*?)```", (REPOSITORY / "docs" / "configuration.md")
                            .read_text(), re.DOTALL)
        self.assertGreaterEqual(len(blocks), 7)
        files = [self.write(f"block{number}.yaml", "apiVersion: tenantry/v1\n" + block)
                 for number, block in enumerate(blocks)]
        self.assertEqual({path: found for path, found in self.errors(*files).items() if found}, {})

    def test_a_configuration_that_the_other_tests_use_is_valid(self):
        class Nowhere:
            url = "http://127.0.0.1:1"
        declared = tenant(oauthClients={"portal": oauth_client("acme")}, status="deactivated",
                          purgeAfterDays=30, hold={"until": "2030-01-31"})
        self.valid(json.dumps(configuration(Nowhere, {"acme": declared}, organization=True)))

    def test_what_export_writes_is_valid(self):
        self.workspace.copy_example("customer")
        self.apply("--emulated")
        for more in ((), ("--against", "standard")):
            folder = f"live{len(more)}"
            self.tenantry("export", "--emulated", "--all", *more, "--out", folder)
            path = self.workspace.path / folder / "tenantry.yaml"
            self.assertEqual(self.errors(path)[str(path)], [])

    def test_a_connections_file_has_a_schema_of_its_own(self):
        schema = self.write("connections.json", self.tenantry("schema", "--connections-file").out)
        self.valid("regions: {eu: {clientId: a, clientSecret: '${var.s}'}}\n"
                   "variables: {s: {env: S}}\n"
                   "sinks: {'*/oauthClients/*': {file: '/run/secrets/${tenant.key}.json'}}\n"
                   "state: {backend: postgres, dsn: '${var.dsn}'}\n", schema)
        wrong = self.write("wrong.yaml", "tenants: {}\n")
        self.assertNotEqual(self.errors(wrong, schema=schema)[str(wrong)], [])

    def test_placeholders_stand_where_the_language_replaces_them_and_nowhere_else(self):
        self.valid("apiVersion: tenantry/v1\n"
                   "tenants:\n  acme:\n    region: ${var.r}\n    paused: ${var.p}\n"
                   "    purgeAfterDays: ${var.d}\n    alias: '${tenant.key}'\n"
                   "    groups: {a: {name: n, providerType: '${values.t}',"
                   " assignedRoles: '${values.roles}', lifecycle: {adopt: '${values.a}'}}}\n")
        for literal in ("rollout: {waves: '${var.w}'}", "policy: {maxCreates: '${var.n}'}",
                        "fleets: {f: {from: a.csv, onMissingRow: '${var.x}'}}",
                        "blueprints: {b: {parameters: {p: {required: '${var.x}'}}}}"):
            path = self.write("one.yaml", f"apiVersion: tenantry/v1\n{literal}\n")
            self.assertNotEqual(self.errors(path)[str(path)], [], literal)

    def test_each_mistake_that_a_schema_can_see_is_seen(self):
        unseen = {name for names in UNSEEN.values() for name in names.split()}
        folders = {path.name for path in BAD.iterdir() if path.is_dir()}
        self.assertEqual(unseen - folders, set(), "these are gone")
        files = {path: path.parent.name for path in BAD.glob("*/*.yaml")}
        connections = self.write("connections.json",
                                 self.tenantry("schema", "--connections-file").out)
        found = self.errors(*files)
        found.update(self.errors(*BAD.glob("*/connections.yaml"), schema=connections))
        seen = {files[pathlib.Path(path)] for path, errors in found.items()
                if errors and not errors[0].startswith("not YAML")}
        self.assertEqual(folders - unseen - seen, set(), "not seen any more")
        self.assertEqual(unseen & seen, set(), "seen after all: say so")

    def test_the_schema_tells_what_the_documentation_tells(self):
        schema = json.loads(self.schema.read_text())
        group = schema["definitions"]["groups"]["properties"]
        self.assertIn("Required", group["name"]["description"])
        self.assertNotIn("id", group)
        self.assertFalse(schema["definitions"]["groups"]["additionalProperties"])
        region = schema["properties"]["regions"]["anyOf"][0]["additionalProperties"]["anyOf"][0]
        self.assertEqual(region["properties"]["rateLimits"]["default"], "documented")


class InAnEditor(Case):
    """What somebody sees who edits a configuration with the schema's line at its top."""

    LINE = "# yaml-language-server: $schema=tenantry.schema.json\n"

    def setUp(self):
        super().setUp()
        self.workspace.write("tenantry.schema.json", self.tenantry("schema").out)
        self.server = LanguageServer(self.workspace.path)
        self.addCleanup(self.server.stop)

    def test_a_mistake_is_marked_at_its_place(self):
        text = self.LINE + ("apiVersion: tenantry/v1\ntenants:\n  acme:\n    region: eu\n"
                            "    groups:\n      analysts:\n        name: Analysts\n"
                            "        providerTyp: custom\n")
        found = self.server.diagnostics(text)
        self.assertEqual([(d["range"]["start"]["line"], "providerTyp" in d["message"])
                          for d in found], [(8, True)], found)

    def test_what_is_right_is_not_marked(self):
        text = self.LINE + (REPOSITORY / "examples" / "customer" / "tenantry.yaml").read_text()
        self.assertEqual(self.server.diagnostics(text), [])

    def test_keys_and_their_words_are_offered(self):
        text = self.LINE + ("apiVersion: tenantry/v1\ntenants:\n  acme:\n    region: eu\n"
                            "    groups:\n      analysts:\n        \n")
        labels = self.server.completion(text, 7, 8)
        self.assertLessEqual({"name", "providerType", "assignedRoles", "lifecycle"}, set(labels))
        self.assertNotIn("id", labels)
        text = self.LINE + ("apiVersion: tenantry/v1\ntenants:\n  acme:\n    region: eu\n"
                            "    groups:\n      analysts:\n        providerType: \n")
        labels = self.server.completion(text, 7, 22)
        self.assertLessEqual({"custom", "idp"}, set(labels))

    def test_a_key_tells_what_it_means(self):
        text = self.LINE + ("apiVersion: tenantry/v1\ntenants:\n  acme:\n    region: eu\n"
                            "    purgeAfterDays: 30\n")
        self.assertIn("Days from a deactivation", self.server.hover(text, 5, 6))


if __name__ == "__main__":
    if shutil.which("node") is None or not (HERE / "node_modules").is_dir():
        print("skipped: run `npm ci --ignore-scripts` in tests/editor first", file=sys.stderr)
        sys.exit(77)
    unittest.main()
