"""What the benchmarks of fleets share: an emulator, configurations as data, and the cost of a run."""

import json
import os
import pathlib
import signal
import subprocess
import sys
import time
import urllib.request

TOP = pathlib.Path(__file__).resolve().parent.parent
BINARY = TOP / "build/release/tenantry"
SECRET, LICENSE = "emulator-secret", "emulator-license"
PARALLELISM = 64  # the program's default


class Emulator:
    """An emulator in a process of its own; with `core`, on that core alone."""

    def __init__(self, binary, *arguments, core=None):
        pinned = [] if core is None else ["taskset", "-c", str(core)]
        self.process = subprocess.Popen(
            [*pinned, str(binary), "emulator", "--port", "0", *arguments],
            stdout=subprocess.PIPE, text=True)
        self.url = self.process.stdout.readline().split()[-1]

    def control(self, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        with urllib.request.urlopen(self.url + "/_emulator" + path, data) as answer:
            return json.load(answer) if answer.status != 204 else None

    def requests(self):
        return self.control("/stats")["requests"]

    def log(self, since=0):
        return self.control(f"/requests?since={since}")

    def answer_after(self, milliseconds):
        """From now on every answer takes so long."""
        self.control("/faults", [{"match": {}, "delayMs": milliseconds}])

    def cpu(self):
        """Seconds of processor time so far."""
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def stop(self):
        self.process.send_signal(signal.SIGINT)
        self.process.wait(30)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


class Cost:
    """What one command took."""

    def __init__(self, wall, cpu, peak_mb, requests, emulator_cpu):
        self.wall, self.cpu, self.peak_mb = wall, cpu, peak_mb
        self.requests, self.emulator_cpu = requests, emulator_cpu


def measure(command, folder, emulator, environment=None, core=None):
    """Runs `command` in `folder` to its good end."""
    pinned = [] if core is None else ["taskset", "-c", str(core)]
    requests, emulator_cpu = emulator.requests(), emulator.cpu()
    begun = time.monotonic()
    process = subprocess.Popen(
        [*pinned, *map(str, command)], cwd=folder, stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env=dict(os.environ, BENCH_SECRET=SECRET, BENCH_LICENSE=LICENSE, **(environment or {})))
    errors = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.monotonic() - begun
    code = os.waitstatus_to_exitcode(status)
    if code != 0:
        sys.exit(f"{' '.join(map(str, command))} ended with {code}:\n{errors.decode()[-3000:]}")
    return Cost(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024,
                emulator.requests() - requests, emulator.cpu() - emulator_cpu)


def configuration(endpoint, blueprint, tenants, rate_limits="off"):
    """A fleet of tenants t0000, t0001... of one blueprint; or {key: blueprint} of several."""
    if isinstance(tenants, int):
        tenants = {f"t{i:04}": {} for i in range(tenants)}
    return {
        "apiVersion": "tenantry/v1",
        "variables": {"secret": {"env": "BENCH_SECRET"}, "license": {"env": "BENCH_LICENSE"}},
        "regions": {"eu": {"clientId": "emulator", "clientSecret": "${var.secret}",
                           "licenseKey": "${var.license}", "endpoint": endpoint,
                           "rateLimits": rate_limits}},
        "blueprints": {"standard": blueprint},
        "tenants": {key: {"region": "eu", "blueprint": "standard", "name": f"Tenant {key}",
                          "alias": f"bench-{key}", **more} for key, more in tenants.items()},
    }


def roles(count):
    return {f"role{i}": {"name": f"Role {i}", "assignedScopes": ["automations"]}
            for i in range(count)}


def groups(count, of_roles):
    return {f"group{i}": {"name": f"Group {i}", "providerType": "custom",
                          "assignedRoles": [f"role{i % of_roles}"]} for i in range(count)}


def web_integrations(count):
    return {f"web{i}": {"name": f"Web {i}", "validOrigins": [f"https://w{i}.example"]}
            for i in range(count)}


def secret_clients(count):
    """OAuth clients whose secret is delivered to a file each."""
    return {f"client{i}": {"clientName": f"Client {i}", "appType": "web",
                           "allowedGrantTypes": ["client_credentials"],
                           "deliverSecret": {"file": f"secrets/${{tenant.key}}-{i}.json"}}
            for i in range(count)}


def public_clients(count):
    return {f"page{i}": {"clientName": f"Page {i}", "appType": "spa",
                         "redirectUris": [f"https://p{i}.example/back"]} for i in range(count)}


def write(folder, document):
    (pathlib.Path(folder) / "tenantry.yaml").write_text(json.dumps(document))


def verdict(holds):
    return "met" if holds else "MISSED"
