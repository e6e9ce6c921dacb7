"""What the crash tests share: the cloud's content and the state, in a form that can be compared."""

import json
import pathlib
import sqlite3
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))

from support import comparable  # noqa: E402


def essence(snapshot):
    """A snapshot without ids, times and host names, but with the number of each client's secrets:
    a secret that nobody knows would be one too many."""
    tenants = json.loads(json.dumps(snapshot["tenants"]))
    for tenant in tenants:
        for client in tenant.get("oauthClients", []):
            client["secretCount"] = len(client.get("clientSecrets", []))
    return comparable(tenants)


def difference(expected, found):
    """Lines that one of the two has and the other has not."""
    def lines(value):
        return [line for part in value for line in
                (f"{part.get('name')}: {table}: {json.dumps(row, sort_keys=True)}"
                 for table, rows in part.items()
                 for row in (rows if isinstance(rows, list) else [rows]))]
    before, after = lines(expected), lines(found)
    return ([f"missing {line}" for line in before if before.count(line) > after.count(line)]
            + [f"too much {line}" for line in after if after.count(line) > before.count(line)])


class StateFile:
    """What is in a state, read as any program that knows SQLite does."""

    def __init__(self, path):
        database = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        try:
            self.rows = sorted(database.execute(
                "SELECT tenant, section, key, remote_id FROM resources"))
            self.open = database.execute(
                "SELECT tenant, section, key, action FROM operations WHERE status = 'open'"
            ).fetchall()
        finally:
            database.close()

    @property
    def addresses(self):
        return ["/".join(part for part in row[:3] if part) for row in self.rows]


def declared_sinks(configuration):
    """Files that must hold a secret which works: those of active tenants' clients."""
    configuration = json.loads(configuration.read_text())
    return [client["deliverSecret"]["file"]
            for tenant in configuration["tenants"].values() if tenant.get("status") is None
            for client in tenant.get("oauthClients", {}).values() if "deliverSecret" in client]


def secret_works(emulator, file):
    """Whether a delivered secret gets a token."""
    try:
        credential = json.loads(file.read_text())
    except (OSError, ValueError):
        return False
    status, _ = emulator.exchange(credential["host"], "POST", "/oauth/token", {
        "client_id": credential["clientId"], "client_secret": credential["clientSecret"],
        "grant_type": "client_credentials"})
    return status == 200
