"""The state in a PostgreSQL database: the same promises over a network that breaks."""

import os
import signal
import socket
import threading
import time
import unittest

from postgres_proxy import Proxy
from postgres_server import PASSWORD, PASSWORD_IN_URI, USER, PostgresServer
from support import DONE, FAILED, INTERRUPTED, EmulatorCase, comparable, configuration, kill
from support import tenant, wait_until
from terminal import OnTerminal

TENANTS = 6


class DatabaseCase(EmulatorCase):
    EMULATOR_ARGUMENTS = ("--rate-limits", "off")
    TLS = False

    @classmethod
    def setUpClass(cls):
        cls.server = PostgresServer(tls=cls.TLS)
        cls.addClassCleanup(cls.server.remove)

    def setUp(self):
        super().setUp()
        self.server.forget_state()
        self.use(self.server.dsn())
        self.declare(TENANTS)

    def use(self, dsn):
        self.workspace.environment["TENANTRY_STATE_DSN"] = dsn

    def use_file(self):
        del self.workspace.environment["TENANTRY_STATE_DSN"]

    def declare(self, tenants, **sections):
        self.declared = {f"t{n}": tenant(f"t{n}") for n in range(tenants)}
        self.configure(configuration(self.emulator, self.declared, organization=True, **sections))

    def rows(self, text):
        return self.server.sql(text, "fleet").splitlines()

    def assert_true_and_complete(self):
        """Everything once in the cloud and in the state, and nothing open."""
        self.plan_is_empty()
        self.assertEqual(sorted(self.emulator.tenants()), sorted(k.capitalize() for k in self.declared))
        for name in self.emulator.tenants():
            self.assertEqual(self.emulator.names(name, "groups"), ["Analysts"])
            self.assertEqual(self.emulator.names(name, "webIntegrations"), ["Portal"])
        self.assertEqual(self.rows("SELECT count(*) FROM tenantry.resources"),
                         [str(4 * len(self.declared))])
        self.assertEqual(self.rows("SELECT * FROM tenantry.operations WHERE status = 'open'"), [])

    def assert_no_password(self, text):
        for secret in (PASSWORD, PASSWORD_IN_URI, "pa:ss", "wo@rd"):
            self.assertNotIn(secret, text)


class StateTest(DatabaseCase):
    def test_every_command_works_on_it(self):
        self.apply("--reason", "first")
        self.assert_true_and_complete()
        self.assertFalse((self.workspace.path / "tenantry.state").exists())
        listed = self.tenantry("state", "list").out.split()
        self.assertEqual(len(listed), 4 * TENANTS)
        self.assertIn("t0/groups/analysts", listed)
        self.assertIn("Analysts", self.tenantry("state", "show", "t0/groups/analysts").out)
        self.assertIn("first", self.tenantry("history", "--json").out)
        self.tenantry("show")
        self.tenantry("state", "mv", "t0/groups/analysts", "t0/groups/readers")
        self.tenantry("state", "rm", "t1/groups/analysts")
        self.assertEqual(self.planned("--adopt").get(
            "t1/groups/analysts"), "adopt")
        self.tenantry("plan", "--out", "saved.plan", "--adopt")
        self.assertNotIn(PASSWORD_IN_URI.encode(), (self.workspace.path / "saved.plan").read_bytes())

    def test_the_configuration_may_name_it_by_a_variable(self):
        self.use_file()
        self.declare(1, state={"backend": "postgres", "dsn": "${var.dsn}"},
                     variables={"clientSecret": {"env": "E2E_CLIENT_SECRET"},
                                "licenseKey": {"env": "E2E_LICENSE_KEY"},
                                "dsn": {"env": "MY_DSN"}})
        missing = self.apply(code=FAILED)
        self.assertIn("MY_DSN", missing.err)
        self.workspace.environment["MY_DSN"] = self.server.dsn()
        self.apply()
        self.assert_true_and_complete()

    def test_what_was_applied_is_as_with_a_file(self):
        self.apply()
        over_database = comparable(self.emulator.snapshot())
        self.emulator.reset()
        self.use_file()
        self.apply()
        self.assertEqual(comparable(self.emulator.snapshot()), over_database)

    def test_a_killed_apply_is_continued(self):
        for calls in (1, 7, 20):
            with self.subTest(calls=calls):
                self.emulator.reset()
                self.server.forget_state()
                mark = self.emulator.mark()
                running = self.start("apply", "--auto-approve")
                wait_until(lambda: len(self.emulator.changing_calls(mark)) >= calls,
                           "the apply makes its calls")
                kill(running)
                self.apply("--lock-timeout", "20")  # the server may need a moment to notice
                self.assert_true_and_complete()


class LockTest(DatabaseCase):
    EMULATOR_ARGUMENTS = ("--latency", "100")

    def begin_apply(self, *arguments):
        mark = self.emulator.mark()
        running = self.start("apply", "--auto-approve", *arguments)
        wait_until(lambda: self.emulator.changing_calls(mark), "the apply makes its calls")
        return running

    def test_a_second_apply_is_told_who_holds_the_lock(self):
        self.declare(1)
        self.workspace.environment["CI_JOB_URL"] = "https://ci.example/jobs/7"
        first = self.begin_apply()
        second = self.apply(code=FAILED)
        for words in (f"pid {first.pid}", "tenantry apply", os.uname().nodename,
                      "https://ci.example/jobs/7", "--lock-timeout"):
            self.assertIn(words, second.text)
        third = self.apply("--lock-timeout", "60")
        self.assertIn("Nothing had to be changed.", third.out)
        self.assertEqual(first.wait().code, DONE)
        self.assert_true_and_complete()

    def test_different_tenants_are_applied_side_by_side(self):
        self.declare(2)
        first = self.begin_apply("--target", "t0")
        self.apply("--target", "t1")
        self.assertEqual(first.wait().code, DONE)
        self.assert_true_and_complete()


class BrokenConnectionTest(DatabaseCase):
    EMULATOR_ARGUMENTS = ("--rate-limits", "off", "--latency", "15")

    def test_the_server_is_restarted_in_the_middle_of_an_apply(self):
        for mode in ("immediate", "fast"):
            with self.subTest(mode=mode):
                self.emulator.reset()
                self.server.forget_state()
                mark = self.emulator.mark()
                running = self.start("apply", "--auto-approve", "--parallelism", "4")
                for calls in (5, 15):
                    wait_until(lambda: len(self.emulator.changing_calls(mark)) >= calls,
                               "the apply makes its calls")
                    self.server.restart(mode)
                ended = running.wait()
                self.assertEqual(ended.code, DONE, str(ended))
                self.assert_true_and_complete()

    def test_connections_are_ended_again_and_again(self):
        self.emulator.faults({"match": {"path": "/"}, "delayMs": 50})  # long enough to be disturbed often
        running = self.start("apply", "--auto-approve", "--parallelism", "8")
        ended = threading.Event()
        count = []

        def disturb():
            while not ended.wait(0.15):
                count.append(int(self.server.end_connections()))
        disturber = threading.Thread(target=disturb)
        disturber.start()
        try:
            result = running.wait()
        finally:
            ended.set()
            disturber.join()
        self.assertEqual(result.code, DONE, str(result))
        self.assertGreater(sum(count), 1)
        self.assert_true_and_complete()

    def through(self, cut):
        proxy = Proxy(self.server.port, cut)
        self.addCleanup(proxy.close)
        self.use(self.server.dsn(port=proxy.port))
        return proxy

    def test_a_commit_whose_answer_is_lost_is_looked_up(self):
        """Done by the server, and not known to the client: nothing may be written twice."""
        seen = []

        def cut(direction, piece):
            if direction == "to client" and b"COMMIT\0" in piece:
                seen.append(piece)
                return len(seen) % 5 == 0
            return False
        proxy = self.through(cut)
        self.apply()
        self.assertGreater(proxy.cuts, 2)
        self.assert_true_and_complete()
        self.assertEqual(self.rows("SELECT address FROM (SELECT tenant || '/' || section || '/' || key"
                                   " || action AS address FROM tenantry.operations) AS o"
                                   " GROUP BY address HAVING count(*) > 1"), [])

    def test_a_commit_that_never_arrives_is_sent_again(self):
        seen = []

        def cut(direction, piece):
            # A prepared COMMIT is executed by its name; its pipeline is the shortest there is.
            if direction == "to server" and piece[:1] == b"B" and len(piece) < 48:
                seen.append(piece)
                return len(seen) % 4 == 0
            return False
        proxy = self.through(cut)
        self.apply()
        self.assertGreater(proxy.cuts, 2)
        self.assert_true_and_complete()

    def test_a_server_that_does_not_come_back_ends_the_apply_and_a_rerun_completes_it(self):
        self.use(self.server.dsn(connect_timeout=2))
        mark = self.emulator.mark()
        running = self.start("apply", "--auto-approve", "--parallelism", "2")
        wait_until(lambda: len(self.emulator.changing_calls(mark)) >= 4, "calls are made")
        self.server.stop()
        time.sleep(1)
        kill(running)
        refused = self.apply(code=FAILED)
        self.assertIn("cannot open the state", refused.err)
        self.assertIn("Connection refused", refused.err)
        self.server.start()
        self.apply()
        self.assert_true_and_complete()


class SilentServerTest(DatabaseCase):
    """A server that takes what is sent and never answers: a frozen machine, a full disk."""
    EMULATOR_ARGUMENTS = ("--rate-limits", "off", "--latency", "50")

    def backends(self):
        return [int(pid) for pid in self.rows("SELECT pid FROM pg_stat_activity"
                                              f" WHERE usename = '{USER}'")]

    def freeze(self):
        """Until the test ends, or the result is called."""
        pids = self.backends()

        def thaw():
            while pids:
                os.kill(pids.pop(), signal.SIGCONT)
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        self.addCleanup(thaw)
        return thaw

    def assert_ends_in_time(self, running):
        begun = time.monotonic()
        running.send(signal.SIGTERM)
        ended = running.wait(20)
        self.assertLess(time.monotonic() - begun, 7.5)
        self.assertEqual(ended.code, INTERRUPTED, str(ended))
        return ended

    def begin_apply(self):
        mark = self.emulator.mark()
        running = self.start("apply", "--auto-approve")
        wait_until(lambda: len(self.emulator.changing_calls(mark)) >= 3, "the apply makes its calls")
        return running

    def test_one_signal_ends_an_apply_with_a_report_and_a_rerun_completes_it(self):
        running = self.begin_apply()
        thaw = self.freeze()
        time.sleep(0.5)  # every tenant waits for the state now
        ended = self.assert_ends_in_time(running)
        self.assertIn("did not answer until the end", ended.text)
        thaw()
        self.apply("--lock-timeout", "20")
        self.assert_true_and_complete()

    def test_a_signal_is_the_exit_code_where_not_even_the_run_can_be_noted(self):
        running = OnTerminal(["apply"], self.workspace.path, self.workspace.environment)
        running.wait_for("Only \"yes\" is accepted")
        self.freeze()
        running.type("yes")
        time.sleep(0.5)
        running.process.send_signal(signal.SIGTERM)
        self.assertEqual(running.wait(), INTERRUPTED, running.raw)
        self.assertIn("did not answer until the end", running.raw)
        self.assertEqual(self.emulator.tenants(), {})

    def test_one_signal_ends_a_plan(self):
        self.apply()
        self.emulator.faults({"match": {"method": "GET", "path": "/api/v1/groups"}, "delayMs": 1000})
        mark = self.emulator.mark()
        running = self.start("plan")
        wait_until(lambda: self.emulator.calls(mark), "the plan reads")
        self.freeze()
        self.assert_ends_in_time(running)

    def test_one_signal_ends_a_run_that_connects_anew(self):
        """The connection is gone, and whoever accepts the next one says nothing."""
        silent = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(silent.close)
        proxy = Proxy(self.server.port, lambda direction, piece: False)
        self.addCleanup(proxy.close)
        self.use(self.server.dsn(port=proxy.port))
        running = self.begin_apply()
        proxy.redirect(silent.getsockname()[1])
        self.server.end_connections()
        time.sleep(1)
        self.assert_ends_in_time(running)
        self.use(self.server.dsn())
        self.apply("--lock-timeout", "20")
        self.assert_true_and_complete()


class RefusalTest(DatabaseCase):
    TLS = True

    def refused(self, dsn, *words, command=("plan", "--no-refresh")):
        self.use(dsn)
        ended = self.tenantry(*command, code=FAILED)
        for word in words:
            self.assertIn(word, ended.err)
        self.assert_no_password(ended.text)
        return ended

    def test_what_is_wrong_is_said_with_what_to_do_and_without_the_password(self):
        self.declare(1)
        self.refused(self.server.dsn(password="wrong"), "password authentication failed", USER,
                     "PGPASSWORD")
        self.assertNotIn("wrong", self.refused(self.server.dsn(password="wrong")).err)
        self.refused(self.server.dsn(password=""), "asks for a password")
        self.refused(self.server.dsn(user="nobody-here"), "nobody-here")
        self.refused(self.server.dsn(database="missing"), 'database "missing" does not exist',
                     "createdb")
        self.refused(self.server.dsn(port=1), "Connection refused", "check that the server runs")
        self.refused(self.server.dsn(host="no-such-host.invalid"), "no-such-host.invalid",
                     "host name")
        self.refused(f"postgresql://{USER}:{PASSWORD}@127.0.0.1/fleet", "cannot be read", "%40")

    def test_rights_and_versions(self):
        self.declare(1)
        self.refused(self.server.dsn(), "there is no state in", command=("state", "list"))
        self.apply()
        self.server.sql("DROP ROLE IF EXISTS reader; CREATE ROLE reader LOGIN PASSWORD 'r'")
        reader = self.server.dsn(user="reader", password="r")
        self.refused(reader, "GRANT USAGE ON SCHEMA tenantry", command=("state", "list"))
        self.server.sql("GRANT USAGE ON SCHEMA tenantry TO reader;"
                        "GRANT SELECT ON ALL TABLES IN SCHEMA tenantry TO reader", "fleet")
        self.use(reader)
        self.assertEqual(len(self.tenantry("state", "list").out.split()), 4)
        for command in (("plan",), ("plan", "--no-refresh"), ("drift",), ("why", "t0"),
                        ("state", "list"), ("state", "show", "t0"), ("history",), ("show",),
                        ("graph",)):
            with self.subTest(command=command):
                self.tenantry(*command)
        self.refused(reader, "may not write the state", "GRANT SELECT, INSERT, UPDATE, DELETE",
                     command=("apply", "--auto-approve"))
        self.server.sql("UPDATE tenantry.meta SET schema_version = 99", "fleet")
        self.refused(self.server.dsn(), "has version 99", "a newer tenantry")
        self.server.sql("DROP OWNED BY reader", "fleet")

    def test_a_user_who_only_reads_is_told_what_that_user_cannot_do(self):
        self.declare(1)
        self.server.sql("DROP ROLE IF EXISTS looker; CREATE ROLE looker LOGIN PASSWORD 'l'")
        looker = self.server.dsn(user="looker", password="l")
        self.refused(looker, "may not make the schema of a new state", "tenantry apply")
        self.use(self.server.dsn())
        self.apply()
        self.server.sql("GRANT USAGE ON SCHEMA tenantry TO looker;"
                        "GRANT SELECT ON ALL TABLES IN SCHEMA tenantry TO looker;"
                        "UPDATE tenantry.operations SET status = 'open', ended_at = ''"
                        " WHERE section = 'groups'", "fleet")
        # What an earlier run left open is settled by who may write; without a network nobody asks.
        self.refused(looker, "for reading only", "a user who may write it", command=("plan",))
        self.tenantry("plan", "--no-refresh")
        self.server.sql("DROP OWNED BY looker", "fleet")

    def test_tls_is_verified_as_the_connection_string_says(self):
        self.declare(1)
        verified = {"sslmode": "verify-full", "sslrootcert": self.server.ca_file}
        self.use(self.server.dsn(host="localhost", **verified))
        self.apply()
        self.assert_true_and_complete()
        # The certificate is of localhost, and the server speaks nothing but TLS.
        self.refused(self.server.dsn(**verified), "certificate", "sslrootcert")
        self.refused(self.server.dsn(host="localhost", sslmode="verify-full",
                                     sslrootcert="/nonexistent.crt"), "certificate")
        self.refused(self.server.dsn(sslmode="disable"), "pg_hba.conf")


class MigrateTest(DatabaseCase):
    def test_a_state_moves_to_a_database_and_back(self):
        database = self.workspace.environment["DATABASE"] = self.server.dsn()
        self.use_file()
        self.apply()
        before = self.tenantry("show", "--json").json()
        moved = self.tenantry("state", "migrate", "--to", "env:DATABASE")
        self.assertIn(f"moved: {4 * TENANTS} resources", moved.out)
        self.assertIn(self.server.location(), moved.out)
        self.assert_no_password(moved.text)

        stale = self.apply(code=FAILED)
        self.assertIn("has moved to " + self.server.location(), stale.err)
        self.assertIn("TENANTRY_STATE_DSN", stale.err)
        self.tenantry("state", "list", code=FAILED)

        self.use(database)
        self.assert_true_and_complete()
        after = self.tenantry("show", "--json").json()
        self.assertEqual(after["lineage"], before["lineage"])
        self.assertEqual(after["tenants"], before["tenants"])
        self.assertTrue(self.tenantry("history").out)
        self.declared["t0"]["groups"]["analysts"]["description"] = "Changed"
        self.configure(configuration(self.emulator, self.declared, organization=True))
        self.apply()

        again = self.tenantry("state", "migrate", "--to", "tenantry.state", "--json").json()
        self.assertEqual(again["rows"]["resources"], 4 * TENANTS)
        self.tenantry("plan", code=FAILED)  # the database has the tombstone now
        self.use_file()
        self.plan_is_empty()

    def test_it_waits_for_nobody_and_names_who_is_at_work(self):
        self.workspace.environment["DATABASE"] = self.server.dsn()
        self.use_file()
        self.emulator.faults({"match": {"method": "POST", "path": "/api/v1/roles"},
                              "delayMs": 1500, "times": 1})
        mark = self.emulator.mark()
        running = self.start("apply", "--auto-approve")
        wait_until(lambda: self.emulator.changing_calls(mark), "the apply makes its calls")
        refused = self.tenantry("state", "migrate", "--to", "env:DATABASE", code=FAILED)
        self.assertIn(f"pid {running.pid}", refused.err)
        self.assertEqual(running.wait().code, DONE)
        self.assertEqual(self.rows("SELECT count(*) FROM pg_namespace WHERE nspname = 'tenantry'"),
                         ["0"])

    def test_killed_at_any_time_it_is_done_by_a_second_run(self):
        self.workspace.environment["DATABASE"] = self.server.dsn()
        self.use_file()
        self.apply()
        for delay in (0.005, 0.02, 0.04, 0.06, 0.08, 0.1, 0.15):
            with self.subTest(delay=delay):
                running = self.start("state", "migrate", "--to", "env:DATABASE")
                time.sleep(delay)
                kill(running)
                # Either place has it, or the second run brings it there.
                ended = self.workspace.run("state", "migrate", "--to", "env:DATABASE")
                if ended.code != DONE:
                    self.assertIn("has moved to " + self.server.location(), ended.err)
                self.use(self.workspace.environment["DATABASE"])
                self.assert_true_and_complete()
                self.tenantry("state", "migrate", "--to", "tenantry.state")
                self.use_file()

    def test_a_place_that_holds_something_else_is_left_alone(self):
        self.apply()
        file = self.workspace.path / "other.state"
        self.use_file()
        self.apply("--adopt-only", "--state", "other.state")
        refused = self.tenantry("--state", "other.state", "state", "migrate", "--to",
                                f"postgresql://{USER}@127.0.0.1:{self.server.port}/fleet",
                                code=FAILED,
                                environment={"PGPASSWORD": PASSWORD})
        self.assertIn("holds another state", refused.err)
        self.assertTrue(self.tenantry("--state", str(file), "state", "list").out)

    def test_a_file_of_something_else_is_no_place(self):
        self.apply()
        file = self.workspace.write("notes.txt", "Not a state.\n" * 1000)
        refused = self.tenantry("state", "migrate", "--to", "notes.txt", code=FAILED)
        self.assertIn("name a place where nothing is yet", refused.err)
        self.assertNotIn("backup", refused.err)  # the state itself is whole
        self.assertEqual(file.read_text(), "Not a state.\n" * 1000)
        self.assert_true_and_complete()

    def test_a_password_in_the_arguments_is_refused(self):
        refused = self.tenantry("state", "migrate", "--to", self.server.dsn(), code=FAILED)
        self.assertIn("can be read by every user", refused.err)
        self.assert_no_password(refused.text)


if __name__ == "__main__":
    unittest.main()
