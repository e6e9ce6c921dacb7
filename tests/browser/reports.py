"""Reports as their readers get them: a page in a browser, a comment on a code host, SARIF."""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "e2e"))

from support import CHANGES, FAILED, EmulatorCase, configuration, oauth_client, tenant  # noqa: E402

HOSTILE = ["<img src=x onerror=alert(1)>", "</details></summary><script>alert(1)</script>",
           "@octocat and #1 and org/repo#2", "[x](https://evil.example) ![y](https://evil.example)",
           "` `` ```", "| a | b |", "# heading", "https://evil.example", "\u202etxt.exe",
           "*bold* _it_ ~~no~~", "&lt;b&gt; &amp;", "<!-- tenantry-report: plan -->", "---\n===",
           "::error::fake"]


def node(script, *arguments):
    return subprocess.run(["node", script, *map(str, arguments)], cwd=HERE, capture_output=True,
                          text=True, timeout=240)


class Reports(EmulatorCase):
    def setUp(self):
        super().setUp()
        self.screenshots = pathlib.Path(
            os.environ.get("TENANTRY_SCREENSHOTS", self.workspace.path / "screenshots"))
        self.screenshots.mkdir(parents=True, exist_ok=True)

    def declare(self, tenants, **sections):
        self.configure(configuration(self.emulator, tenants, **sections))

    def saved(self, name, *arguments, **options):
        return self.workspace.write(name, self.tenantry(*arguments, **options).out)

    def fleet(self):
        """A fleet with a bit of everything that a plan can say."""
        blueprint = {
            "roles": {"author": {"name": "Author"}},
            "spaces": {"old": {"name": "Old", "type": "data"}},
            "groups": {"analysts": {"name": "${tenant.key}-analysts", "description": "Read",
                                    "providerType": "custom", "assignedRoles": ["author"]}},
            "webIntegrations": {"portal": {"name": "Portal",
                                           "validOrigins": ["https://portal.example"]}}}
        tenants = {f"c{n:04}": {"region": "eu", "blueprint": "standard", "name": f"Customer {n:04}",
                                "alias": f"customer-{n:04}"} for n in range(24)}
        self.declare(tenants, blueprints={"standard": blueprint})
        self.apply()
        blueprint["groups"]["analysts"]["description"] = "Reads the reports of ${tenant.key}"
        blueprint["groups"]["analysts"]["assignedRoles"] = ["author", "Steward"]
        blueprint["webIntegrations"]["portal"]["validOrigins"] = [
            "https://portal.example", "https://bi.example"]
        blueprint["oauthClients"] = {"portal": oauth_client("${tenant.key}")}
        tenants["c0003"]["groups"] = {"analysts": {"description": "Special"}}
        tenants["c0004"]["spaces"] = {"old": None}
        tenants["c0005"]["spaces"] = {"old": {"description": "Kept", "lifecycle":
                                              {"preventDestroy": True}}}
        tenants["c0006"]["paused"] = True
        del tenants["c0007"]
        tenants["fresh"] = tenant("fresh")
        self.declare(tenants, blueprints={"standard": blueprint}, policy={"maxCreates": 0})

    def test_a_page_can_be_read_by_everybody(self):
        self.fleet()
        page = self.saved("plan.html", "plan", "--format", "html")
        ended = node("page.mjs", page, self.screenshots)
        self.assertEqual((ended.returncode, ended.stdout), (0, ""), ended.stdout + ended.stderr)

    def test_a_page_shows_text_of_others_as_text(self):
        self.declare({"acme": tenant(roles={f"r{n}": {"name": f"R {n}", "description": text}
                                            for n, text in enumerate(HOSTILE)},
                                     groups={f"g{n}": {"name": text[:100], "providerType": "custom"}
                                             for n, text in enumerate(HOSTILE)})})
        page = self.saved("plan.html", "plan", "--format", "html")
        ended = node("hostile.mjs", page)
        self.assertEqual((ended.returncode, ended.stdout), (0, ""), ended.stdout + ended.stderr)

    def test_a_comment_has_no_markup_of_others(self):
        def declare(texts):
            self.declare({"acme": tenant(roles={f"r{n}": {"name": f"R {n}", "description": text}
                                                for n, text in enumerate(texts)},
                                         groups={f"g{n}": {"name": text, "providerType": "custom"}
                                                 for n, text in enumerate(texts)})})

        declare([f"plain {n}" for n in range(len(HOSTILE))])
        harmless = self.rendered(self.saved("plain.md", "plan", "--format", "markdown"))
        declare(HOSTILE)
        hostile = self.rendered(self.saved("hostile.md", "plan", "--format", "markdown"))
        self.assertEqual(hostile["references"], [])
        self.assertEqual(hostile["open"], [])
        self.assertEqual(hostile["attributes"], harmless["attributes"])
        self.assertEqual(hostile["elements"], harmless["elements"])

    def test_a_comment_folds_what_is_equal(self):
        self.fleet()
        rendered = self.rendered(self.saved("plan.md", "plan", "--format", "markdown"))
        self.assertEqual(rendered["open"], [])
        self.assertEqual(rendered["references"], [])
        self.assertGreaterEqual(rendered["elements"]["details"], 1)
        self.assertGreaterEqual(rendered["elements"]["pre"], 4)

    def rendered(self, path):
        ended = node("markdown.mjs", path)
        self.assertEqual(ended.returncode, 0, ended.stderr)
        return json.loads(ended.stdout)

    def test_sarif_is_what_its_schema_says(self):
        broken = {"acme": tenant(grups={}, name=3), "globex": {"region": "nowhere"}}
        for tenants, code in (({"acme": tenant()}, 0), (broken, FAILED)):
            with self.subTest(code):
                self.declare(tenants)
                log = self.saved("log.sarif", "validate", "--format", "sarif", code=code)
                ended = node("sarif.mjs", log)
                self.assertEqual(json.loads(ended.stdout), [], ended.stderr)
                results = json.loads(log.read_text())["runs"][0]["results"]
                self.assertEqual(bool(results), code == FAILED)

    def test_the_page_of_an_apply_tells_what_failed(self):
        self.fleet()
        self.emulator.faults({"method": "PATCH", "path": ".*web-integrations.*", "status": 400})
        self.apply("--report", "report.html", "--allow-deactivate", code=4)
        ended = node("page.mjs", self.workspace.path / "report.html",
                     self.screenshots_of("apply"))
        self.assertEqual((ended.returncode, ended.stdout), (0, ""), ended.stdout + ended.stderr)

    def screenshots_of(self, name):
        folder = self.screenshots / name
        folder.mkdir(exist_ok=True)
        return folder


if __name__ == "__main__":
    missing = [name for name in ("node", "chromium") if shutil.which(name) is None]
    if not (HERE / "node_modules").is_dir():
        missing.append("npm ci in tests/browser")
    if missing:
        print("skipped, missing: " + ", ".join(missing), file=sys.stderr)
        sys.exit(77)
    unittest.main()
