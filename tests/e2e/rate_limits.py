"""Rate limits as Qlik Cloud has them, over a shorter window: kept, and when others use them up, waited for."""

import collections
import datetime
import http.client
import json
import unittest

from support import CLIENT_ID, CLIENT_SECRET, EmulatorCase, configuration

WINDOW = 12  # seconds
ALLOWED = 500  # writes of one tenant in a window
OUTSIDE = "/api/v1/web-integrations/none"  # what somebody else deletes


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

    def use_up_all_but(self, left, tenant):
        """Somebody else, with our client, writes until so many writes are left in an empty window."""
        host = self.emulator.tenants()[tenant]["hostnames"][0]
        connection = http.client.HTTPConnection("127.0.0.1", self.emulator.port, timeout=30)
        self.addCleanup(connection.close)

        def write(method, path, body=None, token=""):
            connection.request(method, path, json.dumps(body), headers={
                "Host": host, "Content-Type": "application/json",
                "Authorization": "Bearer " + token})
            response = connection.getresponse()
            return response.status, response.read()

        # To sign in is a write, too.
        status, answer = write("POST", "/oauth/token", {
            "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET,
            "grant_type": "client_credentials"})
        self.assertEqual(status, 200)
        token = json.loads(answer)["access_token"]
        for _ in range(ALLOWED - 1 - left):
            self.assertEqual(write("DELETE", OUTSIDE, None, token)[0], 404)

    def writes(self, mark):
        """By tenant's label: the writes since, sign-ins aside."""
        found = collections.defaultdict(list)
        for entry in self.emulator.requests(mark):
            if entry["method"] != "GET" and entry["path"] != "/oauth/token":
                found[entry["host"].split(".")[0]].append(entry)
        return found

    def test_more_writes_than_a_window_holds_wait_and_none_is_refused(self):
        declared = {"acme": ALLOWED + 60, "globex": 5}
        self.configure(configuration(self.emulator, {
            key: {"region": "eu", "name": key.capitalize(), "alias": key + "-e2e",
                  "webIntegrations": webs(count)} for key, count in declared.items()}))
        mark = self.emulator.mark()
        # One call in flight, so one tenant in work: until it waits for its window.
        self.apply("--parallelism", "1")
        self.assertNotIn(429, [e["status"] for e in self.emulator.requests(mark)])
        hosts = {name: tenant["hostnames"][0].split(".")[0]
                 for name, tenant in self.emulator.tenants().items()}
        times = {host: sorted(seconds(e) for e in entries if e["path"].endswith("integrations"))
                 for host, entries in self.writes(mark).items()}
        acme, globex = times[hosts["Acme"]], times[hosts["Globex"]]
        self.assertEqual((len(acme), len(globex)), (ALLOWED + 60, 5))
        self.assertGreater(acme[-1] - acme[0], WINDOW)
        self.assertLess(globex[-1], acme[-1] - WINDOW / 4)
        self.plan_is_empty()

    def test_a_429_from_outside_pauses_that_tenants_writes_alone(self):
        self.declare("acme", "globex", webIntegrations=webs(30))
        self.apply()
        self.declare("acme", "globex", webIntegrations=webs(30, "https://other.example"))
        self.emulator.advance(WINDOW)
        mark = self.emulator.mark()
        self.use_up_all_but(10, "Acme")
        self.apply()
        writes = {host: [entry for entry in entries if entry["path"] != OUTSIDE]
                  for host, entries in self.writes(mark).items()}
        self.assertEqual(len(writes), 2)
        by_statuses = {429 in [e["status"] for e in entries]: entries
                       for entries in writes.values()}
        self.assertEqual(set(by_statuses), {True, False})
        throttled, free = by_statuses[True], by_statuses[False]
        # No change failed, and what was under way at the first refusal is all that was refused.
        self.assertEqual(sum(e["status"] == 204 for e in throttled), 30)
        self.assertLessEqual(sum(e["status"] == 429 for e in throttled), 16)
        refusal = min(seconds(e) for e in throttled if e["status"] == 429)
        waited = [e for e in throttled if e["status"] == 204 and seconds(e) > refusal + 0.5]
        self.assertEqual(len(waited), 30 - 9)
        self.assertTrue(all(seconds(e) < refusal + WINDOW / 3 for e in free))
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
