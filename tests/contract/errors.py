"""Each documented error of each call: what the program tells of it.

    errors.py JOURNAL

The calls are those of a recorded life, the statuses those of the API documents. The life is lived
again, but before a step may succeed, its calls are answered with each of their errors. What is told
must name the resource or the tenant, the request, the status, the API's code, title, detail and
trace id, and say what to do.
"""

import json
import pathlib
import re
import sys
import unittest

import record
from documents import Operations, exchanges_of, needs_documents
from support import DONE, Workspace

JOURNAL = None
ROUNDS_MAX = 200  # of one step

# What is no error to the program, by (method, path, status).
FINE = (
    ("DELETE", r".*", 404),                                 # gone is what was wanted
    ("GET", r"/api/v1/tenant-settings", 404),               # a tenant without them
    ("GET", r".*/migration/actions/details", 404),          # none has been started
    ("GET", r".*/keyproviders/\{arnFingerPrint\}", 404),    # gone is not current
    ("POST", r"/api/v1/tenants", 500),                      # outcome unknown: see the crash tests
)

# Made only to settle what a lost answer left; the recovery has tests of its own.
RECOVERY = {
    ("GET", "/api/v1/groups/{groupId}"), ("GET", "/api/v1/oauth-clients/{id}"),
    ("GET", "/api/v1/roles/{id}"), ("GET", "/api/v1/web-integrations/{id}"),
    ("POST", "/api/v1/oauth-clients/{id}/client-secrets"),
    ("DELETE", "/api/v1/oauth-clients/{id}/client-secrets/{hint}"),
}

TOLD = re.compile(
    r"^(?P<line>.*)\((?P<method>[A-Z]+) https?://[^/]+(?P<path>/[^)]*)\): HTTP (?P<status>\d+) "
    r"(?P<answer>.*)\n +hint: \S", re.M)


def parts_of(answer):
    """What has to be told of an answer: all that it has of code, title, detail and trace id."""
    problem = answer["errors"][0]
    parts = (problem["code"], f"\"{problem['title']}\"", problem.get("detail"),
             problem.get("meta", {}).get("title"), answer.get("traceId"))
    return tuple(str(part) for part in parts if part)


class Errors(record.Recording):
    """Steps whose errors are made by the emulator itself are left out."""

    STEPS = ("creation", "updates", "withdrawals", "replacements", "lost_secret", "takeover",
             "offboarding")

    def setUp(self):
        super().setUp()
        self.operations = Operations(needs_documents())
        self.left = {}  # (method, path): statuses still to come
        for exchange in exchanges_of(JOURNAL):
            method, template, operation = self.operations.find(exchange["method"], exchange["path"])
            if (method, template) in RECOVERY:
                continue
            self.left[method, template] = [
                int(status) for status in operation["responses"]
                if status.isdigit() and int(status) >= 400 and not is_fine(method, template, int(status))]
        self.swallowed = []

    def test_a_tenants_life(self):
        for step in self.STEPS:
            getattr(self, step)()
        self.assertEqual(self.swallowed, [], "an error was answered, and nothing told")
        left = {f"{method} {path}": left for (method, path), left in self.left.items() if left}
        self.assertEqual(left, {}, "errors that no step met")

    def tenantry(self, *arguments, code=DONE, **options):
        """A run that is to succeed fails before with all errors that its calls can have."""
        if code == DONE and arguments[0] in ("apply", "destroy", "export"):
            ended = self.provoke(*arguments)
            if ended.code == DONE:
                return ended
        return super().tenantry(*arguments, code=code, **options)

    def provoke(self, *arguments):
        for _ in range(ROUNDS_MAX):
            asked = {operation: left[0] for operation, left in self.left.items() if left}
            self.emulator.faults(*(self.rule(*operation, status)
                                   for operation, status in asked.items()))
            since = record.JOURNAL.stat().st_size
            ended = self.workspace.run(*arguments)
            self.emulator.no_faults()
            self.emulator.advance(600)  # what goes on in the background comes to its end
            met = self.met(asked, since)
            if not met:
                return ended
            told = self.told(ended)
            for operation, answers in met.items():
                words = told.get((operation, asked[operation]), ())
                for text in words:
                    self.assertTrue(any(all(part in text for part in parts) for parts in answers),
                                    f"{operation}: {text!r} does not tell one of {answers}")
                if words:
                    self.left[operation].pop(0)
                elif ended.code == DONE or not told:
                    self.swallowed.append((*operation, asked[operation], ended.text[-600:]))
                    self.left[operation].pop(0)
            if ended.code == DONE:
                return ended
        self.fail(f"after {ROUNDS_MAX} runs {sorted(met)} are still met: {ended}")

    def rule(self, method, template, status):
        pattern = re.sub(r"\\{[^}]+\\}", "[^/]+", re.escape(template).replace(r"\-", "-"))
        # A literal path that the pattern would match as well is another operation.
        others = (path for m, path in self.left
                  if m == method and path != template and re.fullmatch(pattern, path))
        apart = "".join(f"(?!{re.escape(path)}$)" for path in others)
        rule = {"method": method, "path": f"^{apart}{pattern}$", "status": status}
        return {**rule, "retryAfter": 0} if status == 429 else rule

    def met(self, asked, since):
        """{operation: the parts of its answers} of those that were answered as asked for."""
        out = {}
        with open(record.JOURNAL, encoding="utf-8") as journal:
            journal.seek(since)
            exchanges = [json.loads(line) for line in journal]
        for exchange in exchanges:
            found = self.operations.find(exchange["method"], exchange["path"])
            if found and asked.get(found[:2]) == exchange["status"]:
                out.setdefault(found[:2], set()).add(parts_of(exchange["resBody"]))
        return out

    def told(self, ended):
        """{(operation, status): what is said of the answer}."""
        out = {}
        for one in TOLD.finditer(ended.out + ended.err):
            # "error:" stands below the name of its tenant.
            self.assertRegex(one["line"], "^ *(acme|globex|error:)", f"not said of what: {one[0]}")
            found = self.operations.find(one["method"], one["path"])
            if found:
                out.setdefault((found[:2], int(one["status"])), set()).add(one["answer"])
        return out


def is_fine(method, template, status):
    return any(method == m and re.fullmatch(path, template) and status == s for m, path, s in FINE)


if __name__ == "__main__":
    JOURNAL = pathlib.Path(sys.argv.pop(1)).resolve()
    needs_documents()
    record.JOURNAL = pathlib.Path(Workspace().path) / "errors.jsonl"
    unittest.main()
