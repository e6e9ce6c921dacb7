"""No secret leaves a trace: a whole life of a tenant with marked secrets, then every byte that was
written or printed is searched for them, in every form that programs give to a text."""

import base64
import json
import os
import unittest
import urllib.parse

from hostile_server import HOST, HostileServer
from support import DONE, FAILED, PARTIAL, Case, configuration

DAY = 24 * 3600
# Planted here, one for each way in.
MARKS = {
    "client secret": "mark-client/secret+7Qx\"ü",
    "license key": "mark-license~key?8Wy&=",
    "plain variable": "mark-variable_9Ez%20",
    "literal": "mark-literal.0Rt'x",
}


def forms(secret):
    """The secret as it is, and as base64 (at each of three alignments), base64url, percent-encoded,
    JSON-escaped and hexadecimal text has it."""
    raw = secret.encode()
    yield raw
    for lead in range(3):
        # Only what no neighbour has a part in.
        encoded = base64.b64encode(b"\0" * lead + raw)
        whole = encoded[(lead * 8 + 5) // 6:(lead + len(raw)) * 8 // 6]
        yield whole
        yield whole.replace(b"+", b"-").replace(b"/", b"_")
    yield urllib.parse.quote(secret, safe="").encode()
    yield urllib.parse.quote_plus(secret).encode()
    yield json.dumps(secret)[1:-1].encode()
    yield json.dumps(secret, ensure_ascii=False)[1:-1].encode()
    yield raw.hex().encode()
    yield raw.hex().upper().encode()


def traces(secret, data):
    return [form for form in set(forms(secret)) if form in data]


class FormsTest(unittest.TestCase):
    def test_a_secret_is_found_in_each_form(self):
        """Or the other tests could not fail."""
        for secret in MARKS.values():
            for lead in range(3):
                whole = base64.b64encode(b"x" * lead + secret.encode() + b"yz")
                self.assertTrue(traces(secret, whole))
                self.assertTrue(traces(secret, whole.replace(b"+", b"-").replace(b"/", b"_")))
            for text in (secret, json.dumps({"a": secret}), secret.encode().hex(),
                         urllib.parse.urlencode({"a": secret})):
                self.assertTrue(traces(secret, text.encode()), text)
            self.assertEqual(traces(secret, b"mark-other and nothing else"), [])


class SecretTracesTest(Case):
    def setUp(self):
        super().setUp()
        self.emulator = self.start_emulator(
            "--journal", str(self.workspace.path / "journal.jsonl"),
            "--client", "marked:" + MARKS["client secret"])
        self.workspace.environment.update(E2E_CLIENT_SECRET=MARKS["client secret"],
                                          E2E_VARIABLE=MARKS["plain variable"])
        self.printed, self.found = [], dict(MARKS)
        self.sinks = {"sink.json", "second.json"}
        self.script = self.workspace.write(
            "deliver.sh", "#!/bin/sh\nenv > child.env\ncat > second.json\n"
            "tr '\\0' ' ' < /proc/$PPID/cmdline > parent.cmdline\n")
        self.script.chmod(0o755)
        self.declared = {
            "region": "eu", "name": "Acme", "alias": "acme-traces",
            "roles": {"author": {"name": "Author"}},
            "groups": {"analysts": {"name": "Analysts", "providerType": "custom"}},
            "oauthClients": {
                "file": {"clientName": "File", "appType": "web",
                         "allowedGrantTypes": ["client_credentials"],
                         "deliverSecret": {"file": "sink.json"}, "rotateSecretAfterDays": 90},
                "command": {"clientName": "Command", "appType": "web",
                            "allowedGrantTypes": ["client_credentials"],
                            "deliverSecret": {"command": ["./deliver.sh"]}}}}
        self.declare()

    def declare(self, **more):
        written = configuration(self.emulator, {"acme": {**self.declared, **more}},
                                organization=True)
        for credential in (written["regions"]["eu"], written["organization"]):
            credential["clientId"] = "marked"
        written["variables"]["planted"] = {"env": "E2E_VARIABLE"}
        self.workspace.configure(written)

    def go(self, *arguments, code=DONE, environment=None):
        ended = self.workspace.run("--log-level", "debug", *arguments, environment=environment)
        self.printed.append(ended)
        if code is not None:
            self.assertEqual(ended.code, code, str(ended))
        self.keep_delivered()
        return ended

    def keep_delivered(self):
        for name in self.sinks:
            path = self.workspace.path / name
            if path.exists() and path.read_text().strip():
                secret = json.loads(path.read_text())["clientSecret"]
                self.found[f"delivered {secret[-5:]}"] = secret

    def assert_no_trace(self):
        allowed = {self.workspace.path / name for name in self.sinks}
        for what, secret in self.found.items():
            for path in sorted(self.workspace.path.rglob("*")):
                if path.is_file() and path not in allowed:
                    self.assertEqual(traces(secret, path.read_bytes()), [], f"{what} in {path}")
            for ended in self.printed:
                self.assertEqual(traces(secret, ended.text.encode()), [],
                                 f"{what} printed by {ended.arguments}")

    def look_at_everything(self):
        self.go("plan", "--out", "saved.plan")
        for form in ("text", "json", "markdown", "html", "github"):
            self.go("show", "saved.plan", "--format", form, code=None)
            self.go("plan", "--format", form, code=None)
        for command in (("show",), ("show", "--json"), ("history",), ("history", "--json"),
                        ("state", "list", "--json"), ("state", "show", "acme/oauthClients/file"),
                        ("render", "acme"), ("render", "acme", "--origin"), ("validate", "--json"),
                        ("why", "acme"), ("why", "acme", "--json"),
                        ("why", "acme/oauthClients/file"),
                        ("why", "acme/oauthClients/file", "--json"),
                        ("why", "acme/oauthClients/file", "--json", "--no-refresh"),
                        ("graph",), ("graph", "--plan", "saved.plan"), ("output",),
                        ("output", "--json"), ("output", "--format", "dotenv"), ("schema",),
                        ("drift",)):
            self.go(*command, code=None)

    def test_a_whole_life_leaves_no_trace(self):
        self.look_at_everything()
        self.go("apply", "--auto-approve", "--json")
        self.assertEqual(len(self.found), len(MARKS) + 2)
        self.look_at_everything()
        # An update, a rotation by age, one by hand, a replacement.
        self.declared["groups"]["analysts"]["description"] = "Changed"
        self.declare()
        self.go("apply", "--auto-approve")
        self.emulator.advance(91 * DAY)
        self.go("plan", "--out", "saved.plan")
        self.go("apply", "saved.plan", "--json")
        self.go("apply", "--auto-approve", "--rotate", "acme/oauthClients/command")
        self.go("apply", "--auto-approve", "--replace", "acme/oauthClients/file")
        self.assertEqual(len(self.found), len(MARKS) + 5)
        # Somebody else changes something; the tenant as YAML.
        self.emulator.patch("Acme", "groups", "Analysts", description="By somebody else")
        self.go("drift", code=None)
        host = self.emulator.tenants()["Acme"]["hostnames"][0]
        self.go("export", "--region", "eu", "--hostname", host, "--out", "exported", code=None)
        self.go("apply", "--auto-approve")
        self.look_at_everything()
        self.go("destroy", "--auto-approve", code=None)
        self.go("destroy", "--auto-approve", "--allow-deactivate", code=None)
        self.assertGreater((self.workspace.path / "journal.jsonl").stat().st_size, 1000)
        self.assert_no_trace()

    def test_the_child_gets_no_secret_but_the_one_that_it_delivers(self):
        self.go("apply", "--auto-approve")
        for name in ("child.env", "parent.cmdline"):
            self.assertGreater((self.workspace.path / name).stat().st_size, 0)
        self.assertNotIn("E2E_CLIENT_SECRET",
                         (self.workspace.path / "child.env").read_text())
        self.assert_no_trace()

    def test_a_secret_that_is_refused_leaves_no_trace(self):
        self.workspace.environment["E2E_CLIENT_SECRET"] = "mark-wrong/secret+1Yu"
        self.found["wrong"] = "mark-wrong/secret+1Yu"
        self.go("plan", code=FAILED)
        self.go("apply", "--auto-approve", "--json", code=FAILED)
        self.workspace.environment["E2E_CLIENT_SECRET"] = MARKS["client secret"]
        self.workspace.environment["E2E_LICENSE_KEY"] = MARKS["license key"]
        self.go("apply", "--auto-approve", code=None)
        self.assert_no_trace()

    def test_a_delivery_that_fails_leaves_no_trace(self):
        self.workspace.write("deliver.sh", "#!/bin/sh\ntee second.json; cat second.json >&2; exit 1")
        self.go("apply", "--auto-approve", code=PARTIAL)
        self.assert_no_trace()

    def test_memory_is_not_to_be_dumped(self):
        self.workspace.write("deliver.sh",
                             "#!/bin/sh\ngrep 'core file' /proc/$PPID/limits > limits\n"
                             "cat > second.json\n")
        self.go("apply", "--auto-approve")
        limits = (self.workspace.path / "limits").read_text().split()
        self.assertEqual(limits[4:6], ["0", "0"])

    # --- a server that repeats what it was sent ---

    def echoing(self, method, path, status):
        server = HostileServer()
        self.addCleanup(server.stop)

        def unknown_host(request):
            if path != "/oauth/token" and request["host"] == HOST:
                return 404, {}, {"errors": [{"code": "X", "title": "no such host"}]}
            return 200, {}, {"access_token": "mark-token.3Fd/+x", "expires_in": 21600}

        def echo(request):
            detail = request["body"] + " " + request["headers"].get("Authorization", "")
            return status, {"qlik-trace-id": detail}, {"errors": [{
                "code": detail, "title": "refused: " + detail, "detail": detail}],
                "traceId": detail, "error": detail, "error_description": detail}
        server.answers["POST", "/oauth/token"] = unknown_host
        server.answers[method, path] = echo
        self.found["token"] = "mark-token.3Fd/+x"
        self.workspace.environment["E2E_LICENSE_KEY"] = MARKS["license key"]
        self.declared = {"region": "eu", "name": "Acme", "alias": "acme",
                         "roles": {"author": {"name": "Author"}}}
        if path == "/api/v1/roles":
            self.declared = {"region": "eu", "hostname": HOST, "roles": self.declared["roles"]}
            server.answers.pop(("POST", "/oauth/token"))
            server.answers["POST", "/oauth/token"] = lambda request: (
                200, {}, {"access_token": "mark-token.3Fd/+x", "expires_in": 21600})
        self.declare()
        path = self.workspace.path / "tenantry.yaml"
        path.write_text(path.read_text().replace(self.emulator.url, server.url))

    def test_what_the_api_repeats_of_a_secret_is_masked(self):
        for method, path in (("POST", "/oauth/token"), ("POST", "/api/v1/tenants"),
                             ("GET", "/api/v1/roles")):
            for status in (400, 401, 403, 404, 409, 422, 500):
                with self.subTest(path=path, status=status):
                    self.echoing(method, path, status)
                    self.go("plan", "--out", "echo.plan", code=None)
                    self.go("apply", "--auto-approve", code=None)
                    self.go("apply", "--auto-approve", "--json", code=None)
                    self.go("history", "--json", code=None)
                    self.assert_no_trace()
                    self.printed.clear()


if __name__ == "__main__":
    unittest.main()
