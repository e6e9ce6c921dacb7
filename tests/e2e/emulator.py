"""The program's emulator in a process of its own, and the questions that tests ask it."""

import http.client
import json
import select
import subprocess

from program import SLOWNESS, binary, clean_environment

# What every emulator knows.
CLIENT_ID = "emulator"
CLIENT_SECRET = "emulator-secret"
LICENSE_KEY = "emulator-license"


class Emulator:
    """`tenantry emulator` in a process of its own, on a free port."""

    def __init__(self, *arguments):
        self._process = subprocess.Popen(
            [binary(), "emulator", "--port", "0", *arguments], env=clean_environment(),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self._tokens = {}
        greeting = "listening on http://127.0.0.1:"
        ready, _, _ = select.select([self._process.stdout], [], [], 20 * SLOWNESS)
        line = self._process.stdout.readline().decode() if ready else ""
        if not line.startswith(greeting):
            self.stop()
            raise AssertionError(f"the emulator did not start: {line!r}")
        self.port = int(line[len(greeting):])
        self.url = f"http://127.0.0.1:{self.port}"

    def stop(self):
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()

    def exchange(self, host, method, path, body=None, headers=None):
        """Sends one request; gives the status and the parsed body (None where there is none)."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            sent = {"Host": host, **(headers or {})}
            if body is not None:
                body = json.dumps(body)
                sent["Content-Type"] = "application/json"
            connection.request(method, path, body, sent)
            response = connection.getresponse()
            text = response.read()
            return response.status, json.loads(text) if text else None
        finally:
            connection.close()

    def control(self, method, path, body=None):
        status, answer = self.exchange("localhost", method, "/_emulator" + path, body)
        assert 200 <= status < 300, f"{method} {path}: {status} {answer}"
        return answer

    # --- what was asked of it ---

    def stats(self):
        return self.control("GET", "/stats")

    def mark(self):
        """To be handed to requests() later: only what comes after it is listed."""
        return self.stats()["requests"]

    def requests(self, since=0):
        return self.control("GET", f"/requests?since={since}")

    def calls(self, since=0):
        """"GET /api/v1/groups" of each request but those for tokens."""
        return [f"{r['method']} {r['path']}" for r in self.requests(since)
                if r["path"] != "/oauth/token"]

    def changing_calls(self, since=0):
        return [call for call in self.calls(since) if not call.startswith("GET ")]

    # --- what it is told ---

    def faults(self, *rules):
        self.control("POST", "/faults", list(rules))

    def no_faults(self):
        self.control("DELETE", "/faults")

    def advance(self, seconds):
        self.control("POST", "/clock", {"advanceSeconds": seconds})
        self._tokens.clear()

    def reset(self):
        self.control("POST", "/reset")
        self._tokens.clear()

    # --- what it holds ---

    def snapshot(self):
        return self.control("GET", "/snapshot")

    def tenants(self):
        """The tenants by display name."""
        return {tenant["name"]: tenant for tenant in self.snapshot()["tenants"]}

    def names(self, tenant, table):
        """Names of what a tenant (by display name) has in one table, sorted; with repeats."""
        key = "clientName" if table == "oauthClients" else "name"
        objects = self.tenants()[tenant][table]
        return sorted(o[key] for o in objects if o.get("type") != "default")

    # --- its API, as somebody else uses it ---

    def api(self, host, method, path, body=None):
        if host not in self._tokens:
            status, answer = self.exchange(host, "POST", "/oauth/token", {
                "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET,
                "grant_type": "client_credentials"})
            assert status == 200, f"token of {host}: {status} {answer}"
            self._tokens[host] = answer["access_token"]
        status, answer = self.exchange(
            host, method, path, body, {"Authorization": "Bearer " + self._tokens[host]})
        assert 200 <= status < 300, f"{method} {host}{path}: {status} {answer}"
        return answer

    def create_tenant(self, region="eu", name=None):
        """Made by somebody else; gives what the API answers."""
        tenant = self.api(f"register.{region}.qlikcloud.com", "POST", "/api/v1/tenants",
                          {"licenseKey": LICENSE_KEY})
        if name:
            self.api(tenant["hostnames"][0], "PATCH", f"/api/v1/tenants/{tenant['id']}",
                     [{"op": "replace", "path": "/name", "value": name}])
        return tenant

    def find(self, tenant, table, name):
        """The object of that name in a tenant (by display name), and the tenant's host."""
        key = "clientName" if table == "oauthClients" else "name"
        row = self.tenants()[tenant]
        found = [o for o in row[table] if o[key] == name]
        assert len(found) == 1, f"{len(found)} times {name} in {table} of {tenant}"
        return found[0], row["hostnames"][0]

    def patch(self, tenant, table, name, **attributes):
        """Changes an object behind the program's back."""
        found, host = self.find(tenant, table, name)
        path = {"webIntegrations": "web-integrations"}.get(table, table)
        self.api(host, "PATCH", f"/api/v1/{path}/{found['id']}",
                 [{"op": "replace", "path": "/" + a, "value": v} for a, v in attributes.items()])
