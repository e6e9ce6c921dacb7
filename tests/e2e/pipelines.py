"""examples/gitops: its steps from a commit on a branch to the change that is live, and at night."""

import json
import os
import pathlib
import shutil
import subprocess
import unittest

from support import CHANGES, CLIENT_ID, CLIENT_SECRET, DONE, FAILED, GUARD, LICENSE_KEY, REPOSITORY
from support import EmulatorCase, binary
from program import SLOWNESS

EXAMPLE = REPOSITORY / "examples" / "gitops"
LEFT = 3  # of apply.sh: something is left that nobody has reviewed
SECRETS = {"QLIK_CLIENT_ID": CLIENT_ID, "QLIK_CLIENT_SECRET": CLIENT_SECRET,
           "QLIK_LICENSE_KEY": LICENSE_KEY}
AUTHOR = {f"GIT_{who}_{what}": value for who in ("AUTHOR", "COMMITTER")
          for what, value in (("NAME", "Somebody"), ("EMAIL", "somebody@example.com"))}


class Step:
    """How a step ended, and what it told those after it."""

    def __init__(self, done, outputs):
        self.code, self.text = done.returncode, done.stdout + done.stderr
        self.outputs = dict(line.split("=", 1) for line in outputs.read_text().splitlines())


class PipelineCase(EmulatorCase):
    """`main` is a checkout of the main branch as a runner has it, and where people commit."""

    def setUp(self):
        super().setUp()
        tools = self.workspace.path / "bin"
        tools.mkdir()
        (tools / "tenantry").symlink_to(binary())
        self.environment = {
            **self.workspace.environment, **SECRETS, **AUTHOR, "HOME": str(self.workspace.path),
            "PATH": f"{tools}:{os.environ['PATH']}", "TENANTRY_CONNECTIONS": "connections.yaml"}
        self.main = self.workspace.path / "main"
        shutil.copytree(EXAMPLE / "ci", self.main / "ci")
        shutil.copytree(EXAMPLE / "fleet", self.main / "fleet")
        connections = (EXAMPLE / "connections.yaml").read_text()
        region = "    clientId: ${var.clientId}\n"
        self.assertIn(region, connections)
        state = self.workspace.path / "shared.state"
        (self.main / "connections.yaml").write_text(
            connections.replace(region, f"{region}    endpoint: {self.emulator.url}\n")
            + f"state: {{path: {state}}}\n")
        (self.main / ".gitignore").write_text("/branch/\n/plans/\n/left/\n/again/\n/night/\n")
        self.git(self.main, "init", "-q", "-b", "main")
        self.commit(self.main, "The fleet")

    def git(self, folder, *arguments):
        done = subprocess.run(["git", "-C", str(folder), *arguments], env=self.environment,
                              capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout.strip()

    def commit(self, folder, message):
        self.git(folder, "add", "-A")
        self.git(folder, "commit", "-q", "-m", message)

    def edit(self, folder, old, new):
        path = folder / "fleet" / "tenantry.yaml"
        text = path.read_text()
        self.assertEqual(text.count(old), 1, old)
        path.write_text(text.replace(old, new))

    def branch(self, name, old, new):
        """A commit on a branch; gives the checkout of what main would be with it."""
        self.git(self.main, "switch", "-q", "-c", name)
        self.edit(self.main, old, new)
        self.commit(self.main, name)
        self.git(self.main, "switch", "-q", "main")
        checkout = self.main / "branch"
        shutil.rmtree(checkout, ignore_errors=True)
        self.git(self.main, "clone", "-q", str(self.main), "branch")
        self.git(checkout, "merge", "-q", "--no-ff", "--no-edit", f"origin/{name}")
        return checkout

    def merge(self, name):
        self.git(self.main, "merge", "-q", "--no-ff", "--no-edit", name)

    def step(self, script, *arguments, code=DONE, **environment):
        outputs = self.workspace.path / "outputs"
        outputs.write_text("")
        done = subprocess.run(
            [str(self.main / "ci" / script), *arguments], cwd=self.main, capture_output=True,
            text=True, timeout=120 * SLOWNESS, env={**self.environment, "GITHUB_OUTPUT": str(outputs),
                                            **environment})
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        for secret in (CLIENT_SECRET, LICENSE_KEY):
            self.assertNotIn(secret, done.stdout + done.stderr)
        return Step(done, outputs)

    def read(self, name):
        return (self.main / name).read_text()

    def start_fleet(self):
        self.step("plan.sh", "fleet", "plans")
        self.step("apply.sh", "fleet", "plans", "left")
        shutil.rmtree(self.main / "plans")

    def description(self, tenant):
        key = tenant.split()[0].lower()
        return self.emulator.find(tenant, "groups", f"{key}-analysts")[0]["description"]


class PipelineTest(PipelineCase):
    def test_a_commit_on_a_branch_is_planned_and_is_live_after_the_merge(self):
        self.start_fleet()
        self.branch("words", "Read the reports", "Read all reports")
        mark = self.emulator.mark()
        planned = self.step("plan.sh", "branch/fleet", "plans")
        self.assertEqual(self.emulator.changing_calls(mark), [])
        self.assertEqual(planned.outputs["changes"], "true")
        comment = self.read("plans/comment.md")
        self.assertIn("2 to update", comment[:300])
        self.assertIn("Read all reports", comment)

        self.merge("words")
        done = self.step("apply.sh", "fleet", "plans", "left")
        self.assertEqual(done.outputs["left"], "false")
        self.assertEqual(self.description("Acme Analytics"), "Read all reports")
        self.assertEqual(len(self.emulator.changing_calls(mark)), 2)
        self.assertFalse((self.main / "left").exists())

    def test_on_github_the_lines_of_the_branch_are_annotated(self):
        self.start_fleet()
        self.branch("words", "Read the reports", "Read all reports")
        planned = self.step("plan.sh", "branch/fleet", "plans", GITHUB_ACTIONS="true",
                            GITHUB_WORKSPACE=str(self.main))
        self.assertRegex(planned.text, r"(?m)^::\w+ file=fleet/tenantry\.yaml,line=\d+")
        self.assertIn("2 changes in 2 tenants", self.read("plans/report.html"))

    def test_the_name_of_a_file_is_no_command_to_the_runner(self):
        (self.main / "fleet/::error::x.yaml").write_text("apiVersion: tenantry/v1\nnonsense: 1\n")
        self.commit(self.main, "x")
        ended = self.step("plan.sh", "fleet", "plans", code=FAILED)
        self.assertIn("::error::x.yaml", ended.text)
        self.assertNotRegex(ended.text, r"(?m)^::")

    def test_what_was_merged_is_in_the_history(self):
        self.start_fleet()
        self.branch("words", "Read the reports", "Read all reports")
        self.step("plan.sh", "branch/fleet", "plans")
        self.merge("words")
        self.step("apply.sh", "fleet", "plans", "left")
        history = subprocess.run([binary(), "history", "--chdir", "fleet"], cwd=self.main,
                                 env={**self.environment, "TENANTRY_CONNECTIONS":
                                      str(self.main / "connections.yaml")},
                                 capture_output=True, text=True, timeout=60, check=True).stdout
        self.assertIn(self.git(self.main, "log", "-1", "--format=%h"), history)

    def test_a_branch_that_changes_nothing_has_an_empty_plan(self):
        self.start_fleet()
        self.branch("comment", "# The fleet, as it should be.", "# The fleet.")
        planned = self.step("plan.sh", "branch/fleet", "plans")
        self.assertEqual(planned.outputs["changes"], "false")
        self.merge("comment")
        self.step("apply.sh", "fleet", "plans", "left")

    def test_a_configuration_without_a_plan_is_planned_and_waits_for_a_person(self):
        ended = self.step("apply.sh", "fleet", "plans", "left", code=LEFT)
        self.assertEqual(ended.outputs["left"], "true")
        self.assertIn("Acme", self.read("left/comment.md"))
        self.assertEqual(self.emulator.tenants(), {})
        self.step("apply.sh", "fleet", "left", "again")
        self.assertEqual(set(self.emulator.tenants()), {"Acme Analytics", "Globex"})

    def test_a_plan_of_another_configuration_is_not_carried_out(self):
        self.start_fleet()
        self.branch("one", "Read the reports", "Read all reports")
        self.step("plan.sh", "branch/fleet", "plans")
        self.merge("one")
        # Before that was applied, somebody pushes.
        self.edit(self.main, "https://bi.globex.example", "https://reports.globex.example")
        self.commit(self.main, "pushed")
        mark = self.emulator.mark()
        self.step("apply.sh", "fleet", "plans", "left", code=LEFT)
        self.assertEqual(self.emulator.changing_calls(mark), [])
        self.assertIn("https://reports.globex.example", self.read("left/comment.md"))
        self.step("apply.sh", "fleet", "left", "again")
        self.assertEqual(self.description("Globex"), "Read all reports")

    def test_what_somebody_else_did_meanwhile_is_passed_over_and_the_rest_is_done(self):
        self.start_fleet()
        self.branch("words", "Read the reports", "Read all reports")
        self.step("plan.sh", "branch/fleet", "plans")
        self.merge("words")
        connections = str(self.main / "connections.yaml")
        other = self.workspace.path / "other"
        shutil.copytree(self.main, other)
        self.edit(other, "Read all reports", "Read nothing")
        self.tenantry("apply", "--chdir", str(other / "fleet"), "--connections", connections,
                      "--target", "acme", "--auto-approve", environment=SECRETS)
        ended = self.step("apply.sh", "fleet", "plans", "left", code=LEFT)
        self.assertIn("moved on since the plan was made", ended.text)
        self.assertEqual(self.description("Globex"), "Read all reports")
        self.assertEqual(self.description("Acme Analytics"), "Read nothing")
        self.assertNotIn("globex", self.read("left/comment.md"))
        self.step("apply.sh", "fleet", "left", "again")
        self.assertEqual(self.description("Acme Analytics"), "Read all reports")

    def test_a_plan_that_was_carried_out_needs_no_second_look(self):
        self.start_fleet()
        self.branch("words", "Read the reports", "Read all reports")
        self.step("plan.sh", "branch/fleet", "plans")
        self.merge("words")
        self.step("apply.sh", "fleet", "plans", "left")
        mark = self.emulator.mark()
        self.assertEqual(self.step("apply.sh", "fleet", "plans", "left").outputs["left"], "false")
        self.assertEqual(self.emulator.changing_calls(mark), [])

    def test_a_change_by_hand_after_the_plan_is_left_to_a_person(self):
        self.start_fleet()
        self.branch("words", "Read the reports", "Read all reports")
        self.step("plan.sh", "branch/fleet", "plans")
        self.merge("words")
        self.emulator.patch("Globex", "groups", "globex-analysts", description="By hand")
        ended = self.step("apply.sh", "fleet", "plans", "left", code=LEFT)
        self.assertEqual(ended.outputs["left"], "true")
        self.assertEqual(self.description("Acme Analytics"), "Read all reports")
        self.assertEqual(self.description("Globex"), "By hand")
        self.assertIn("By hand", self.read("left/comment.md"))
        self.step("apply.sh", "fleet", "left", "again")
        self.assertEqual(self.description("Globex"), "Read all reports")

    def test_a_guard_stops_the_pipeline(self):
        self.start_fleet()
        self.branch("gone", """    webIntegrations:
      portal:
        name: Portal
        validOrigins: ["${values.portal}"]
""", "policy: {maxDeletes: 0}\n")
        self.step("plan.sh", "branch/fleet", "plans")
        self.merge("gone")
        self.step("apply.sh", "fleet", "plans", "left", code=GUARD)

    def test_a_configuration_that_is_wrong_is_explained_and_nothing_is_asked(self):
        for old, new, words in (
                ("providerType: custom", "providerTyp: custom", "tenantry.yaml:14"),
                ("blueprints:\n", "regions: {eu: {endpoint: 'http://127.0.0.1:9'}}\nblueprints:\n",
                 "not allowed beside a connections file")):
            with self.subTest(words):
                self.branch(f"wrong-{len(new)}", old, new)
                self.step("plan.sh", "branch/fleet", "plans", code=FAILED)
                comment = self.read("plans/comment.md")
                self.assertIn("cannot be planned", comment.splitlines()[0])
                self.assertIn(words, comment)
                self.assertEqual(list((self.main / "plans").glob("*.plan")), [])
        self.assertEqual(self.emulator.requests(), [])

    def test_files_that_are_not_committed_are_refused(self):
        self.edit(self.main, "Read the reports", "Read all reports")
        ended = self.step("plan.sh", "fleet", "plans", code=FAILED)
        self.assertIn("not committed", ended.text)

    def test_at_night_a_change_by_hand_is_found_and_nothing_is_changed(self):
        self.start_fleet()
        quiet = self.step("drift.sh", "fleet", "night")
        self.assertEqual(quiet.outputs["drifted"], "false")
        self.assertFalse((self.main / "night/drift.md").exists())

        self.emulator.patch("Globex", "groups", "globex-analysts", description="By hand")
        mark = self.emulator.mark()
        drifted = self.step("drift.sh", "fleet", "night", code=CHANGES)
        self.assertEqual(drifted.outputs["drifted"], "true")
        self.assertIn("By hand", self.read("night/drift.md"))
        self.assertEqual(self.emulator.changing_calls(mark), [])

    def test_a_night_without_an_answer_is_no_night_without_drift(self):
        self.start_fleet()
        self.emulator.stop()
        ended = self.step("drift.sh", "fleet", "night", code=FAILED)
        self.assertEqual(ended.outputs["drifted"], "false")


class ExampleTest(unittest.TestCase):
    def test_the_scripts_are_clean(self):
        if shutil.which("shellcheck") is None:
            self.skipTest("there is no shellcheck")
        scripts = sorted(pathlib.Path(EXAMPLE / "ci").glob("*.sh"))
        self.assertGreater(len(scripts), 5)
        done = subprocess.run(["shellcheck", "-x", "-s", "bash", *[s.name for s in scripts]],
                              cwd=EXAMPLE / "ci", capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 0, done.stdout)


if __name__ == "__main__":
    unittest.main()
