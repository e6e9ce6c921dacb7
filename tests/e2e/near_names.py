"""A name that is not there: the message has the nearest one that is."""

import unittest

from support import FAILED, Case, tenant

DECLARED = {
    "apiVersion": "tenantry/v1",
    "regions": {"eu": {"clientId": "a", "clientSecret": "b", "licenseKey": "c"}},
    "blueprints": {"standard": {}},
    "rollout": {"waves": [{"name": "canary"}, {"name": "rest"}]},
    "tenants": {"acme": tenant(), "globex": tenant("globex")},
}


class NearNames(Case):
    def setUp(self):
        super().setUp()
        self.workspace.configure(DECLARED)

    def meant(self, name, *command):
        self.assertIn(f'did you mean "{name}"?', self.tenantry(*command, code=FAILED).err)

    def test_commands_flags_and_their_words(self):
        self.meant("validate", "valdate")
        self.meant("migrate", "state", "migrat", "--to", "x")
        self.meant("--detailed-exitcode", "plan", "--detailed-exitcodes")
        self.meant("--config", "--confg", "x", "plan")
        self.meant("never", "--color", "nevre", "plan")
        self.meant("json", "plan", "--format", "jsno")
        self.meant("fish", "completion", "fisch")

    def test_names_of_the_configuration(self):
        self.meant("globex", "render", "globx")
        self.meant("acme", "plan", "--emulated", "--target", "acmee")
        self.meant("acme/groups/analysts", "plan", "--emulated", "--target", "acme/grups/analysts")
        self.meant("acme/roles/author", "plan", "--emulated", "--replace", "acme/roles/auther")
        self.meant("canary", "plan", "--emulated", "--wave", "canery")
        self.meant("acme/groups/analysts", "import", "--emulated", "acme/groups/analyst", "id")

    def test_what_is_not_excluded_by_a_slip_is_told(self):
        for wrong, right in (("globx", "globex"), ("acme/roles/auther", "acme/roles/author")):
            told = self.tenantry("plan", "--emulated", "--exclude", wrong).err
            self.assertIn(f'--exclude {wrong} fits no address (did you mean "{right}"?)', told)
        for pattern in ("globex", "acme/roles/author", "*/rols/*", "somebody-else"):
            told = self.tenantry("plan", "--emulated", "--exclude", pattern).err
            self.assertNotIn("fits no address", told)

    def test_what_the_state_has(self):
        self.apply("--emulated")
        self.meant("acme/groups/analysts", "state", "show", "--emulated", "acme/groups/analyst")
        self.meant("globex", "state", "show", "--emulated", "globx")
        self.meant("acme/groups/analysts", "state", "rm", "--emulated", "acme/grups/analysts")
        self.meant("acme/roles/author", "state", "mv", "--emulated", "acme/roles/auther",
                   "acme/roles/writer")
        self.meant("globex", "state", "mv", "--emulated", "globx", "initech")

    def test_files_of_saved_plans(self):
        self.tenantry("plan", "--emulated", "--out", "changes.plan")
        self.meant("changes.plan", "show", "changs.plan")
        self.meant("changes.plan", "apply", "--emulated", "change.plan")
        self.meant("changes.plan", "show", f"{self.workspace.path}/changes.pln")

    def test_nothing_is_proposed_where_nothing_is_near(self):
        for command in (("frobnicate",), ("render", "qqqqqq"), ("show", "qqqqqq.plan")):
            self.assertNotIn("did you mean", self.tenantry(*command, code=FAILED).err)


if __name__ == "__main__":
    unittest.main()
