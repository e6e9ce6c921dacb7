"""`help` and the manual page."""

import shutil
import subprocess
import unittest

from support import FAILED, Case


class Help(Case):
    def test_it_tells_what_the_flag_tells(self):
        for command in ((), ("plan",), ("state",), ("state", "migrate"), ("help",)):
            self.assertEqual(self.tenantry("help", *command).out,
                             self.tenantry(*command, "--help").out)

    def test_it_has_usage_flags_and_examples(self):
        text = self.tenantry("help", "state", "migrate").out
        for part in ("tenantry state migrate [OPTIONS]", "--to", "Examples:", "Exit codes:"):
            self.assertIn(part, text)

    def test_every_command_has_an_example(self):
        page = self.tenantry("help", "--man").out
        for section in page.split(".SS ")[1:]:
            self.assertGreaterEqual(section.count(".RS"), 1, section.splitlines()[0])

    def test_an_unknown_command_is_refused_with_the_nearest(self):
        self.assertIn('did you mean "plan"?', self.tenantry("help", "plna", code=FAILED).err)
        self.assertIn('did you mean "migrate"?',
                      self.tenantry("help", "state", "migrat", code=FAILED).err)
        self.tenantry("help", "plan", "now", code=FAILED)


class ManualPage(Case):
    def setUp(self):
        super().setUp()
        text = self.tenantry("help", "--man", environment={"SOURCE_DATE_EPOCH": "1700000000"}).out
        self.page = self.workspace.write("tenantry.1", text)

    def checked(self, *command):
        if shutil.which(command[0]) is None:
            self.skipTest(f"{command[0]} is not installed")
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, env={
            **self.workspace.environment, "LC_ALL": "C.UTF-8", "MANWIDTH": "80"})
        self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout[:2000])
        return done.stdout

    def test_man_has_no_warning_and_shows_every_command_and_flag(self):
        shown = self.checked("man", "--warnings", "-E", "UTF-8", "-l", str(self.page))
        for text in ("tenantry state migrate", "--detailed-exitcode", "EXIT STATUS", "NO_COLOR",
                     "2023-11-14"):
            self.assertIn(text, shown)

    def test_mandoc_has_nothing_to_say(self):
        self.assertEqual(self.checked("mandoc", "-Tlint", "-Wwarning", str(self.page)), "")

    def test_without_a_date_it_is_the_same_every_time(self):
        self.assertEqual(self.tenantry("help", "--man").out, self.tenantry("help", "--man").out)


if __name__ == "__main__":
    unittest.main()
