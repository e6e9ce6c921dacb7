"""Several shards apply one fleet over one state: together, one after the other, and with one of them
killed and run again. Each must leave what one runner leaves.

    shards.py [--rounds N] [--seed S] [--round K] [--shards N] [--tenants N] [--latency MS]
              [--state postgres]

A round does each of the three from nothing. Each round has chances of its own, drawn from seed and
number: --seed S --round K replays one (its kill falls at the same time, which need not be the same
step).
"""

import random
import sys
import time

import common  # noqa: F401  (finds the modules of tests/e2e)
import fleet as fleets


class Shards:
    def __init__(self, fleet, count):
        self.fleet, self.count = fleet, count
        expected, self.together_took = fleets.undisturbed(fleet)
        self.expected = expected[fleets.first]
        self.kills = self.runs = 0
        self.wrong = []

    def round(self, name):
        chance = random.Random(name)
        for way in (self._together, self._in_turn, self._one_killed):
            self.fleet.start_over()
            self.fleet.declare(fleets.first)
            way_name = f"{name}, {way.__name__.strip('_')}"
            self.wrong += [f"{way_name}: {text}" for text in way(chance)]
            self.wrong += [f"{way_name}: {text}"
                           for text in fleets.wrong_in_the_end(self.fleet, self.expected)]

    def _start(self, shard):
        self.runs += 1
        # A server may need a moment to notice that a client is gone, and with it its locks.
        return self.fleet.start("apply", "--auto-approve", "--shard", f"{shard}/{self.count}",
                                "--lock-timeout", "30")

    def _ended(self, running, shard):
        """What is wrong about how it ended."""
        out, err = running.communicate(timeout=180)
        if running.returncode == 0:
            return []
        return [f"shard {shard} ended with {running.returncode}:\n{out}{err}"]

    def _together(self, chance):
        begun = time.monotonic()
        running = [self._start(shard) for shard in range(1, self.count + 1)]
        wrong = [text for number, one in enumerate(running)
                 for text in self._ended(one, number + 1)]
        self.together_took = time.monotonic() - begun
        return wrong

    def _in_turn(self, chance):
        shards = list(range(1, self.count + 1))
        chance.shuffle(shards)
        return [text for shard in shards for text in self._ended(self._start(shard), shard)]

    def _one_killed(self, chance):
        running = {shard: self._start(shard) for shard in range(1, self.count + 1)}
        victim = chance.randint(1, self.count)
        time.sleep(chance.uniform(0.02, self.together_took))
        running[victim].kill()
        running[victim].communicate()
        self.kills += running[victim].returncode == -9
        # Run again at once, as a cluster does it: the others are still at work.
        running[victim] = self._start(victim)
        return [text for shard, one in running.items() for text in self._ended(one, shard)]


def main():
    parser = fleets.arguments(__doc__, rounds=20)
    parser.add_argument("--round", type=int, help="this one alone")
    parser.add_argument("--shards", type=int, default=4)
    asked = parser.parse_args()

    def disturb(fleet):
        shards = Shards(fleet, asked.shards)
        rounds = range(asked.rounds) if asked.round is None else [asked.round]
        for number in rounds:
            shards.round(f"seed {asked.seed}, round {number}")
            if shards.wrong:
                break
        return (f"{number + 1 - rounds[0]} rounds, {shards.runs} runs of {asked.shards} shards, "
                f"{shards.kills} kills"), shards.wrong
    return fleets.campaign(asked, disturb)


if __name__ == "__main__":
    sys.exit(main())
