"""Every attribute of every kind, from the program's own tables: changed in the YAML, then behind its back.

A new attribute needs a value in SUBJECTS; what it becomes is worked out from its table.
"""

import copy
import hashlib
import json
import subprocess
import unittest

from assets import ico, png, project
from program import binary
from support import CHANGES, FAILED, EmulatorCase, configuration

KEY = {"kid": "k1", "kty": "RSA", "use": "sig", "alg": "RS256", "n": "AQAB", "e": "AQAB"}
ARN = "arn:aws:kms:eu-west-1:123456789012:key/mrk-" + 32 * "1"
SINK = {"file": "secrets/{}.json"}

# One resource or more of each section; together they write every attribute.
SUBJECTS = {
    "": {"": {
        "name": "Acme", "alias": "acme-e2e", "datacenter": None, "settings": {
            "autoAssignCreateSharedSpacesRoleToProfessionals": True,
            "autoAssignPrivateAnalyticsContentCreatorRoleToProfessionals": True,
            "autoAssignDataServicesContributorRoleToProfessionals": True,
            "enableAnalyticCreation": True, "enableAppOpeningFeedback": True}}},
    "tenantSettings": {"": {
        "preferredStartPage": "analytics-hub",
        "customizeNoAccess": {"linkEnabled": True, "message": "No", "linkLabel": "Help",
                              "linkUrl": "https://help.example"}}},
    "roles": {"author": {"name": "Author", "description": "Writes",
                         "assignedScopes": ["automations"]}},
    "groups": {"analysts": {"name": "Analysts", "description": "Read", "providerType": "custom",
                            "assignedRoles": ["author"]}},
    "groupSettings": {"": {"autoCreateGroups": True, "syncIdpGroups": True}},
    "webIntegrations": {"portal": {"name": "Portal", "validOrigins": ["https://a.example"]}},
    "oauthClients": {
        "app": {"clientName": "App", "appType": "spa", "description": "Reads",
                "clientUri": "https://a.example", "logoUri": "https://a.example/l.png",
                "redirectUris": ["https://a.example/back"]},
        "page": {"clientName": "Page", "appType": "spa", "allowedOrigins": ["https://a.example"],
                 "redirectUris": ["https://a.example/back"]},
        "machine": {"clientName": "Machine", "appType": "web", "allowedScopes": ["user_default"],
                    "allowedGrantTypes": ["client_credentials"],
                    "connectionConfig": {"consentMethod": "trusted"}, "deliverSecret": SINK},
        "signer": {"clientName": "Signer", "appType": "web", "deliverSecret": SINK,
                   "allowedAuthMethods": ["private_key_jwt"], "publicKeys": [KEY],
                   "allowedGrantTypes": ["client_credentials"],
                   "connectionConfig": {"consentMethod": "trusted"}},
        "server": {"clientName": "Server", "appType": "web", "jwksUri": "https://a.example/jwks",
                   "allowedAuthMethods": ["private_key_jwt"],
                   "allowedGrantTypes": ["client_credentials"],
                   "connectionConfig": {"consentMethod": "trusted"}}},
    "brands": {"house": {"name": "House", "description": "Blue", "logo": "assets/logo.png",
                         "favIcon": "assets/favicon.ico", "styles": "assets/styles.json",
                         "active": True}},
    "keyProviders": {"cmk": {"name": "Key", "description": "Theirs", "keyprovider": "AWS-KMS",
                             "arn": ARN, "current": True}},
    "spaces": {
        "shared": {"name": "Shared", "type": "shared", "description": "Ours"},
        "pipelines": {"name": "Pipelines", "type": "data", "assignments": [
            {"type": "group", "assigneeId": "analysts", "roles": ["consumer"]}]}},
    "diProjects": {"sales": {
        "name": "Sales", "space": "pipelines", "type": "DATA_PIPELINE", "description": "Sells",
        "platformType": "SNOWFLAKE", "platformConnection": "c1", "cloudStagingConnection": "c2",
        "package": "assets/sales.zip", "bindings": {"targetSchema": "one"}}},
}

# What cannot be worked out: the only other values that the API takes here.
SECOND = {
    ("", "datacenter"): "us-east-1",
    ("oauthClients", "appType"): "native",
    ("oauthClients", "allowedGrantTypes"): ["client_credentials",
                                            "urn:qlik:oauth:user-impersonation"],
    ("oauthClients", "allowedAuthMethods"): ["private_key_jwt", "client_secret"],
    ("keyProviders", "arn"): ARN[:-1] + "2",
    ("spaces", "assignments"): [
        {"type": "group", "assigneeId": "analysts", "roles": ["consumer", "producer"]}],
    ("groups", "assignedRoles"): ["author", "Steward"],
    ("diProjects", "space"): "Other",
    ("tenantSettings", "customizeNoAccess"): {"linkEnabled": True, "message": "Not yet",
                                              "linkLabel": "Help",
                                              "linkUrl": "https://help.example"},
}

PATHS = {
    "roles": "/api/v1/roles/{id}", "groups": "/api/v1/groups/{id}",
    "groupSettings": "/api/v1/groups/settings", "tenantSettings": "/api/v1/tenant-settings",
    "webIntegrations": "/api/v1/web-integrations/{id}",
    "oauthClients": "/api/v1/oauth-clients/{id}", "brands": "/api/v1/brands/{id}",
    "keyProviders": "/api/v1/encryption/keyproviders/{id}", "spaces": "/api/v1/spaces/{id}",
    "diProjects": "/api/v1/di-projects/{id}", "": "/api/v1/tenants/{id}",
}


def tables():
    ended = subprocess.run([binary(), "schema", "--kinds"], check=True, capture_output=True)
    return {kind["section"]: kind for kind in json.loads(ended.stdout)}


def second(section, attribute, first):
    """Another value that the table allows; None where there is none."""
    special = SECOND.get((section, attribute["name"]))
    if special is not None:
        return special
    kind = attribute["kind"]
    words = attribute.get("oneOf")
    if attribute.get("format") == "file":
        path, _, suffix = first.rpartition(".")
        return f"{path}2.{suffix}"
    if kind == "boolean":
        return not first
    if kind in ("set", "list"):
        if attribute["element"] == "object":
            return [{**first[0], attribute["fields"][0]["name"]: "k2"}]
        return [second(section, {**attribute, "kind": "string"}, text) for text in first]
    if kind == "object":
        if "fields" not in attribute:
            return {name: text + "2" for name, text in first.items()}
        field = attribute["fields"][0]
        return {**first, field["name"]: second(section, field, first[field["name"]])}
    if words:
        return next((word for word in words if word != first), None)
    if attribute.get("format") == "origin":
        return first.replace("https://a", "https://b")
    return {"automations": "datafiles", "user_default": "admin_classic"}.get(first, first + "2")


class AttributeTest(EmulatorCase):
    def setUp(self):
        super().setUp()
        assets = self.workspace.path / "assets"
        assets.mkdir()
        for shade, suffix in ((1, ""), (2, "2")):
            (assets / f"logo{suffix}.png").write_bytes(png(shade))
            (assets / f"favicon{suffix}.ico").write_bytes(ico(shade))
            (assets / f"styles{suffix}.json").write_text(json.dumps({"shade": shade}))
            project(assets / f"sales{suffix}.zip", tasks=("landing", "mart")[:shade])
        self.subjects = copy.deepcopy(SUBJECTS)

    def declare(self):
        acme = {"region": "eu"}
        for section, resources in self.subjects.items():
            for key, resource in resources.items():
                written = {name: value for name, value in resource.items() if value is not None}
                if "deliverSecret" in written:
                    written["deliverSecret"] = {"file": SINK["file"].format(key)}
                if key == "":
                    acme.update({section: written} if section else written)
                else:
                    acme.setdefault(section, {})[key] = written
        self.configure(configuration(self.emulator, {"acme": acme}))

    def subject_of(self, section, attribute):
        """The first resource that writes the attribute, and the block that it is written in."""
        for key, resource in self.subjects[section].items():
            block = resource[attribute["block"]] if "block" in attribute else resource
            if attribute["name"] in block:
                return key, block
        raise AssertionError(f"SUBJECTS lacks {section}.{attribute['name']}")

    @staticmethod
    def address(section, key):
        return "/".join(part for part in ("acme", section, key) if part)

    # --- what is live ---

    def host(self):
        tenant, = self.emulator.snapshot()["tenants"]
        return tenant["hostnames"][0]

    def path(self, section, key):
        row = self.tenantry("state", "show", self.address(section, key)).json()
        return PATHS[section].format(id=row["id"])

    def read(self, section, key, name):
        """The attribute in the form of the YAML."""
        path = self.path(section, key)
        live = self.emulator.api(self.host(), "GET", path)
        if (section, name) == ("", "alias"):
            return live["hostnames"][1].split(".")[0]
        if (section, name) == ("groups", "assignedRoles"):
            return sorted(role["name"].lower() for role in live[name])
        if (section, name) == ("oauthClients", "connectionConfig"):
            return {"consentMethod": self.emulator.api(
                self.host(), "GET", path + "/connection-configs/me")["consentMethod"]}
        if (section, name) == ("spaces", "assignments"):
            listed = self.emulator.api(self.host(), "GET", path + "/assignments")["data"]
            return [{"type": a["type"], "assigneeId": "analysts", "roles": sorted(a["roles"])}
                    for a in listed]
        if (section, name) == ("diProjects", "bindings"):
            bindings = self.emulator.api(self.host(), "GET", path + "/bindings")["variables"]
            return {"targetSchema": bindings["targetSchema"]}
        if (section, name) == ("tenantSettings", "preferredStartPage"):
            return live[name]["value"]
        if section == "brands" and name in ("logo", "favIcon", "styles"):
            return next(f["eTag"].strip('"') for f in live["files"] if f["id"] == name)
        return live.get(name, False if name == "current" else None)

    def wanted(self, section, attribute, value):
        """The YAML's value in the form that read() gives."""
        if (section, attribute["name"]) == ("groups", "assignedRoles"):
            return sorted(text.lower() for text in value)
        if attribute["kind"] == "set" and attribute["element"] == "string":
            return sorted(value)
        if attribute.get("format") == "file":
            return hashlib.md5((self.workspace.path / value).read_bytes()).hexdigest()
        return value

    def change_live(self, section, key, attribute, value):
        """Somebody else sets `value`, by the call that the API has for it."""
        name, path, host = attribute["name"], self.path(section, key), self.host()
        if (section, name) == ("brands", "active"):
            self.emulator.api(host, "POST", path + "/actions/" +
                              ("activate" if value else "deactivate"))
        elif attribute.get("format") == "file":
            self.emulator.api(host, "DELETE", f"{path}/files/{name}")
        elif (section, name) == ("keyProviders", "current"):
            action = path + "/actions/migrate" if value else \
                "/api/v1/encryption/keyproviders/actions/reset-to-default-provider"
            self.emulator.api(host, "POST", action)
            self.emulator.advance(3600)
        elif (section, name) == ("spaces", "assignments"):
            assignment, = self.emulator.api(host, "GET", path + "/assignments")["data"]
            self.emulator.api(host, "DELETE", f"{path}/assignments/{assignment['id']}")
        elif (section, name) == ("diProjects", "bindings"):
            self.emulator.api(host, "PUT", path + "/bindings", {"variables": value})
        elif (section, name) == ("oauthClients", "connectionConfig"):
            self.emulator.api(host, "PATCH", path + "/connection-configs/me", [
                {"op": "replace", "path": "/consentMethod", "value": value["consentMethod"]}])
        else:
            if (section, name) == ("groups", "assignedRoles"):
                value = [{"name": "Steward"}]
            if (section, name) == ("", "alias"):
                name, value = "hostnames/1", value + ".eu.qlikcloud.com"
            self.emulator.api(host, "PATCH", path,
                              [{"op": "replace", "path": "/" + name, "value": value}])

    # --- one attribute ---

    def check(self, section, attribute):
        name = attribute["name"]
        key, block = self.subject_of(section, attribute)
        first = block[name]
        other = second(section, attribute, first)
        if other is None:
            return  # the table allows one value alone
        address = self.address(section, key)
        block[name] = other
        self.declare()
        if attribute["onChange"] == "refuse":
            ended = self.tenantry("plan", code=FAILED)
            self.assertRegex(ended.text, r"tenantry\.yaml:\d+:\d+: .*(cannot change|no call can)")
            block[name] = first
            self.declare()
            return
        action = attribute["onChange"]
        self.assertEqual(self.planned().get(address), action)
        self.apply()
        self.plan_is_empty()
        if not attribute.get("writeOnly"):
            live = self.read(section, key, name)
            if attribute["kind"] == "set" and attribute["element"] == "string":
                live = sorted(live)
            self.assertEqual(live, self.wanted(section, attribute, other))
        if action == "update" and not attribute.get("writeOnly"):
            self.change_live(section, key, attribute, first)
            drift = self.tenantry("drift", code=CHANGES)
            self.assertIn(address, drift.out)
            self.assertIn(name, drift.out)
            self.apply()
            self.plan_is_empty()
        block[name] = first
        self.declare()
        self.apply()

    def check_section(self, section):
        self.declare()
        self.apply()
        self.plan_is_empty()
        for attribute in tables()[section]["attributes"]:
            if attribute["use"] in ("meta", "computed"):
                continue
            with self.subTest(section=section, attribute=attribute["name"]):
                self.check(section, attribute)

    def test_every_kind_has_subjects(self):
        self.assertEqual(set(SUBJECTS), set(tables()))


def add_tests():
    for section in SUBJECTS:
        def test(self, section=section):
            self.check_section(section)
        setattr(AttributeTest, f"test_attributes_of_{section or 'tenants'}", test)


add_tests()

if __name__ == "__main__":
    unittest.main()
