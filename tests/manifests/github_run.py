"""examples/gitops/github: the workflows, step by step, from a pull request to the change that is live, and
at night. GitHub's API is a server of the test's own, its runner that of github_runner.py."""

import json
import pathlib
import shutil
import subprocess
import sys
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "e2e"))

from github_runner import Runner  # noqa: E402
from pipeline_calls import GITHUB, TOKEN, Api  # noqa: E402
from pipelines import EXAMPLE, SECRETS, PipelineCase  # noqa: E402

COMMENTS = GITHUB + "/issues/12/comments"
PULL_REQUEST = {"event": {"number": 12, "pull_request": {"head": {"repo": {
    "full_name": "acme/fleet"}}}}, "repository": "acme/fleet", "token": TOKEN}


def workflow(name):
    done = subprocess.run(["node", "check.mjs", "github", str(EXAMPLE / "github" / name)], cwd=HERE,
                          capture_output=True, text=True, timeout=60, check=True)
    return json.loads(done.stdout)["document"]


class GithubRunTest(PipelineCase):
    def setUp(self):
        super().setUp()
        self.api = Api()
        self.addCleanup(self.api.stop)
        self.api.answers = {("GET", COMMENTS): [], ("POST", COMMENTS): (201, {}),
                            ("GET", GITHUB + "/actions/artifacts"): {"artifacts": []},
                            ("GET", GITHUB + "/issues"): [], ("POST", GITHUB + "/issues"): (201, {})}
        # What is in the environment of a step is said by the workflow, or set by the runner.
        for name in (*SECRETS, "TENANTRY_CONNECTIONS"):
            self.environment.pop(name)
        self.environment |= {"GITHUB_API_URL": self.api.url, "GITHUB_REPOSITORY": "acme/fleet"}
        self.artifacts = self.workspace.path / "artifacts"

    def runner(self, name, **github):
        # A local state: no TENANTRY_STATE_DSN, which the secrets of a real repository hold.
        return Runner(self.without_dsn(workflow(name)), self.main, self.environment, self.artifacts,
                      github={"repository": "acme/fleet", "token": TOKEN, **github},
                      secrets=dict(SECRETS))

    def without_dsn(self, document):
        for job in document["jobs"].values():
            for step in job["steps"]:
                step.get("env", {}).pop("TENANTRY_STATE_DSN", None)
        return document

    def plan(self):
        outcome = self.runner("tenantry-plan.yml", **PULL_REQUEST).run("plan")
        self.forget_folders()
        return outcome

    def forget_folders(self):
        """Each job has a checkout of its own."""
        for folder in ("tenantry", "plans", "left", "left-again"):
            shutil.rmtree(self.main / folder, ignore_errors=True)

    def publish_the_plan(self):
        """What GitHub tells of the artifact that the plan's job has left."""
        self.api.answers |= {
            ("GET", GITHUB + "/actions/artifacts"): {"artifacts": [
                {"expired": False, "workflow_run": {"id": 3}}]},
            ("GET", GITHUB + "/actions/runs/3"): {
                "event": "pull_request_target", "path": ".github/workflows/tenantry-plan.yml"}}

    def test_from_a_pull_request_to_the_live_change(self):
        self.branch("words", "Read the reports", "Read all reports")
        planned = self.plan()
        self.assertFalse(planned.failed, planned.text)
        self.assertIn("::notice", planned.text)
        [(method, path, body)] = self.api.changes()
        self.assertEqual((method, path), ("POST", COMMENTS))
        self.assertIn("Acme Analytics", body["body"])
        self.assertEqual(self.emulator.tenants(), {})

        self.merge("words")
        self.publish_the_plan()
        applying = self.runner("tenantry-apply.yml")
        applied = applying.run("apply")
        self.assertFalse(applied.failed, applied.text)
        self.assertEqual(applied.outputs["left"], "false")
        self.assertEqual(self.description("Globex"), "Read all reports")
        self.assertIsNone(applying.run("apply-what-is-left"))

    def test_what_nobody_planned_waits_for_a_person(self):
        applying = self.runner("tenantry-apply.yml")
        applied = applying.run("apply")
        self.assertTrue(applied.failed)
        self.assertEqual(applied.outputs["left"], "true")
        self.assertIn("Acme Analytics", applying.summary)
        self.assertEqual(self.emulator.tenants(), {})

        self.forget_folders()
        reviewed = applying.run("apply-what-is-left")
        self.assertFalse(reviewed.failed, reviewed.text)
        self.assertEqual(set(self.emulator.tenants()), {"Acme Analytics", "Globex"})

    def test_a_pull_request_that_is_wrong_gets_a_comment_and_no_plan(self):
        self.branch("wrong", "providerType: custom", "providerTyp: custom")
        planned = self.plan()
        self.assertTrue(planned.failed)
        [(_, _, body)] = self.api.changes()
        self.assertIn("cannot be planned", body["body"])
        self.assertFalse(self.artifacts.exists())

    def test_a_fork_is_not_planned(self):
        self.branch("words", "Read the reports", "Read all reports")
        fork = {**PULL_REQUEST, "event": {"number": 12, "pull_request": {"head": {"repo": {
            "full_name": "stranger/fleet"}}}}}
        self.assertIsNone(self.runner("tenantry-plan.yml", **fork).run("plan"))

    def test_at_night_a_change_by_hand_becomes_an_issue(self):
        self.runner("tenantry-apply.yml").run("apply")
        self.forget_folders()
        applying = self.runner("tenantry-apply.yml")
        applying.contexts["needs"] = {"apply": {"outputs": {"left": "true"}}}
        applying.run("apply-what-is-left")
        self.forget_folders()
        night = self.runner("tenantry-drift.yml").run("drift")
        self.assertFalse(night.failed, night.text)
        self.assertEqual(self.api.changes(), [])
        self.emulator.patch("Globex", "groups", "globex-analysts", description="By hand")
        night = self.runner("tenantry-drift.yml").run("drift")
        self.assertTrue(night.failed)
        [(_, path, body)] = self.api.changes()
        self.assertEqual((path, body["title"]), (GITHUB + "/issues", "Changed outside of Tenantry"))
        self.assertIn("By hand", body["body"])


if __name__ == "__main__":
    if shutil.which("node") is None or not (HERE / "node_modules").is_dir():
        print("skipped: run `npm ci` in tests/manifests first", file=sys.stderr)
        sys.exit(77)
    unittest.main()
