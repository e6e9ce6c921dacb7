"""What stops a change, and what lets exactly that change through."""

import os
import pty
import re
import select
import subprocess
import unittest

from support import DONE, FAILED, GUARD, EmulatorCase, binary, configuration, tenant


class GuardsTest(EmulatorCase):
    def setUp(self):
        super().setUp()
        self.declared = {"acme": tenant()}

    def declare(self, **sections):
        self.configure(configuration(self.emulator, self.declared, **sections))

    def digests(self, text):
        return sorted(set(re.findall(r"--acknowledge ([0-9a-f]+)", text)))

    def protect(self, *keys):
        """Groups that may not be destroyed, applied, and then gone from the configuration."""
        groups = self.declared["acme"]["groups"]
        for key in keys:
            groups[key] = {"name": key.capitalize(), "providerType": "custom",
                           "lifecycle": {"preventDestroy": True}}
        self.declare()
        self.apply()
        for key in keys:
            del groups[key]
        self.declare()

    # --- preventDestroy and --acknowledge ---

    def test_protection_outlives_the_block_that_declared_it(self):
        self.protect("kept")
        shown = self.tenantry("plan").out
        self.assertIn("acme/groups/kept is protected by lifecycle.preventDestroy", shown)
        mark = self.emulator.mark()
        self.apply(code=GUARD)
        self.assertEqual(self.emulator.changing_calls(mark), [])
        self.assertEqual(self.emulator.names("Acme", "groups"), ["Analysts", "Kept"])

    def test_an_acknowledged_change_is_let_through(self):
        self.protect("kept")
        digest, = self.digests(self.tenantry("plan").out)
        self.apply("--acknowledge", digest)
        self.assertEqual(self.emulator.names("Acme", "groups"), ["Analysts"])
        self.plan_is_empty()

    def test_an_acknowledgement_is_for_one_change_alone(self):
        self.protect("kept", "other")
        digests = self.digests(self.tenantry("plan").out)
        self.assertEqual(len(digests), 2)
        self.apply("--acknowledge", digests[0], code=GUARD)
        self.apply("--acknowledge", "0123456789ab", code=GUARD)
        self.assertEqual(len(self.emulator.names("Acme", "groups")), 3)
        self.apply("--acknowledge", digests[0], "--acknowledge", digests[1])
        self.assertEqual(len(self.emulator.names("Acme", "groups")), 1)

    def test_a_saved_plan_keeps_its_guards_and_can_be_acknowledged(self):
        self.protect("kept")
        shown = self.tenantry("plan", "--out", "guarded.plan").out
        self.tenantry("apply", "guarded.plan", code=GUARD)
        self.tenantry("apply", "guarded.plan", "--acknowledge", self.digests(shown)[0])
        self.assertEqual(self.emulator.names("Acme", "groups"), ["Analysts"])

    def test_destroy_stops_at_what_is_protected(self):
        self.declared["acme"]["groups"]["analysts"]["lifecycle"] = {"preventDestroy": True}
        self.declare()
        self.apply()
        self.tenantry("destroy", "--auto-approve", code=GUARD)
        self.assertEqual(self.emulator.names("Acme", "groups"), ["Analysts"])

    def test_a_guard_stops_its_tenant_only(self):
        self.declared["globex"] = tenant("globex")
        self.protect("kept")
        self.declared["globex"]["groups"]["analysts"]["description"] = "Others"
        self.declare()
        self.apply(code=GUARD)
        self.assertEqual(self.emulator.find("Globex", "groups", "Analysts")[0]["description"],
                         "Others")

    def test_a_guard_counts_for_more_than_a_failure_elsewhere(self):
        self.declared["globex"] = tenant("globex")
        self.protect("kept")
        self.declared["globex"]["groups"]["analysts"]["description"] = "Others"
        self.declared["globex"]["roles"]["author"]["description"] = "Others"
        self.declare()
        self.emulator.faults({"match": {"method": "PATCH", "path": "/api/v1/roles"},
                              "status": 400})
        ended = self.apply(code=GUARD)
        self.assertIn("globex/roles/author (update)", ended.text)

    # --- policy ---

    def test_no_more_resources_are_deleted_than_the_policy_allows(self):
        self.declare()
        self.apply()
        del self.declared["acme"]["groups"], self.declared["acme"]["roles"]
        self.declare(policy={"maxDeletes": 1})
        refused = self.apply(code=GUARD)
        self.assertIn("policy.maxDeletes allows 1", refused.text)
        self.assertEqual(self.emulator.names("Acme", "groups"), ["Analysts"])
        self.declare(policy={"maxDeletes": 2})
        self.apply()
        self.assertEqual(self.emulator.names("Acme", "groups"), [])

    def test_no_more_tenants_are_created_than_the_policy_allows(self):
        self.declared["globex"] = tenant("globex")
        self.declare(policy={"maxCreates": 1})
        refused = self.apply(code=GUARD)
        self.assertIn("policy.maxCreates allows 1", refused.text)
        self.assertEqual(self.emulator.tenants(), {})
        self.declare(policy={"maxCreates": 2})
        self.apply()
        self.assertEqual(len(self.emulator.tenants()), 2)

    def test_no_more_tenants_are_deactivated_than_the_policy_allows(self):
        for key in ("globex", "hooli"):
            self.declared[key] = tenant(key)
        self.declare()
        self.apply()
        del self.declared["globex"], self.declared["hooli"]
        self.declare(policy={"maxDeactivates": 1})
        refused = self.apply("--allow-deactivate", code=GUARD)
        self.assertIn("policy.maxDeactivates allows 1", refused.text)
        statuses = {t["status"] for t in self.emulator.snapshot()["tenants"]}
        self.assertEqual(statuses, {"active"})

    # --- an empty configuration ---

    def test_a_configuration_without_tenants_never_means_that_all_are_to_go(self):
        self.declare()
        self.apply()
        mark = self.emulator.mark()
        self.declared = {}
        self.declare()
        emptied = self.apply("--allow-deactivate", code=GUARD)
        self.assertIn("declares no tenant at all", emptied.text)
        (self.workspace.path / "tenantry.yaml").unlink()
        self.apply("--allow-deactivate", code=FAILED)
        self.assertEqual(self.emulator.requests(mark), [])

    # --- approval ---

    def test_without_a_terminal_and_without_approval_nothing_is_done(self):
        self.declare()
        refused = self.tenantry("apply", code=FAILED)
        self.assertIn("--auto-approve", refused.err)
        self.assertEqual(self.emulator.requests(), [])

    def answer(self, words):
        """Runs apply on a terminal, types `words` at its question; gives exit code and screen."""
        ours, theirs = pty.openpty()
        process = subprocess.Popen([binary(), "apply"], cwd=self.workspace.path,
                                   env=self.workspace.environment, stdin=theirs, stdout=theirs,
                                   stderr=theirs, start_new_session=True)
        os.close(theirs)
        screen, asked = "", False
        try:
            while select.select([ours], [], [], 20)[0]:
                try:
                    part = os.read(ours, 65536)
                except OSError:  # the other side is closed
                    break
                if not part:
                    break
                screen += part.decode("utf-8", "replace")
                if not asked and "yes" in screen:
                    asked = True
                    os.write(ours, words.encode())
            return process.wait(20), screen
        finally:
            process.kill()
            process.wait()
            os.close(ours)

    def test_on_a_terminal_apply_asks_and_does_it_only_for_a_yes(self):
        self.declare()
        for words in ("no\n", "y\n", "\n", "\x04"):
            with self.subTest(words=words):
                code, screen = self.answer(words)
                self.assertEqual(code, FAILED, screen)
                self.assertEqual(self.emulator.changing_calls(), [])
        code, screen = self.answer("yes\n")
        self.assertEqual(code, DONE, screen)
        self.plan_is_empty()

    # --- wrong usage ---

    def test_an_unknown_flag_is_an_error_with_a_suggestion(self):
        self.declare()
        ended = self.tenantry("apply", "--auto-aprove", code=FAILED)
        self.assertIn("--auto-aprove", ended.err)
        self.assertIn("--auto-approve", ended.err)
        self.assertEqual(ended.out, "")
        self.assertEqual(self.emulator.requests(), [])

    def test_an_unknown_command_is_an_error_with_a_suggestion(self):
        self.assertIn('"apply"', self.tenantry("aply", code=FAILED).err)

    def test_a_target_that_fits_nothing_is_an_error_with_a_suggestion(self):
        self.declare()
        ended = self.apply("--target", "acme/groups/analyst", code=FAILED)
        self.assertIn("acme/groups/analysts", ended.err)
        self.assertEqual(self.emulator.changing_calls(), [])


if __name__ == "__main__":
    unittest.main()
