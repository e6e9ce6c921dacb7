"""Applies through a network that fails at random, one kind of failure after the other.

    faults.py [--seed S] [--fault NAME] [--lives N] [--tenants N]

A life begins with an empty cloud: a fleet is created, then changed, while each call may fail with a
chance that is drawn for it. Applies go on until one ends well or enough have failed; then the
network is whole again, and what is left to do must be done. Each life must leave what the
undisturbed applies left. --seed, --fault and --life replay one life; its dice are thrown in the
order of the calls, which may differ.
"""

import argparse
import concurrent.futures
import random
import re
import sys
import time

import common  # noqa: F401  (finds the modules of tests/e2e)
import fleet as fleets

FAULTS = {
    "dropBeforeProcessing": {"dropBeforeProcessing": True},
    "dropAfterProcessing": {"dropAfterProcessing": True},
    "truncateBody": {"truncateBody": True},
    "500": {"status": 500},
    "502": {"status": 502},
    "503": {"status": 503},
    "504": {"status": 504},
    "429": {"status": 429, "retryAfter": 1},
    "delay": {"delayMs": 300},
}
FAULTY_RUNS_MAX = 6
RUNS_MAX = 3
JOBS = 4


class Campaign:
    """The lives of one kind of failure."""

    def __init__(self, fault, tenants):
        self.fault = fault
        self.fleet = fleets.Fleet(tenants)
        self.failed_runs = self.runs = 0
        self.wrong = []

    def run(self, seed, lives):
        try:
            expected, _ = fleets.undisturbed(self.fleet)
            for life in lives:
                self._life(random.Random(f"{seed}/{self.fault}/{life}"), expected,
                           f"seed {seed}, {self.fault}, life {life}")
        finally:
            self.fleet.remove()
        return self

    def _life(self, chance, expected, name):
        self.fleet.start_over()
        for phase in fleets.PHASES:
            self.fleet.declare(phase)
            self._disturbed(chance.uniform(0.02, 0.3), f"{name}, {phase.__name__}")
            wrong = self._finish() or fleets.wrong_in_the_end(self.fleet, expected[phase])
            self.wrong += [f"{name}, {phase.__name__}: {text}" for text in wrong]
            if wrong:
                return

    def _disturbed(self, probability, name):
        self.fleet.emulator.faults({**FAULTS[self.fault], "probability": probability})
        for _ in range(FAULTY_RUNS_MAX):
            code, out, err = self._apply()
            if code == 0:
                break
            self.failed_runs += 1
            if code not in (1, 3) or not re.search(r"^(Failed:|Unknown |\s*error: )", out + err, re.M):
                self.wrong.append(f"{name}: ended with {code}, without an error:\n{out}{err}")
        self.fleet.emulator.no_faults()

    def _finish(self):
        for _ in range(RUNS_MAX):
            code, out, err = self._apply()
            if code == 0:
                return []
        return [f"not done after {RUNS_MAX} runs on a whole network: {code}\n{out}{err}"]

    def _apply(self):
        self.runs += 1
        return self.fleet.apply()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=time.time_ns() % 1_000_000)
    parser.add_argument("--fault", choices=FAULTS, help="this one alone")
    parser.add_argument("--lives", type=int, default=1, help="of each fault")
    parser.add_argument("--life", type=int, help="this one alone")
    parser.add_argument("--tenants", type=int, default=6)
    asked = parser.parse_args()
    print(f"seed {asked.seed}", flush=True)
    lives = range(asked.lives) if asked.life is None else [asked.life]
    names = [asked.fault] if asked.fault else list(FAULTS)
    failures = 0
    with concurrent.futures.ThreadPoolExecutor(JOBS) as pool:
        begun = time.monotonic()
        ended = [pool.submit(lambda name: Campaign(name, asked.tenants).run(asked.seed, lives), n)
                 for n in names]
        for future in ended:
            campaign = future.result()
            print(f"{campaign.fault}: {campaign.runs} applies, {campaign.failed_runs} of them "
                  f"failed, {len(campaign.wrong)} left something wrong", flush=True)
            for text in campaign.wrong:
                print(text, file=sys.stderr)
            failures += len(campaign.wrong)
    print(f"{len(names) * len(lives)} lives, {failures} failures, {time.monotonic() - begun:.0f} s")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
