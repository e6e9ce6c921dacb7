"""What the crash tests share: the cloud's content and the state, in a form that can be compared."""

import json
import pathlib
import re
import sqlite3
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))

from support import comparable  # noqa: E402


_TIME = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z")
_NEVER = "0001-01-01T00:00:00Z"


def _objects(value):
    """Every object in a snapshot, however deep."""
    if isinstance(value, dict):
        yield value
        value = list(value.values())
    if isinstance(value, list):
        for part in value:
            yield from _objects(part)


def _plain(value, names):
    """`value` without what another run makes otherwise: the time that it was, and ids, in place of
    which stands whose they are."""
    if isinstance(value, dict):
        return {key: _plain(part, names) for key, part in value.items()}
    if isinstance(value, list):
        return [_plain(part, names) for part in value]
    if not isinstance(value, str) or value == _NEVER:
        return value
    for word in re.findall(r"[\w-]{20,}", value):
        value = value.replace(word, names.get(word, word))
    return _TIME.sub("(time)", value)


def essence(snapshot):
    """A snapshot without ids, times and host names, but with the number of each client's secrets:
    a secret that nobody knows would be one too many."""
    names = {row[key]: f"(id of {row.get('name') or row.get('clientName')})"
             for row in _objects(snapshot) for key in ("id", "clientId") if key in row}
    for tenant in snapshot["tenants"]:
        for client in tenant.get("oauthClients", []):
            client["secretCount"] = len(client.get("clientSecrets", []))
    return comparable(_plain(snapshot["tenants"], names))


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


def addresses_of(rows):
    return ["/".join(part for part in row[:3] if part) for row in rows]


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
        return addresses_of(self.rows)


class StateDatabase:
    """The same of a state in a PostgreSQL server of postgres_server.py."""

    def __init__(self, server, database="fleet"):
        def read(text):
            answer = server.sql(f"SELECT coalesce(json_agg(t), '[]') FROM ({text}) AS t", database)
            return [tuple(row.values()) for row in json.loads(answer)]
        self.rows = sorted(read("SELECT tenant, section, key, remote_id FROM tenantry.resources"))
        self.open = read("SELECT tenant, section, key, action FROM tenantry.operations"
                         " WHERE status = 'open'")

    @property
    def addresses(self):
        return addresses_of(self.rows)


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


class Left:
    """What cloud, state and sinks hold, in a form that can be compared."""

    def __init__(self, folder, emulator, state=None):
        state = state or StateFile(folder / "tenantry.state")
        self.addresses, self.open = state.addresses, state.open
        self.snapshot = essence(emulator.snapshot())
        self.bad_secrets = [file for file in declared_sinks(folder / "tenantry.yaml")
                            if not secret_works(emulator, folder / file)]

    def differs(self, expected):
        """What is wrong with it; nothing where all is well."""
        out = [f"open operation: {operation}" for operation in self.open]
        out += [f"{file} holds no valid secret" for file in self.bad_secrets]
        if self.addresses != expected.addresses:
            out.append(f"state has {self.addresses}, not {expected.addresses}")
        return out + difference(expected.snapshot, self.snapshot)
