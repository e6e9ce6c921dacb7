"""Holds docs/fidelity.md against what was recorded and against the sources.

    fidelity.py JOURNAL

Every operation that the program called is listed, with its document; every listed one was called,
but those that say they are not recorded; every path in providers/qlik begins a listed one; every
mark has its note, and every note a mark. And the program tells what documents those are.
"""

import json
import pathlib
import re
import subprocess
import sys
import unittest

from documents import Operations, exchanges_of, needs_documents
import everything  # noqa: F401  (finds the modules of the end-to-end tests)
from program import REPOSITORY, binary

JOURNAL = None
PAGE = REPOSITORY / "docs" / "fidelity.md"


def listed():
    """{(method, path): (document, marks, text)} of the table of calls."""
    section = re.search(r"<!-- calls:begin.*?-->(.*)<!-- calls:end -->", PAGE.read_text(), re.S)
    out = {}
    for line in section[1].strip().splitlines()[2:]:
        method, path, document, marks, text = (cell.strip() for cell in line.strip("|").split("|"))
        assert (method, path) not in out, f"twice: {method} {path}"
        out[method, path.strip("`")] = document, marks.split(", "), text
    return out


class Fidelity(unittest.TestCase):
    def setUp(self):
        self.listed = listed()

    def test_every_recorded_operation_is_listed_and_every_listed_one_recorded(self):
        operations = Operations(needs_documents())
        called = {}
        for exchange in exchanges_of(JOURNAL):
            method, template, operation = operations.find(exchange["method"], exchange["path"])
            document = operation["operationId"].split(".")[0].replace("_", "-")
            called[method, template] = document
        self.assertEqual(sorted(set(called) - set(self.listed)), [], "called, and not on the page")
        idle = {key for key, (_, _, text) in self.listed.items() if "not recorded" not in text}
        self.assertEqual(sorted(idle - set(called)), [], "on the page, and never called")
        self.assertEqual({key: self.listed[key][0] for key in called}, called)

    def test_the_program_names_the_documents_that_it_is_written_by(self):
        told = subprocess.run([binary(), "version", "--json"], capture_output=True, text=True,
                              check=True, timeout=60).stdout
        documents = json.loads((needs_documents() / "all.json").read_text())
        self.assertEqual(json.loads(told)["apiContract"], documents["info"]["version"])

    def test_every_path_in_the_sources_begins_a_listed_one(self):
        found = set()
        for source in (REPOSITORY / "providers" / "qlik").glob("*.cpp"):
            found |= set(re.findall(r'"((?:/api/|/oauth/)[^"{?]*)"?', source.read_text()))
        self.assertGreater(len(found), 10)
        for path in sorted(found):
            with self.subTest(path=path):
                self.assertTrue(any(listed.startswith(path.rstrip("/")) for _, listed in self.listed),
                                f"{path} is not on the page")

    def test_every_mark_has_its_note_and_every_note_a_mark(self):
        used = {mark for _, marks, _ in self.listed.values() for mark in marks} - {"D"}
        noted = set(re.findall(r"^\| ([AC]\d+) \|", PAGE.read_text(), re.M))
        self.assertEqual(used, noted)


if __name__ == "__main__":
    JOURNAL = pathlib.Path(sys.argv.pop(1)).resolve()
    needs_documents()
    unittest.main()
