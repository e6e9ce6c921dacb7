"""Each attribute of each kind: changed in the YAML, and changed behind the program's back.

Generated from the program's tables. A written change is planned as the table says (update or
replace), carried out, and read back from the emulator; a live change is drift, and is put back.
"""

import hashlib
import unittest

from everything import configured, everything, kinds, values_of, write_assets
from support import CHANGES, FAILED, EmulatorCase, wait_until

PATHS = {"roles": "roles", "groups": "groups", "webIntegrations": "web-integrations",
         "oauthClients": "oauth-clients", "brands": "brands",
         "keyProviders": "encryption/keyproviders", "spaces": "spaces"}

# Where a change of one attribute needs another value beside it, and what cannot be done alone.
BESIDE = {"oauthClients.appType": {"allowedGrantTypes": None, "allowedAuthMethods": None,
                                   "publicKeys": None, "deliverSecret": None,
                                   "rotateSecretAfterDays": None,
                                   "retireOldSecretAfterDays": None}}

# Drift that no call of somebody else makes, or no read shows.
NO_DRIFT = {
    "tenant.alias", "groups.providerType", "oauthClients.appType", "spaces.type",
    "keyProviders.arn",                                  # fixed for the life of an object
    "diProjects.package",                                # no read tells it
}


def md5(path):
    return hashlib.md5(path.read_bytes()).hexdigest()


class Attributes(EmulatorCase):
    EMULATOR_ARGUMENTS = ("--rate-limits", "off")

    def setUp(self):
        super().setUp()
        write_assets(self.workspace)
        self.tables = kinds()
        self.tenant = everything()
        self.declare()
        self.apply()

    def declare(self):
        self.workspace.configure(configured(self.emulator, self.tenant))

    def row(self):
        return self.emulator.snapshot()["tenants"][0]

    def api(self, method, path, body=None):
        return self.emulator.api(self.row()["hostnames"][0], method, path, body)

    # --- where an attribute is written, and where it is live ---

    def place(self, section, attribute):
        """The map of the configuration that holds the attribute, and the address."""
        if section == "tenant":
            inside = attribute.get("block") == "settings"
            return self.tenant["settings"] if inside else self.tenant, "acme"
        if self.tables[section]["singleton"]:
            return self.tenant[section], f"acme/{section}"
        key = next(iter(self.tenant[section]))
        return self.tenant[section][key], f"acme/{section}/{key}"

    def object(self, section):
        """The live object of the first resource of a section."""
        if section == "tenant":
            return self.row()
        live = self.row()[section]
        if self.tables[section]["singleton"]:
            return live[0]
        written = next(iter(self.tenant[section].values()))
        name = self.tables[section]["naturalKey"][-1]
        found = [one for one in live if one[name] == written[name]]
        self.assertEqual(len(found), 1, f"{section}: {written[name]}")
        return found[0]

    def live(self, section, attribute):
        """The live value in the words of the configuration."""
        found, name = self.object(section), attribute["name"]
        if name == "alias":
            return found["hostnames"][1].split(".")[0]
        if name == "assignments":
            groups = {group["id"]: "own" for group in self.row()["groups"]}
            return [{"type": a["type"], "assigneeId": groups[a["assigneeId"]], "roles": a["roles"]}
                    for a in self.row()["spaceAssignments"] if a["spaceId"] == found["id"]]
        if name == "assignedRoles":
            keys = {"First name": "author", "Second name": "author"}
            return [keys.get(role["name"], role["name"]) for role in found[name]]
        if attribute.get("format") == "file":
            return {file["id"]: file["eTag"].strip('"') for file in found["files"]}.get(name)
        if name == "current":
            return bool(found.get(name))
        return found.get(name)

    def expected(self, attribute, value):
        if attribute["name"] == "package":
            return None  # its archive has no digest in the snapshot; the import itself is counted
        if attribute.get("format") == "file":
            return md5(self.workspace.path / value)
        return value

    def assert_live(self, section, attribute, value):
        wanted = self.expected(attribute, value)
        if wanted is None:
            return
        live = self.live(section, attribute)
        if attribute["kind"] == "set":
            live, wanted = (sorted(map(repr, v)) for v in (live, wanted))
            if attribute["element"] == "object":
                live, wanted = len(live), len(wanted)
        self.assertEqual(live, wanted)

    def all_changeable(self):
        for section, kind in self.tables.items():
            for attribute in kind["attributes"]:
                if attribute["use"] == "meta" or attribute.get("onChange") == "refuse":
                    continue
                first, second = values_of(section, attribute)
                place, address = self.place(section, attribute)
                if second is not None and attribute["name"] in place:
                    yield section, attribute, first, second, place, address

    # --- the tests ---

    def test_a_written_change_is_planned_and_carried_out(self):
        for section, attribute, first, second, place, address in list(self.all_changeable()):
            name = f"{section}.{attribute['name']}"
            with self.subTest(attribute=name):
                beside = {n: place.get(n) for n in BESIDE.get(name, {})}
                mark = self.emulator.mark()
                place[attribute["name"]] = second
                place.update(BESIDE.get(name, {}))
                self.declare()
                action = self.planned().get(address)
                self.assertEqual(action, attribute["onChange"])
                self.apply()
                self.assertNotEqual(self.emulator.changing_calls(mark), [])
                self.assert_live(section, attribute, second)
                if action == "replace":
                    self.apply()  # assignments of the replaced group went with it
                self.plan_is_empty()
                if beside:
                    place.update(beside, **{attribute["name"]: first})
                    self.declare()
                    self.apply()

    def test_a_live_change_is_drift_and_is_put_back(self):
        for section, attribute, first, second, _, address in list(self.all_changeable()):
            name = f"{section}.{attribute['name']}"
            if name in NO_DRIFT:
                continue
            with self.subTest(attribute=name):
                self.change_live(section, attribute, second)
                self.assertIn(address, self.tenantry("drift", code=CHANGES).out)
                self.apply()
                self.assert_live(section, attribute, first)

    def test_a_change_that_no_call_can_make_is_refused(self):
        for section, kind in self.tables.items():
            for attribute in kind["attributes"]:
                place, address = self.place(section, attribute)
                if attribute.get("onChange") != "refuse" or attribute["name"] not in place:
                    continue
                with self.subTest(attribute=f"{section}.{attribute['name']}"):
                    old = place[attribute["name"]]
                    others = [one for one in attribute.get("oneOf", ()) if one != old]
                    other = "stage" if attribute["name"] == "space" else "us-east-1"
                    place[attribute["name"]] = others[0] if others else other
                    self.declare()
                    ended = self.tenantry("plan", code=FAILED)
                    self.assertRegex(ended.text, f"`{attribute['name']}`|data centre is eu-west-1")
                    place[attribute["name"]] = old

    def change_live(self, section, attribute, value):
        """What somebody else would do in the administration of the tenant."""
        found, name = self.object(section), attribute["name"]
        operation = [{"op": "replace", "path": "/" + name, "value": value}]
        if section == "tenant":
            self.api("PATCH", f"/api/v1/tenants/{found['id']}", operation)
        elif section == "tenantSettings":
            self.api("PATCH", "/api/v1/tenant-settings", operation)
        elif section == "groupSettings":
            self.api("PATCH", "/api/v1/groups/settings", operation)
        elif section == "diProjects":
            self.api("PUT", f"/api/v1/di-projects/{found['id']}/bindings", {"variables": value})
        elif name == "assignments":
            other, = [a for a in self.row()["spaceAssignments"] if a["spaceId"] == found["id"]]
            self.api("PUT", f"/api/v1/spaces/{found['id']}/assignments/{other['id']}",
                     {"roles": value[0]["roles"]})
        elif name == "connectionConfig":
            operation[0].update(path="/consentMethod", value=value["consentMethod"])
            self.api("PATCH", f"/api/v1/oauth-clients/{found['id']}/connection-configs/me",
                     operation)
        elif name == "active":
            self.api("POST", f"/api/v1/brands/{found['id']}/actions/deactivate")
        elif name == "current":
            self.api("POST", "/api/v1/encryption/keyproviders/actions/reset-to-default-provider")
            wait_until(lambda: not self.object(section).get("current") or self.api(
                "GET", "/api/v1/encryption/keyproviders/migration/actions/details") is None,
                "the key provider is no longer current")
        elif attribute.get("format") == "file":
            self.api("DELETE", f"/api/v1/brands/{found['id']}/files/{name}")
        else:
            if name == "assignedRoles":
                operation[0]["value"] = [{"name": "DataAdmin"}]
            identity = found.get("arnFingerPrint", found["id"])
            self.api("PATCH", f"/api/v1/{PATHS[section]}/{identity}", operation)


if __name__ == "__main__":
    unittest.main()
