"""The example manifests: valid for the systems that run them, and commands that do the work."""

import json
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "e2e"))

from support import EmulatorCase, REPOSITORY, configuration, tenant  # noqa: E402

EXAMPLES = REPOSITORY / "examples" / "scale-out"
MANIFESTS = {"kubernetes": "kubernetes-job.yaml", "github": "github-actions.yml",
             "gitlab": "gitlab-ci.yml"}


def checked(system, path):
    done = subprocess.run(["node", "check.mjs", system, str(path)], cwd=HERE, capture_output=True,
                          text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def runner(system, number, count):
    """What the system sets for runner `number`, from 0, of `count`; and the values of expressions."""
    if system == "kubernetes":
        return {"JOB_COMPLETION_INDEX": str(number)}, {}
    if system == "gitlab":
        return {"CI_NODE_INDEX": str(number + 1), "CI_NODE_TOTAL": str(count),
                "CI_PIPELINE_ID": "4711"}, {}
    return {"GITHUB_RUN_ID": "4711", "GITHUB_RUN_ATTEMPT": "1"}, {
        "matrix.shard": str(number + 1), "strategy.job-total": str(count)}


class Manifests(EmulatorCase):
    KEYS = [f"c{number:02}" for number in range(8)]

    def setUp(self):
        super().setUp()
        written = configuration(self.emulator, {key: tenant(key) for key in self.KEYS},
                                organization=True)
        # Where a job's folder is a checkout, the configuration is in it.
        self.workspace.configure(written)
        self.workspace.write("fleet/tenantry.yaml", json.dumps(written))

    def test_each_is_valid(self):
        for system, name in MANIFESTS.items():
            with self.subTest(name):
                self.assertEqual(checked(system, EXAMPLES / name)["errors"], [])

    def test_a_mistake_would_be_found(self):
        for system, old, new in (("kubernetes", "completionMode", "completonMode"),
                                 ("kubernetes", "fieldPath", "fieldpath"),
                                 ("github", "fail-fast", "failfast"),
                                 ("github", "strategy.job-total", "strateg.job-total"),
                                 ("gitlab", "parallel: 4", "parallel: 0"),
                                 ("gitlab", "script:", "scripts:")):
            with self.subTest(system, old=old):
                text = (EXAMPLES / MANIFESTS[system]).read_text()
                path = self.workspace.write("broken.yaml", text.replace(old, new))
                self.assertNotEqual(checked(system, path)["errors"], [])

    def test_their_commands_apply_the_whole_fleet_each_tenant_once(self):
        for system, name in MANIFESTS.items():
            with self.subTest(name):
                self.emulator.reset()
                for state in self.workspace.path.rglob("tenantry.state*"):
                    state.unlink()
                self.run_all(system, checked(system, EXAMPLES / name))
                names = sorted(row["name"] for row in self.emulator.snapshot()["tenants"])
                self.assertEqual(names, sorted(key.capitalize() for key in self.KEYS))

    def run_all(self, system, manifest):
        for number in range(manifest["runners"]):
            variables, values = runner(system, number, manifest["runners"])
            for command in manifest["commands"]:
                command = re.sub(r"\$\{\{ *([\w.-]+) *\}\}", lambda m: values[m[1]], command)
                program, *arguments = shlex.split(command)
                self.assertEqual(program, "tenantry")
                ended = self.tenantry(*arguments,
                                      environment={**manifest["environment"], **variables})
                if "apply" in arguments:
                    self.assertIn(f"Shard {number + 1} of {manifest['runners']}: ", ended.out)

    def test_the_pods_know_how_many_they_are(self):
        manifest = checked("kubernetes", EXAMPLES / MANIFESTS["kubernetes"])
        self.assertEqual(manifest["environment"]["TENANTRY_SHARDS"], str(manifest["runners"]))


if __name__ == "__main__":
    if shutil.which("node") is None or not (HERE / "node_modules").is_dir():
        print("skipped: run `npm ci` in tests/manifests first", file=sys.stderr)
        sys.exit(77)
    unittest.main()
