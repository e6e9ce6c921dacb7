"""A saved plan that somebody else had in his hands: what he changed in it is not carried out."""

import hashlib
import json
import os
import sqlite3
import unittest

from support import FAILED, EmulatorCase, configuration, oauth_client, tenant

PLAN = "saved.plan"
BEFORE_DIGEST = ',\n  "digest": "'


class PlanFileTest(EmulatorCase):
    def setUp(self):
        super().setUp()
        self.declared = tenant(oauthClients={"portal": oauth_client("acme")})
        self.declare()
        self.apply()
        self.declared["groups"]["analysts"].update(description="Others")
        self.declared["groups"]["kept"] = {"name": "Kept", "providerType": "custom",
                                           "lifecycle": {"preventDestroy": True}}
        self.declare()
        self.apply("--target", "acme/groups/kept")
        self.declared["oauthClients"]["second"] = {
            **oauth_client("acme"), "clientName": "Second",
            "deliverSecret": {"file": "secrets/second.json"}}
        del self.declared["groups"]["kept"]
        self.declare()
        self.tenantry("plan", "--out", PLAN)
        self.mark = self.emulator.mark()

    def declare(self):
        self.configure(configuration(self.emulator, {"acme": self.declared}))

    @property
    def file(self):
        return self.workspace.path / PLAN

    def forge(self, edit):
        """Edits the plan and makes the digest fit, which anybody can."""
        document = json.loads(self.file.read_text())
        document.pop("digest")
        seal = document.pop("seal")
        edit(document)
        body = json.dumps(document, indent=2)[:-2]
        digest = hashlib.sha256(body.encode()).hexdigest()
        self.file.write_text(f'{body}{BEFORE_DIGEST}{digest}",\n  "seal": "{seal}"\n}}\n')

    def change(self, document, address):
        return next(c for c in document["tenants"][0]["changes"] if c["address"] == address)

    def refused(self, words="cannot be trusted"):
        ended = self.tenantry("apply", PLAN, code=FAILED)
        self.assertIn(words, ended.err)
        self.assertEqual(self.emulator.requests(self.mark), [])
        self.assertFalse((self.workspace.path / "stolen").exists())
        return ended

    def test_the_plan_as_it_was_written_is_carried_out(self):
        self.tenantry("apply", PLAN, code=4)  # what is protected is not

    def test_what_was_changed_is_refused_although_the_digest_fits(self):
        def group(document):
            return self.change(document, "acme/groups/analysts")

        def forgeries():
            yield "action", lambda d: group(d).update(action="delete")
            yield "after", lambda d: group(d)["after"].update(description="By Mallory")
            yield "id", lambda d: group(d).update(id="../tenants/me")
            yield "roles", lambda d: group(d)["after"].update(assignedRoles=["TenantAdmin"])
            yield "guard", lambda d: self.change(d, "acme/groups/kept").update(guard=None)
            yield "acknowledged", lambda d: self.change(d, "acme/groups/kept")["guard"].update(
                acknowledged=True)
            yield "sink", lambda d: self.change(d, "acme/oauthClients/second")["meta"].update(
                deliverSecret={"command": ["sh", "-c", "cat > stolen"]})
            yield "dropped", lambda d: d["tenants"][0]["changes"].pop()
            yield "added", lambda d: d["tenants"][0]["changes"].append(
                {**group(d), "address": "acme/groups/evil", "action": "create"})
            yield "host", lambda d: d["tenants"][0].update(hostname="evil.example")
            yield "region", lambda d: d["tenants"][0].update(region="us")
            yield "destroy", lambda d: d.update(destroy=True)
        original = self.file.read_text()
        for name, edit in forgeries():
            with self.subTest(name):
                self.file.write_text(original)
                self.forge(edit)
                self.refused()

    def test_a_seal_is_of_one_plan_and_one_state(self):
        first = self.file.read_text()
        self.declared["groups"]["analysts"]["description"] = "Third"
        self.declare()
        self.tenantry("plan", "--out", "other.plan")
        other = (self.workspace.path / "other.plan").read_text()
        self.mark = self.emulator.mark()
        seal = other[other.rindex('"seal"'):]
        self.file.write_text(first[:first.rindex('"seal"')] + seal)
        self.refused("its seal does not fit")
        self.file.write_text(first[:first.rindex('",\n  "seal"')] + '"\n}\n')
        self.refused("its seal does not fit")

    def test_a_plan_does_not_tell_what_seals_it(self):
        database = sqlite3.connect(self.workspace.path / "tenantry.state")
        salt, = database.execute("select salt from meta").fetchone()
        database.close()
        self.assertNotIn(salt, self.file.read_text())
        for command in (("show", PLAN, "--json"), ("show", "--json"), ("plan", "--json"),
                        ("state", "list", "--json"), ("history", "--json")):
            self.assertNotIn(salt, self.workspace.run(*command).text)

    def test_paths_in_place_of_addresses_are_refused(self):
        for address in ("../groups/analysts", "acme/../../x", "acme/groups/a/b", "other/groups/x",
                        "acme/groups/\x1b[2J", "acme/groups/a b", ""):
            with self.subTest(address=address):
                self.tenantry("plan", "--out", PLAN)
                self.mark = self.emulator.mark()
                self.forge(lambda d: self.change(d, "acme/groups/analysts").update(
                    address=address))
                self.refused()
                shown = self.tenantry("show", PLAN, code=FAILED)
                self.assertNotIn("\x1b", shown.text)

    def test_a_hostile_document_is_refused_in_time(self):
        for name, text in (
                ("deep", "[" * 1_000_000), ("deep object", '{"a":' * 200_000),
                ("huge number", '{"tenantry_plan": 1' + "0" * 100_000 + "}"),
                ("huge text", '{"tenantry_plan": "' + "x" * 20_000_000 + '"}'),
                ("infinite", '{"tenantry_plan": 1, "serial": 1e999}'),
                ("utf-16", "\ufeff{}"), ("nul", "{\0}"),
                ("twice", '{"tenantry_plan": 1, "tenantry_plan": 1, "tenants": []}')):
            with self.subTest(name):
                self.file.write_text(text)
                for command in ("apply", "show"):
                    ended = self.tenantry(command, PLAN, code=FAILED, timeout=60)
                    self.assertIn(PLAN, ended.err)
                    self.assertLess(len(ended.text), 2000)
                self.assertEqual(self.emulator.requests(self.mark), [])

    def test_what_is_no_file_is_not_read(self):
        os.mkfifo(self.workspace.path / "fifo.plan")
        for name in ("fifo.plan", "/dev/zero", ".", "/proc/self/environ"):
            with self.subTest(name=name):
                for command in ("apply", "show"):
                    self.tenantry(command, name, code=FAILED, timeout=30)
        self.assertEqual(self.emulator.requests(self.mark), [])

    def test_what_a_stranger_writes_into_a_plan_is_shown_harmlessly(self):
        evil = "\x1b[2J\x1b]0;owned\x07\u202egnp.exe\r\n+ nothing\0\x9b31m"
        def edit(document):
            change = self.change(document, "acme/groups/analysts")
            for key in ("name", "reasonDetail", "updatedBy", "id", "type"):
                change[key] = evil
            change["notes"] = [evil]
            for attribute in change["attributes"]:
                attribute["before"] = attribute["after"] = evil
            change["after"]["description"] = evil
            document["toolVersion"] = evil
        self.forge(edit)
        for form in ("text", "json", "markdown", "html", "github"):
            ended = self.workspace.run("show", PLAN, "--format", form)
            # JSON is for programs: what it escapes, it must escape.
            for character in "\x1b\x07\r\0" if form == "json" else "\x1b\x07\r\0\x9b\u202e":
                self.assertNotIn(character, ended.text, form)
            self.assertNotIn("\n+ nothing", ended.text)
        self.refused()


if __name__ == "__main__":
    unittest.main()
