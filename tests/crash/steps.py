"""The program is killed at each step of its work, and runs again until it is done.

A stage of the life in scenario.py is run undisturbed once, which tells its steps. Then, for each
step, it begins again from the same cloud and the same state, is killed at that step, and is run
again as a person would. What it leaves must be what the undisturbed run left: each object once,
every secret where it belongs and valid, nothing open in the state.

    steps.py --stage update --step 17 [--then 5] [--keep]

replays one case; --then kills the second run, too.

A step before something leaves outside what the last step after something left, so that by itself
the test takes the latter alone; TENANTRY_CRASH_ALL=1 takes all, and needs twice the time.
TENANTRY_CRASH_STATE=postgres keeps the state in a database.
"""

import argparse
import atexit
import concurrent.futures
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import unittest

import common
import scenario
from postgres_server import PostgresServer
from support import CLIENT_SECRET, DONE, FAILED, LICENSE_KEY, Emulator, binary, clean_environment

ENDPOINT = "http://endpoint.invalid"
RUNS_MAX = 3
# Most of a case is waiting for imports, migrations and new processes.
JOBS = 4
SECOND_KILL_EVERY = 4


_servers = []


def state_server():
    """The server with the states of all places; None where they are files."""
    if os.environ.get("TENANTRY_CRASH_STATE") == "postgres" and not _servers:
        _servers.append(PostgresServer())
        atexit.register(_servers[0].remove)
    return _servers[0] if _servers else None


def crash_binary():
    """The program whose steps are watched: $TENANTRY_CRASH_BINARY, else the newest one built."""
    named = os.environ.get("TENANTRY_CRASH_BINARY")
    return named or str(pathlib.Path(binary()).parent / "tests/crash/tenantry_crash")


class Place:
    """A folder with configuration, state and an emulator's data, and that emulator. A state in a
    database begins as `database`."""

    def __init__(self, start=None, database=None):
        server = state_server()
        self.database = server.make_database(database) if server else None
        self.path = pathlib.Path(tempfile.mkdtemp(prefix="tenantry-crash-")).resolve()
        if start is not None:
            shutil.copytree(start, self.path, dirs_exist_ok=True)
        self.steps = self.path / "steps.log"
        self.emulator = None
        self.open()

    def open(self):
        self.emulator = Emulator("--rate-limits", "off", "--data", str(self.path / "emulator.db"))
        self._edit(ENDPOINT, self.emulator.url)

    def close(self):
        self._edit(self.emulator.url, ENDPOINT)
        self.emulator.stop()

    def _edit(self, old, new):
        file = self.path / "tenantry.yaml"
        if file.exists():
            file.write_text(file.read_text().replace(old, new))

    def remove(self):
        self.emulator.stop()
        shutil.rmtree(self.path, ignore_errors=True)
        if self.database:
            state_server().drop_database(self.database)

    def left(self):
        state = (common.StateDatabase(state_server(), self.database) if self.database else None)
        return common.Left(self.path, self.emulator, state)

    def run(self, *arguments, crash_at=None, program=None):
        """Ends, and tells how; self.steps then lists the steps of this run."""
        self.steps.unlink(missing_ok=True)
        environment = clean_environment(E2E_CLIENT_SECRET=CLIENT_SECRET,
                                        E2E_LICENSE_KEY=LICENSE_KEY,
                                        TENANTRY_CRASH_LOG=str(self.steps))
        if self.database:
            environment["TENANTRY_STATE_DSN"] = state_server().dsn(database=self.database)
        if crash_at is not None:
            environment["TENANTRY_CRASH_AT"] = str(crash_at)
        return subprocess.run([program or crash_binary(), *arguments], cwd=self.path, env=environment,
                              stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=120)

    def reached(self):
        return self.steps.read_text().splitlines() if self.steps.exists() else []


def told(ended):
    return f"exit code {ended.returncode}\n{ended.stdout[-2000:]}{ended.stderr[-2000:]}"


class Stage:
    """A stage as it was recorded: where it starts, its command and steps, and what it left."""

    def __init__(self, name, start):
        self.name, self.start, self.database = name, start, None
        self.arguments, self.steps, self.left = (), [], None

    def record(self, place, arguments):
        self.arguments = arguments
        ended = place.run(*arguments)
        assert ended.returncode == DONE, f"{self.name}: {told(ended)}"
        self.steps = place.reached()
        self.left = place.left()
        assert not self.left.differs(self.left), self.left.differs(self.left)

    def was_done_already(self, ended):
        words = [scenario.DONE_ALREADY[word] for word in self.arguments[:2]
                 if word in scenario.DONE_ALREADY]
        return ended.returncode == FAILED and any(word in ended.stderr for word in words)

    def case(self, step, then=None, keep=False):
        """Killed at `step`, and the run after it at `then`. Gives the runs it took after that, and
        what is wrong in the end."""
        place = Place(self.start, self.database)
        try:
            return self._case(place, step, then)
        finally:
            if keep:
                place.emulator.stop()
                print(f"kept: {place.path}")
            else:
                place.remove()

    def _case(self, place, step, then):
        ended = place.run(*self.arguments, crash_at=step)
        if ended.returncode != -signal.SIGKILL:
            return 0, [f"was not killed: {told(ended)}"]
        if then:  # which may have less to do than that
            place.run(*self.arguments, crash_at=then)
        for runs in range(1, RUNS_MAX + 1):
            ended = place.run(*self.arguments)
            if ended.returncode == DONE or self.was_done_already(ended):
                break
            if "run tenantry plan, which settles it" in ended.stderr:
                place.run("plan")
        else:
            return RUNS_MAX, [f"not done after {RUNS_MAX} runs: {told(ended)}"]
        plan = place.run("plan", "--detailed-exitcode")
        wrong = [] if plan.returncode == DONE else [f"the plan after it: {told(plan)}"]
        return runs, wrong + place.left().differs(self.left)


class Life:
    """All stages, recorded one after the other."""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="tenantry-crash-starts-"))
        self.stages = {}
        place = Place()
        try:
            world = scenario.World(place.path, place.emulator)
            for change in scenario.STAGES:
                self._record(change, world, place)
        finally:
            place.remove()

    def _record(self, change, world, place):
        arguments = change(world)
        world.declare()
        place.close()
        stage = Stage(change.__name__, self.folder / change.__name__)
        shutil.copytree(place.path, stage.start)
        if place.database:
            stage.database = state_server().make_database(place.database)
        place.open()
        world.emulator = place.emulator
        stage.record(place, arguments)
        self.stages[stage.name] = stage

    def remove(self):
        shutil.rmtree(self.folder, ignore_errors=True)


class HookTest(unittest.TestCase):
    """Only the program of these tests can be told to end itself."""

    def test_the_program_that_is_released_has_no_crash_points(self):
        for word in (b"TENANTRY_CRASH_AT", b"TENANTRY_CRASH_LOG"):
            self.assertIn(word, pathlib.Path(crash_binary()).read_bytes())
            self.assertNotIn(word, pathlib.Path(binary()).read_bytes())

    def test_the_program_that_is_released_does_not_end_at_a_step(self):
        for program, code in ((crash_binary(), -signal.SIGKILL), (binary(), DONE)):
            place = Place()
            self.addCleanup(place.remove)
            world = scenario.World(place.path, place.emulator)
            arguments = scenario.create(world)
            world.declare()
            self.assertEqual(place.run(*arguments, crash_at=1, program=program).returncode, code)
            self.assertEqual(bool(place.reached()), program == crash_binary())


class StepsTest(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.life = Life()
        cls.addClassCleanup(cls.life.remove)

    def test_every_kind_has_a_part_in_it(self):
        told_by = subprocess.run([binary(), "schema", "--kinds"], check=True, capture_output=True)
        sections = {kind["section"] for kind in common.json.loads(told_by.stdout)}
        seen = {address.split("/")[1] for stage in self.life.stages.values()
                for address in stage.left.addresses if "/" in address}
        self.assertEqual(sections - {""}, seen)

    def killed_everywhere(self, name):
        stage = self.life.stages[name]
        self.assertTrue(stage.steps, "the stage changes nothing")
        chance = random.Random(name)
        steps = [step for step, text in enumerate(stage.steps, 1)
                 if step == 1 or " after " in text or "TENANTRY_CRASH_ALL" in os.environ]
        cases = [(step, None) for step in steps]
        cases += [(step, chance.randint(1, len(stage.steps) - step + 2))
                  for step in steps[::SECOND_KILL_EVERY]]
        runs_max = 0
        with concurrent.futures.ThreadPoolExecutor(JOBS) as pool:
            ended = [pool.submit(stage.case, *case) for case in cases]
            for (step, then), case in zip(cases, ended):
                replay = f"--stage {name} --step {step}" + (f" --then {then}" if then else "")
                runs, wrong = case.result()
                runs_max = max(runs_max, runs)
                with self.subTest(stage.steps[step - 1], replay=replay):
                    self.assertEqual(wrong, [], "\n".join(wrong))
        print(f"{name}: {len(stage.steps)} steps, {len(cases)} cases, done after at most "
              f"{runs_max} more runs", file=sys.stderr)


def _add_tests():
    for change in scenario.STAGES:
        def test(self, name=change.__name__):
            self.killed_everywhere(name)
        setattr(StepsTest, f"test_{change.__name__}_killed_at_each_step", test)


_add_tests()


def replay():
    parser = argparse.ArgumentParser()
    parser.add_argument("--stage", required=True)
    parser.add_argument("--step", type=int)
    parser.add_argument("--then", type=int)
    parser.add_argument("--keep", action="store_true", help="leave the folder of the case")
    asked = parser.parse_args()
    life = Life()
    try:
        stage = life.stages[asked.stage]
        if asked.step is None:
            print("\n".join(stage.steps))
            return
        print(stage.steps[asked.step - 1])
        runs, wrong = stage.case(asked.step, asked.then, asked.keep)
        print(f"{runs} more runs", *wrong, sep="\n")
    finally:
        life.remove()


if __name__ == "__main__":
    if any(argument.startswith("--stage") for argument in sys.argv):
        replay()
    else:
        unittest.main()
