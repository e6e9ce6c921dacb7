"""examples/gitops: the pipelines are valid for GitHub and GitLab, call the steps that are there, and keep
credentials away from what a branch brings."""

import json
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
GITOPS = HERE.parents[1] / "examples" / "gitops"
GITHUB = sorted((GITOPS / "github").glob("*.yml"))
GITLAB = GITOPS / "gitlab" / "gitlab-ci.yml"
# How many arguments each step takes.
STEPS = {"plan.sh": 2, "apply.sh": 3, "drift.sh": 2, "github.sh comment": 2, "github.sh issue": 2,
         "github.sh plan-run": 1, "gitlab.sh comment": 2, "gitlab.sh issue": 2,
         "gitlab.sh fetch-plan": 3}


def checked(system, path):
    done = subprocess.run(["node", "check.mjs", system, str(path)], cwd=HERE, capture_output=True,
                          text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def jobs_of(workflow):
    return workflow["document"]["jobs"].values()


def steps_of(workflow):
    return [step for job in jobs_of(workflow) for step in job["steps"]]


class WorkflowsTest(unittest.TestCase):
    def setUp(self):
        self.github = {path.name: checked("github", path) for path in GITHUB}
        self.gitlab = checked("gitlab", GITLAB)

    def test_each_is_valid(self):
        self.assertEqual(len(self.github), 3)
        for name, workflow in [*self.github.items(), ("gitlab", self.gitlab)]:
            self.assertEqual(workflow["errors"], [], name)

    def test_a_mistake_would_be_found(self):
        for system, path, old, new in (
                ("github", GITHUB[0], "outputs:", "output:"),
                ("github", GITHUB[0], "environment: tenantry-review", "environments: x"),
                ("github", GITHUB[1], "cron:", "crone:"),
                ("github", GITHUB[2], "github.event.number }}/merge", "githb.event.number }}/merge"),
                ("gitlab", GITLAB, "when: always", "when: ever"),
                ("gitlab", GITLAB, "resource_group: tenantry", "resource_group: [1]")):
            with self.subTest(old), tempfile.NamedTemporaryFile("w", suffix=".yml") as broken:
                text = path.read_text()
                self.assertIn(old, text)
                broken.write(text.replace(old, new))
                broken.flush()
                self.assertNotEqual(checked(system, broken.name)["errors"], [])

    def test_their_commands_are_the_steps(self):
        used = set()
        for workflow in [*self.github.values(), self.gitlab]:
            for command in workflow["commands"]:
                if "ci/" not in command:
                    continue
                command = re.sub(r"\$\{\{[^}]*\}\}", "value", command.split("|| ")[-1])
                program, *arguments = shlex.split(command)
                script = pathlib.Path(program).name
                self.assertTrue(os.access(GITOPS / "ci" / script, os.X_OK), command)
                if script in ("github.sh", "gitlab.sh"):
                    script += " " + arguments.pop(0)
                self.assertEqual(len(arguments), STEPS[script], command)
                used.add(script)
        self.assertEqual(used, set(STEPS))

    def test_nothing_of_a_pull_request_is_run_beside_a_credential(self):
        plan = self.github["tenantry-plan.yml"]
        document = plan["document"]
        # The workflow, the steps and the connections are those of the main branch ...
        self.assertEqual(list(document["on"]), ["pull_request_target"])
        [job] = jobs_of(plan)
        self.assertIn("head.repo.full_name == github.repository", job["if"])
        main, branch = [step["with"] for step in job["steps"]
                        if step.get("uses", "").startswith("actions/checkout")]
        self.assertNotIn("ref", main)
        self.assertEqual(branch["path"], "branch")
        # ... and what the branch brings is an argument, never a command, nor spliced into one.
        for step in job["steps"]:
            if "run" in step:
                self.assertTrue(step["run"].startswith("ci/"), step)
                self.assertLessEqual(set(re.findall(r"\$\{\{ *([^ }]+)", step["run"])),
                                     {"github.event.number"})
        self.assertEqual(job["env"]["TENANTRY_CONNECTIONS"], "connections.yaml")

    def test_no_step_has_the_credentials_of_both_sides(self):
        for name, workflow in self.github.items():
            with self.subTest(name):
                self.assertIn("permissions", workflow["document"])
                for step in steps_of(workflow):
                    env = set(step.get("env", {}))
                    self.assertFalse("GITHUB_TOKEN" in env and "QLIK_CLIENT_SECRET" in env, step)
                    if step.get("uses", "").startswith("actions/checkout"):
                        self.assertIs(step["with"]["persist-credentials"], False)

    def test_what_applies_is_never_cancelled_by_the_next_merge(self):
        apply = self.github["tenantry-apply.yml"]["document"]
        self.assertIs(apply["concurrency"]["cancel-in-progress"], False)
        for job in ("apply", "apply-what-is-left"):
            self.assertEqual(self.gitlab["document"][job]["resource_group"], "tenantry")
            self.assertNotIn("interruptible", self.gitlab["document"][job])

    def test_what_nobody_reviewed_waits_for_a_person(self):
        jobs = self.github["tenantry-apply.yml"]["document"]["jobs"]
        self.assertEqual(jobs["apply-what-is-left"]["environment"], "tenantry-review")
        [rule] = self.gitlab["document"]["apply-what-is-left"]["rules"]
        self.assertEqual(rule["when"], "manual")


if __name__ == "__main__":
    if shutil.which("node") is None or not (HERE / "node_modules").is_dir():
        print("skipped: run `npm ci` in tests/manifests first", file=sys.stderr)
        sys.exit(77)
    unittest.main()
