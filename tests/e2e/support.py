"""What the end-to-end tests share: the program, an emulator process, a folder to work in."""

import http.client
import json
import os
import pathlib
import select
import shutil
import signal
import subprocess
import tempfile
import threading
import time
import unittest

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
CLIENT_ID = "emulator"
CLIENT_SECRET = "emulator-secret"
LICENSE_KEY = "emulator-license"

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
            code = self.process.wait(timeout)
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


class Emulator:
    """`tenantry emulator` in a process of its own, on a free port."""

    def __init__(self, *arguments):
        self._process = subprocess.Popen(
            [binary(), "emulator", "--port", "0", *arguments], env=clean_environment(),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self._tokens = {}
        greeting = "listening on http://127.0.0.1:"
        ready, _, _ = select.select([self._process.stdout], [], [], 20)
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


def clean_environment(**more):
    """Nothing of the caller's but what a program needs to run."""
    kept = {name: value for name, value in os.environ.items()
            if name in ("PATH", "TMPDIR") or name.endswith("SAN_OPTIONS")}
    return {"LANG": "C.UTF-8", "HOME": "/nonexistent", **kept, **more}


class Workspace:
    """A temporary folder with a configuration, in which the program is run."""

    def __init__(self):
        self.path = pathlib.Path(tempfile.mkdtemp(prefix="tenantry-e2e-")).resolve()
        self.environment = clean_environment(
            E2E_CLIENT_SECRET=CLIENT_SECRET, E2E_LICENSE_KEY=LICENSE_KEY)

    def remove(self):
        shutil.rmtree(self.path, ignore_errors=True)

    def copy_example(self, name):
        shutil.copytree(REPOSITORY / "examples" / name, self.path, dirs_exist_ok=True)

    def edit(self, name, old, new):
        """Replaces a text that is there once."""
        text = (self.path / name).read_text()
        assert text.count(old) == 1, f"{name} has {text.count(old)} times: {old}"
        (self.path / name).write_text(text.replace(old, new))

    def write(self, name, text):
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def configure(self, configuration):
        """JSON is YAML: tests edit a configuration as data and write it whole."""
        self.write("tenantry.yaml", json.dumps(configuration, indent=2) + "\n")

    def start(self, *arguments, environment=None):
        return Running(list(arguments), self.path, {**self.environment, **(environment or {})})

    def run(self, *arguments, environment=None, timeout=60):
        return self.start(*arguments, environment=environment).wait(timeout)

    def has_bytes(self, needle):
        """Files of the folder, hidden ones too, that contain `needle`."""
        return sorted(str(p.relative_to(self.path)) for p in self.path.rglob("*")
                      if p.is_file() and needle.encode() in p.read_bytes())


class Case(unittest.TestCase):
    """A test with a folder of its own."""

    maxDiff = None

    def setUp(self):
        self.workspace = Workspace()
        self.addCleanup(self.workspace.remove)

    def start_emulator(self, *arguments):
        emulator = Emulator(*arguments)
        self.addCleanup(emulator.stop)
        return emulator

    def start(self, *arguments):
        """Starts the program and does not wait for its end."""
        running = self.workspace.start(*arguments)
        self.addCleanup(running.discard)
        return running

    def tenantry(self, *arguments, code=DONE, **options):
        """Runs the program and expects exit code `code`."""
        ended = self.workspace.run(*arguments, **options)
        self.assertEqual(ended.code, code, str(ended))
        return ended

    def apply(self, *arguments, code=DONE, **options):
        return self.tenantry("apply", "--auto-approve", *arguments, code=code, **options)

    def plan_is_empty(self, *arguments):
        ended = self.tenantry("plan", "--detailed-exitcode", *arguments)
        self.assertIn("No changes.", ended.out)
        return ended

    def planned(self, *arguments, code=DONE):
        """{address: action} of what plan would do."""
        document = self.tenantry("plan", "--json", *arguments, code=code).json()
        return {change["address"]: change["tenantry"]["action"]
                for change in document["resource_changes"]
                if change["tenantry"]["action"] != "no-op"}


class EmulatorCase(Case):
    """A test with an emulator process of its own."""

    EMULATOR_ARGUMENTS = ()

    def setUp(self):
        super().setUp()
        self.emulator = self.start_emulator(*self.EMULATOR_ARGUMENTS)

    def configure(self, configuration):
        self.workspace.configure(configuration)

    def start_over(self):
        """An emulator without tenants, no state and no secrets."""
        self.emulator.reset()
        for file in self.workspace.path.glob("tenantry.state*"):
            file.unlink()
        shutil.rmtree(self.workspace.path / "secrets", ignore_errors=True)


def configuration(emulator, tenants, organization=False, **sections):
    """A configuration of the regions that the tenants name, whose calls go to the emulator."""
    credential = {"clientId": CLIENT_ID, "clientSecret": "${var.clientSecret}",
                  "endpoint": emulator.url}
    regions = sorted({tenant["region"] for tenant in tenants.values()}) or ["eu"]
    out = {
        "apiVersion": "tenantry/v1",
        "variables": {"clientSecret": {"env": "E2E_CLIENT_SECRET"},
                      "licenseKey": {"env": "E2E_LICENSE_KEY"}},
        "regions": {name: {**credential, "licenseKey": "${var.licenseKey}"} for name in regions},
    }
    if organization:
        out["organization"] = dict(credential)
    out.update(sections)
    out["tenants"] = tenants
    return out


def tenant(key="acme", **more):
    """A small tenant: a role, a group that has it, a web integration."""
    return {
        "region": "eu",
        "name": key.capitalize(),
        "alias": key + "-e2e",
        "roles": {"author": {"name": "Author", "description": "Writes"}},
        "groups": {"analysts": {"name": "Analysts", "description": "Read",
                                "providerType": "custom", "assignedRoles": ["author"]}},
        "webIntegrations": {"portal": {"name": "Portal",
                                       "validOrigins": ["https://portal.example"]}},
        **more,
    }


def oauth_client(key):
    return {"clientName": "Portal", "appType": "web",
            "allowedGrantTypes": ["client_credentials"], "allowedScopes": ["user_default"],
            "deliverSecret": {"file": f"secrets/{key}.json"}}


_GENERATED = {"id", "clientId", "tenantId", "hostnames", "links", "created", "createdAt",
              "createdBy", "lastUpdated", "lastUpdatedAt", "updated", "updatedAt", "updatedBy",
              "statusLastUpdatedAt", "createdByUser", "updatedByUser", "users", "subject", "email"}


def comparable(value):
    """A snapshot without what differs from run to run: ids, times, generated host names, order."""
    if isinstance(value, dict):
        return {k: comparable(v) for k, v in value.items() if k not in _GENERATED}
    if isinstance(value, list):
        return sorted((comparable(v) for v in value), key=lambda v: json.dumps(v, sort_keys=True))
    return value


def wait_until(holds, what, timeout=20):
    deadline = time.monotonic() + timeout
    while not holds():
        if time.monotonic() > deadline:
            raise AssertionError(f"{what}: not within {timeout} s")
        time.sleep(0.01)


def kill(running):
    """As the kernel or a lost runner does it."""
    running.send(signal.SIGKILL)
    return running.wait()
