"""Forms of a plan for reviewers and pipelines, and the report of an apply."""

import json
import os
import re
import unittest

from support import CHANGES, DONE, FAILED, GUARD, PARTIAL, EmulatorCase, configuration, tenant


class ReportsTest(EmulatorCase):
    def setUp(self):
        super().setUp()
        self.tenants = {"acme": tenant(), "globex": tenant("globex")}
        self.declare()
        self.apply()

    def declare(self, **sections):
        self.configure(configuration(self.emulator, self.tenants, **sections))

    def change(self):
        del self.tenants["acme"]["webIntegrations"]
        for declared in self.tenants.values():
            declared["groups"]["analysts"]["description"] = "Read and write"
        self.declare()

    def line_of(self, text, after=""):
        lines = (self.workspace.path / "tenantry.yaml").read_text().splitlines()
        start = next(i for i, line in enumerate(lines) if after in line)
        return next(i for i, line in enumerate(lines) if i >= start and text in line) + 1

    def test_a_saved_plan_is_shown_in_every_form_as_it_was_made(self):
        self.change()
        made = {form: self.tenantry("plan", "--out", "saved.plan", "--format", form).out
                for form in ("text", "markdown", "html", "github")}
        for form, text in made.items():
            with self.subTest(form):
                shown = self.tenantry("show", "saved.plan", "--format", form).out
                times = r"\d{4}-\d\d-\d\dT[\d:.]+Z"
                self.assertEqual(re.sub(times, "", shown), re.sub(times, "", text))

    def test_a_comment_says_what_matters_first(self):
        self.change()
        text = self.tenantry("plan", "--format", "markdown").out
        self.assertTrue(text.startswith("<!-- tenantry-report: plan -->\n## Plan: 2 to update, 1 to "
                                        "delete.\n"), text)
        self.assertLess(text.index("- **delete** `acme/webIntegrations/portal`"),
                        text.index("#### `acme`"))
        self.assertIn('- description: "Read"\n+ description: "Read and write"', text)

    def test_exit_codes_are_those_of_text(self):
        self.change()
        for form in ("markdown", "html", "github"):
            self.tenantry("plan", "--format", form, "--detailed-exitcode", code=CHANGES)
            self.tenantry("plan", "--format", form, code=DONE)

    def test_annotations_stand_on_the_lines_that_cause_the_changes(self):
        self.change()
        lines = self.tenantry("plan", "--format", "github").out.splitlines()
        self.assertEqual(lines[-1], "Plan: 2 to update, 1 to delete.")
        self.assertTrue(lines[0].startswith("::warning title=delete webIntegrations/portal::"), lines)
        for key in self.tenants:
            line = self.line_of('"analysts"', after=f'"{key}": {{')
            expected = f"::notice file=tenantry.yaml,line={line},col="
            self.assertTrue(any(text.startswith(expected) for text in lines), (expected, lines))

    def test_paths_start_at_the_root_of_the_repository(self):
        self.change()
        (self.workspace.path / "fleet").mkdir()
        (self.workspace.path / "tenantry.yaml").rename(
            self.workspace.path / "fleet" / "tenantry.yaml")
        arguments = ("--chdir", "fleet", "plan", "--no-refresh", "--state", "../tenantry.state",
                     "--format", "github")
        self.assertIn("file=tenantry.yaml,", self.tenantry(*arguments).out)
        workspace = {"GITHUB_WORKSPACE": str(self.workspace.path)}
        self.assertIn("file=fleet/tenantry.yaml,",
                      self.tenantry(*arguments, environment=workspace).out)
        elsewhere = {"GITHUB_WORKSPACE": "/nonexistent"}
        (self.workspace.path / ".git").mkdir()
        self.assertIn("file=fleet/tenantry.yaml,",
                      self.tenantry(*arguments, environment=elsewhere).out)

    def test_drift_has_the_same_forms(self):
        self.emulator.patch("Acme", "groups", "Analysts", description="By hand")
        text = self.tenantry("drift", "--format", "markdown", code=CHANGES).out
        self.assertIn("<!-- tenantry-report: drift -->", text)
        self.assertIn("By hand", text)
        self.assertIn("::warning file=tenantry.yaml,",
                      self.tenantry("drift", "--format", "github", code=CHANGES).out)

    def test_the_state_has_two_forms(self):
        for form in ("markdown", "html", "github"):
            ended = self.tenantry("show", "--format", form, code=FAILED)
            self.assertIn(f"the state has no form {form}", ended.err)

    def test_a_secret_is_in_no_report(self):
        self.tenants["acme"]["oauthClients"] = {"portal": {
            "clientName": "Portal", "appType": "web", "allowedGrantTypes": ["client_credentials"],
            "allowedScopes": ["user_default"], "deliverSecret": {"file": "secrets/portal.json"}}}
        self.declare()
        for form in ("markdown", "html", "github"):
            self.assertNotIn("e2e-secret", self.tenantry("plan", "--format", form).out)
        self.apply("--report", "report.html")
        secret = json.loads((self.workspace.path / "secrets" / "portal.json").read_text())
        self.assertNotIn(secret["clientSecret"], (self.workspace.path / "report.html").read_text())

    def test_an_apply_reports_what_it_did_and_what_it_did_not(self):
        self.change()
        self.emulator.faults({"method": "PATCH", "path": ".*groups.*", "status": 400, "times": 1})
        for name, count in (("report.json", 1), ("report.md", 0), ("report.html", 0)):
            self.apply("--report", name, code=PARTIAL if count else DONE)
        report = json.loads((self.workspace.path / "report.json").read_text())
        self.assertEqual((report["formatVersion"], report["exitCode"]), (1, PARTIAL))
        self.assertEqual((report["counts"]["done"], report["counts"]["failed"]), (2, 1))
        failed = [change for change in report["changes"] if change["status"] == "failed"]
        self.assertEqual(len(failed), 1)
        self.assertIn("status", failed[0]["error"])
        self.assertIn("tenantry apply", report["goOn"])
        text = (self.workspace.path / "report.md").read_text()
        self.assertTrue(text.startswith("<!-- tenantry-report: apply -->\n## Applied: 1 done.\n"))
        page = (self.workspace.path / "report.html").read_text()
        self.assertIn("<h1>Nothing had to be changed.</h1>", page)

    def test_a_report_that_cannot_be_written_is_an_error_before_any_call(self):
        self.change()
        mark = self.emulator.mark()
        for name in ("nowhere/report.md", "report", "report.txt"):
            self.apply("--report", name, code=FAILED)
        self.apply("--report-format", "html", code=FAILED)
        pipe = self.workspace.path / "pipe.md"
        os.mkfifo(pipe)
        self.apply("--report", "pipe.md", code=FAILED)
        self.assertTrue(pipe.is_fifo())
        self.assertEqual(self.emulator.changing_calls(mark), [])
        self.apply("--report", "report.txt", "--report-format", "markdown")
        self.assertIn("## Applied", (self.workspace.path / "report.txt").read_text())

    def test_what_a_guard_stops_is_told_with_its_digest(self):
        self.tenants["acme"]["groups"]["analysts"]["lifecycle"] = {"preventDestroy": True}
        self.declare()
        self.apply()
        del self.tenants["acme"]["groups"]
        self.declare()
        self.apply("--report", "report.md", code=GUARD)
        text = (self.workspace.path / "report.md").read_text()
        digest = re.search(r"`--acknowledge ([0-9a-f]{12})`", text)[1]
        self.apply("--acknowledge", digest)

    def test_mistakes_as_sarif(self):
        self.tenants["acme"]["grups"] = {}
        self.declare()
        log = self.tenantry("validate", "--format", "sarif", code=FAILED).json()
        [run] = log["runs"]
        [result] = run["results"]
        self.assertEqual(result["level"], "error")
        self.assertEqual(run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"],
                         result["ruleId"])
        place = result["locations"][0]["physicalLocation"]
        self.assertEqual(place["artifactLocation"],
                         {"uri": "tenantry.yaml", "uriBaseId": "%SRCROOT%"})
        self.assertEqual(place["region"]["startLine"], self.line_of('"grups"'))
        before = result["partialFingerprints"]
        text = (self.workspace.path / "tenantry.yaml").read_text()
        self.workspace.write("tenantry.yaml", "# a comment\n" + text)
        moved = self.tenantry("validate", "--format", "sarif", code=FAILED).json()
        self.assertEqual(moved["runs"][0]["results"][0]["partialFingerprints"], before)
        del self.tenants["acme"]["grups"]
        self.declare()
        self.assertEqual(self.tenantry("validate", "--format", "sarif").json()["runs"][0]["results"],
                         [])
        self.tenantry("validate", "--format", "sarif", "--json", code=FAILED)


if __name__ == "__main__":
    unittest.main()
