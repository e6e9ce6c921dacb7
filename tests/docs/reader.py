"""A reader of the documentation that does what it says, in a folder of its own."""

import os
import pathlib
import pty
import select
import shutil
import signal
import subprocess
import tempfile
import time

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
QUESTION = b'Only "yes" is accepted'
SECONDS_MAX = 120


class Reader:
    """Runs commands as a reader would: in bash, with `tenantry` on the PATH, from one folder to the next.

    Pages speak of Qlik Cloud; there is none here, so the `tenantry` of the PATH adds `--emulated` to
    commands that would talk to it.
    """

    def __init__(self, binary):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="tenantry-docs-")).resolve()
        self.home = self.place = self.folder / "work"
        self.home.mkdir()
        self._background = []
        shutil.copytree(REPOSITORY / "examples", self.home / "examples",
                        ignore=shutil.ignore_patterns(".tenantry", "secrets", "*.plan"))
        tools = self.folder / "bin"
        tools.mkdir()
        shim = tools / "tenantry"
        shim.write_text(SHIM.format(binary=binary))
        shim.chmod(0o755)
        kept = {name: os.environ[name] for name in ("LANG", "TMPDIR") if name in os.environ}
        self.environment = {**kept, "PATH": f"{tools}:{os.environ['PATH']}", "HOME": str(self.home),
                            "NO_COLOR": "1", "TERM": "dumb", "USER": "reader", "COLUMNS": "100",
                            "TENANTRY_BINARY": str(binary), "REPOSITORY": str(REPOSITORY)}

    def close(self):
        for process in self._background:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            process.stdout.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def use_emulator(self):
        """From here on commands talk to an emulator that has a process of its own, by configurations
        that say `endpoint: ${var.endpoint}`."""
        url = self.start("tenantry emulator --port 0").split()[-1]
        self.environment.update({
            "TENANTRY_VAR_endpoint": url, "QLIK_EU_CLIENT_ID": "emulator",
            "QLIK_EU_CLIENT_SECRET": "emulator-secret", "QLIK_LICENSE_KEY": "emulator-license"})

    def go_to(self, folder):
        """`folder` is relative to the reader's own."""
        self.place = self.home / folder

    def write(self, name, text):
        path = self.place / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def append(self, name, text):
        with (self.place / name).open("a") as file:
            file.write(text)

    def run(self, script, answer=None):
        """(exit code, what was printed) of a script. What it exports, and where it goes to, holds for
        the next one too. With `answer` it has a terminal, on which questions are answered so."""
        variables, place = self.folder / "variables", self.folder / "place"
        load = f". {variables}\n" if variables.exists() else ""
        keep = f"code=$?\nexport -p > {variables}\npwd > {place}\nexit $code\n"
        arguments = ["bash", "-c", f"{load}{script}\n{keep}"]
        if answer is None:
            ended = subprocess.run(arguments, cwd=self.place, env=self.environment,
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                   stderr=subprocess.STDOUT, timeout=SECONDS_MAX, check=False)
            result = ended.returncode, ended.stdout.decode()
        else:
            result = self._run_on_terminal(arguments, answer)
        if place.exists():
            self.place = pathlib.Path(place.read_text().strip())
        return result

    def start(self, command):
        """Starts what runs until the page ends, and waits for its first line."""
        process = subprocess.Popen(["bash", "-c", f"exec {command.strip()}"], cwd=self.place,
                                   env=self.environment, stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, start_new_session=True)
        self._background.append(process)
        return process.stdout.readline().decode()

    def _run_on_terminal(self, arguments, answer):
        parent, child = pty.openpty()
        process = subprocess.Popen(arguments, cwd=self.place, env=self.environment, stdin=child,
                                   stdout=child, stderr=child, start_new_session=True)
        os.close(child)
        printed, answered, until = b"", 0, time.monotonic() + SECONDS_MAX
        while time.monotonic() < until:
            if not select.select([parent], [], [], 1)[0]:
                continue
            try:
                chunk = os.read(parent, 65536)
            except OSError:  # nobody has the other end any more
                break
            if not chunk:
                break
            printed += chunk
            if printed.count(QUESTION) > answered:
                answered += 1
                os.write(parent, answer.encode() + b"\n")
        if time.monotonic() >= until:
            process.kill()
        code = process.wait()
        os.close(parent)
        return code, printed.decode().replace("\r\n", "\n")


# `--emulated` for what talks to Qlik Cloud, unless the page says it itself.
SHIM = """#!/bin/bash
[ -n "$TENANTRY_VAR_endpoint" ] && exec {binary} "$@"
emulated=
for argument in "$@"; do
  case $argument in
    --emulated | --help | -h | --connections) exec {binary} "$@" ;;
    apply | destroy | drift | export | history | import | output | plan | show | state | why)
      emulated=--emulated ;;
  esac
done
exec {binary} "$@" $emulated
"""
