"""Rate limits as Qlik Cloud has them, over a shorter window: kept, and when others use them up, waited for."""

import collections
import datetime
import time
import unittest

from support import EmulatorCase, configuration

WINDOW = 8  # seconds
ALLOWED = 500  # writes of one tenant in a window


def webs(count, origin="https://portal.example"):
    return {f"web{i}": {"name": f"Web {i}", "validOrigins": [origin]} for i in range(count)}


def seconds(entry):
    return datetime.datetime.fromisoformat(entry["time"].replace("Z", "+00:00")).timestamp()


class RateLimitsTest(EmulatorCase):
    EMULATOR_ARGUMENTS = ("--rate-window", str(WINDOW))

    def setUp(self):
        super().setUp()
        self.workspace.environment["TENANTRY_RATE_WINDOW"] = str(WINDOW)

    def declare(self, *keys, **sections):
        self.configure(configuration(self.emulator, {
            key: {"region": "eu", "name": key.capitalize(), "alias": key + "-e2e", **sections}
            for key in keys}))

    def use_up(self, tenant):
        """Somebody else, with our client, writes until no write is left in the window."""
        host = self.emulator.tenants()[tenant]["hostnames"][0]
        token = self.emulator.exchange(host, "POST", "/oauth/token", {
            "client_id": "emulator", "client_secret": "emulator-secret",
            "grant_type": "client_credentials"})[1]["access_token"]
        for _ in range(ALLOWED + 1):
            status, _ = self.emulator.exchange(
                host, "DELETE", "/api/v1/web-integrations/none", headers={
                    "Authorization": "Bearer " + token})
            if status == 429:
                return
            self.assertEqual(status, 404)
        self.fail("the window never fills")

    def writes(self, mark):
        """By tenant's label: the writes since, sign-ins aside."""
        found = collections.defaultdict(list)
        for entry in self.emulator.requests(mark):
            if entry["method"] != "GET" and entry["path"] != "/oauth/token":
                found[entry["host"].split(".")[0]].append(entry)
        return found

    def test_more_writes_than_a_window_holds_wait_and_none_is_refused(self):
        self.declare("acme", webIntegrations=webs(ALLOWED + 60))
        mark = self.emulator.mark()
        self.apply()
        entries = [e for e in self.emulator.requests(mark) if not e["host"].startswith("register")]
        self.assertNotIn(429, [e["status"] for e in entries])
        times = sorted(seconds(e) for e in entries if e["method"] == "POST"
                       and e["path"] == "/api/v1/web-integrations")
        self.assertEqual(len(times), ALLOWED + 60)
        self.assertGreater(times[-1] - times[0], WINDOW)
        self.plan_is_empty()

    def test_a_429_from_outside_pauses_that_tenants_writes_alone(self):
        self.declare("acme", "globex", webIntegrations=webs(30))
        self.apply()
        self.declare("acme", "globex", webIntegrations=webs(30, "https://other.example"))
        self.use_up("Acme")
        full = time.time()
        mark = self.emulator.mark()
        # Reads have a window of their own, so nothing holds up a plan.
        self.tenantry("plan")
        self.assertLess(time.time() - full, WINDOW / 2)
        self.apply()
        writes = self.writes(mark)
        self.assertEqual(len(writes), 2)
        by_statuses = {429 in [e["status"] for e in entries]: entries
                       for entries in writes.values()}
        self.assertEqual(set(by_statuses), {True, False})
        throttled, free = by_statuses[True], by_statuses[False]
        # No change failed, and what was under way when the first refusal came is all that was refused.
        self.assertEqual(sum(e["status"] == 204 for e in throttled), 30)
        self.assertLessEqual(sum(e["status"] == 429 for e in throttled), 16)
        first_refusal = min(seconds(e) for e in throttled)
        self.assertTrue(all(seconds(e) < first_refusal + WINDOW / 4 for e in free))
        self.assertTrue(all(seconds(e) > first_refusal + 1 for e in throttled
                            if e["status"] == 204))
        self.plan_is_empty()

    def test_a_wrong_window_is_refused_before_anything_is_called(self):
        self.declare("acme")
        mark = self.emulator.mark()
        for wrong in ("0", "301", "soon"):
            ended = self.tenantry("plan", code=1, environment={"TENANTRY_RATE_WINDOW": wrong})
            self.assertIn("TENANTRY_RATE_WINDOW is no number of seconds from 1 to 300", ended.err)
        self.assertEqual(self.emulator.requests(mark), [])


if __name__ == "__main__":
    unittest.main()
