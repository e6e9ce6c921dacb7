"""examples/gitops: the calls of its steps to the API of GitHub and of GitLab, to a server of our own."""

import http.server
import json
import os
import shutil
import stat
import subprocess
import threading
import unittest
import urllib.parse

from support import REPOSITORY, Case

EXAMPLE = REPOSITORY / "examples" / "gitops"
TOKEN = "planted-token"
MARK = "<!-- tenantry -->"
GITHUB = "/repos/acme/fleet"
GITLAB = "/api/v4/projects/7"


class Api:
    """Answers by `answers[(method, path)]`: data, a (status, data), or bytes; keeps what it was sent."""

    def __init__(self):
        self.answers, self.calls = {}, []
        api = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def answer(self):
                url = urllib.parse.urlsplit(self.path)
                length = int(self.headers.get("Content-Length", 0))
                body = json.loads(self.rfile.read(length)) if length else None
                api.calls.append((self.command, url.path, body, dict(self.headers)))
                answer = api.answers.get((self.command, url.path), (404, {"message": "Not Found"}))
                status, data = answer if isinstance(answer, tuple) else (200, answer)
                if isinstance(data, list):
                    query = dict(urllib.parse.parse_qsl(url.query))
                    size, page = int(query.get("per_page", 30)), int(query.get("page", 1))
                    data = data[(page - 1) * size:page * size]
                text = data if isinstance(data, bytes) else json.dumps(data).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            do_GET = do_POST = do_PATCH = do_PUT = answer

            def log_message(self, *arguments):
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()

    def stop(self):
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def changes(self):
        return [(method, path, body) for method, path, body, _ in self.calls if method != "GET"]


class ApiCase(Case):
    SCRIPT = None
    ENVIRONMENT = {}

    def setUp(self):
        super().setUp()
        self.api = Api()
        self.addCleanup(self.api.stop)
        self.file = self.workspace.write("report.md", "**2 to update**\n\n`\"$HOME\"` \\ ü\n")
        # What everybody on the machine can see: the arguments of curl.
        self.seen = self.workspace.path / "seen"
        shim = self.workspace.write(
            "bin/curl", f'#!/bin/sh\necho "$@" >>{self.seen}\nexec {shutil.which("curl")} "$@"\n')
        shim.chmod(shim.stat().st_mode | stat.S_IXUSR)

    def call(self, *arguments, code=0, **more):
        tools = self.workspace.path / "bin"
        environment = {"HOME": str(self.workspace.path), "PATH": f"{tools}:{os.environ['PATH']}",
                       **{name: value.format(url=self.api.url)
                          for name, value in self.ENVIRONMENT.items()}, **more}
        done = subprocess.run([str(EXAMPLE / "ci" / self.SCRIPT), *map(str, arguments)],
                              capture_output=True, text=True, timeout=60, env=environment,
                              cwd=self.workspace.path)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        self.assertNotIn(TOKEN, done.stdout + done.stderr)
        if self.seen.exists():
            self.assertNotIn(TOKEN, self.seen.read_text())
        return done

    def configuration(self):
        """A checkout with a configuration; gives its name."""
        for command in (["init", "-q"], ["add", "-A"],
                        ["-c", "user.name=x", "-c", "user.email=x@example.com", "commit", "-qm", "x"]):
            self.workspace.write("checkout/fleet/tenantry.yaml", "apiVersion: tenantry/v1\n")
            subprocess.run(["git", *command], cwd=self.workspace.path / "checkout", check=True,
                           timeout=60)
        return subprocess.run(["git", "rev-parse", "HEAD:fleet"], capture_output=True, text=True,
                              cwd=self.workspace.path / "checkout", check=True,
                              timeout=60).stdout.strip()


class GithubTest(ApiCase):
    SCRIPT = "github.sh"
    ENVIRONMENT = {"GITHUB_API_URL": "{url}", "GITHUB_REPOSITORY": "acme/fleet",
                   "GITHUB_TOKEN": TOKEN}
    COMMENTS = GITHUB + "/issues/12/comments"

    def test_the_first_comment_is_a_new_one(self):
        self.api.answers = {("GET", self.COMMENTS): [], ("POST", self.COMMENTS): (201, {"id": 1})}
        self.call("comment", "12", self.file)
        self.assertEqual(self.api.changes(), [
            ("POST", self.COMMENTS, {"body": self.file.read_text() + "\n\n" + MARK})])
        self.assertTrue(all(headers["Authorization"] == f"Bearer {TOKEN}"
                            for _, _, _, headers in self.api.calls))

    def test_a_later_one_takes_its_place_and_nobody_elses(self):
        bot, person = {"type": "Bot"}, {"type": "User"}
        others = [{"id": number, "user": person, "body": "nice " + MARK} for number in range(120)]
        self.api.answers = {
            ("GET", self.COMMENTS): [*others, {"id": 500, "user": bot, "body": "by another bot"},
                                     {"id": 501, "user": bot, "body": f"old\n\n{MARK}"}],
            ("PATCH", GITHUB + "/issues/comments/501"): {}}
        self.call("comment", "12", self.file)
        [(method, path, _)] = self.api.changes()
        self.assertEqual((method, path), ("PATCH", GITHUB + "/issues/comments/501"))

    def test_a_text_that_is_too_long_is_cut(self):
        self.file.write_text("ü" * 70_000)
        self.api.answers = {("GET", self.COMMENTS): [], ("POST", self.COMMENTS): (201, {})}
        self.call("comment", "12", self.file)
        [(_, _, body)] = self.api.changes()
        self.assertLessEqual(len(body["body"]), 65_536)
        self.assertGreater(len(body["body"]), 65_000)
        self.assertTrue(body["body"].endswith(MARK))

    def test_an_error_is_told_and_a_comment_is_not_made_twice(self):
        self.api.answers = {("GET", self.COMMENTS): [],
                            ("POST", self.COMMENTS): (500, {"message": "Down"})}
        self.assertIn("Down", self.call("comment", "12", self.file, code=1).stderr)
        self.assertEqual(len(self.api.changes()), 1)

    def test_an_issue_is_opened_once(self):
        issues = GITHUB + "/issues"
        title = "Changed outside of Tenantry"
        self.api.answers = {("GET", issues): [{"number": 3, "title": title, "body": None},
                                              {"number": 4, "title": title, "body": "by a person"}],
                            ("POST", issues): (201, {}), ("PATCH", issues + "/5"): {}}
        self.call("issue", title, self.file)
        [(method, path, body)] = self.api.changes()
        self.assertEqual((method, path, body["title"]), ("POST", issues, title))
        self.api.answers["GET", issues].append({"number": 5, "title": title, "body": body["body"]})
        self.call("issue", title, self.file)
        self.assertEqual(self.api.changes()[1][:2], ("PATCH", issues + "/5"))

    def test_the_run_that_planned_is_found_by_the_name_of_the_configuration(self):
        self.configuration()
        artifact = {"expired": False}
        runs = {1: ("pull_request", ".github/workflows/tenantry-plan.yml"),
                2: ("pull_request_target", ".github/workflows/evil.yml"),
                3: ("pull_request_target", ".github/workflows/tenantry-plan.yml")}
        self.api.answers = {("GET", GITHUB + "/actions/artifacts"): {"artifacts": [
            {"expired": True, "workflow_run": {"id": 9}},
            *({**artifact, "workflow_run": {"id": run}} for run in runs)]}}
        for run, (event, path) in runs.items():
            self.api.answers["GET", f"{GITHUB}/actions/runs/{run}"] = {"event": event, "path": path}
        outputs = self.workspace.write("outputs", "")
        self.call("plan-run", "checkout/fleet", GITHUB_OUTPUT=str(outputs))
        self.assertIn("run=3\n", outputs.read_text())

        del self.api.answers["GET", f"{GITHUB}/actions/runs/3"]
        self.api.answers["GET", GITHUB + "/actions/artifacts"]["artifacts"].pop()
        outputs.write_text("")
        self.call("plan-run", "checkout/fleet", GITHUB_OUTPUT=str(outputs))
        self.assertNotIn("run=", outputs.read_text())


class GitlabTest(ApiCase):
    SCRIPT = "gitlab.sh"
    ENVIRONMENT = {"CI_API_V4_URL": "{url}/api/v4", "CI_PROJECT_ID": "7",
                   "TENANTRY_GITLAB_TOKEN": TOKEN, "CI_COMMIT_SHA": "abc"}
    NOTES = GITLAB + "/merge_requests/12/notes"

    def test_a_comment_is_made_once(self):
        self.api.answers = {("GET", "/api/v4/user"): {"id": 5},
                            ("GET", self.NOTES): [{"id": 1, "author": {"id": 6}, "body": MARK}],
                            ("POST", self.NOTES): (201, {}), ("PUT", self.NOTES + "/2"): {}}
        self.call("comment", "12", self.file)
        [(method, path, body)] = self.api.changes()
        self.assertEqual((method, path), ("POST", self.NOTES))
        self.assertEqual(self.api.calls[0][3]["PRIVATE-TOKEN"], TOKEN)
        self.api.answers["GET", self.NOTES].append({"id": 2, "author": {"id": 5}, **body})
        self.call("comment", "12", self.file)
        self.assertEqual(self.api.changes()[1][:2], ("PUT", self.NOTES + "/2"))

    def test_an_issue_is_opened_once(self):
        issues = GITLAB + "/issues"
        self.api.answers = {("GET", issues): [], ("POST", issues): (201, {}),
                            ("PUT", issues + "/3"): {}}
        self.call("issue", "Changed outside", self.file)
        [(_, _, body)] = self.api.changes()
        self.api.answers["GET", issues] = [{"iid": 3, "title": "Changed outside", **body}]
        self.call("issue", "Changed outside", self.file)
        self.assertEqual(self.api.changes()[1][:2], ("PUT", issues + "/3"))

    def test_the_plan_comes_from_the_merge_request(self):
        name = self.configuration()
        self.api.answers = {
            ("GET", GITLAB + "/repository/commits/abc/merge_requests"): [{"iid": 12}],
            ("GET", GITLAB + "/merge_requests/12/pipelines"): [{"id": 31}, {"id": 30}],
            ("GET", GITLAB + "/pipelines/31/jobs"): [{"id": 1, "name": "lint"}],
            ("GET", GITLAB + "/pipelines/30/jobs"): [{"id": 2, "name": "plan"}],
            ("GET", f"{GITLAB}/jobs/2/artifacts/tenantry/{name}.plan"): b"the plan"}
        self.call("fetch-plan", "checkout/fleet", "plan", "plans")
        plan = self.workspace.path / "plans" / f"{name}.plan"
        self.assertEqual(plan.read_text(), "the plan")

        plan.unlink()
        self.api.answers["GET", GITLAB + "/repository/commits/abc/merge_requests"] = []
        self.call("fetch-plan", "checkout/fleet", "plan", "plans")
        self.assertFalse(plan.exists())


if __name__ == "__main__":
    unittest.main()
