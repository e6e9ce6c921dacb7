"""The API documents that the contract tests judge by, and what is said where they are not there."""

import json
import os
import pathlib
import re
import subprocess
import sys

FOLDER = pathlib.Path(__file__).resolve().parent
SKIPPED = 77  # the exit code that ctest takes for it

METHODS = ("get", "put", "post", "patch", "delete")


def skip(why):
    print(f"SKIPPED: {why}")
    sys.exit(SKIPPED)


def needs_documents():
    """The folder with all.json and check-exchange.mjs; ends the test where there is none."""
    named = os.environ.get("QLIK_OPENAPI_DIR", "")
    if not named:
        skip("QLIK_OPENAPI_DIR is not set: it names the folder with the API documents "
             "(all.json, check-exchange.mjs)")
    folder = pathlib.Path(named)
    for file in ("all.json", "check-exchange.mjs"):
        assert (folder / file).is_file(), f"QLIK_OPENAPI_DIR={named} has no {file}"
    return folder


def needs_modules():
    """Node 20 and what package-lock.json names."""
    try:
        version = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        skip("there is no node")
    if int(re.match(r"v(\d+)", version.stdout)[1]) < 20:
        skip(f"node {version.stdout.strip()} is too old, 20 is needed")
    if not (FOLDER / "node_modules" / "ajv").is_dir():
        skip("tests/contract/node_modules is missing: run `npm ci` there")


class Operations:
    """The operations of all.json, found by method and path."""

    def __init__(self, folder):
        self._document = json.loads((folder / "all.json").read_text())
        self._table = []
        for template, item in self._document["paths"].items():
            pattern = re.compile("[^/]+".join(map(re.escape, re.split(r"\{[^}]+\}", template))))
            for method in METHODS:
                if method in item:
                    self._table.append((method.upper(), template, pattern, item[method]))
        # A literal segment wins over a parameter, from the left.
        self._table.sort(key=lambda row: [s.startswith("{") for s in row[1].split("/")])

    def find(self, method, path):
        """("POST", "/api/v1/groups/{groupId}", the operation), or None."""
        for row_method, template, pattern, operation in self._table:
            if row_method == method and pattern.fullmatch(path.split("?")[0]):
                return method, template, operation
        return None


def exchanges_of(journal):
    """The exchanges that the program made, not those of somebody else in the tests."""
    lines = [json.loads(line) for line in pathlib.Path(journal).read_text().splitlines()]
    return [x for x in lines if x["headers"].get("user-agent", "").startswith("tenantry/")]
