"""The events of apply and destroy, by the schema that docs/events.md names."""

import json
import os
import re

from common import HERE, main, problems
from support import DONE, FAILED, GUARD, PARTIAL, REPOSITORY, EmulatorCase, configuration
from support import oauth_client, tenant

SCHEMA = REPOSITORY / "docs" / "events.schema.json"
GOLDEN = HERE / "golden" / "events.jsonl"
KEY = {"name": "Key", "keyprovider": "AWS-KMS", "current": True,
       "arn": "arn:aws:kms:eu-west-1:123456789012:key/mrk-00000000000000000000000000000001"}


def types_of_schema():
    schema = json.loads(SCHEMA.read_text())
    return [event["properties"]["type"]["const"] for event in schema["oneOf"]]


def types_of_page():
    """What the table of docs/events.md lists."""
    page = (REPOSITORY / "docs" / "events.md").read_text()
    return re.findall(r"^\| `([a-z_]+)` \|", page, re.MULTILINE)


class Events(EmulatorCase):
    EMULATOR_ARGUMENTS = ("--rate-limits", "off")

    def setUp(self):
        super().setUp()
        self.seen = []

    def declare(self, tenants, **sections):
        self.configure(configuration(self.emulator, tenants, organization=True, **sections))

    def events(self, command, *arguments, code=DONE, **options):
        found = self.tenantry(command, "--auto-approve", "--json", *arguments, code=code,
                              **options).events()
        self.assertEqual(found[0]["type"], "version")
        self.assertEqual([e["type"] for e in found].count("report"), 1)
        self.assertEqual(found[-1]["exitCode"], code)
        self.seen += found
        return found

    # --- what makes all of the events there are ---

    def creation_with_a_secret_and_a_migration(self):
        self.acme = tenant(oauthClients={"portal": oauth_client("acme")}, keyProviders={"cmk": KEY})
        self.declare({"acme": self.acme})
        self.events("apply")

    def failure(self):
        self.acme["groups"]["analysts"]["description"] = "Others"
        self.acme["roles"]["author"]["description"] = "Others"
        self.declare({"acme": self.acme})
        self.emulator.faults({"match": {"method": "PATCH", "path": "/api/v1/groups/"},
                              "status": 403, "times": 1})
        self.tenantry("plan", "--out", "saved.plan")
        self.events("apply", "saved.plan", code=PARTIAL)
        self.events("apply", "saved.plan")

    def lost_answer(self):
        lost = [{"match": {"method": method, "path": "/api/v1/web-integrations"},
                 "dropAfterProcessing": True} for method in ("POST", "PATCH")]
        lost.append({"match": {"method": "GET", "path": "/api/v1/web-integrations/."},
                     "status": 503})
        self.acme["webIntegrations"]["portal"]["validOrigins"] = ["https://other.example"]
        self.acme["roles"]["author"]["description"] = "Once more"
        self.declare({"acme": self.acme})
        self.emulator.faults(*lost)
        self.events("apply", code=PARTIAL)
        self.emulator.no_faults()
        self.events("apply")

    def long_planning(self):
        self.emulator.faults({"match": {"method": "GET", "path": "/api/v1/groups"},
                              "delayMs": 6000, "times": 1})
        self.events("apply")

    def guard(self):
        self.acme["lifecycle"] = {}
        del self.acme["webIntegrations"]
        self.declare({"acme": self.acme}, policy={"maxDeletes": 0})
        self.events("apply", code=GUARD)

    def limits_of_a_group(self):
        """Each shard is below the limit, both together are not."""
        self.start_over()
        fleet = {f"c{number}": tenant(f"c{number}") for number in range(8)}
        self.declare(fleet)
        self.apply()
        for one in fleet.values():
            del one["webIntegrations"]
        self.declare(fleet, policy={"maxDeletes": 7})
        environment = {"TENANTRY_RUN_ID": "group-1"}
        self.tenantry("plan", "--shard", "2/2", "--out", "second.plan", environment=environment)
        self.events("apply", "--shard", "1/2", environment=environment)
        self.events("apply", "second.plan", code=GUARD, environment=environment)

    def rollout(self):
        self.start_over()
        tenants = {key: tenant(key, wave=wave)
                   for key, wave in (("a", "canary"), ("b", "middle"), ("c", "rest"))}
        waves = {"waves": [{"name": name} for name in ("canary", "middle", "rest")]}
        self.declare(tenants, rollout=waves)
        self.events("apply", "--wave", "canary")
        self.emulator.faults({"match": {"method": "POST", "path": "/api/v1/roles"}, "status": 403,
                              "times": 1})
        self.events("apply", code=PARTIAL)
        self.events("apply")

    def as_a_whole(self):
        self.events("destroy")
        self.workspace.write("tenantry.state", "no state")
        self.events("apply", code=FAILED)

    def test_every_event_is_as_the_schema_says_and_every_one_of_the_schema_happens(self):
        for step in (self.creation_with_a_secret_and_a_migration, self.failure, self.lost_answer,
                     self.long_planning, self.guard, self.limits_of_a_group, self.rollout,
                     self.as_a_whole):
            step()
        self.assertEqual(problems(SCHEMA, self.seen), [])
        self.assertEqual(problems(SCHEMA, self.seen, "--closed"), [])
        happened = {event["type"] for event in self.seen}
        self.assertEqual(set(types_of_schema()) - happened, set())

    def test_the_schema_finds_what_is_wrong_and_accepts_what_is_new(self):
        self.declare({"acme": tenant()})
        planned = next(e for e in self.events("apply") if e["type"] == "planned_change")
        self.assertTrue(problems(SCHEMA, [{**planned, "action": "adjust"}]))
        self.assertTrue(problems(SCHEMA, [{**planned, "time": "yesterday"}]))
        without = {name: value for name, value in planned.items() if name != "address"}
        self.assertTrue(problems(SCHEMA, [without]))
        self.assertEqual(problems(SCHEMA, [{**planned, "later": 1}]), [])
        self.assertTrue(problems(SCHEMA, [{**planned, "later": 1}], "--closed"))

    def test_the_page_lists_the_events_of_the_schema(self):
        self.assertEqual(sorted(types_of_page()), sorted(types_of_schema()))
        page = (REPOSITORY / "docs" / "events.md").read_text()
        shown = [json.loads(line) for line in page.splitlines() if line.startswith('{"type"')]
        self.assertGreater(len(shown), 3)
        self.assertEqual(problems(SCHEMA, shown, "--closed"), [])

    def test_a_run_is_as_it_was(self):
        """Times and durations apart, the events of this run are those of the golden file."""
        self.declare({"acme": tenant(oauthClients={"portal": oauth_client("acme")})})
        lines = [json.dumps(masked(event)) for event in self.events("apply", "--parallelism", "1")]
        text = "".join(line + "\n" for line in lines).replace(str(self.workspace.path), "FOLDER")
        if os.environ.get("UPDATE_GOLDEN") == "1":
            GOLDEN.parent.mkdir(exist_ok=True)
            GOLDEN.write_text(text)
        self.assertEqual(text, GOLDEN.read_text())


def masked(event):
    fixed = {"time": "TIME", "durationMs": 0, "tenantry": "VERSION"}
    return {name: fixed.get(name, value) for name, value in event.items()}


if __name__ == "__main__":
    main()
