"""The program under test: where it is, how it is run, how it ended."""

import json
import os
import pathlib
import subprocess
import threading

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]

# Exit codes of the program.
DONE, FAILED, CHANGES, PARTIAL, GUARD, INTERRUPTED = 0, 1, 2, 3, 4, 130


def binary():
    """The program under test: $TENANTRY_BINARY, else the newest preset that was built."""
    named = os.environ.get("TENANTRY_BINARY")
    if named:
        return str(pathlib.Path(named).resolve())
    for preset in ("release", "dev"):
        built = REPOSITORY / "build" / preset / "tenantry"
        if built.exists():
            return str(built)
    raise RuntimeError("build tenantry first, or name it by TENANTRY_BINARY")


# How much longer than usual everything may take: sanitizers slow the program down.
SLOWNESS = int(os.environ.get("TENANTRY_TEST_SLOWNESS", "1"))


class Ended:
    """How a run of the program ended."""

    def __init__(self, arguments, code, out, err):
        self.arguments, self.code, self.out, self.err = arguments, code, out, err

    @property
    def text(self):
        return self.out + self.err

    def json(self):
        return json.loads(self.out)

    def events(self):
        """The lines of `apply --json`."""
        return [json.loads(line) for line in self.out.splitlines()]

    def __str__(self):
        return "tenantry {}\nexit code {}\n--- stdout\n{}\n--- stderr\n{}".format(
            " ".join(self.arguments), self.code, self.out, self.err)


class Running:
    """A run of the program that is still going on."""

    def __init__(self, arguments, folder, environment):
        self.arguments = arguments
        self.process = subprocess.Popen(
            [binary(), *arguments], cwd=folder, env=environment, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self._out, self._err = [], []
        self._readers = [
            threading.Thread(target=self._collect, args=(self.process.stdout, self._out)),
            threading.Thread(target=self._collect, args=(self.process.stderr, self._err))]
        for reader in self._readers:
            reader.start()

    @staticmethod
    def _collect(pipe, parts):
        with pipe:
            while chunk := pipe.read1():
                parts.append(chunk)

    @property
    def pid(self):
        return self.process.pid

    def printed(self, words):
        return words in self._text(self._out)

    def said(self, words):
        """Whether it has told `words` on stderr so far."""
        return words in self._text(self._err)

    def send(self, number):
        self.process.send_signal(number)

    def wait(self, timeout=60):
        try:
            code = self.process.wait(timeout * SLOWNESS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            self._join()
            ended = Ended(self.arguments, None, self._text(self._out), self._text(self._err))
            raise AssertionError(f"did not end within {timeout} s: {ended}") from None
        self._join()
        return Ended(self.arguments, code, self._text(self._out), self._text(self._err))

    def discard(self):
        """Ends it where the test did not."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
            self._join()

    def _join(self):
        for reader in self._readers:
            reader.join()

    @staticmethod
    def _text(parts):
        return b"".join(parts).decode("utf-8", "replace")


def clean_environment(**more):
    """Nothing of the caller's but what a program needs to run."""
    kept = {name: value for name, value in os.environ.items()
            if name in ("PATH", "TMPDIR") or name.endswith("SAN_OPTIONS")}
    return {"LANG": "C.UTF-8", "HOME": "/nonexistent", **kept, **more}
