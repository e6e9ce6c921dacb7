"""What Qlik Cloud would refuse on the way is told by plan, before anything is called."""

import unittest

from support import DONE, FAILED, EmulatorCase, configuration, tenant


class ForeseenTest(EmulatorCase):
    def declare(self, declared, **sections):
        self.configure(configuration(self.emulator, declared, **sections))

    def test_a_renamed_space_with_a_project_asks_for_the_move_that_is_meant(self):
        project = {"name": "Sales", "type": "DATA_PIPELINE", "platformType": "SNOWFLAKE",
                   "space": "pipelines"}
        acme = tenant(spaces={"pipelines": {"name": "Pipelines", "type": "data"}},
                      diProjects={"sales": project})
        self.declare({"acme": acme})
        self.apply()
        acme["spaces"]["pipes"] = acme["spaces"].pop("pipelines")
        project["space"] = "pipes"
        self.declare({"acme": acme})
        mark = self.emulator.mark()
        ended = self.apply(code=FAILED)
        self.assertIn("acme/spaces/pipelines cannot be deleted while acme/diProjects/sales refers "
                      "to it", ended.text)
        self.assertIn("moved: [{from: acme/spaces/pipelines, to: acme/spaces/pipes}]", ended.text)
        self.assertEqual(self.emulator.changing_calls(mark), [])
        self.declare({"acme": acme}, moved=[{"from": "acme/spaces/pipelines",
                                             "to": "acme/spaces/pipes"}])
        self.apply()
        self.assertEqual(self.emulator.changing_calls(mark), [])
        self.plan_is_empty()

    def test_a_role_that_a_let_go_group_has_cannot_be_deleted(self):
        acme = tenant()
        self.declare({"acme": acme})
        self.apply()
        del acme["groups"]
        removed = [{"from": "acme/groups/analysts"}]
        self.declare({"acme": acme}, removed=removed)
        self.apply()
        del acme["roles"]
        acme["webIntegrations"]["portal"]["name"] = "Front door"
        self.declare({"acme": acme}, removed=removed)
        words = ("acme/roles/author cannot be deleted while the group \"Analysts\", which is not "
                 "managed here, refers to it")
        self.assertIn(words, self.tenantry("plan", code=FAILED).text)
        self.apply("--target", "acme/webIntegrations/portal")  # the rest goes on without it
        group, host = self.emulator.find("Acme", "groups", "Analysts")
        self.emulator.api(host, "DELETE", f"/api/v1/groups/{group['id']}")
        self.apply()
        self.plan_is_empty()

    def test_what_lets_go_in_the_same_run_keeps_nothing(self):
        acme = tenant()
        self.declare({"acme": acme})
        self.apply()
        del acme["roles"]
        acme["groups"]["analysts"]["assignedRoles"] = ["Steward"]
        self.declare({"acme": acme})
        self.apply()
        self.assertNotIn("Author", self.emulator.names("Acme", "roles"))
        self.plan_is_empty()


class AliasTest(EmulatorCase):
    def test_an_alias_that_was_not_given_up_is_not_taken(self):
        declared = {key: {"region": "eu", "name": key, "alias": f"{alias}-e2e"}
                    for key, alias in (("acme", "one"), ("beta", "two"))}
        self.configure(configuration(self.emulator, declared))
        self.apply()
        declared["acme"]["alias"], declared["beta"]["alias"] = "two-e2e", "three-e2e"
        self.configure(configuration(self.emulator, declared))
        beta = self.emulator.tenants()["beta"]
        self.emulator.faults({"match": {"method": "PATCH", "host": beta["hostnames"][0],
                                        "path": "/api/v1/tenants/"}, "status": 400, "times": 1})
        mark = self.emulator.mark()
        ended = self.apply(code=FAILED)
        self.assertIn("acme: not applied: beta still has the alias two-e2e, which acme takes over",
                      ended.err)
        self.assertEqual(len(self.emulator.changing_calls(mark)), 1)
        self.apply(code=DONE)
        self.plan_is_empty()


if __name__ == "__main__":
    unittest.main()
