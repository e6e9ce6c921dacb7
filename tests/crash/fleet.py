"""A fleet whose apply is disturbed again and again, and what must be there when it is done."""

import argparse
import json
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import common
from postgres_server import PostgresServer
from support import CLIENT_SECRET, LICENSE_KEY, Emulator, binary, clean_environment, configuration

ENV = dict(E2E_CLIENT_SECRET=CLIENT_SECRET, E2E_LICENSE_KEY=LICENSE_KEY)


def _client(key):
    return {"clientName": "Portal", "appType": "web", "allowedGrantTypes": ["client_credentials"],
            "allowedScopes": ["user_default"], "connectionConfig": {"consentMethod": "trusted"},
            "deliverSecret": {"file": f"secrets/{key}.json"}}


def first(key):
    """A tenant as it is created."""
    return {
        "region": "eu", "name": key.capitalize(), "alias": key + "-fleet",
        "roles": {"author": {"name": "Author", "description": "Writes"}},
        "groups": {"analysts": {"name": "Analysts", "providerType": "custom",
                                "assignedRoles": ["author"]},
                   "guests": {"name": "Guests", "providerType": "custom"}},
        "webIntegrations": {"portal": {"name": "Portal",
                                       "validOrigins": ["https://portal.example"]}},
        "oauthClients": {"portal": _client(key)},
    }


def second(key):
    """The same tenant later: something new, something changed, something replaced, something gone."""
    tenant = first(key)
    tenant["roles"]["author"]["description"] = "Writes reports"
    tenant["groups"]["analysts"]["providerType"] = "idp"
    del tenant["groups"]["guests"], tenant["webIntegrations"]
    tenant["oauthClients"]["machine"] = {**_client(key + "-machine"), "clientName": "Machine"}
    return tenant


PHASES = (first, second)


class Fleet:
    """A folder, an emulator, and as many tenants as asked for. The state is a file, or is in `server`
    (a PostgresServer)."""

    def __init__(self, tenants, latency_ms=0, parent=None, server=None):
        self.server = server
        self.keys = [f"t{n:03}" for n in range(tenants)]
        self.path = pathlib.Path(tempfile.mkdtemp(prefix="tenantry-fleet-", dir=parent)).resolve()
        self.emulator = Emulator("--rate-limits", "off", "--latency", str(latency_ms))
        self.state = self.path / "tenantry.state"

    def remove(self):
        self.emulator.stop()
        shutil.rmtree(self.path, ignore_errors=True)

    def start_over(self):
        """No tenants, no state, no secrets."""
        self.emulator.reset()
        for file in self.path.glob("tenantry.state*"):
            file.unlink()
        if self.server:
            self.server.forget_state()
        shutil.rmtree(self.path / "secrets", ignore_errors=True)

    def declare(self, phase):
        written = configuration(self.emulator, {key: phase(key) for key in self.keys},
                                organization=True)
        (self.path / "tenantry.yaml").write_text(json.dumps(written, indent=1) + "\n")

    def start(self, *arguments, **options):
        where = {"TENANTRY_STATE_DSN": self.server.dsn()} if self.server else {}
        return subprocess.Popen([binary(), *arguments], cwd=self.path,
                                env=clean_environment(**ENV, **where), stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                **options)

    def run(self, *arguments, kill_after=None, kill_when=None, **options):
        """How it ended: exit code (-9 where it was killed), stdout, stderr. It is killed after so
        many seconds, or as soon as `kill_when()` holds."""
        running = self.start(*arguments, **options)
        deadline = time.monotonic() + (kill_after or 180)
        while True:
            try:
                out, err = running.communicate(timeout=0.01 if kill_when else kill_after or 180)
                return running.returncode, out, err
            except subprocess.TimeoutExpired:
                late = time.monotonic() >= deadline
                if not late and not (kill_when and kill_when()):
                    continue
            running.send_signal(signal.SIGKILL)
            out, err = running.communicate()
            if late and not kill_after:
                raise AssertionError(f"did not end: {' '.join(arguments)}\n{out}{err}")
            return running.returncode, out, err

    def apply(self, *arguments, **options):
        return self.run("apply", "--auto-approve", *arguments, **options)

    def left(self):
        state = common.StateDatabase(self.server) if self.server else None
        return common.Left(self.path, self.emulator, state)


def wrong_in_the_end(fleet, expected):
    """Of a fleet that says it is done: whether a plan agrees, and what is there."""
    code, out, err = fleet.run("plan", "--detailed-exitcode")
    wrong = [] if code == 0 else [f"the plan after it ended with {code}:\n{out}{err}"]
    return wrong + fleet.left().differs(expected)


def undisturbed(fleet):
    """{phase: what an apply leaves that nothing disturbs}, and the seconds of the longest."""
    left, longest = {}, 0.0
    fleet.start_over()
    for phase in PHASES:
        fleet.declare(phase)
        begun = time.monotonic()
        code, out, err = fleet.apply()
        longest = max(longest, time.monotonic() - begun)
        assert code == 0, f"undisturbed {phase.__name__} ended with {code}:\n{out}{err}"
        left[phase] = fleet.left()
        assert not left[phase].differs(left[phase]), left[phase].differs(left[phase])
    return left, longest


def arguments(description, rounds):
    """What every campaign over a fleet can be told."""
    parser = argparse.ArgumentParser(description=description.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=rounds)
    parser.add_argument("--seed", type=int, default=time.time_ns() % 1_000_000)
    parser.add_argument("--tenants", type=int, default=20)
    parser.add_argument("--latency", type=int, default=5, help="of the emulator, milliseconds")
    parser.add_argument("--state", choices=("local", "postgres"), default="local",
                        help="where the state is")
    return parser


def campaign(asked, disturb):
    """Calls `disturb` with a fleet as `asked` for, which gives a summary and what went wrong. Gives the
    exit code of the whole."""
    print(f"seed {asked.seed}", flush=True)
    begun = time.monotonic()
    server = PostgresServer() if asked.state == "postgres" else None
    fleet = Fleet(asked.tenants, asked.latency, server=server)
    try:
        summary, wrong = disturb(fleet)
    finally:
        fleet.remove()
        if server:
            server.remove()
    print(f"{summary}, {len(wrong)} failures, {time.monotonic() - begun:.0f} s")
    for text in wrong:
        print(text, file=sys.stderr)
    return 1 if wrong else 0
