"""What a word on the command line may become: the program's answers, and those of real shells."""

import shutil
import unittest

from bad_configuration import Trap
from shells import fish_offers, typed
from support import Case, tenant

DECLARED = {
    "apiVersion": "tenantry/v1",
    "variables": {"mail": {"default": "m"}, "secret": {"env": "NOT_SET"}},
    "regions": {"eu": {"clientId": "a", "clientSecret": "${var.secret}"}, "us": None},
    "blueprints": {"standard": {}, "small": {}},
    "rollout": {"waves": [{"name": "canary"}, {"name": "rest"}]},
    "tenants": {"acme": tenant(), "adatum": tenant("adatum"), "globex": tenant("globex")},
}


class CompletionCase(Case):
    def setUp(self):
        super().setUp()
        self.workspace.configure(DECLARED)

    def answer(self, *words, **options):
        """(kind, candidates) for the last word."""
        ended = self.tenantry("__complete", *words, **options)
        self.assertEqual(ended.err, "")
        kind, *lines = ended.out.splitlines()
        return kind, [line.split("\t")[0] for line in lines]


class Answers(CompletionCase):
    def test_commands_and_their_commands(self):
        self.assertEqual(self.answer("pl"), ("words", ["plan"]))
        self.assertEqual(self.answer("state", "m"), ("words", ["mv", "migrate"]))
        self.assertEqual(self.answer("--config", "x", "val"), ("words", ["validate"]))
        self.assertEqual(self.answer("help", "state", "mi"), ("words", ["migrate"]))
        self.assertIn("version", self.answer("")[1])
        self.assertNotIn("__complete", self.answer("")[1])

    def test_flags_of_the_command_and_of_the_program(self):
        self.assertEqual(self.answer("plan", "--det"), ("words", ["--detailed-exitcode"]))
        self.assertEqual(self.answer("plan", "--conf"), ("words", ["--config"]))
        self.assertNotIn("--out", self.answer("plan", "--out", "f", "--")[1])
        self.assertIn("--target", self.answer("plan", "--target", "acme", "--")[1])

    def test_words_that_a_flag_may_have(self):
        self.assertEqual(self.answer("--color", "a"), ("words", ["auto", "always"]))
        self.assertEqual(self.answer("plan", "--color=ne"), ("words", ["never"]))
        self.assertEqual(self.answer("completion", ""), ("words", ["bash", "zsh", "fish"]))

    def test_files_and_folders_are_the_shells(self):
        self.assertEqual(self.answer("apply", "x"), ("files", []))
        self.assertEqual(self.answer("plan", "--out", ""), ("files", []))
        self.assertEqual(self.answer("--chdir", ""), ("folders", []))

    def test_tenants_and_what_is_in_them(self):
        self.assertEqual(self.answer("render", "a"), ("words", ["acme", "adatum"]))
        self.assertEqual(self.answer("plan", "--target", "a"), ("names", ["acme", "adatum"]))
        everything = ["acme/groups/analysts", "acme/roles/author", "acme/webIntegrations/portal"]
        self.assertEqual(self.answer("plan", "--target", "ac"), ("names", ["acme", *everything]))
        self.assertEqual(self.answer("plan", "--target", "acme/r"), ("names", everything[1:2]))
        self.assertEqual(self.answer("plan", "--target", "*/gr"),
                         ("names", ["*/groupSettings", "*/groups/*"]))

    def test_names_of_the_configuration(self):
        self.assertEqual(self.answer("plan", "--wave", ""), ("words", ["canary", "rest"]))
        self.assertEqual(self.answer("export", "--region", ""), ("words", ["eu", "us"]))
        self.assertEqual(self.answer("export", "--against", "st"), ("words", ["standard"]))
        self.assertEqual(self.answer("plan", "--var", "m"), ("names", ["mail="]))

    def test_what_the_state_alone_knows(self):
        self.apply("--emulated")
        self.workspace.configure({**DECLARED, "tenants": {}})
        self.assertEqual(self.answer("state", "show", "--emulated", "glob")[1][0], "globex")
        self.assertIn("globex/groups/analysts",
                      self.answer("state", "rm", "--emulated", "globex/")[1])
        self.assertEqual(self.answer("state", "show", "glob")[1], [])

    def test_another_folder_and_another_configuration_count(self):
        self.workspace.write("other/tenantry.yaml",
                             "apiVersion: tenantry/v1\ntenants: {initech: {region: eu}}\n")
        for words in (("--chdir", "other"), ("--config", "other"), ("--config=other",)):
            self.assertEqual(self.answer(*words, "render", "")[1], ["initech"])

    def test_a_broken_configuration_is_no_reason_to_say_anything(self):
        for text in ("tenants: [", "", "apiVersion: tenantry/v1\ntenants: {a: 1, bb: {region: x}}\n"):
            self.workspace.write("tenantry.yaml", text)
            self.assertLessEqual(set(self.answer("render", "")[1]), {"bb"})
        self.assertEqual(self.answer("--chdir", "nowhere", "render", "")[0], "words")
        self.assertEqual(self.answer("plan", "--nonsense=", "--state", "postgresql://"),
                         ("files", []))

    def test_what_a_shell_would_read_as_more_than_a_word_is_not_offered(self):
        evil = "$(touch${IFS}here)"
        self.workspace.write("rows.csv", f"key\n{evil}\nfine\n")
        self.workspace.configure({
            **DECLARED, "regions": {evil: None}, "blueprints": {evil: {}},
            "variables": {evil: {"default": "x"}}, "rollout": {"waves": [{"name": evil}]},
            "tenants": {evil: tenant()}, "fleets": {"rows": {"from": "rows.csv", "region": "eu"}}})
        for words in (("plan", "--wave"), ("export", "--region"), ("export", "--against"),
                      ("plan", "--var"), ("render",), ("plan", "--target")):
            self.assertLessEqual(set(self.answer(*words, "")[1]), {"fine"}, words)

    def test_no_network_is_asked(self):
        trap = Trap()
        self.addCleanup(trap.close)
        dsn = trap.url.replace("http://", "postgresql://somebody@") + "/states"
        self.assertEqual(self.answer("render", "ac", environment={
            "TENANTRY_STATE_DSN": dsn, "HTTPS_PROXY": trap.url}), ("words", ["acme"]))
        self.assertFalse(trap.was_called())


class InShells(CompletionCase):
    """The scripts, in the shells that they are written for."""

    LINES = {
        "tenantry vali\t": ["validate"],
        "tenantry state mig\t": ["state", "migrate"],
        "tenantry plan --detailed\t": ["plan", "--detailed-exitcode"],
        "tenantry plan --color alw\t": ["plan", "--color", "always"],
        "tenantry plan --color=alw\t": ["plan", "--color=always"],
        "tenantry plan --target=acme/ro\t": ["plan", "--target=acme/roles/author"],
        "tenantry plan --target ad\t/ro\t": ["plan", "--target", "adatum/roles/author"],
        "tenantry plan --wave ca\t--json": ["plan", "--wave", "canary", "--json"],
        "tenantry plan --var mai\t1": ["plan", "--var", "mail=1"],
        "tenantry --config=tenan\tplan": ["--config=tenantry.yaml", "plan"],
        "tenantry --chdir sub\t plan": ["--chdir", "subfolder", "plan"],
        "tenantry apply save\t--json": ["apply", "saved.plan", "--json"],
    }

    def check(self, shell):
        if shutil.which(shell) is None:
            self.skipTest(f"{shell} is not installed")
        (self.workspace.path / "subfolder").mkdir()
        self.workspace.write("saved.plan", "")
        for line, words in self.LINES.items():
            with self.subTest(line=line):
                shown = typed(shell, line, self.workspace.path, self.workspace.environment)
                # One shell keeps the slash behind a folder, another takes it away again.
                self.assertEqual([word.rstrip("/") for word in shown], words)

    def test_bash(self):
        self.check("bash")

    def test_zsh(self):
        self.check("zsh")

    def test_fish(self):
        if shutil.which("fish") is None:
            self.skipTest("fish is not installed")
        self.workspace.write("saved.plan", "")
        for line, words in {
                "tenantry vali": ["validate"],
                "tenantry state mig": ["migrate"],
                "tenantry plan --color alw": ["always"],
                "tenantry plan --color=alw": ["--color=always"],
                "tenantry plan --target acme/ro": ["acme/roles/author"],
                "tenantry plan --wave ": ["canary", "rest"],
                "tenantry --config=tenan": ["--config=tenantry.yaml"],
                "tenantry apply save": ["saved.plan"]}.items():
            with self.subTest(line=line):
                self.assertEqual(fish_offers(line, self.workspace.path,
                                             self.workspace.environment), words)


if __name__ == "__main__":
    unittest.main()
