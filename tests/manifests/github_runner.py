"""As much of GitHub's runner as the workflows of examples/gitops use: steps in their order with `if`, `env`
and outputs; checkouts, that the test has made; artifacts."""

import pathlib
import re
import shutil
import subprocess


class Outcome:
    def __init__(self, failed, outputs, text):
        self.failed, self.outputs, self.text = failed, outputs, text


class Runner:
    """Runs jobs of one workflow run; `contexts` are those of expressions: github, secrets, needs."""

    def __init__(self, document, workspace, environment, artifacts, **contexts):
        self.document, self.workspace = document, pathlib.Path(workspace)
        self.environment, self.artifacts, self.contexts = environment, artifacts, contexts
        self.summary = ""

    def run(self, name):
        """None where the condition of the job does not hold."""
        job = self.document["jobs"][name]
        self.steps, self.text, failed = {}, "", False
        if not self.holds(job.get("if"), False):
            return None
        for step in job["steps"]:
            if self.holds(step.get("if"), failed):
                ended = self.use(step) if "uses" in step else self.command(job, step)
                failed = failed or not ended
        outputs = {key: self.filled(value) for key, value in job.get("outputs", {}).items()}
        self.contexts.setdefault("needs", {})[name] = {"outputs": outputs}
        return Outcome(failed, outputs, self.text)

    # --- expressions ---

    def value(self, path):
        found = {**self.contexts, "steps": self.steps}
        for word in path.split("."):
            found = found.get(word, "") if isinstance(found, dict) else ""
        return found

    def filled(self, text):
        return re.sub(r"\$\{\{ *([\w.-]+) *\}\}", lambda match: str(self.value(match[1])), str(text))

    def holds(self, condition, failed):
        if condition is None:
            return not failed
        condition = re.sub(r"^\$\{\{(.*)\}\}$", r"\1", condition).strip()
        asks = "cancelled()" in condition
        words = []
        for word in re.findall(r"'[^']*'|!?cancelled\(\)|&&|\|\||==|!=|[\w.-]+|\S", condition):
            words.append({"!cancelled()": "True", "&&": "and", "||": "or"}.get(word)
                         or (word if word[0] == "'" or word in ("==", "!=")
                             else repr(self.value(word))))
        return (asks or not failed) and bool(eval(" ".join(words), {"__builtins__": {}}))

    # --- steps ---

    def command(self, job, step):
        output, summary = self.workspace.parent / "output", self.workspace.parent / "summary"
        output.write_text("")
        summary.write_text("")
        environment = {**self.environment, "GITHUB_OUTPUT": str(output), "GITHUB_ACTIONS": "true",
                       "GITHUB_STEP_SUMMARY": str(summary), "GITHUB_WORKSPACE": str(self.workspace)}
        for level in (self.document, job, step):
            environment |= {key: self.filled(value) for key, value in level.get("env", {}).items()}
        done = subprocess.run(["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c",
                               self.filled(step["run"])], cwd=self.workspace, env=environment,
                              capture_output=True, text=True, timeout=300)
        self.text += done.stdout + done.stderr
        self.summary += summary.read_text()
        if "id" in step:
            self.steps[step["id"]] = {"outputs": dict(
                line.split("=", 1) for line in output.read_text().splitlines())}
        return done.returncode == 0

    def use(self, step):
        action, given = step["uses"].split("@")[0], step.get("with", {})
        if action == "actions/checkout":
            return (self.workspace / given.get("path", ".") / ".git").exists()
        name, folder = self.filled(given["name"]), self.workspace / self.filled(given["path"])
        kept = self.artifacts / name
        if action == "actions/upload-artifact":
            if not folder.is_dir():
                return given.get("if-no-files-found") != "error"
            shutil.copytree(folder, kept, dirs_exist_ok=True)
            return True
        assert action == "actions/download-artifact", action
        if not kept.is_dir():
            return False
        shutil.copytree(kept, folder, dirs_exist_ok=True)
        return True
