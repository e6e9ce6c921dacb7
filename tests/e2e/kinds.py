"""Brands, keys, spaces, projects and settings: what each kind promises, seen in the emulator."""

import unittest

from assets import ico, png, project
from support import FAILED, GUARD, PARTIAL, EmulatorCase, configuration

HOME_KEY = "arn:aws:kms:eu-west-1:123456789012:key/mrk-11111111111111111111111111111111"
OTHER_KEY = "arn:aws:kms:eu-west-1:123456789012:key/mrk-22222222222222222222222222222222"
SINGLE_KEY = "arn:aws:kms:eu-west-1:123456789012:key/12345678-1234-1234-1234-123456789012"


class KindCase(EmulatorCase):
    def setUp(self):
        super().setUp()
        self.write_bytes("assets/logo.png", png())
        self.write_bytes("assets/favicon.ico", ico())
        self.workspace.write("assets/styles.json", "{}")
        self.acme = {"region": "eu", "name": "Acme"}

    def write_bytes(self, name, data):
        path = self.workspace.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)

    def declare(self, **sections):
        self.acme.update(sections)
        self.configure(configuration(self.emulator, {"acme": self.acme}))

    def withdraw(self, section):
        del self.acme[section]
        self.declare()

    def live(self, table):
        return self.emulator.tenants()["Acme"][table]

    def changing_calls_of(self, *arguments, **options):
        mark = self.emulator.mark()
        self.apply(*arguments, **options)
        return self.emulator.changing_calls(mark)


class BrandTest(KindCase):
    def brand(self, **more):
        return {"name": "House", "logo": "assets/logo.png", "favIcon": "assets/favicon.ico",
                "styles": "assets/styles.json", "active": True, **more}

    def files(self):
        brand, = self.live("brands")
        return {file["id"] for file in brand["files"]}

    def test_a_brand_is_created_with_its_files_and_made_active(self):
        self.declare(brands={"house": self.brand()})
        self.apply()
        brand, = self.live("brands")
        self.assertTrue(brand["active"])
        self.assertEqual(self.files(), {"logo", "favIcon", "styles"})
        self.plan_is_empty()

    def test_an_unchanged_file_is_never_sent_again(self):
        self.declare(brands={"house": self.brand()})
        self.apply()
        self.write_bytes("assets/other.png", png())
        self.declare(brands={"house": self.brand(logo="assets/other.png")})
        self.plan_is_empty()
        self.declare(brands={"house": self.brand(description="Blue")})
        calls = self.changing_calls_of()
        self.assertEqual(len(calls), 1)
        self.assertTrue(calls[0].startswith("PATCH /api/v1/brands/"), calls)

    def test_a_changed_file_is_replaced_and_an_empty_one_removed(self):
        self.declare(brands={"house": self.brand()})
        self.apply()
        self.write_bytes("assets/logo.png", png(7))
        call, = self.changing_calls_of()
        self.assertRegex(call, r"PUT /api/v1/brands/[^/]+/files/logo")
        self.declare(brands={"house": self.brand(favIcon="")})
        call, = self.changing_calls_of()
        self.assertRegex(call, r"DELETE /api/v1/brands/[^/]+/files/favIcon")
        self.assertEqual(self.files(), {"logo", "styles"})
        self.plan_is_empty()

    def test_a_file_that_somebody_changed_is_drift(self):
        self.declare(brands={"house": self.brand()})
        self.apply()
        brand, = self.live("brands")
        host = self.emulator.tenants()["Acme"]["hostnames"][0]
        self.emulator.api(host, "DELETE", f"/api/v1/brands/{brand['id']}/files/logo")
        self.assertEqual(self.planned(), {"acme/brands/house": "update"})
        self.apply()
        self.assertIn("logo", self.files())

    def test_activation_moves_and_two_active_brands_are_refused(self):
        self.declare(brands={"house": self.brand(), "summer": self.brand(name="Summer")})
        ended = self.tenantry("validate", code=FAILED)
        self.assertIn("active", ended.err)
        self.declare(brands={"house": self.brand(),
                             "summer": self.brand(name="Summer", active=False)})
        self.apply()
        self.declare(brands={"house": self.brand(active=False), "summer": self.brand(name="Summer")})
        self.apply()
        self.assertEqual({b["name"]: b["active"] for b in self.live("brands")},
                         {"House": False, "Summer": True})
        self.plan_is_empty()

    def test_a_file_that_does_not_fit_is_refused_before_any_call(self):
        self.write_bytes("assets/large.png", png() + bytes(400_000))
        self.workspace.write("assets/text.png", "no picture")
        for logo in ("assets/missing.png", "assets/large.png", "assets/text.png", "../outside.png"):
            with self.subTest(logo=logo):
                self.declare(brands={"house": self.brand(logo=logo)})
                ended = self.tenantry("apply", "--auto-approve", code=FAILED)
                self.assertRegex(ended.err, r"tenantry\.yaml:\d+:\d+: error: ")
        self.assertEqual(self.emulator.requests(), [])


class KeyProviderTest(KindCase):
    def key(self, arn=HOME_KEY, **more):
        return {"name": "Key", "keyprovider": "AWS-KMS", "arn": arn, "current": True, **more}

    def current(self):
        return [key["arn"] for key in self.live("keyProviders") if key.get("current")]

    def test_the_current_key_is_tested_migrated_to_and_followed_to_the_end(self):
        self.declare(keyProviders={"cmk": self.key()})
        ended = self.apply()
        self.assertIn("migration to Key: 40 %", ended.err)
        self.assertEqual(self.current(), [HOME_KEY])
        calls = " ".join(self.emulator.changing_calls())
        self.assertLess(calls.index("actions/test"), calls.index("actions/migrate"))
        self.plan_is_empty()

    def test_another_arn_is_created_and_migrated_to_before_the_old_one_goes(self):
        self.declare(keyProviders={"cmk": self.key()})
        self.apply()
        self.declare(keyProviders={"cmk": self.key(OTHER_KEY)})
        self.assertEqual(self.planned(), {"acme/keyProviders/cmk": "replace"})
        calls = [call for call in self.changing_calls_of() if "keyproviders" in call]
        self.assertEqual([call.split(" ")[0] for call in calls], ["POST", "POST", "POST", "DELETE"])
        self.assertTrue(calls[2].endswith("actions/migrate"), calls)
        self.assertEqual(self.current(), [OTHER_KEY])
        self.plan_is_empty()

    def test_going_back_to_a_key_that_is_still_there_takes_it_back(self):
        self.declare(keyProviders={"cmk": self.key()})
        self.apply()
        self.declare(keyProviders={"cmk": self.key(OTHER_KEY)})
        self.emulator.faults({"match": {"method": "DELETE", "path": "/encryption/keyproviders/"},
                              "status": 424, "times": 9})
        self.apply(code=FAILED)
        self.emulator.no_faults()
        self.declare(keyProviders={"cmk": self.key(name="Back")})
        self.assertEqual(self.planned(), {"acme/keyProviders/cmk": "update"})
        self.assertIn("deletes the object that it replaced", self.tenantry("plan").out)
        calls = [call for call in self.changing_calls_of() if call.startswith("POST") and
                 call.endswith("/keyproviders")]
        self.assertEqual(calls, [])  # a second one of that ARN would be refused
        self.assertEqual(self.current(), [HOME_KEY])
        self.assertEqual([key["name"] for key in self.live("keyProviders")
                          if key["arn"] in (HOME_KEY, OTHER_KEY)], ["Back"])
        self.plan_is_empty()

    def test_removing_the_current_key_resets_first_and_counts_as_a_delete(self):
        self.declare(keyProviders={"cmk": self.key()})
        self.apply()
        self.acme["keyProviders"] = {}
        self.configure(configuration(self.emulator, {"acme": self.acme}, policy={"maxDeletes": 0}))
        self.assertIn("Qlik's own key", self.tenantry("plan").out)
        self.apply(code=GUARD)
        self.declare()
        calls = [call for call in self.changing_calls_of() if "keyproviders" in call]
        self.assertTrue(calls[0].endswith("actions/reset-to-default-provider"), calls)
        self.assertEqual(self.current(), [HOME_KEY] and [k for k in self.current()])
        self.assertEqual([k for k in self.live("keyProviders") if k.get("arn") == HOME_KEY], [])
        self.plan_is_empty()

    def test_the_current_key_is_handed_over_without_going_back_to_qliks_own(self):
        self.declare(keyProviders={"cmk": self.key()})
        self.apply()
        self.declare(keyProviders={"other": self.key(OTHER_KEY, name="Other")})
        calls = [call for call in self.changing_calls_of() if "keyproviders" in call]
        self.assertEqual([call for call in calls if "reset" in call], [])
        self.assertEqual(self.current(), [OTHER_KEY])
        self.plan_is_empty()

    def test_a_key_of_a_single_region_is_warned_of_and_refused_where_it_would_be_created(self):
        self.declare(keyProviders={"cmk": self.key(SINGLE_KEY)})
        self.assertIn("warning", self.tenantry("validate").err)
        ended = self.tenantry("plan", code=FAILED)
        self.assertIn("multi-region", ended.text)
        self.assertEqual(self.emulator.changing_calls(), [])


class SpaceTest(KindCase):
    def test_assignments_are_added_changed_and_taken_away(self):
        group = {"name": "Analysts", "providerType": "custom"}
        assignment = {"type": "group", "assigneeId": "analysts", "roles": ["consumer"]}
        space = {"name": "Pipelines", "type": "data", "assignments": [assignment]}
        self.declare(groups={"analysts": group}, spaces={"pipelines": space})
        self.apply()
        self.plan_is_empty()
        assignment["roles"] = ["consumer", "producer"]
        self.declare()
        call, = self.changing_calls_of()
        self.assertRegex(call, r"PUT /api/v1/spaces/[^/]+/assignments/")
        space["assignments"] = []
        self.declare()
        call, = self.changing_calls_of()
        self.assertRegex(call, r"DELETE /api/v1/spaces/[^/]+/assignments/")
        self.plan_is_empty()

    def test_a_group_that_is_none_is_refused_by_the_plan(self):
        group = {"name": "Analysts", "providerType": "custom"}
        self.declare(groups={"analysts": group})
        self.apply()
        space = {"name": "Pipelines", "type": "data", "assignments": [
            {"type": "user", "assigneeId": "65f1c0ffee65f1c0ffee0001", "roles": ["consumer"]},
            {"type": "group", "assigneeId": "analyst", "roles": ["consumer"]}]}
        self.declare(spaces={"pipelines": space})
        refused = self.tenantry("plan", code=FAILED)
        self.assertIn('`assigneeId` names "analyst"', refused.text)
        self.assertIn("did you mean \"Analysts\"?", refused.text)
        self.assertNotIn("65f1c0ffee", refused.text)

    def test_a_saved_plan_knows_the_group_that_a_space_is_assigned_to(self):
        space = {"name": "Pipelines", "type": "data", "assignments": [
            {"type": "group", "assigneeId": "analysts", "roles": ["consumer"]}]}
        self.declare(groups={"analysts": {"name": "Analysts", "providerType": "custom"}},
                     spaces={"pipelines": space})
        self.apply()
        space["description"] = "Ours"
        self.declare()
        self.tenantry("plan", "--out", "saved.plan")
        self.tenantry("apply", "saved.plan")
        self.plan_is_empty()


class ProjectTest(KindCase):
    def setUp(self):
        super().setUp()
        self.archive = self.workspace.path / "assets/sales.zip"
        project(self.archive)

    def declare_project(self, **more):
        self.declare(spaces={"pipelines": {"name": "Pipelines", "type": "data"}},
                     diProjects={"sales": {"name": "Sales", "space": "pipelines",
                                           "package": "assets/sales.zip",
                                           "bindings": {"targetSchema": "acme_dw"}, **more}})

    def test_bindings_are_set_before_the_import_and_the_import_is_followed(self):
        self.declare_project()
        self.apply()
        live, = self.live("diProjects")
        self.assertEqual(live["imported"]["variables"], {"targetSchema": "acme_dw"})
        calls = " ".join(self.emulator.changing_calls())
        self.assertLess(calls.index("/bindings"), calls.index("/actions/import-async"))
        self.plan_is_empty()

    def test_a_package_is_imported_again_only_when_its_content_changed(self):
        self.declare_project()
        self.apply()
        project(self.archive)
        self.plan_is_empty()
        project(self.archive, tasks=("landing", "mart"))
        self.assertEqual(self.planned(), {"acme/diProjects/sales": "update"})
        calls = self.changing_calls_of()
        self.assertEqual(len(calls), 1, calls)
        self.assertTrue(calls[0].endswith("/actions/import-async"), calls)
        self.plan_is_empty()

    def test_bindings_that_are_not_written_stay(self):
        self.declare_project()
        self.apply()
        live, = self.live("diProjects")
        host = self.emulator.tenants()["Acme"]["hostnames"][0]
        path = f"/api/v1/di-projects/{live['id']}/bindings"
        self.emulator.api(host, "PUT", path,
                          {"variables": {"targetSchema": "acme_dw", "other": "theirs"}})
        self.plan_is_empty()
        self.declare_project(bindings={"targetSchema": "acme_mart"})
        self.apply()
        live, = self.live("diProjects")
        self.assertEqual(live["bindings"], {"targetSchema": "acme_mart", "other": "theirs"})

    def test_a_failed_import_tells_its_report_keeps_the_project_and_is_made_up_for(self):
        self.declare_project(bindings={})
        ended = self.apply(code=PARTIAL)
        self.assertIn("targetSchema", ended.text)
        self.assertEqual(self.emulator.names("Acme", "diProjects"), ["Sales"])
        self.declare_project()
        self.assertEqual(self.planned(), {"acme/diProjects/sales": "update"})
        self.apply()
        self.plan_is_empty()
        self.assertEqual(self.emulator.names("Acme", "diProjects"), ["Sales"])

    def test_bindings_whose_import_failed_are_imported_by_the_next_run(self):
        self.declare_project()
        self.apply()
        self.declare_project(bindings={"targetSchema": "acme_mart"})
        self.emulator.faults({"match": {"path": "import-async"}, "status": 503, "times": 9})
        self.apply(code=FAILED)
        self.emulator.no_faults()
        self.assertEqual(self.planned(), {"acme/diProjects/sales": "update"})
        self.apply()
        live, = self.live("diProjects")
        self.assertEqual(live["imported"]["variables"], {"targetSchema": "acme_mart"})
        self.plan_is_empty()

    def test_what_no_call_can_do_is_said_and_not_done(self):
        self.declare_project()
        self.apply()
        self.declare_project(name="Marketing")
        ended = self.tenantry("plan", code=FAILED)
        self.assertIn("`name`", ended.text)
        self.withdraw("diProjects")
        self.assertEqual(self.planned(), {"acme/diProjects/sales": "forget"})
        self.assertIn("delete", self.tenantry("plan").out)
        self.assertEqual(self.changing_calls_of(), [])
        self.assertEqual(self.emulator.names("Acme", "diProjects"), ["Sales"])

    def test_a_space_stays_with_the_project_that_no_call_deletes(self):
        self.declare_project()
        self.apply()
        self.withdraw("diProjects")
        del self.acme["spaces"]
        self.declare()
        self.assertEqual(self.planned(), {"acme/diProjects/sales": "forget",
                                          "acme/spaces/pipelines": "forget"})
        self.assertIn("stays and needs it", self.tenantry("plan").out)
        self.assertEqual(self.changing_calls_of(), [])
        self.plan_is_empty()

    def test_an_archive_that_does_not_hold_is_refused_before_any_call(self):
        self.archive.write_bytes(self.archive.read_bytes()[:40])
        self.declare_project()
        ended = self.tenantry("apply", "--auto-approve", code=FAILED)
        self.assertRegex(ended.err, r"tenantry\.yaml:\d+:\d+: error: ")
        self.assertEqual(self.emulator.requests(), [])


class PresetTest(KindCase):
    def everyone(self):
        host = self.emulator.tenants()["Acme"]["hostnames"][0]
        settings = self.emulator.api(host, "GET", "/api/v1/groups/settings")
        group, = settings["systemGroups"].values()
        return sorted(role["name"] for role in group["assignedRoles"])

    def test_what_a_new_tenant_has_is_taken_over_with_what_others_put_there(self):
        self.declare(groups={"all": {"name": "com.qlik.Everyone",
                                     "assignedRoles": {"$contains": ["Steward"]}}},
                     roles={"base": {"name": "UserDefault", "assignedScopes": ["automations"]}},
                     groupSettings={"autoCreateGroups": True})
        self.apply()
        self.assertIn("Steward", self.everyone())
        self.assertGreater(len(self.everyone()), 1)
        self.plan_is_empty()

    def test_what_is_no_longer_declared_is_forgotten_and_stays_as_it_is(self):
        self.declare(groupSettings={"autoCreateGroups": True})
        self.apply()
        self.withdraw("groupSettings")
        self.assertEqual(self.planned(), {"acme/groupSettings": "forget"})
        self.assertEqual(self.changing_calls_of(), [])
        self.plan_is_empty()

    def test_an_element_that_leaves_our_part_of_a_list_leaves_the_live_one(self):
        self.declare(groups={"g": {"name": "G", "providerType": "custom",
                                   "assignedRoles": {"$contains": ["Steward", "DataAdmin"]}}})
        self.apply()
        self.emulator.patch("Acme", "groups", "G", assignedRoles=[
            {"name": "Steward"}, {"name": "DataAdmin"}, {"name": "AuditAdmin"}])
        self.plan_is_empty()
        self.acme["groups"]["g"]["assignedRoles"] = {"$contains": ["Steward"]}
        self.declare()
        self.apply()
        found, = [g for g in self.live("groups") if g["name"] == "G"]
        self.assertEqual(sorted(r["name"] for r in found["assignedRoles"]),
                         ["AuditAdmin", "Steward"])

    def test_what_others_put_into_a_list_stays_without_refresh_and_after_a_reactivation(self):
        def roles():
            found, = [g for g in self.live("groups") if g["name"] == "G"]
            return sorted(r["name"] for r in found["assignedRoles"])

        def own(*names):
            self.declare(groups={"g": {"name": "G", "providerType": "custom",
                                       "assignedRoles": {"$contains": list(names)}}})
        own("Steward")
        self.apply()
        self.emulator.patch("Acme", "groups", "G",
                            assignedRoles=[{"name": "Steward"}, {"name": "AuditAdmin"}])
        own("Steward", "DataAdmin")
        self.apply("--no-refresh")
        self.assertEqual(roles(), ["AuditAdmin", "DataAdmin", "Steward"])
        self.declare(status="deactivated")
        self.apply()
        del self.acme["status"]
        own("DataAdmin")
        self.apply()
        self.assertEqual(roles(), ["AuditAdmin", "DataAdmin"])

    def test_a_reactivated_tenant_is_looked_at_before_anything_is_created(self):
        self.declare()
        self.apply()
        host = self.emulator.tenants()["Acme"]["hostnames"][0]
        self.emulator.api(host, "POST", "/api/v1/web-integrations", {"name": "Portal"})
        self.declare(status="deactivated")
        self.apply()
        del self.acme["status"]
        self.declare(webIntegrations={"portal": {"name": "Portal"}})
        ended = self.apply(code=PARTIAL)
        self.assertIn("exists", ended.text)
        self.assertIn("adopt", ended.text)
        self.assertEqual(self.emulator.names("Acme", "webIntegrations"), ["Portal"])

    def test_what_is_in_a_reactivated_tenant_is_planned_from_what_is_live(self):
        self.declare(webIntegrations={"portal": {"name": "Portal"}, "shop": {"name": "Shop"}})
        self.apply()
        for found in self.live("webIntegrations"):
            if found["name"] == "Portal":
                host = self.emulator.tenants()["Acme"]["hostnames"][0]
                self.emulator.api(host, "DELETE", f"/api/v1/web-integrations/{found['id']}")
        self.declare(status="deactivated")
        self.apply()
        del self.acme["status"]
        self.declare(webIntegrations={
            "portal": {"name": "Portal", "validOrigins": ["https://portal.example"]},
            "shop": {"name": "Shop", "validOrigins": ["https://shop.example"]}})
        self.assertEqual(self.planned(), {"acme": "reactivate",
                                          "acme/webIntegrations/portal": "update",
                                          "acme/webIntegrations/shop": "update"})
        self.apply()
        self.assertEqual({w["name"]: w["validOrigins"] for w in self.live("webIntegrations")},
                         {"Portal": ["https://portal.example"], "Shop": ["https://shop.example"]})
        self.plan_is_empty()

    def test_a_member_that_is_no_longer_written_is_released_once(self):
        shown = {"linkEnabled": True, "message": "No"}
        self.declare(tenantSettings={"customizeNoAccess": shown})
        self.apply()
        del shown["message"]
        self.declare()
        self.assertEqual(self.planned(), {"acme/tenantSettings": "release"})
        self.apply()
        self.plan_is_empty()

    def test_tenant_settings_come_and_go(self):
        self.declare(tenantSettings={"preferredStartPage": "analytics-hub"})
        self.apply()
        self.plan_is_empty()
        self.withdraw("tenantSettings")
        self.assertEqual(self.planned(), {"acme/tenantSettings": "delete"})
        self.apply()
        self.plan_is_empty()


if __name__ == "__main__":
    unittest.main()
