"""What the end-to-end tests share: a folder to work in, test cases, configurations as data."""

import json
import pathlib
import shutil
import signal
import tempfile
import time
import unittest

from emulator import CLIENT_ID, CLIENT_SECRET, LICENSE_KEY, Emulator
from program import CHANGES, DONE, FAILED, GUARD, INTERRUPTED, PARTIAL, REPOSITORY, Running
from program import SLOWNESS
from program import binary, clean_environment

__all__ = ["CHANGES", "CLIENT_ID", "CLIENT_SECRET", "DONE", "FAILED", "GUARD", "INTERRUPTED",
           "LICENSE_KEY", "PARTIAL", "REPOSITORY", "Case", "Emulator", "EmulatorCase", "Workspace",
           "binary", "comparable", "configuration", "kill", "oauth_client", "tenant", "wait_until"]


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
    # The emulator's lists show at once what was created: nothing is to be waited for.
    out["policy"] = {"listDelaySeconds": 0, **sections.get("policy", {})}
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
              "statusLastUpdatedAt", "ownerId", "clientSecrets", "users"}


def comparable(value):
    """A snapshot without what differs from run to run: ids, times, generated host names, order."""
    if isinstance(value, dict):
        return {k: comparable(v) for k, v in value.items() if k not in _GENERATED}
    if isinstance(value, list):
        return sorted((comparable(v) for v in value), key=lambda v: json.dumps(v, sort_keys=True))
    return value


def wait_until(holds, what, timeout=20):
    deadline = time.monotonic() + timeout * SLOWNESS
    while not holds():
        if time.monotonic() > deadline:
            raise AssertionError(f"{what}: not within {timeout} s")
        time.sleep(0.01)


def kill(running):
    """As the kernel or a lost runner does it."""
    running.send(signal.SIGKILL)
    return running.wait()
