"""What the tests of consumers share: running them, and being skipped where they are not there."""

import json
import pathlib
import shutil
import subprocess
import sys
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "e2e"))


def node(script, *arguments, text=""):
    """What a script of this folder, or of a package, prints."""
    done = subprocess.run(["node", str(HERE / script), *map(str, arguments)], input=text,
                          capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout


def problems(schema, values, *flags):
    """What a schema says against some of `values`."""
    lines = "".join(json.dumps(value) + "\n" for value in values)
    return node("validate.mjs", schema, *flags, text=lines).splitlines()


def main():
    if shutil.which("node") is None or not (HERE / "node_modules").is_dir():
        print("skipped: run `npm ci --ignore-scripts` in tests/consumers first", file=sys.stderr)
        sys.exit(77)
    unittest.main()
