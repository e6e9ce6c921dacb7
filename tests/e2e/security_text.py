"""Text of strangers on the terminal: names and errors of the API that would move the cursor, turn
the direction of what follows, or fake a line, are shown as what they are."""

import json
import unittest

from hostile_server import HOST, ROLE, HostileServer
from support import CLIENT_ID, Case, tenant

EVIL = "A\x1b[2J\x1b]0;owned\x07\u202egnp\u2066x\u200f\u061c\u2028\r\n+ fake line\x7f\x9b31m\x00Z"
DANGEROUS = "\x1b\x07\u202e\u2066\u200f\u061c\u2028\r\x7f\x9b\x00"


class TextTest(Case):
    def setUp(self):
        super().setUp()
        self.server = HostileServer()
        self.addCleanup(self.server.stop)
        self.roles = {"author": {"name": "Author", "description": "Ours"}}
        self.declare()

    def declare(self, **tenant_more):
        self.workspace.configure({
            "apiVersion": "tenantry/v1",
            "variables": {"clientSecret": {"env": "E2E_CLIENT_SECRET"}},
            "regions": {"eu": {"clientId": CLIENT_ID, "clientSecret": "${var.clientSecret}",
                               "endpoint": self.server.url, "rateLimits": "off"}},
            "tenants": {"acme": {"region": "eu", "hostname": HOST, "roles": self.roles,
                                 **tenant_more}}})

    def harmless(self, *arguments):
        ended = self.workspace.run(*arguments)
        for character in DANGEROUS:
            self.assertNotIn(character, ended.text, f"{character!r} by {arguments}")
        self.assertNotIn("\n+ fake line", ended.text)
        self.assertIn(ended.code, (0, 1, 2, 3, 4), str(ended))
        return ended

    def harmless_json(self, *arguments):
        ended = self.workspace.run(*arguments)
        for character in DANGEROUS:
            self.assertNotIn(character, ended.text, f"{character!r} by {arguments}")
        for line in ended.out.split("\n") if "apply" in arguments else [ended.out]:
            if line.strip():
                json.loads(line)
        return ended

    def test_an_error_of_the_api_is_shown_harmlessly(self):
        for status in (400, 403, 404, 409, 500):
            for path in ("/api/v1/roles", "/oauth/token", "/api/v1/tenants/me"):
                method = "POST" if path == "/oauth/token" else "GET"
                for body in ({"errors": [{"code": EVIL, "title": EVIL, "detail": EVIL}],
                              "traceId": EVIL}, EVIL.encode(), b"\xff\xfe\x1b[2J" + b"\x80" * 50,
                             {"error": EVIL, "error_description": EVIL, "message": EVIL}):
                    with self.subTest(status=status, path=path):
                        self.server.answers = {(method, path): (status, {}, body)}
                        self.harmless("plan")
                        self.harmless_json("plan", "--json")

    def test_names_from_the_api_are_shown_harmlessly(self):
        for name in ("name", "description", "id", "type"):
            hostile = {**ROLE, name: EVIL}
            self.server.answers = {("GET", "/api/v1/roles"): (200, {}, {"data": [hostile, ROLE],
                                                                       "links": {}})}
            for command in (("plan",), ("drift",), ("plan", "--adopt"),
                            ("plan", "--adopt", "--format", "markdown"),
                            ("plan", "--adopt", "--format", "html"),
                            ("plan", "--adopt", "--format", "github"),
                            ("import", "acme/roles/author", ROLE["id"]),
                            ("apply", "--auto-approve", "--adopt"), ("state", "list"),
                            ("history",), ("show",),
                            ("why", "acme/roles/author"), ("destroy", "--auto-approve")):
                with self.subTest(attribute=name, command=command):
                    self.harmless(*command)
            for command in (("plan", "--json"), ("show", "--json"), ("history", "--json"),
                            ("why", "acme/roles/author", "--json"), ("output", "--json"),
                            ("apply", "--auto-approve", "--json", "--adopt")):
                with self.subTest(attribute=name, command=command):
                    self.harmless_json(*command)

    def test_names_of_the_configuration_are_shown_harmlessly(self):
        for key, declared in (("name", tenant(name=EVIL)),
                              ("group", tenant(groups={"g": {"name": EVIL, "description": EVIL}})),
                              ("unknown", tenant(**{EVIL: 1})),
                              ("key", tenant(roles={EVIL: {"name": "x"}})),
                              ("role", tenant(groups={"g": {"name": "g",
                                                            "assignedRoles": [EVIL]}}))):
            with self.subTest(key):
                self.declare(**declared)
                for command in (("validate",), ("plan", "--no-refresh"), ("graph",),
                                ("why", "acme/groups/g", "--no-refresh")):
                    self.harmless(*command)
                self.harmless_json("validate", "--json")
                self.harmless_json("why", "acme/groups/g", "--no-refresh", "--json")


if __name__ == "__main__":
    unittest.main()
