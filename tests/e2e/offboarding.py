"""Tenants that go: deactivated as declared, reactivated in time, forgotten after their purge."""

import datetime
import json
import sqlite3
import unittest

from support import FAILED, EmulatorCase, configuration, tenant

DAY = 24 * 3600


class OffboardingTest(EmulatorCase):
    def setUp(self):
        super().setUp()
        self.journal = self.workspace.path / "journal.jsonl"
        self.emulator.stop()
        self.emulator = self.start_emulator("--journal", str(self.journal))
        self.declared = {"acme": tenant(), "globex": tenant("globex")}
        self.declare()
        self.apply()

    def declare(self):
        self.configure(configuration(self.emulator, self.declared))

    def offboard(self, **more):
        self.declared["globex"].update(status="deactivated", **more)
        self.declare()

    def status(self):
        return self.emulator.tenants()["Globex"]["status"]

    def exchanges(self, action):
        """What was sent to the deactivate or reactivate action."""
        lines = [json.loads(line) for line in self.journal.read_text().splitlines()]
        return [line for line in lines if line["path"].endswith("/actions/" + action)]

    def purge_date(self):
        return self.tenantry("state", "show", "globex").json()["extra"].get("purgeDate")

    def test_a_declared_deactivation_needs_no_flag_and_sends_the_confirmation_and_the_days(self):
        host = self.emulator.tenants()["Globex"]["hostnames"][0]
        self.offboard(purgeAfterDays=45)
        self.assertEqual(self.planned(), {"globex": "deactivate"})
        self.apply()
        self.assertEqual(self.status(), "disabled")
        sent, = self.exchanges("deactivate")
        self.assertEqual(sent["headers"]["qlik-confirm-hostname"], host)
        self.assertEqual(sent["headers"]["host"].split(":")[0], "register.eu.qlikcloud.com")
        self.assertEqual(sent["reqBody"], {"purgeAfterDays": 45})

    def test_without_days_no_body_is_sent(self):
        self.offboard()
        self.apply()
        sent, = self.exchanges("deactivate")
        self.assertNotIn("reqBody", sent)

    def test_the_plan_after_a_deactivation_is_empty_and_does_not_call_the_tenant(self):
        self.offboard(purgeAfterDays=30)
        self.apply()
        mark = self.emulator.mark()
        self.plan_is_empty()
        hosts = set(self.emulator.tenants()["Globex"]["hostnames"])
        self.assertFalse(hosts & {r["host"] for r in self.emulator.requests(mark)})

    def test_the_purge_date_is_kept(self):
        self.offboard(purgeAfterDays=30)
        self.apply()
        purge = datetime.datetime.fromisoformat(self.purge_date().replace("Z", "+00:00"))
        left = purge - datetime.datetime.now(datetime.timezone.utc)
        self.assertAlmostEqual(left.total_seconds(), 30 * DAY, delta=300)

    def test_a_tenant_that_is_declared_again_is_reactivated_with_all_it_had(self):
        self.offboard(purgeAfterDays=30)
        self.apply()
        del self.declared["globex"]["status"], self.declared["globex"]["purgeAfterDays"]
        self.declare()
        self.assertEqual(self.planned()["globex"], "reactivate")
        self.apply()
        self.assertEqual(self.status(), "active")
        self.assertEqual(len(self.exchanges("reactivate")), 1)
        self.assertIsNone(self.purge_date())
        self.assertEqual(self.emulator.names("Globex", "groups"), ["Analysts"])
        self.plan_is_empty()

    def test_a_tenant_with_a_data_centre_comes_back(self):
        self.declared["initech"] = tenant("initech", datacenter="eu-west-1")
        self.declare()
        self.apply()
        self.declared["initech"]["status"] = "deactivated"
        self.declare()
        self.apply()
        del self.declared["initech"]["status"]
        self.declare()
        self.assertEqual(self.planned()["initech"], "reactivate")
        self.apply()
        self.plan_is_empty()

    def test_a_tenant_that_somebody_else_deactivated_is_reactivated(self):
        row = self.emulator.tenants()["Globex"]
        token = self.emulator.exchange("register.eu.qlikcloud.com", "POST", "/oauth/token", {
            "client_id": "emulator", "client_secret": "emulator-secret",
            "grant_type": "client_credentials"})[1]["access_token"]
        status, _ = self.emulator.exchange(
            "register.eu.qlikcloud.com", "POST",
            f"/api/v1/tenants/{row['id']}/actions/deactivate", None,
            {"Authorization": "Bearer " + token, "qlik-confirm-hostname": row["hostnames"][0]})
        self.assertEqual(status, 200)
        self.assertEqual(self.planned()["globex"], "reactivate")
        self.apply()
        self.assertEqual(self.status(), "active")
        self.plan_is_empty()

    def test_a_lost_answer_to_a_deactivation_is_settled(self):
        self.offboard()
        self.emulator.faults({"match": {"path": "/actions/deactivate"}, "times": 5,
                              "dropAfterProcessing": True})
        self.workspace.run("apply", "--auto-approve")
        self.emulator.no_faults()
        self.apply()
        self.assertEqual(self.status(), "disabled")
        self.plan_is_empty()

    def test_a_tenant_that_was_purged_before_its_time_is_told_and_not_created_again(self):
        self.offboard(purgeAfterDays=10)
        self.apply()
        self.emulator.advance(11 * DAY)
        self.assertNotIn("Globex", self.emulator.tenants())
        self.plan_is_empty()
        del self.declared["globex"]["status"], self.declared["globex"]["purgeAfterDays"]
        self.declare()
        ended = self.workspace.run("apply", "--auto-approve")
        self.assertNotEqual(ended.code, 0, str(ended))
        self.assertIn("globex", ended.text)
        self.assertEqual(set(self.emulator.tenants()), {"Acme"})

    def test_a_plan_tells_what_a_deactivation_ends(self):
        self.offboard(purgeAfterDays=45)
        text = self.tenantry("plan").out
        self.assertIn("content is kept for 45 days", text)
        self.assertIn("ends with it: 1 group (Analysts)", text)
        self.assertIn("licence assignments are not freed", text)

    def test_a_hold_warns_until_half_of_the_countdown_is_over(self):
        self.offboard(purgeAfterDays=30)
        self.apply()
        self.offboard(hold={"until": self.day(300), "reason": "lawsuit"})
        ended = self.workspace.run("plan")
        self.assertIn("(lawsuit), but the purge comes before", ended.text)
        self.plan_is_empty()

    def test_a_hold_restarts_the_countdown_before_it_ends(self):
        self.offboard(purgeAfterDays=30, hold={"until": self.day(300), "reason": "lawsuit"})
        self.apply()
        self.move_purge_date(self.day(3) + "T00:00:00Z")
        self.assertEqual(self.planned(), {"globex": "deactivate"})
        self.assertIn("restarts the countdown", self.tenantry("plan").out)
        self.apply()
        self.assertGreater(self.purge_date(), self.day(29))
        self.assertEqual(len(self.exchanges("deactivate")), 2)

    def test_a_hold_that_has_ended_lets_the_countdown_run_and_says_so(self):
        self.offboard(purgeAfterDays=30)
        self.apply()
        self.offboard(hold={"until": self.day(-1)})
        self.assertIn("the hold has ended", self.workspace.run("plan").text)
        self.plan_is_empty()

    def test_other_days_do_not_restart_a_countdown_and_the_plan_says_so(self):
        self.offboard(purgeAfterDays=30)
        self.apply()
        self.offboard(purgeAfterDays=60)
        self.assertIn("no effect on a countdown that runs", self.workspace.run("plan").text)
        self.plan_is_empty()

    @staticmethod
    def day(days):
        today = datetime.datetime.now(datetime.timezone.utc)
        return (today + datetime.timedelta(days=days)).strftime("%Y-%m-%d")

    def move_purge_date(self, date):
        """The program goes by the system's clock, so the date is moved instead."""
        with sqlite3.connect(self.workspace.path / "tenantry.state") as state:
            extra, = state.execute("SELECT extra FROM resources WHERE tenant = 'globex' "
                                   "AND section = ''").fetchone()
            moved = {**json.loads(extra), "purgeDate": date}
            state.execute("UPDATE resources SET extra = ? WHERE tenant = 'globex' "
                          "AND section = ''", (json.dumps(moved),))
        state.close()

    def let_the_purge_date_pass(self):
        self.move_purge_date("2020-01-01T00:00:00Z")
        self.emulator.advance(91 * DAY)

    def test_after_its_purge_date_a_removed_tenant_is_forgotten_without_a_call(self):
        del self.declared["globex"]
        self.declare()
        self.apply("--allow-deactivate")
        self.let_the_purge_date_pass()
        self.assertEqual(self.planned(), {"globex": "forget"})
        mark = self.emulator.mark()
        self.apply()
        self.assertEqual(self.emulator.changing_calls(mark), [])
        self.assertNotIn("globex", self.tenantry("state", "list").out)
        self.plan_is_empty()

    def test_after_its_purge_date_a_tenant_that_is_declared_again_is_a_new_one(self):
        self.offboard()
        self.apply()
        self.let_the_purge_date_pass()
        del self.declared["globex"]["status"]
        self.declare()
        self.assertEqual(self.planned()["globex"], "create")
        self.apply()
        self.assertEqual(self.emulator.names("Globex", "groups"), ["Analysts"])
        self.plan_is_empty()

    def test_days_out_of_range_are_refused_before_any_call(self):
        mark = self.emulator.mark()
        self.offboard(purgeAfterDays=9)
        ended = self.tenantry("plan", code=FAILED)
        self.assertIn("purgeAfterDays", ended.err)
        self.assertEqual(self.emulator.requests(mark), [])


if __name__ == "__main__":
    unittest.main()
