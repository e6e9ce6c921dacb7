"""Records every exchange of a tenant's life, with every kind and every attribute in it.

    record.py JOURNAL

The program runs against its own emulator, which appends each exchange to JOURNAL. What is recorded
is judged by others: exchanges.py against the API documents, fidelity.py against docs/fidelity.md.
"""

import pathlib
import sys
import unittest

from everything import configured, everything, kinds, values_of, write_assets
from support import CHANGES, CLIENT_ID, CLIENT_SECRET, FAILED, PARTIAL, Case, configuration

JOURNAL = None


class Recording(Case):
    """One life, in its order; every step stands on those before it."""

    def setUp(self):
        super().setUp()
        self.emulator = self.start_emulator("--rate-limits", "off", "--journal", str(JOURNAL))
        write_assets(self.workspace)
        self.tenant = everything()
        self.tables = kinds()

    def configure(self, **sections):
        self.workspace.configure(configured(self.emulator, self.tenant, **sections))

    @property
    def host(self):
        row = self.emulator.snapshot()["tenants"][0]
        return row["hostnames"][0]

    def live(self, table):
        row = self.emulator.snapshot()["tenants"][0]
        return row[table]

    def api(self, method, path, body=None):
        """Somebody else's call, whatever its answer."""
        status, token = self.emulator.exchange(self.host, "POST", "/oauth/token", {
            "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET,
            "grant_type": "client_credentials"})
        self.assertEqual(status, 200)
        return self.emulator.exchange(self.host, method, path, body, {
            "Authorization": "Bearer " + token["access_token"]})

    def is_settled(self):
        self.plan_is_empty()
        self.tenantry("drift")

    def test_a_tenants_life(self):
        for step in (self.creation, self.updates, self.withdrawals, self.replacements, self.drift,
                     self.refusals, self.lost_answers, self.lost_secret, self.pages, self.takeover,
                     self.offboarding):
            step()

    def creation(self):
        self.configure()
        self.apply()
        self.is_settled()

    def changed(self, action):
        """The configuration with the second value of each attribute whose change is `action`."""
        for section, kind in self.tables.items():
            for attribute in kind["attributes"]:
                if attribute.get("onChange") != action or attribute["use"] == "meta":
                    continue
                _, second = values_of(section, attribute)
                if second is None:
                    continue
                if section == "tenant":
                    place = self.tenant
                    if attribute.get("block") == "settings":
                        place = self.tenant["settings"]
                elif kind["singleton"]:
                    place = self.tenant[section]
                else:
                    place = next(iter(self.tenant[section].values()))
                if attribute["name"] in place:
                    place[attribute["name"]] = second

    def updates(self):
        self.changed("update")
        self.configure()
        self.apply()
        self.is_settled()

    def withdrawals(self):
        """What an update takes away, and the moves between two of a kind."""
        house, plain = (self.tenant["brands"][key] for key in ("house", "plain"))
        house.update(favIcon="", active=False)
        plain.update(active=True)
        self.tenant["spaces"]["team"]["assignments"] = []
        self.tenant["keyProviders"]["spare"]["current"] = True
        self.tenant["groups"]["own"]["assignedRoles"] = []
        self.configure()
        self.apply()
        plain["active"] = False
        house["favIcon"] = "assets/favIcon-one.ico"
        self.configure()
        self.apply()
        self.is_settled()

    def replacements(self):
        self.changed("replace")
        server = self.tenant["oauthClients"]["server"]
        server["appType"] = "native"
        for name in ("allowedGrantTypes", "allowedAuthMethods", "publicKeys", "deliverSecret",
                     "rotateSecretAfterDays", "retireOldSecretAfterDays"):
            server.pop(name)
        keyed = self.tenant["oauthClients"]["keyed"]
        keyed.update(allowedAuthMethods=["client_secret", "private_key_jwt"],
                     deliverSecret={"file": "secrets/keyed.json"})
        self.configure()
        self.apply()
        self.apply()  # assignments of the replaced group went with it
        self.is_settled()

    def drift(self):
        group, = [g for g in self.live("groups") if g["name"] == "Second name"]
        self.api("PATCH", f"/api/v1/groups/{group['id']}",
                 [{"op": "replace", "path": "/description", "value": "Somebody's"}])
        brand, = [b for b in self.live("brands") if b["name"] == "Second name"]
        self.api("DELETE", f"/api/v1/brands/{brand['id']}/files/logo")
        integration, = self.live("webIntegrations")
        self.api("DELETE", f"/api/v1/web-integrations/{integration['id']}")
        self.tenantry("drift", code=CHANGES)
        self.apply()
        self.is_settled()

    def refusals(self):
        """Errors that the emulator has reason for, and injected ones."""
        self.api("POST", "/api/v1/roles", {"name": "Taken"})
        self.tenant["roles"]["taken"] = {"name": "Taken"}
        self.configure()
        self.tenantry("plan", code=FAILED)
        self.tenant["roles"].pop("taken")
        self.tenant["groups"]["own"]["assignedRoles"] = ["No such role"]
        self.configure()
        ended = self.workspace.run("apply", "--auto-approve")
        self.assertIn(ended.code, (FAILED, PARTIAL), str(ended))
        self.tenant["groups"]["own"]["assignedRoles"] = ["Steward"]
        self.tenant["roles"]["late"] = {"name": "Late"}
        for status in (400, 401, 403, 404, 409, 413):
            self.tenant["roles"]["author"]["description"] = f"Role {status}"
            self.configure()
            self.emulator.faults({"method": "PATCH|POST", "path": "^/api/v1/(groups|roles)",
                                  "status": status, "times": 2})
            ended = self.workspace.run("apply", "--auto-approve")
            if status != 401:  # there a new token helps
                self.assertNotEqual(ended.code, 0, str(ended))
            self.emulator.no_faults()
        self.apply()
        self.is_settled()

    def lost_answers(self):
        for n, fault in enumerate(({"dropAfterProcessing": True}, {"status": 503},
                                   {"status": 429, "retryAfter": 0})):
            self.tenant["roles"][f"again{n}"] = {"name": f"Again {n}"}
            self.configure()
            self.emulator.faults({"method": "POST", "path": "^/api/v1/roles$", "times": 1,
                                  **fault})
            self.workspace.run("apply", "--auto-approve")
            self.emulator.no_faults()
        self.apply()
        self.is_settled()

    def lost_secret(self):
        """The answer with the secret is lost: another one is asked for, the first one goes."""
        self.tenant["oauthClients"]["lost"] = {
            "clientName": "Lost", "appType": "web", "allowedGrantTypes": ["client_credentials"],
            "deliverSecret": {"file": "secrets/lost.json"}}
        self.configure()
        self.emulator.faults({"method": "POST", "path": "^/api/v1/oauth-clients$", "times": 1,
                              "dropAfterProcessing": True})
        self.workspace.run("apply", "--auto-approve")
        self.emulator.no_faults()
        self.apply()
        self.is_settled()
        self.tenant["oauthClients"]["lost"]["connectionConfig"] = {"consentMethod": "trusted"}
        self.configure()
        self.apply()
        self.is_settled()

    def takeover(self):
        """What is live is written down, and a tenant that somebody made is taken over."""
        self.tenantry("export", "--region", "eu", "--hostname", self.host, "--out", "exported")
        self.tenantry("export", "acme/diProjects/sales", "--out", "sales.zip")
        other = self.emulator.create_tenant("eu", "Globex")
        globex = {"region": "eu", "hostname": other["hostnames"][0], "name": "Globex"}
        self.workspace.configure(configuration(
            self.emulator, {"acme": self.tenant, "globex": globex}, organization=True))
        self.apply("--adopt", "--target", "globex")
        self.configure()
        self.apply("--allow-deactivate")

    def pages(self):
        """Lists of more than one page."""
        for n in range(130):
            self.tenant["roles"][f"many{n}"] = {"name": f"Many {n:03}"}
            self.tenant["webIntegrations"][f"many{n}"] = {"name": f"Many {n:03}"}
        self.configure()
        self.apply()
        self.is_settled()

    def offboarding(self):
        self.tenant["status"] = "deactivated"
        self.tenant["purgeAfterDays"] = 30
        self.configure()
        self.apply("--allow-deactivate")
        for name in ("status", "purgeAfterDays"):
            self.tenant.pop(name)
        self.configure()
        self.apply()
        self.is_settled()
        self.tenantry("destroy", "--auto-approve")
        # No call deletes a DI project: it is still there, and no read tells its connections.
        for name in ("platformConnection", "cloudStagingConnection"):
            self.tenant["diProjects"]["sales"].pop(name)
        self.configure()
        self.apply("--adopt")
        self.is_settled()
        self.tenantry("destroy", "--auto-approve", "--allow-deactivate")


if __name__ == "__main__":
    JOURNAL = pathlib.Path(sys.argv.pop(1)).resolve()
    JOURNAL.parent.mkdir(parents=True, exist_ok=True)
    JOURNAL.unlink(missing_ok=True)
    unittest.main()
