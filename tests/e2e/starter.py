"""`init`: a folder that validates and plans at once, asked for on a terminal or named by flags."""

import re
import subprocess
import unittest

from support import DONE, FAILED, INTERRUPTED, REPOSITORY, Case
from terminal import OnTerminal

# What each example has from the start; `oem` takes a tenant over that only its README makes.
PLANNED = {"quickstart": 1, "customer": 1, "fleet": 5}
RENAMED = ("quickstart", "customer")
TEST_COMMENT = re.compile(rb"^<!-- runs: .*\n", re.MULTILINE)
SCHEMA_LINE = "# yaml-language-server: $schema=tenantry.schema.json"


class StarterCase(Case):
    def files(self):
        return sorted(str(path.relative_to(self.workspace.path))
                      for path in self.workspace.path.rglob("*") if path.is_file())

    def plans_at_once(self):
        self.tenantry("validate", "--emulated")
        return self.planned("--emulated")

    def read(self, name):
        return (self.workspace.path / name).read_text()


class WithFlags(StarterCase):
    def test_each_example_plans_at_once(self):
        for example, tenants in PLANNED.items():
            with self.subTest(example=example):
                folder = self.workspace.path / example
                folder.mkdir()
                self.tenantry("--chdir", example, "init", "--example", example)
                self.tenantry("--chdir", example, "validate", "--emulated")
                planned = self.planned("--chdir", example, "--emulated")
                created = [a for a, action in planned.items() if "/" not in a]
                self.assertEqual(len(created), tenants)
                self.assertEqual(set(planned.values()) - {"create", "adopt"}, set())

    def test_each_file_of_an_example_is_built_in_as_it_is(self):
        listed = subprocess.run(["git", "-C", REPOSITORY, "ls-files", "examples"],
                                capture_output=True, text=True, timeout=60)
        if listed.returncode != 0:
            self.skipTest("not a git checkout")
        names = [name.removeprefix("examples/") for name in listed.stdout.splitlines()]
        for example in (*PLANNED, "oem"):
            self.tenantry("--chdir", ".", "init", "--example", example)
            expected = [n.removeprefix(example + "/") for n in names if n.startswith(example + "/")]
            self.assertEqual(self.files(), sorted([*expected, "tenantry.schema.json"]))
            for name in expected:
                original = (REPOSITORY / "examples" / example / name).read_bytes()
                written = (self.workspace.path / name).read_bytes()
                if name.endswith(".md"):
                    self.assertNotIn(b"<!--", written, name)
                    original = TEST_COMMENT.sub(b"", original)
                self.assertEqual(written.removeprefix(SCHEMA_LINE.encode() + b"\n"), original, name)
            self.workspace.remove()
            self.workspace.path.mkdir()

    def test_region_and_tenant_take_the_place_of_the_examples_own(self):
        for example in RENAMED:
            with self.subTest(example=example):
                self.workspace.remove()
                self.workspace.path.mkdir()
                self.tenantry("init", "--example", example, "--region", "us", "--tenant", "globex")
                planned = self.plans_at_once()
                self.assertEqual({a.split("/")[0] for a in planned}, {"globex"})
                text = self.read("tenantry.yaml")
                self.assertIn("QLIK_US_CLIENT_SECRET", text)
                self.assertIn("alias: globex", text)
                self.assertNotRegex(text, r"(?i)acme|\beu\b(?!-)|euS")

    def test_what_cannot_be_a_tenant_or_a_region_is_refused_before_anything_is_written(self):
        for flags in (("--tenant", "no"), ("--tenant", "Acme"), ("--tenant", "1st"),
                      ("--tenant", "true"), ("--tenant", "a_b_c"), ("--region", "EU!"),
                      ("--example", "fleet", "--tenant", "globex")):
            ended = self.tenantry("init", *flags, code=FAILED)
            self.assertIn("hint:", ended.err)
            self.assertEqual(self.files(), [])

    def test_nothing_is_overwritten(self):
        self.workspace.write("tenantry.schema.json", "mine")
        self.tenantry("init", code=FAILED)
        self.assertEqual(self.files(), ["tenantry.schema.json"])
        self.assertEqual(self.read("tenantry.schema.json"), "mine")

    def test_a_repository_keeps_the_page_that_it_has(self):
        self.workspace.write("README.md", "mine")
        self.assertIn("kept README.md", self.tenantry("init").out)
        self.assertEqual(self.read("README.md"), "mine")
        self.plans_at_once()

    def test_pages_link_to_nothing_that_a_new_folder_has_not(self):
        for example in (*PLANNED, "oem"):
            folder = self.workspace.path / example
            folder.mkdir()
            self.tenantry("--chdir", example, "init", "--example", example)
            for target in re.findall(r"\]\(([^)#]+)", (folder / "README.md").read_text()):
                self.assertTrue(":" in target or (folder / target).exists(), target)

    def test_git_ignores_what_is_private(self):
        for example in (*PLANNED, "oem"):
            folder = self.workspace.path / example
            folder.mkdir()
            self.tenantry("--chdir", example, "init", "--example", example)
            lines = (folder / ".gitignore").read_text().splitlines()
            self.assertLessEqual({".tenantry/", "secrets/", "*.state", "*.state-*"}, set(lines))

    def test_editors_are_told_where_the_schema_is(self):
        self.tenantry("init", "--example", "fleet")
        for name in ("tenantry.yaml", "blueprints.yaml"):
            self.assertEqual(self.read(name).splitlines()[0], SCHEMA_LINE)
        self.assertEqual(self.read("tenantry.schema.json"), self.tenantry("schema").out)


class OnATerminal(StarterCase):
    def start(self, *arguments):
        terminal = OnTerminal(["init", *arguments], self.workspace.path, self.workspace.environment)
        self.addCleanup(terminal.process.kill)
        return terminal

    def test_it_asks_and_plans_at_once(self):
        terminal = self.start()
        terminal.answer("Example [quickstart]: ", "customer")
        terminal.answer("Region of Qlik Cloud [eu]: ", "us")
        terminal.answer("First tenant [acme]: ", "globex")
        self.assertEqual(terminal.wait(), DONE, terminal.raw)
        for example in PLANNED:
            self.assertIn(example, terminal.raw)
        self.assertEqual({a.split("/")[0] for a in self.plans_at_once()}, {"globex"})
        self.assertIn("region: us", self.read("tenantry.yaml"))

    def test_return_takes_what_is_proposed(self):
        terminal = self.start()
        for question in ("Example [quickstart]: ", "Region of Qlik Cloud [eu]: ",
                         "First tenant [acme]: "):
            terminal.answer(question, "")
        self.assertEqual(terminal.wait(), DONE, terminal.raw)
        self.assertIn("acme", self.plans_at_once())

    def test_what_a_flag_says_is_not_asked(self):
        terminal = self.start("--example", "quickstart", "--region", "us")
        terminal.answer("First tenant [acme]: ", "globex")
        self.assertEqual(terminal.wait(), DONE, terminal.raw)
        self.assertNotIn("Example [", terminal.raw)
        self.assertNotIn("Region of", terminal.raw)

    def test_an_example_with_tenants_of_its_own_asks_no_more(self):
        terminal = self.start()
        terminal.answer("Example [quickstart]: ", "fleet")
        self.assertEqual(terminal.wait(), DONE, terminal.raw)

    def test_a_wrong_answer_names_the_nearest_and_writes_nothing(self):
        terminal = self.start()
        terminal.answer("Example [quickstart]: ", "customr")
        self.assertEqual(terminal.wait(), FAILED)
        self.assertIn('did you mean "customer"?', terminal.raw)
        self.assertEqual(self.files(), [])

    def test_the_end_of_input_writes_nothing(self):
        terminal = self.start()
        terminal.answer("Example [quickstart]: ", "\x04")
        self.assertEqual(terminal.wait(), INTERRUPTED)
        self.assertEqual(self.files(), [])


if __name__ == "__main__":
    unittest.main()
