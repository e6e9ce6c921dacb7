"""Where a client's secret goes: files, commands and Vault, and what happens where it cannot."""

import base64
import http.server
import json
import os
import subprocess
import threading
import time
import unittest

from support import DONE, FAILED, INTERRUPTED, PARTIAL, EmulatorCase, configuration, kill
from support import oauth_client, wait_until

TOKEN = "hvs.planted-token"
DAY = 24 * 3600


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Vault:
    """The one call of Vault's key-value engine that is needed."""

    def __init__(self):
        self.requests, self.stored, self.status = [], {}, 200
        vault = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                vault.requests.append((self.path, dict(self.headers), body))
                status = vault.status
                if self.headers["X-Vault-Token"] != TOKEN:
                    status = 403
                answer = {"errors": ["permission denied"]} if status == 403 else {"errors": []}
                if status == 200:
                    vault.stored[self.path] = body["data"]
                    answer = {"data": {"version": 1}}
                text = json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, *_):
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self):
        self._server.shutdown()
        self._server.server_close()


class SecretsTest(EmulatorCase):
    def declare(self, sink, key="acme", **sections):
        client = {**oauth_client(key), "deliverSecret": sink,
                  "connectionConfig": {"consentMethod": "trusted"}}
        tenant = {"region": "eu", "name": "Acme", "alias": "acme-e2e",
                  "oauthClients": {"portal": client}}
        written = configuration(self.emulator, {key: tenant}, organization=True, **sections)
        written["variables"]["vaultToken"] = {"env": "E2E_VAULT_TOKEN"}
        self.configure(written)
        self.workspace.environment["E2E_VAULT_TOKEN"] = TOKEN

    def script(self, body, name="deliver.sh"):
        self.workspace.write(name, "#!/bin/sh\n" + body + "\n").chmod(0o755)
        return {"command": ["./" + name]}

    def read(self, name):
        return json.loads((self.workspace.path / name).read_text())

    def assert_works(self, credential):
        status, answer = self.emulator.exchange(credential["host"], "POST", "/oauth/token", {
            "client_id": credential["clientId"], "client_secret": credential["clientSecret"],
            "grant_type": "client_credentials"})
        self.assertEqual(status, 200, answer)

    def assert_nowhere(self, secret, *endings, but=()):
        """Neither in state, plans and other files, nor in what was printed."""
        self.assertEqual([f for f in self.workspace.has_bytes(secret) if f not in but], [])
        for ended in endings:
            self.assertNotIn(secret, ended.text)

    def secrets_of_portal(self):
        client, _ = self.emulator.find("Acme", "oauthClients", "Portal")
        return [secret["hint"] for secret in client["clientSecrets"]]

    # --- a command ---

    def test_a_command_is_given_the_secret_on_its_standard_input_and_nowhere_else(self):
        self.declare(self.script(
            "cat > got.json; tr '\\0' ' ' < /proc/$$/cmdline > shown; env >> shown\n"
            "tr '\\0' ' ' < /proc/$PPID/cmdline >> shown"))
        planned = self.tenantry("plan", "--out", "saved.plan")
        applied = self.apply()
        credential = self.read("got.json")
        self.assertEqual(credential["address"], "acme/oauthClients/portal")
        self.assert_works(credential)
        self.assert_nowhere(credential["clientSecret"], planned, applied, but=["got.json"])
        self.plan_is_empty()

    def test_a_command_that_fails_is_told_and_the_next_run_delivers_a_new_secret(self):
        self.declare(self.script("cat; echo 'disk full' >&2; exit 1"))
        failed = self.apply(code=PARTIAL)
        self.assertIn("ended with exit code 1", failed.text)
        self.assertIn("disk full", failed.text)
        self.assertIn('"clientSecret":"(sensitive)"', failed.text)
        self.script("cat > got.json")
        self.apply()
        credential = self.read("got.json")
        self.assert_works(credential)
        self.assertEqual(self.secrets_of_portal(), [credential["clientSecret"][-5:]])
        self.assertEqual(self.emulator.calls().count("POST /api/v1/oauth-clients"), 1)
        self.plan_is_empty()

    def test_a_command_that_does_not_read_the_secret_has_not_stored_it(self):
        self.declare(self.script("exit 0"))
        self.assertIn("did not read its standard input", self.apply(code=PARTIAL).text)

    def test_a_command_that_hangs_ends_with_the_run(self):
        self.declare(self.script("cat > /dev/null; echo $$ > started; sleep 1000"))
        running = self.start("apply", "--auto-approve")
        started = self.workspace.path / "started"
        wait_until(lambda: started.exists() and started.read_text().strip(), "the command runs")
        begun = time.monotonic()
        running.send(2)
        ended = running.wait(30)
        self.assertLess(time.monotonic() - begun, 8)
        self.assertEqual(ended.code, INTERRUPTED, str(ended))
        self.assertFalse(os.path.exists(f"/proc/{started.read_text().strip()}/cwd"))
        self.script("cat > got.json")
        self.apply()
        self.assert_works(self.read("got.json"))

    def test_a_command_that_is_missing_is_found_out_before_anything_is_called(self):
        self.declare({"command": ["./missing.sh"]})
        self.assertIn("missing.sh", self.tenantry("plan", code=FAILED).text)
        self.apply(code=FAILED)
        self.assertEqual(self.emulator.changing_calls(), [])

    # --- Vault ---

    def vault(self, url=None, **more):
        if url is None:
            vault = Vault()
            self.addCleanup(vault.stop)
            self.kept = vault
            url = vault.url
        return {"vault": {"address": url, "path": "tenants/${tenant.key}/portal",
                          "token": "${var.vaultToken}", **more}}

    def test_vault_keeps_the_secret_as_a_new_version(self):
        self.declare(self.vault(mount="kv", namespace="team"))
        planned = self.tenantry("plan", "--out", "saved.plan", "--json")
        applied = self.apply()
        (path, headers, _), = self.kept.requests
        self.assertEqual(path, "/v1/kv/data/tenants/acme/portal")
        self.assertEqual(headers["X-Vault-Namespace"], "team")
        credential = self.kept.stored[path]
        self.assert_works(credential)
        self.assert_nowhere(credential["clientSecret"], planned, applied)
        self.assert_nowhere(TOKEN, planned, applied)
        self.plan_is_empty()

    def test_vault_that_refuses_is_told_and_the_next_run_delivers(self):
        self.declare(self.vault())
        self.kept.status = 403
        failed = self.apply(code=PARTIAL)
        self.assertIn("permission denied", failed.text)
        self.assert_nowhere(TOKEN, failed)
        self.kept.status = 200
        self.apply()
        credential, = self.kept.stored.values()
        self.assert_works(credential)
        self.assertEqual(len(self.secrets_of_portal()), 1)
        self.plan_is_empty()

    def test_vault_that_is_down_fails_the_client_alone(self):
        self.declare(self.vault())
        self.kept.stop()
        failed = self.apply(code=PARTIAL)
        self.assertIn("cannot be reached", failed.text)
        self.assertEqual(set(self.emulator.tenants()), {"Acme"})

    def test_what_vault_needs_is_checked_before_anything_is_called(self):
        for sink, words in (
                (self.vault("http://vault.example:8200"), "in clear"),
                (self.vault("https://vault.example", caFile="none.pem"), "none.pem"),
                (self.vault("https://vault.example", token="literal-token"), "vaultToken"),
                ({"file": "a.json", "command": ["cat"]}, "one of file, command and vault"),
                ({"pigeon": "coo"}, "pigeon")):
            with self.subTest(words):
                self.declare(sink)
                ended = self.tenantry("plan", code=FAILED)
                self.assertIn(words, ended.text)
                self.assertNotIn("literal-token", ended.text)
        self.declare(self.vault("https://vault.example"))
        del self.workspace.environment["E2E_VAULT_TOKEN"]
        self.assertIn("E2E_VAULT_TOKEN", self.tenantry("plan", code=FAILED).text)
        self.tenantry("validate")
        self.assertEqual(self.emulator.changing_calls(), [])

    # --- rotation ---

    def declare_rotating(self, sink=None, **attributes):
        self.declare(sink or {"file": "secrets/acme.json"})
        path = self.workspace.path / "tenantry.yaml"
        written = json.loads(path.read_text())
        client = written["tenants"]["acme"]["oauthClients"]["portal"]
        client.update({name: value for name, value in attributes.items()})
        self.configure(written)

    def is_valid(self, credential):
        status, _ = self.emulator.exchange(credential["host"], "POST", "/oauth/token", {
            "client_id": credential["clientId"], "client_secret": credential["clientSecret"],
            "grant_type": "client_credentials"})
        return status == 200

    def test_a_secret_that_is_old_enough_is_rotated_and_the_old_one_retired_later(self):
        self.declare_rotating(rotateSecretAfterDays=90, retireOldSecretAfterDays=7)
        self.apply()
        first = self.read("secrets/acme.json")
        self.emulator.advance(89 * DAY)
        self.plan_is_empty()
        self.emulator.advance(2 * DAY + 60)
        planned = self.tenantry("plan", "--out", "saved.plan")
        self.assertIn("rotates the secret (made 91 days ago)", planned.out)
        applied = self.tenantry("apply", "saved.plan")
        second = self.read("secrets/acme.json")
        self.assertNotEqual(first["clientSecret"], second["clientSecret"])
        self.assertTrue(self.is_valid(first) and self.is_valid(second))
        for secret in (first, second):
            self.assert_nowhere(secret["clientSecret"], planned, applied,
                                but=["secrets/acme.json"])
        self.plan_is_empty()
        self.emulator.advance(8 * DAY)
        planned = self.tenantry("plan")
        self.assertIn("retires the old secret ..." + first["clientSecret"][-5:], planned.out)
        self.apply()
        self.assertFalse(self.is_valid(first))
        self.assertTrue(self.is_valid(second))
        self.plan_is_empty()

    def test_a_sink_that_changes_gets_a_new_secret_and_the_plan_says_so(self):
        self.declare_rotating()
        self.apply()
        first = self.read("secrets/acme.json")
        self.declare_rotating({"file": "secrets/moved.json"}, retireOldSecretAfterDays=7)
        planned = self.tenantry("plan")
        self.assertIn("its secret goes to another place", planned.out)
        self.assertIn("delivered to secrets/acme.json and goes to secrets/moved.json now", planned.out)
        self.apply()
        second = self.read("secrets/moved.json")
        self.assertEqual(self.read("secrets/acme.json"), first)
        self.assertTrue(self.is_valid(first) and self.is_valid(second))
        self.assert_nowhere(second["clientSecret"], planned, but=["secrets/moved.json"])
        self.plan_is_empty()
        self.emulator.advance(8 * DAY)
        self.apply()
        self.assertFalse(self.is_valid(first))
        self.assertTrue(self.is_valid(second))
        self.plan_is_empty()

    def test_rotation_by_hand_retires_the_old_secret_at_once(self):
        self.declare_rotating()
        self.apply()
        first = self.read("secrets/acme.json")
        self.apply("--rotate", "*/oauthClients/*")
        second = self.read("secrets/acme.json")
        self.assertTrue(self.is_valid(second))
        self.assertEqual(self.secrets_of_portal(), [second["clientSecret"][-5:]])
        self.assertNotEqual(first["clientSecret"], second["clientSecret"])
        self.plan_is_empty()
        self.tenantry("plan", "--rotate", "acme/oauthClients/portals", code=FAILED)

    def test_a_rotation_that_is_not_delivered_leaves_the_old_secret_valid_and_no_other(self):
        self.declare_rotating(self.script("cat > got.json"))
        self.apply()
        first = self.read("got.json")
        self.script("cat > /dev/null; exit 1")
        failed = self.apply("--rotate", "acme", code=FAILED)
        self.assertIn("removed again", failed.text)
        self.assertTrue(self.is_valid(first))
        self.assertEqual(self.secrets_of_portal(), [first["clientSecret"][-5:]])
        self.plan_is_empty()

    def test_a_secret_that_could_not_be_removed_again_goes_with_the_next_rotation(self):
        self.declare_rotating(self.script("cat > got.json"))
        self.apply()
        self.script("cat > /dev/null; exit 1")
        self.emulator.faults({"match": {"method": "DELETE", "path": "/client-secrets/"},
                              "status": 500, "times": 9})
        self.apply("--rotate", "acme", code=FAILED)
        self.emulator.no_faults()
        self.assertEqual(len(self.secrets_of_portal()), 2)
        self.assertIn("the last delivery was cut off", self.tenantry("plan").out)
        self.script("cat > got.json")
        self.apply()
        self.assertEqual(self.secrets_of_portal(), [self.read("got.json")["clientSecret"][-5:]])
        self.plan_is_empty()

    def test_a_rotation_that_was_killed_is_done_again_and_leaves_one_secret(self):
        self.declare_rotating(self.script("cat > got.json"))
        self.apply()
        first = self.read("got.json")
        self.script("cat > got.json; echo > stored; sleep 1000")
        running = self.start("apply", "--auto-approve", "--rotate", "acme")
        wait_until((self.workspace.path / "stored").exists, "the command runs")
        kill(running)
        second = self.read("got.json")
        self.assertIn("the last delivery was cut off", self.tenantry("plan").out)
        self.assertTrue(self.is_valid(first) and self.is_valid(second))
        self.script("cat > got.json")
        self.apply()
        third = self.read("got.json")
        self.assertEqual(self.secrets_of_portal(), [third["clientSecret"][-5:]])
        self.plan_is_empty()

    def test_a_new_secret_whose_answer_got_lost_goes_with_the_next_rotation(self):
        self.declare_rotating()
        self.apply()
        first = self.read("secrets/acme.json")
        self.emulator.faults({"match": {"method": "POST", "path": "/client-secrets$"},
                              "dropAfterProcessing": True, "times": 1})
        self.apply("--rotate", "acme", code=FAILED)
        self.assertTrue(self.is_valid(first))
        self.assertEqual(len(self.secrets_of_portal()), 2)
        self.apply()
        second = self.read("secrets/acme.json")
        self.assertEqual(self.secrets_of_portal(), [second["clientSecret"][-5:]])
        self.plan_is_empty()

    def test_an_adopted_client_is_rotated_days_after_its_adoption_and_not_by_it(self):
        tenant = self.emulator.create_tenant(name="Acme")
        host = tenant["hostnames"][0]
        self.emulator.api(host, "POST", "/api/v1/oauth-clients", {
            "appType": "web", "clientName": "Portal", "allowedScopes": ["user_default"],
            "allowedGrantTypes": ["client_credentials"],
            "connectionConfig": {"consentMethod": "trusted"}})
        before = self.secrets_of_portal()
        self.declare_rotating(rotateSecretAfterDays=90)
        path = self.workspace.path / "tenantry.yaml"
        written = json.loads(path.read_text())
        written["tenants"]["acme"] = {
            "region": "eu", "hostname": host,
            "oauthClients": written["tenants"]["acme"]["oauthClients"]}
        self.configure(written)
        self.apply("--adopt")
        self.assertEqual(self.secrets_of_portal(), before)
        self.plan_is_empty()
        self.emulator.advance(91 * DAY + 60)
        self.assertIn("rotates the secret (adopted 91 days ago)", self.tenantry("plan").out)
        self.apply()
        delivered = self.read("secrets/acme.json")
        self.assert_works(delivered)
        self.assertEqual(self.secrets_of_portal(), [delivered["clientSecret"][-5:]])
        self.plan_is_empty()

    def test_a_client_that_is_full_of_secrets_is_told_what_to_do(self):
        self.declare_rotating()
        self.apply()
        client, host = self.emulator.find("Acme", "oauthClients", "Portal")
        for _ in range(4):
            self.emulator.api(host, "POST", f"/api/v1/oauth-clients/{client['id']}/client-secrets")
        failed = self.apply("--rotate", "acme", code=FAILED)
        self.assertIn("5 secrets", failed.text)
        self.assertIn("delete one that nobody uses", failed.text)
        self.assertEqual(len(self.secrets_of_portal()), 5)

    def test_rotation_attributes_of_a_client_without_secret_are_an_error_at_their_place(self):
        for client in ({"appType": "spa"}, {"allowedAuthMethods": ["private_key_jwt"],
                                            "jwksUri": "https://portal.example/jwks"}):
            self.declare_rotating(rotateSecretAfterDays=90, **client)
            path = self.workspace.path / "tenantry.yaml"
            written = json.loads(path.read_text())
            if client.get("appType") == "spa":
                del written["tenants"]["acme"]["oauthClients"]["portal"]["allowedGrantTypes"]
            self.configure(written)
            line = next(i for i, text in enumerate(path.read_text().splitlines(), 1)
                        if "rotateSecretAfterDays" in text)
            refused = self.tenantry("validate", code=FAILED)
            self.assertRegex(refused.text, fr"tenantry.yaml:{line}:\d+: error: attribute does not "
                                           "fit the client")

    # --- clients that are trusted ---

    def key(self):
        """An RSA key in a file, and its public half as a JSON web key."""
        path = self.workspace.path / "client.key"
        subprocess.run(["openssl", "genrsa", "-out", path, "2048"], check=True,
                       capture_output=True)
        shown = subprocess.run(["openssl", "rsa", "-in", path, "-noout", "-modulus"], check=True,
                               capture_output=True, text=True).stdout
        modulus = bytes.fromhex(shown.strip().removeprefix("Modulus="))
        return path, {"kid": "k1", "kty": "RSA", "use": "sig", "alg": "RS256",
                      "n": base64url(modulus), "e": "AQAB"}

    def test_clients_that_are_trusted_get_tokens_as_soon_as_they_are_applied(self):
        path, public = self.key()
        trusted = {"appType": "web", "allowedScopes": ["user_default"],
                   "connectionConfig": {"consentMethod": "trusted"}}
        impersonation = "urn:qlik:oauth:user-impersonation"
        self.configure(configuration(self.emulator, {"acme": {
            "region": "eu", "name": "Acme", "alias": "acme-e2e", "oauthClients": {
                "machine": {"clientName": "Machine", "allowedGrantTypes": ["client_credentials"],
                            "deliverSecret": {"file": "machine.json"}, **trusted},
                "embed": {"clientName": "Embed", "allowedGrantTypes": [impersonation],
                          "deliverSecret": {"file": "embed.json"}, **trusted},
                "signed": {"clientName": "Signed", "allowedGrantTypes": ["client_credentials"],
                           "allowedAuthMethods": ["private_key_jwt"], "publicKeys": [public],
                           **trusted}}}}, organization=True))
        self.apply()
        self.plan_is_empty()
        self.assert_works(self.read("machine.json"))
        embed = self.read("embed.json")
        user = self.emulator.api(embed["host"], "GET", "/api/v1/users")["data"][0]
        self.assert_token(embed["host"], {
            "client_id": embed["clientId"], "client_secret": embed["clientSecret"],
            "grant_type": impersonation,
            "user_lookup": {"field": "userId", "value": user["id"]}})
        signed, host = self.emulator.find("Acme", "oauthClients", "Signed")
        self.assertEqual(signed["clientSecrets"], [])
        self.assert_token(host, {
            "client_id": signed["id"], "grant_type": "client_credentials",
            "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            "client_assertion": self.assertion(path, signed["id"], host)})

    def assert_token(self, host, request):
        status, answer = self.emulator.exchange(host, "POST", "/oauth/token", request)
        self.assertEqual(status, 200, answer)

    def assertion(self, key, client, host):
        now = int(time.time())
        claims = {"iss": client, "sub": client, "aud": f"https://{host}/oauth/token",
                  "jti": "1", "iat": now, "exp": now + 60}
        text = ".".join(base64url(json.dumps(part).encode()) for part in (
            {"alg": "RS256", "typ": "JWT", "kid": "k1"}, claims))
        signature = subprocess.run(["openssl", "dgst", "-sha256", "-sign", key],
                                   input=text.encode(), check=True, capture_output=True).stdout
        return text + "." + base64url(signature)

    def test_the_client_that_the_run_signs_in_with_is_not_planned_away(self):
        self.declare_rotating(allowedScopes=["admin_classic"])
        self.apply()
        credential = self.read("secrets/acme.json")
        self.workspace.environment["E2E_OWN_SECRET"] = credential["clientSecret"]
        path = self.workspace.path / "tenantry.yaml"
        written = json.loads(path.read_text())
        written["variables"]["own"] = {"env": "E2E_OWN_SECRET"}
        written["tenants"]["acme"]["auth"] = {"clientId": credential["clientId"],
                                              "clientSecret": "${var.own}"}
        self.configure(written)
        self.plan_is_empty()
        del written["tenants"]["acme"]["oauthClients"]
        self.configure(written)
        mark = self.emulator.mark()
        refused = self.tenantry("plan", code=FAILED)
        self.assertIn("deleting it would lock it out", refused.text)
        self.apply(code=FAILED)
        self.assertEqual(self.emulator.changing_calls(mark), [])
        self.assert_works(credential)

    # --- a connections file ---

    def test_with_a_connections_file_the_configuration_names_no_sink(self):
        for sink in (self.script("cat > got.json"), self.vault("https://vault.example")):
            self.declare(sink)
            written = json.loads((self.workspace.path / "tenantry.yaml").read_text())
            connections = {"apiVersion": "tenantry/v1", "variables": written.pop("variables"),
                           "regions": written.pop("regions"),
                           "organization": written.pop("organization")}
            self.configure(written)
            self.workspace.write("connections/eu.yaml", json.dumps(connections))
            refused = self.tenantry("--connections", "connections/eu.yaml", "validate",
                                    code=FAILED)
            self.assertIn("not allowed beside a connections file", refused.text)
        del written["tenants"]["acme"]["oauthClients"]["portal"]["deliverSecret"]
        self.configure(written)
        connections["sinks"] = {"*/oauthClients/*": {"command": ["./deliver.sh"]}}
        self.workspace.write("connections/eu.yaml", json.dumps(connections))
        self.tenantry("--connections", "connections/eu.yaml", "apply", "--auto-approve", code=DONE)
        self.assert_works(self.read("got.json"))


if __name__ == "__main__":
    unittest.main()
