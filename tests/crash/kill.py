"""kill -9 at a random moment of an apply, again and again, until an apply ends by itself.

    kill.py [--rounds N] [--seed S] [--life K] [--tenants N] [--latency MS]
            [--state postgres]

A round is one kill. A life begins with an empty cloud: a fleet is created, then changed; each of the
two is killed until it is done and must then have left what the undisturbed apply left. Each life
has chances of its own, drawn from seed and number: --seed S --life K replays one (its kills fall at
the same times, which need not be the same steps).
"""

import random
import sys
import time

import common  # noqa: F401  (finds the modules of tests/e2e)
import fleet as fleets

ROUNDS_OF_ONE_APPLY_MAX = 200


class Campaign:
    def __init__(self, fleet):
        self.fleet = fleet
        # A server may need a moment to notice that a client is gone, and with it its locks.
        self.arguments = ("--lock-timeout", "30") if fleet.server else ()
        self.expected, self.longest = fleets.undisturbed(fleet)
        self.kills = self.idle_kills = self.server_kills = self.applies = 0
        self.wrong = []

    def life(self, name):
        """One cloud from nothing to the changed fleet."""
        chance = random.Random(name)
        self.fleet.start_over()
        for phase in fleets.PHASES:
            self.fleet.declare(phase)
            if not self._until_done(chance, f"{name}, {phase.__name__}"):
                return
            wrong = fleets.wrong_in_the_end(self.fleet, self.expected[phase])
            self.wrong += [f"{name}, {phase.__name__}: {text}" for text in wrong]
            if wrong:
                return

    def _moment(self, chance, mark):
        """When to kill: at any time, or a little after so many calls that change something, since
        much of the time is spent on reading."""
        if chance.random() < 0.3:
            return {"kill_after": chance.uniform(0.01, 1.3 * self.longest)}
        calls, later = chance.randint(1, 40), chance.uniform(0, 0.05)

        def due():
            if len(self.fleet.emulator.changing_calls(mark)) < calls:
                return False
            time.sleep(later)
            return True

        def server_due():
            """The server is killed instead; the program has to live through that."""
            if not restarted and due():
                restarted.append(True)
                self.fleet.server.restart()
                self.server_kills += 1
            return False
        restarted = []
        on_server = self.fleet.server and chance.random() < 0.3
        return {"kill_when": server_due if on_server else due}

    def _until_done(self, chance, name):
        for _ in range(ROUNDS_OF_ONE_APPLY_MAX):
            mark = self.fleet.emulator.mark()
            code, out, err = self.fleet.apply(
                "--parallelism", str(chance.choice((1, 4, 32))),
                *self.arguments, **self._moment(chance, mark))
            if code == 0:
                self.applies += 1
                return True
            if code == -9:
                self.kills += 1
                self.idle_kills += not self.fleet.emulator.changing_calls(mark)
            else:
                # Nothing disturbs but the kills, so that no run may fail by itself.
                self.wrong.append(f"{name}: ended with {code}:\n{out}{err}")
                return False
        self.wrong.append(f"{name}: not done after {ROUNDS_OF_ONE_APPLY_MAX} kills")
        return False


def main():
    parser = fleets.arguments(__doc__, rounds=50)
    parser.add_argument("--life", type=int, help="this one alone")
    asked = parser.parse_args()

    def disturb(fleet):
        campaign = Campaign(fleet)
        life = asked.life or 0
        while True:
            campaign.life(f"seed {asked.seed}, life {life}")
            life += 1
            if asked.life is not None or campaign.wrong or campaign.kills >= asked.rounds:
                break
        return (f"{campaign.kills} kills ({campaign.idle_kills} before a call that changes "
                f"something), {campaign.server_kills} of the state's server, {campaign.applies} applies "
                f"brought to their end in {life - (asked.life or 0)} lives"), campaign.wrong
    return fleets.campaign(asked, disturb)


if __name__ == "__main__":
    sys.exit(main())
