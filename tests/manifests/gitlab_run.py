"""examples/gitops/gitlab/gitlab-ci.yml, run by gitlab-ci-local: from a merge request to the change that is
live, and at night. GitLab's API is a server of the test's own."""

import pathlib
import shutil
import subprocess
import sys
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "e2e"))

from pipeline_calls import GITLAB, TOKEN, Api  # noqa: E402
from pipelines import EXAMPLE, SECRETS, PipelineCase  # noqa: E402
from program import SLOWNESS  # noqa: E402

RUNNER = HERE / "node_modules" / "gitlab-ci-local" / "src" / "index.js"
NOTES = GITLAB + "/merge_requests/12/notes"


class GitlabRunTest(PipelineCase):
    def setUp(self):
        super().setUp()
        self.api = Api()
        self.addCleanup(self.api.stop)
        # The project of the pipeline, where the file says that it is; the fleet's has neither.
        pipeline = self.workspace.path / "ops" / "fleet-pipeline"
        pipeline.mkdir(parents=True)
        shutil.move(self.main / "ci", pipeline / "ci")
        shutil.move(self.main / "connections.yaml", pipeline / "connections.yaml")
        self.git(pipeline, "init", "-q", "-b", "main")
        self.commit(pipeline, "The pipeline")
        address = f"https://gitlab-ci-token:{TOKEN}@gitlab.example/ops/fleet-pipeline.git"
        (self.workspace.path / ".gitconfig").write_text(
            f'[url "{pipeline}"]\n  insteadOf = "{address}"\n')
        shutil.copy(EXAMPLE / "gitlab" / "gitlab-ci.yml", self.main / ".gitlab-ci.yml")
        (self.main / ".gitignore").write_text("/.gitlab-ci-local/\n/tenantry/\n/plans/\n/left/\n")
        self.git(self.main, "remote", "add", "origin", "git@gitlab.example:acme/fleet.git")
        self.commit(self.main, "The fleet alone")

    def job(self, name, source, code=0, **more):
        """Runs a job as the pipeline of `source` does."""
        variables = {**SECRETS, "CI_PIPELINE_SOURCE": source, "CI_JOB_TOKEN": TOKEN,
                     "CI_SERVER_HOST": "gitlab.example", "CI_API_V4_URL": self.api.url + "/api/v4",
                     "CI_PROJECT_ID": "7", "TENANTRY_GITLAB_TOKEN": TOKEN, "CI_COMMIT_SHA": "abc",
                     "CI_DEFAULT_BRANCH": "main", "CI_NODE_INDEX": "", "CI_NODE_TOTAL": "", **more}
        words = [word for key, value in variables.items() for word in
                 (("--variable", f"{key}={value}") if value else ("--unset-variable", key))]
        done = subprocess.run(
            ["node", "--import", str(HERE / "re2.mjs"), str(RUNNER), "--force-shell-executor",
             "--evaluate-rule-changes=false", *words, name], cwd=self.main, env=self.environment,
            capture_output=True, text=True, timeout=180 * SLOWNESS)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done.stdout + done.stderr

    def test_from_a_merge_request_to_the_live_change_and_at_night(self):
        self.api.answers = {("GET", "/api/v4/user"): {"id": 5}, ("GET", NOTES): [],
                            ("POST", NOTES): (201, {}), ("GET", GITLAB + "/issues"): [],
                            ("POST", GITLAB + "/issues"): (201, {})}
        self.job("plan", "merge_request_event", CI_MERGE_REQUEST_IID="12")
        [(_, path, body)] = self.api.changes()
        self.assertEqual(path, NOTES)
        self.assertIn("Acme Analytics", body["body"])
        self.assertEqual(self.emulator.tenants(), {})

        [plan] = (self.main / "tenantry").glob("*.plan")
        self.api.answers |= {
            ("GET", GITLAB + "/repository/commits/abc/merge_requests"): [{"iid": 12}],
            ("GET", GITLAB + "/merge_requests/12/pipelines"): [{"id": 30}],
            ("GET", GITLAB + "/pipelines/30/jobs"): [{"id": 2, "name": "plan"}],
            ("GET", f"{GITLAB}/jobs/2/artifacts/tenantry/{plan.name}"): plan.read_bytes()}
        self.job("apply", "push", CI_COMMIT_BRANCH="main")
        self.assertEqual(set(self.emulator.tenants()), {"Acme Analytics", "Globex"})

        self.job("drift", "schedule")
        self.assertEqual(len(self.api.changes()), 1)
        self.emulator.patch("Globex", "groups", "globex-analysts", description="By hand")
        self.job("drift", "schedule", code=1)
        self.assertEqual(self.api.changes()[1][1], GITLAB + "/issues")
        self.assertIn("By hand", self.api.changes()[1][2]["description"])

    def test_what_nobody_planned_waits_for_a_person(self):
        self.api.answers = {("GET", GITLAB + "/repository/commits/abc/merge_requests"): []}
        told = self.job("apply", "push", CI_COMMIT_BRANCH="main")
        self.assertIn("No plan was made of this configuration", told)
        self.assertEqual(self.emulator.tenants(), {})
        self.job("apply-what-is-left", "push", CI_COMMIT_BRANCH="main")
        self.assertEqual(set(self.emulator.tenants()), {"Acme Analytics", "Globex"})


if __name__ == "__main__":
    for program in ("node", "rsync"):
        if shutil.which(program) is None:
            print(f"skipped: there is no {program} (scripts/packages.sh test)", file=sys.stderr)
            sys.exit(77)
    if not RUNNER.exists():
        print("skipped: run `npm ci` in tests/manifests first", file=sys.stderr)
        sys.exit(77)
    unittest.main()
