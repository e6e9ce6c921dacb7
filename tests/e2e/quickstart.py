"""A newcomer's first minutes: examples/quickstart and `init`, on the emulator in the program."""

import json
import os
import shutil
import stat
import subprocess
import unittest

from program import binary
from support import CHANGES, DONE, FAILED, Case

TENANT = ["acme", "acme/groups/analysts", "acme/groups/authors", "acme/oauthClients/portal",
          "acme/roles/author", "acme/webIntegrations/portal"]
SECRET_FILE = "secrets/acme-portal.json"


class QuickstartTest(Case):
    def setUp(self):
        super().setUp()
        self.workspace.copy_example("quickstart")

    def secret(self):
        return json.loads((self.workspace.path / SECRET_FILE).read_text())

    def test_first_plan_shows_the_tenant_and_says_by_its_exit_code_that_there_are_changes(self):
        ended = self.tenantry("plan", "--emulated", "--detailed-exitcode", code=CHANGES)
        for address in TENANT:
            self.assertIn(f"+ {address} ", ended.out)
        self.assertIn("Plan: 6 to create.", ended.out)

    def test_plan_changes_nothing(self):
        first = self.tenantry("plan", "--emulated").out
        self.assertEqual(self.tenantry("plan", "--emulated").out, first)
        self.assertFalse((self.workspace.path / "secrets").exists())

    def test_second_plan_is_empty(self):
        self.apply("--emulated")
        ended = self.tenantry("plan", "--emulated", "--detailed-exitcode")
        self.assertIn("No changes.", ended.out)

    def test_second_apply_does_nothing(self):
        self.apply("--emulated")
        ended = self.apply("--emulated")
        self.assertIn("Nothing had to be changed.", ended.out)

    def test_a_state_of_the_emulator_that_moved_is_used_as_the_command_says(self):
        self.apply("--emulated")
        moved = self.tenantry("state", "migrate", "--emulated", "--to", "moved.state")
        self.assertIn(f"--emulated --state {self.workspace.path / 'moved.state'}", moved.err)
        self.tenantry("plan", "--emulated", code=FAILED)
        self.plan_is_empty("--emulated", "--state", "moved.state")

    def test_a_plan_needs_only_to_read_the_state(self):
        self.apply("--emulated")
        folder = self.workspace.path
        shutil.copy(folder / ".tenantry/emulated.state", folder / "tenantry.state")
        shutil.rmtree(folder / "secrets")
        for path in (folder, *folder.rglob("*")):
            path.chmod(0o555 if path.is_dir() else 0o444)
            self.addCleanup(path.chmod, 0o755)
        # Nothing keeps root from writing.
        other = {"user": 65534, "group": 65534, "extra_groups": []} if os.geteuid() == 0 else {}

        def run(*arguments):
            return subprocess.run([binary(), *arguments], cwd=folder, capture_output=True, text=True,
                                  stdin=subprocess.DEVNULL, check=False, **other)
        planned = run("plan", "--no-refresh")
        self.assertEqual(planned.returncode, DONE, planned.stderr)
        self.assertIn("No changes.", planned.stdout)
        removed = run("state", "rm", "acme/groups/analysts")
        self.assertEqual(removed.returncode, FAILED, removed.stdout)
        self.assertIn("must be able to write the file and its folder", removed.stderr)

    def test_secret_is_delivered_to_a_file_that_only_its_owner_may_read(self):
        self.apply("--emulated")
        mode = (self.workspace.path / SECRET_FILE).stat().st_mode
        self.assertEqual(stat.S_IMODE(mode), 0o600)
        delivered = self.secret()
        self.assertEqual(set(delivered), {"clientId", "clientSecret", "host"})
        self.assertTrue(delivered["clientId"] and delivered["clientSecret"])
        self.assertTrue(delivered["host"].endswith(".eu.qlikcloud.com"), delivered["host"])

    def test_secret_is_nowhere_else(self):
        saved = self.tenantry("plan", "--emulated", "--out", "first.plan")
        applied = self.apply("--emulated", "--log-level", "debug")
        planned = self.tenantry("plan", "--emulated", "--out", "second.plan")
        shown = self.tenantry("show", "--emulated", "--json")
        secret = self.secret()["clientSecret"]
        self.assertGreater(len(secret), 20)
        for ended in (saved, applied, planned, shown):
            self.assertNotIn(secret, ended.text)
        # The emulator has to check secrets, but like Qlik Cloud it need not keep them.
        found = [name for name in self.workspace.has_bytes(secret)
                 if not name.startswith(".tenantry/emulator.db")]
        self.assertEqual(found, [SECRET_FILE])

    def test_files_of_a_run_are_private(self):
        self.apply("--emulated")
        state = self.workspace.path / ".tenantry" / "emulated.state"
        self.assertEqual(stat.S_IMODE(state.stat().st_mode), 0o600)
        self.assertEqual(stat.S_IMODE(state.parent.stat().st_mode), 0o700)

    def test_state_list_names_what_is_owned(self):
        self.apply("--emulated")
        self.assertEqual(self.tenantry("state", "list", "--emulated").out.split(), TENANT)
        self.assertEqual(
            self.tenantry("state", "list", "--emulated", "*/groups/*").out.split(),
            ["acme/groups/analysts", "acme/groups/authors"])

    def test_state_show_tells_one_resource(self):
        self.apply("--emulated")
        record = self.tenantry("state", "show", "acme/groups/analysts", "--emulated").json()
        self.assertEqual(record["address"], "acme/groups/analysts")
        self.assertEqual(record["applied"]["name"], "acme-analysts")

    def test_state_show_suggests_the_nearest_address(self):
        self.apply("--emulated")
        ended = self.tenantry("state", "show", "acme/groups/analyst", "--emulated", code=FAILED)
        self.assertIn("acme/groups/analysts", ended.err)

    def test_what_state_rm_forgets_stays_alive(self):
        self.apply("--emulated")
        self.tenantry("state", "rm", "acme/groups/analysts", "--emulated")
        self.assertNotIn("analysts", self.tenantry("state", "list", "--emulated").out)
        refused = self.tenantry("plan", "--emulated", code=FAILED)
        self.assertIn("acme/groups/analysts", refused.text)
        planned = self.planned("--emulated", "--adopt")
        self.assertEqual(planned, {"acme/groups/analysts": "adopt"})

    def test_show_without_a_plan_shows_the_state(self):
        self.apply("--emulated")
        self.assertIn("acme/oauthClients/portal", self.tenantry("show", "--emulated").out)

    def test_render_tells_where_each_value_comes_from(self):
        plain = self.tenantry("render", "acme", "--emulated").out
        self.assertIn("acme-analysts", plain)
        self.assertNotIn("tenantry.yaml:", plain)
        with_origin = self.tenantry("render", "acme", "--origin", "--emulated").out
        line = next(n for n in with_origin.splitlines() if "acme-analysts" in n)
        source = (self.workspace.path / "tenantry.yaml").read_text().splitlines()
        number = source.index("        name: ${tenant.key}-analysts") + 1
        self.assertIn(f"# tenantry.yaml:{number}", line)

    def test_validate_counts_what_is_declared(self):
        answer = self.tenantry("validate", "--emulated", "--json").json()
        self.assertEqual((answer["valid"], answer["tenants"], answer["resources"]), (True, 1, 5))
        self.assertEqual(answer["diagnostics"], [])

    def test_destroy_deletes_the_resources_and_keeps_the_tenant(self):
        self.apply("--emulated")
        self.tenantry("destroy", "--emulated", "--auto-approve")
        self.assertEqual(self.tenantry("state", "list", "--emulated").out.split(), ["acme"])
        self.assertEqual(self.planned("--emulated"), {a: "create" for a in TENANT[1:]})


class StarterTest(Case):
    def test_version_is_told(self):
        self.assertRegex(self.tenantry("version").out, r"^tenantry \d+\.\d+\.\d+")

    def test_a_configuration_written_by_init_can_be_planned(self):
        self.tenantry("init")
        self.assertTrue((self.workspace.path / "tenantry.yaml").exists())
        self.assertIn("secrets/", (self.workspace.path / ".gitignore").read_text())
        self.assertIn(" to create.", self.tenantry("plan", "--emulated").out)

    def test_init_overwrites_nothing(self):
        self.workspace.write("tenantry.yaml", "mine\n")
        self.tenantry("init", code=FAILED)
        self.assertEqual((self.workspace.path / "tenantry.yaml").read_text(), "mine\n")

    def test_init_knows_the_fleet_example(self):
        self.tenantry("init", "--example", "oem")
        self.assertTrue((self.workspace.path / "blueprints.yaml").exists())


if __name__ == "__main__":
    unittest.main()
