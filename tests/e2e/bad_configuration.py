"""Mistakes in a configuration: told with file, line and column, all at once, before any call."""

import shutil
import socket
import unittest

from support import FAILED, REPOSITORY, Case, EmulatorCase, configuration, oauth_client, tenant

FOLDERS = REPOSITORY / "tests" / "configs" / "bad"


class Trap:
    """A proxy that nobody is supposed to ask."""

    def __init__(self):
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._socket.setblocking(False)
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"

    def was_called(self):
        try:
            self._socket.accept()[0].close()
        except BlockingIOError:
            return False
        return True

    def close(self):
        self._socket.close()


class BadConfigurationTest(Case):
    """Each folder of tests/configs/bad is wrong in one way; expected.txt has the first lines of its
    messages."""

    def setUp(self):
        super().setUp()
        self.trap = Trap()
        self.addCleanup(self.trap.close)
        self.workspace.environment["HTTPS_PROXY"] = self.trap.url

    def refusal(self, folder, *command):
        """Runs a command in a copy of `folder`; gives what it says on stderr."""
        copy = self.workspace.path / folder.name
        shutil.copytree(folder, copy, dirs_exist_ok=True)
        before = sorted(copy.rglob("*"))
        ended = self.tenantry("--chdir", folder.name, *command, code=FAILED)
        self.assertEqual(ended.out, "")
        self.assertEqual(sorted(copy.rglob("*")), before)
        self.assertFalse(self.trap.was_called(), "it asked the network")
        return ended.err

    def test_each_mistake_is_reported_at_its_place_and_nothing_is_asked(self):
        folders = sorted(p for p in FOLDERS.iterdir() if p.is_dir())
        self.assertGreaterEqual(len(folders), 40)
        for folder in folders:
            expected = (folder / "expected.txt").read_text().splitlines()
            for command in ("validate", "plan"):
                with self.subTest(folder=folder.name, command=command):
                    lines = self.refusal(folder, command).splitlines()
                    self.assertEqual(lines[0], expected[0])
                    self.assertEqual([n for n in lines if n in expected], expected)

    def test_a_file_that_is_too_large_is_refused(self):
        self.workspace.write("tenantry.yaml", "apiVersion: tenantry/v1\n# padding\n")
        with (self.workspace.path / "tenantry.yaml").open("r+") as file:
            file.truncate(100 * 1024 * 1024)
        for command in ("validate", "plan"):
            ended = self.tenantry(command, code=FAILED, timeout=10)
            self.assertEqual(ended.err.splitlines()[0], "tenantry.yaml: error: file too large")

    def test_no_configuration_at_all_is_an_error_that_says_so(self):
        ended = self.tenantry("plan", code=FAILED)
        self.assertIn("tenantry.yaml", ended.err)
        self.assertIn("init", ended.err)

    def test_a_missing_file_is_named(self):
        ended = self.tenantry("--config", "nowhere.yaml", "validate", code=FAILED)
        self.assertIn("nowhere.yaml", ended.err)


class AgainstAnEmulatorTest(EmulatorCase):
    def refused(self, declared, *arguments, **more):
        self.configure(configuration(self.emulator, declared, **more))
        ended = self.tenantry("plan", *arguments, code=FAILED)
        self.assertEqual(self.emulator.requests(), [])
        return ended.err

    def test_one_bad_tenant_stops_the_run_before_any_request(self):
        bad = tenant("globex")
        bad["groups"]["analysts"]["descripton"] = "Read"
        err = self.refused({"acme": tenant(), "globex": bad})
        self.assertRegex(err, r'^tenantry\.yaml:\d+:\d+: error: unknown key "descripton"')
        self.assertIn('"description"', err)

    def test_all_errors_of_a_run_are_told_at_once_in_order_of_their_lines(self):
        bad = tenant()
        bad["roles"]["author"]["nam"] = "x"
        bad["groups"]["analysts"]["providerType"] = "saml"
        bad["webIntegrations"]["portal"]["validOrigins"] = "${values.none}"
        err = self.refused({"acme": bad})
        places = [n for n in err.splitlines() if n.startswith("tenantry.yaml:")]
        self.assertEqual(len(places), 3, err)
        numbers = [int(n.split(":")[1]) for n in places]
        self.assertEqual(numbers, sorted(numbers))

    def test_a_credential_that_is_not_in_the_environment_is_named_with_its_place(self):
        del self.workspace.environment["E2E_CLIENT_SECRET"]
        err = self.refused({"acme": tenant()})
        self.assertIn("E2E_CLIENT_SECRET", err)
        self.assertRegex(err, r"tenantry\.yaml:\d+:\d+")

    def test_validation_needs_no_credentials(self):
        for name in ("E2E_CLIENT_SECRET", "E2E_LICENSE_KEY"):
            del self.workspace.environment[name]
        self.configure(configuration(self.emulator, {"acme": tenant()}))
        self.tenantry("validate")
        self.tenantry("render", "acme")

    def test_a_client_whose_secret_nobody_would_receive_is_refused(self):
        client = oauth_client("acme")
        del client["deliverSecret"]
        self.configure(configuration(self.emulator,
                                     {"acme": tenant(oauthClients={"portal": client})}))
        ended = self.tenantry("plan", code=FAILED)
        self.assertIn("deliverSecret", ended.text)
        self.assertEqual(self.emulator.changing_calls(), [])

    def test_validate_gives_its_findings_as_json(self):
        bad = tenant()
        bad["groups"]["analysts"]["descripton"] = "Read"
        self.configure(configuration(self.emulator, {"acme": bad}))
        answer = self.tenantry("validate", "--json", code=FAILED).json()
        self.assertFalse(answer["valid"])
        finding = answer["diagnostics"][0]
        self.assertEqual((finding["severity"], finding["file"]), ("error", "tenantry.yaml"))
        self.assertGreater(finding["line"], 1)
        self.assertIn("descripton", finding["summary"])


if __name__ == "__main__":
    unittest.main()
