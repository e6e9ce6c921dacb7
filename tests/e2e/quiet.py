"""What is told on standard error: with --quiet errors alone; and when text is coloured."""

import unittest

from support import DONE, FAILED, Case, tenant
from terminal import OnTerminal

DECLARED = {
    "apiVersion": "tenantry/v1",
    "regions": {"eu": {"clientId": "a", "clientSecret": "b", "licenseKey": "c"}},
    "blueprints": {},
    "tenants": {"acme": tenant(), "globex": tenant("globex")},
}


class Quiet(Case):
    def setUp(self):
        super().setUp()
        self.workspace.configure(DECLARED)

    def test_a_run_says_its_result_alone(self):
        self.assertNotEqual(self.apply("--emulated", "--target", "globex").err, "")
        for command in (["plan"], ["apply", "--auto-approve"]):
            ended = self.tenantry(*command, "--quiet", "--emulated")
            self.assertEqual(ended.err, "")
            self.assertIn("acme/groups/analysts", ended.out)

    def test_errors_are_still_told(self):
        ended = self.tenantry("--quiet", "render", "nobody", code=FAILED)
        self.assertIn("error: ", ended.err)
        self.workspace.write("tenantry.yaml", "apiVersion: tenantry/v1\ntenants: {a: 1}\n")
        self.assertIn("tenantry.yaml:2:14: error: ",
                      self.tenantry("validate", "--quiet", code=FAILED).err)

    def test_nothing_is_drawn_on_a_terminal(self):
        terminal = OnTerminal(["plan", "--emulated", "--quiet", "--color", "never"],
                              self.workspace.path, self.workspace.environment)
        self.assertEqual(terminal.wait(), DONE, terminal.raw)
        self.assertNotIn("\x1b", terminal.raw)
        self.assertNotIn("planning", terminal.raw)

    def test_a_level_beside_it_is_refused(self):
        ended = self.tenantry("--quiet", "--log-level", "debug", "validate", code=FAILED)
        self.assertIn("--log-level", ended.err)


class Colour(Case):
    def setUp(self):
        super().setUp()
        self.workspace.configure(DECLARED)

    def coloured(self, **environment):
        return "\x1b[" in self.tenantry("plan", "--emulated", environment=environment).out

    def test_a_pipe_has_colour_where_it_is_forced(self):
        self.assertFalse(self.coloured())
        self.assertTrue(self.coloured(CLICOLOR_FORCE="1"))
        self.assertFalse(self.coloured(CLICOLOR_FORCE="0"))
        self.assertFalse(self.coloured(CLICOLOR_FORCE="1", NO_COLOR="1"))

    def test_a_terminal_has_colour_unless_it_is_refused(self):
        for environment, expected in (({}, True), ({"NO_COLOR": "1"}, False)):
            terminal = OnTerminal(["plan", "--emulated"], self.workspace.path,
                                  {**self.workspace.environment, **environment})
            terminal.wait()
            self.assertEqual("\x1b[3" in terminal.raw or "\x1b[1;3" in terminal.raw, expected,
                             terminal.raw)


if __name__ == "__main__":
    unittest.main()
