"""The life of a tenant in stages: every kind, and every action that changes something.

A stage is what changes before a run (in the configuration, in its files, in the cloud by somebody
else) and the command that then brings it about. Stages stand on each other, in their order.
"""

import copy
import json

import common  # noqa: F401  (finds the modules of tests/e2e)
from assets import ico, png, project
from support import configuration

APPLY = ("apply", "--auto-approve")
_KEY = "arn:aws:kms:eu-west-1:123456789012:key/mrk-{:032x}"
_DAY = 24 * 3600


def client(sink, **more):
    return {"clientName": "Portal", "appType": "web", "allowedGrantTypes": ["client_credentials"],
            "allowedScopes": ["user_default"], "connectionConfig": {"consentMethod": "trusted"},
            "deliverSecret": {"file": f"secrets/{sink}.json"}, **more}


def acme():
    return {
        "region": "eu", "name": "Acme", "alias": "acme-crash",
        "groupSettings": {"autoCreateGroups": True},
        "tenantSettings": {"preferredStartPage": "analytics-hub"},
        "roles": {"author": {"name": "Author", "description": "Writes",
                             "assignedScopes": ["automations"]},
                  "base": {"name": "UserDefault", "assignedScopes": ["automations"]}},
        "groups": {"analysts": {"name": "Analysts", "providerType": "custom",
                                "assignedRoles": ["author"]},
                   "everyone": {"name": "com.qlik.Everyone",
                                "assignedRoles": {"$contains": ["Steward"]}}},
        "webIntegrations": {"portal": {"name": "Portal",
                                       "validOrigins": ["https://portal.example"]}},
        "oauthClients": {"portal": client("acme")},
        "brands": {"house": {"name": "House", "logo": "assets/logo.png",
                             "favIcon": "assets/favicon.ico", "active": True}},
        "keyProviders": {"cmk": {"name": "Key", "keyprovider": "AWS-KMS", "arn": _KEY.format(1),
                                 "current": True}},
        "spaces": {"pipelines": {"name": "Pipelines", "type": "data", "assignments": [
                       {"type": "group", "assigneeId": "analysts", "roles": ["consumer"]}]},
                   "team": {"name": "Team", "type": "shared"}},
        "diProjects": {"sales": {"name": "Sales", "space": "pipelines",
                                 "package": "assets/sales.zip",
                                 "bindings": {"targetSchema": "acme_dw"}}},
    }


class World:
    """What a stage may change: the tenants that are declared, files, and the cloud."""

    def __init__(self, folder, emulator):
        self.folder, self.emulator = folder, emulator
        self.tenants, self.sections = {}, {}

    @property
    def acme(self):
        return self.tenants["acme"]

    def declare(self):
        written = configuration(self.emulator, copy.deepcopy(self.tenants), organization=True,
                                policy={"maxDeletes": 50, "maxDeactivates": 5}, **self.sections)
        (self.folder / "tenantry.yaml").write_text(json.dumps(written, indent=2) + "\n")

    def host(self, name="Acme"):
        return self.emulator.tenants()[name]["hostnames"][0]


def create(world):
    assets = world.folder / "assets"
    assets.mkdir()
    (assets / "logo.png").write_bytes(png())
    (assets / "favicon.ico").write_bytes(ico())
    project(assets / "sales.zip")
    world.tenants["acme"] = acme()
    return APPLY


def update(world):
    (world.folder / "assets/logo.png").write_bytes(png(7))
    project(world.folder / "assets/sales.zip", tasks=("landing", "mart"))
    tenant = world.acme
    tenant["name"], tenant["alias"] = "Acme Analytics", "acme-analytics-crash"
    tenant["tenantSettings"]["preferredStartPage"] = "management-console"
    tenant["roles"]["author"]["description"] = "Writes reports"
    tenant["groups"]["analysts"].update(description="Read", assignedRoles=["author", "Steward"])
    tenant["webIntegrations"]["portal"]["validOrigins"].append("https://second.example")
    tenant["oauthClients"]["portal"]["description"] = "Of the portal"
    tenant["brands"]["house"]["description"] = "Blue"
    tenant["brands"]["house"]["favIcon"] = ""
    tenant["keyProviders"]["cmk"]["description"] = "Ours"
    tenant["spaces"]["pipelines"]["assignments"][0]["roles"] = ["consumer", "producer"]
    tenant["diProjects"]["sales"]["bindings"]["targetSchema"] = "acme_mart"
    return APPLY


def replace(world):
    """Delete first: group, client, space. Create first: key provider."""
    tenant = world.acme
    tenant["groups"]["analysts"].update(providerType="idp")
    tenant["groups"]["analysts"].pop("description")
    tenant["oauthClients"]["portal"] = {"clientName": "Portal", "appType": "spa",
                                        "allowedOrigins": ["https://portal.example"]}
    tenant["oauthClients"]["machine"] = client("machine", clientName="Machine")
    tenant["spaces"]["team"]["type"] = "managed"
    tenant["keyProviders"]["cmk"].update(arn=_KEY.format(2))
    return APPLY


def activate(world):
    """Brand and key are handed over to another one."""
    tenant = world.acme
    tenant["brands"]["house"]["active"] = False
    tenant["brands"]["summer"] = {"name": "Summer", "logo": "assets/logo.png", "active": True}
    tenant["keyProviders"]["spare"] = {"name": "Spare", "keyprovider": "AWS-KMS",
                                       "arn": _KEY.format(3), "current": True}
    tenant["keyProviders"]["cmk"].pop("current")
    return APPLY


def rotate(world):
    """The old secret goes as soon as the new one is delivered."""
    world.acme["oauthClients"]["machine"]["rotateSecretAfterDays"] = 90
    world.emulator.advance(91 * _DAY)
    return APPLY


def rotate_slowly(world):
    """The old secret stays valid for a while."""
    world.acme["oauthClients"]["machine"]["retireOldSecretAfterDays"] = 7
    world.emulator.advance(91 * _DAY)
    return APPLY


def retire(world):
    world.emulator.advance(8 * _DAY)
    return APPLY


def deliver_elsewhere(world):
    """Another place for a secret means another secret."""
    world.acme["oauthClients"]["machine"]["deliverSecret"] = {"file": "secrets/moved.json"}
    return APPLY


def adopt(world):
    """What somebody else made, and what they changed on ours."""
    host = world.host("Acme Analytics")
    world.emulator.api(host, "POST", "/api/v1/groups",
                       {"name": "Theirs", "providerType": "custom"})
    world.emulator.api(host, "POST", "/api/v1/web-integrations",
                       {"name": "Theirs", "validOrigins": ["https://theirs.example"]})
    world.acme["groups"]["theirs"] = {"name": "Theirs", "providerType": "custom",
                                      "description": "Ours now", "assignedRoles": ["author"]}
    world.acme["webIntegrations"]["theirs"] = {"name": "Theirs",
                                               "validOrigins": ["https://theirs.example"]}
    made = world.emulator.create_tenant("eu", "Globex")
    world.tenants["globex"] = {"region": "eu", "name": "Globex", "hostname": made["hostnames"][0],
                               "roles": {"author": {"name": "Author"}}}
    return (*APPLY, "--adopt")


def move(world):
    groups = world.acme["groups"]
    groups["readers"] = {**groups.pop("theirs"), "description": "Read"}
    world.tenants["globex-corp"] = world.tenants.pop("globex")
    world.sections["moved"] = [{"from": "acme/groups/theirs", "to": "acme/groups/readers"},
                               {"from": "globex", "to": "globex-corp"}]
    return APPLY


def import_one(world):
    """Somebody else's group is taken over, without a call that changes it."""
    made = world.emulator.api(world.host("Acme Analytics"), "POST", "/api/v1/groups",
                              {"name": "Found", "providerType": "custom"})
    world.sections.pop("moved")
    world.acme["groups"]["found"] = {"name": "Found", "providerType": "custom"}
    return "import", "acme/groups/found", made["id"]


def state_move(world):
    groups = world.acme["groups"]
    groups["kept"] = groups.pop("found")
    return "state", "mv", "acme/groups/found", "acme/groups/kept"


def state_remove(world):
    """Forgotten, and left as it is."""
    world.acme["groups"].pop("kept")
    return "state", "rm", "acme/groups/kept"


def delete(world):
    tenant = world.acme
    for section in ("webIntegrations", "oauthClients", "tenantSettings", "keyProviders", "groups"):
        del tenant[section]
    tenant["roles"].pop("author")
    tenant["spaces"].pop("team")
    tenant["spaces"]["pipelines"]["assignments"] = []
    tenant["brands"]["house"]["active"] = True
    tenant["brands"].pop("summer")
    return APPLY


def deactivate(world):
    world.acme["status"] = "deactivated"
    del world.tenants["globex-corp"]  # not declared any more: it takes the flag
    return (*APPLY, "--allow-deactivate")


def reactivate(world):
    del world.acme["status"]
    world.acme["roles"]["author"] = {"name": "Author"}
    return APPLY


STAGES = [create, update, replace, activate, rotate, rotate_slowly, retire,
          deliver_elsewhere, adopt, move, import_one,
          state_move, state_remove, delete, deactivate, reactivate]

# By what a command that is not an apply says that it was done already.
DONE_ALREADY = {"import": "in the state already", "mv": "not in the state", "rm": "nothing in the state matches"}
