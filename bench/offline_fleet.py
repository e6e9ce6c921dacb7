"""A fleet whose state says that everything is applied, made without applying it: one tenant is applied
to the emulator, and its rows are copied under the keys of all others."""
import json
import sqlite3

from measuring import Emulator, measured

RESOURCES = 100  # of each tenant, of 8 kinds


def blueprint(version="first"):
    """What every tenant gets. A good half of it says something of the tenant; one role holds
    `version`, so that another one changes one resource of each tenant."""
    roles = {f"role{i}": {"name": f"Role {i}", "description": f"What people of level {i} may do",
                          "assignedScopes": ["automations", "automl-experiments"]}
             for i in range(15)}
    roles["role0"]["description"] = f"The {version} description"
    groups = {f"group{i}": {"name": f"${{tenant.key}}-group-{i}", "providerType": "custom",
                            "description": f"Group {i} of ${{tenant.name}}",
                            "assignedRoles": [f"role{i % 15}", f"role{(i + 1) % 15}"]}
              for i in range(28)}
    webs = {f"web{i}": {"name": f"Web {i}", "validOrigins": "${values.origins}"} for i in range(20)}
    clients = {f"client{i}": {"clientName": f"Client {i}", "appType": "web",
                              "description": "Machine to machine",
                              "allowedGrantTypes": ["client_credentials"],
                              "allowedScopes": ["user_default"],
                              "deliverSecret": {"file": f"secrets/${{tenant.key}}-{i}.json"}}
               for i in range(15)}
    spaces = {f"space{i}": {"name": f"Space {i}", "type": "data",
                            "description": "Where ${values.owner} keeps data",
                            "assignments": [{"type": "group", "assigneeId": f"group{i}",
                                             "roles": ["consumer", "producer"]}]}
              for i in range(15)}
    projects = {f"project{i}": {"name": f"Project {i}", "space": f"space{i}"} for i in range(5)}
    return {
        "parameters": {"origins": {"type": "list", "required": True},
                       "owner": {"type": "text", "required": True}},
        "tenantSettings": {"preferredStartPage": "analytics-hub"},
        "groupSettings": {"autoCreateGroups": False},
        "roles": roles, "groups": groups, "webIntegrations": webs, "oauthClients": clients,
        "spaces": spaces, "diProjects": projects,
    }


def small_blueprint(resources):
    """So many resources of 4 kinds, which say something of their tenant."""
    makers = {
        "roles": lambda i: {"name": f"Role {i}", "assignedScopes": ["automations"],
                            "description": f"What people of level {i} of ${{tenant.key}} may do"},
        "groups": lambda i: {"name": f"${{tenant.key}}-group-{i}", "providerType": "custom",
                             "description": f"Group {i} of ${{tenant.name}}",
                             "assignedRoles": ["role0"]},
        "webIntegrations": lambda i: {"name": f"Web {i}", "validOrigins": "${values.origins}"},
        "spaces": lambda i: {"name": f"Space {i}", "type": "data",
                             "description": "Where ${values.owner} keeps data"},
    }
    names = {"roles": "role", "groups": "group", "webIntegrations": "web", "spaces": "space"}
    sections = {section: {} for section in makers}
    for i in range(resources):
        section = list(makers)[i % len(makers)]
        sections[section][f"{names[section]}{i // len(makers)}"] = makers[section](i // len(makers))
    return {
        "parameters": {"origins": {"type": "list", "required": True},
                       "owner": {"type": "text", "required": True}},
        **{section: entries for section, entries in sections.items() if entries},
    }


def key_of(index):
    return f"t{index:06}"


def write_rows(path, kind, tenants):
    """As CSV, as a list of JSON, or as that of block YAML."""
    rows = [[key, f"https://{key}.example;https://www.{key}.example", f"owner of {key}"]
            for key in map(key_of, range(tenants))]
    names = ["key", "origins", "owner"]
    if kind == "csv":
        text = "\n".join(map(",".join, [names, *rows]))
    elif kind == "json":
        text = json.dumps([dict(zip(names, row)) for row in rows])
    else:
        text = "\n".join("- " + "\n  ".join(f"{name}: {cell}" for name, cell in zip(names, row))
                         for row in rows)
    path.write_text(text + "\n")


def write(folder, endpoint, tenants, form="csv", version="first", standard=None):
    """The configuration in `folder`: its tenants are rows of a file, or written out in YAML.
    `standard` is their blueprint, if not the large one."""
    regions = {"eu": {"clientId": "emulator", "clientSecret": "${var.secret}",
                      "licenseKey": "${var.license}", "endpoint": endpoint, "rateLimits": "off"}}
    head = {"apiVersion": "tenantry/v1",
            "variables": {"secret": {"env": "BENCH_SECRET"}, "license": {"env": "BENCH_LICENSE"}},
            "regions": regions, "blueprints": {"standard": standard or blueprint(version)}}
    if form != "yaml":
        kind = form.removesuffix("-rows")
        head["fleets"] = {"customers": {
            "from": f"customers.{kind}", "columns": {"origins": {"type": "list", "separator": ";"}},
            "region": "eu", "blueprint": "standard", "name": "Customer ${row.key}",
            "alias": "${row.key}", "values": {"origins": "${row.origins}", "owner": "${row.owner}"}}}
        head["tenants"] = {}
        write_rows(folder / f"customers.{kind}", kind, tenants)
    else:
        head["tenants"] = {
            key: {"region": "eu", "blueprint": "standard", "name": f"Customer {key}", "alias": key,
                  "values": {"origins": [f"https://{key}.example", f"https://www.{key}.example"],
                             "owner": f"owner of {key}"}}
            for key in map(key_of, range(tenants))}
    lines = [f"{key}: {json.dumps(value)}" for key, value in head.items() if key != "tenants"]
    lines += ["tenants:" if head["tenants"] else "tenants: {}"]
    lines += [f"  {key}: {json.dumps(value)}" for key, value in head["tenants"].items()]
    (folder / "tenantry.yaml").write_text("\n".join(lines) + "\n")


def multiply(path, tenants):
    """Gives every tenant the rows of the first, under its own key, id and host name."""
    first = key_of(0)
    columns = ("section, key, remote_id, applied, observed, secrets, extra, depends_on, "
               "prevent_destroy, created_at, updated_at")
    places = ", ".join("?" * 12)
    state = sqlite3.connect(path)
    state.execute("PRAGMA synchronous = OFF")
    rows = state.execute(f"SELECT {columns} FROM resources WHERE tenant = ?", (first,)).fetchall()
    own = next(row for row in rows if row[0] == "")
    own_id, hostname = own[2], json.loads(own[6])["hostname"]

    def rows_of(key):
        def changed(text):
            if not isinstance(text, str):
                return text
            return text.replace(hostname, f"{key}.{hostname}").replace(first, key).replace(own_id, key)
        for row in rows:
            yield key, *row[:2], *map(changed, row[2:])

    with state:
        state.execute("DELETE FROM operations")
        for key in map(key_of, range(1, tenants)):
            state.execute("INSERT INTO tenants SELECT ?, serial, config_digest, applied_at "
                          "FROM tenants WHERE key = ?", (key, first))
            state.executemany(f"INSERT INTO resources (tenant, {columns}) VALUES ({places})",
                              rows_of(key))
    state.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    state.close()


def make(folder, binary, tenants, form="csv"):
    """Fills `folder` with the configuration and the state of a fleet."""
    with Emulator(binary) as emulator:
        write(folder, emulator.url, 1, form)
        measured([binary, "apply", "--auto-approve"], folder)
        multiply(folder / "tenantry.state", tenants)
        write(folder, emulator.url, tenants, form)


def make_new(folder, tenants, resources, form="csv", endpoint="http://127.0.0.1:1"):
    """Fills `folder` with the configuration of a fleet that does not exist yet."""
    write(folder, endpoint, tenants, form, standard=small_blueprint(resources))
