"""The same campaign of kills against `terraform apply` and `tenantry apply`, side by side.

    campaign.py [--rounds N] [--seed S] [--terraform PROGRAM]

A round begins with nothing, kills an apply (SIGKILL) at a random moment, looks at the state, and then
applies without a kill until that ends well. Terraform makes `terraform_data`, which is built in: no
plugin, no network. An object counts as lost when its creation was reported, or the cloud has it, and
the state after the kill knows nothing of it.
"""

import argparse
import json
import pathlib
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import common
import fleet as fleets

RUNS_MAX = 5
COLUMNS = ("kills", "state file empty or unreadable", "rounds with lost objects", "objects lost",
           "duplicates in the end", "most runs until done", "never done")


class Counts(dict):
    def __init__(self):
        super().__init__({column: 0 for column in COLUMNS})

    def add(self, unreadable, lost, duplicates, runs):
        self["kills"] += 1
        self["state file empty or unreadable"] += unreadable
        self["rounds with lost objects"] += lost > 0
        self["objects lost"] += lost
        self["duplicates in the end"] += duplicates
        self["never done"] += runs is None
        self["most runs until done"] = max(self["most runs until done"], runs or 0)


class Terraform:
    """As many objects as the fleet of the other side has, each of them trivial."""

    def __init__(self, program, objects):
        self.program = program
        self.path = pathlib.Path(tempfile.mkdtemp(prefix="terraform-campaign-"))
        (self.path / "main.tf").write_text(
            f'resource "terraform_data" "t" {{\n  count = {objects}\n'
            '  input = "object ${count.index}"\n}\n')
        self._run("init")
        begun = time.monotonic()
        code, out = self._apply()
        assert code == 0, out
        self.longest = time.monotonic() - begun

    def remove(self):
        shutil.rmtree(self.path, ignore_errors=True)

    def _run(self, *arguments, kill_after=None):
        running = subprocess.Popen([self.program, *arguments, "-no-color"], cwd=self.path,
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                   stderr=subprocess.STDOUT, text=True)
        try:
            out, _ = running.communicate(timeout=kill_after)
        except subprocess.TimeoutExpired:
            running.send_signal(signal.SIGKILL)
            out, _ = running.communicate()
        return running.returncode, out

    def _apply(self, **options):
        return self._run("apply", "-auto-approve", **options)

    def _known(self):
        """Ids in the state file; None where it cannot be read."""
        file = self.path / "terraform.tfstate"
        if not file.exists():
            return set()
        try:
            state = json.loads(file.read_text())
        except ValueError:
            return None
        return {instance["attributes"]["id"] for resource in state["resources"]
                for instance in resource["instances"]}

    @staticmethod
    def _reported(out):
        """(address, id) of each object whose creation was reported."""
        return re.findall(r"^(\S+): Creation complete after \S+ \[id=([^\]]+)\]", out, re.M)

    def round(self, chance, counts):
        for file in self.path.glob("terraform.tfstate*"):
            file.unlink()
        code, out = self._apply(kill_after=chance.uniform(0.05, self.longest))
        if code != -signal.SIGKILL:
            return
        made, known = self._reported(out), self._known()
        lost = len({identifier for _, identifier in made} - (known or set()))
        runs = None
        for n in range(1, RUNS_MAX + 1):
            code, out = self._apply()
            made += self._reported(out)
            if code == 0:
                runs = n
                break
        addresses = [address for address, _ in made]
        counts.add(known is None, lost, len(addresses) - len(set(addresses)), runs)


class Tenantry:
    CREATES = re.compile(r"/api/v1/(tenants|roles|groups|web-integrations|oauth-clients)")

    def __init__(self, tenants):
        self.fleet = fleets.Fleet(tenants)
        expected, self.longest = fleets.undisturbed(self.fleet)
        self.expected = expected[fleets.first]
        self.fleet.declare(fleets.first)

    def remove(self):
        self.fleet.remove()

    def _made(self, mark):
        return sum(r["method"] == "POST" and r["status"] == 201
                   and bool(self.CREATES.fullmatch(r["path"]))
                   for r in self.fleet.emulator.requests(mark))

    def _known(self):
        """Objects in the state, and creations that it will look into; None: cannot be read."""
        if not self.fleet.state.exists():
            return 0
        try:
            state = common.StateFile(self.fleet.state)
        except common.sqlite3.Error:
            return None
        return len(state.rows) + sum(action == "create" for *_, action in state.open)

    def round(self, chance, counts):
        self.fleet.start_over()
        mark = self.fleet.emulator.mark()
        code, _, _ = self.fleet.apply(kill_after=chance.uniform(0.01, self.longest))
        if code != -signal.SIGKILL:
            return
        known = self._known()
        lost = max(0, self._made(mark) - (known or 0))
        runs = None
        for n in range(1, RUNS_MAX + 1):
            code, _, _ = self.fleet.apply()
            if code == 0:
                runs = n
                break
        # Whatever is there and should not be, or the other way round.
        counts.add(known is None, lost, len(self.fleet.left().differs(self.expected)), runs)


def campaign(side, rounds, seed):
    counts, chance = Counts(), random.Random(seed)
    try:
        while counts["kills"] < rounds:
            side.round(chance, counts)
    finally:
        side.remove()
    return counts


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--tenants", type=int, default=20, help="6 objects each")
    parser.add_argument("--terraform", help="the program; left out: tenantry alone")
    asked = parser.parse_args()
    print(f"seed {asked.seed}, {asked.rounds} kills, {6 * asked.tenants} objects", flush=True)
    sides = {"tenantry": campaign(Tenantry(asked.tenants), asked.rounds, asked.seed)}
    if asked.terraform:
        sides["terraform"] = campaign(Terraform(asked.terraform, 6 * asked.tenants),
                                      asked.rounds, asked.seed)
    print(f"{'':34}" + "".join(f"{name:>12}" for name in sides))
    for column in COLUMNS:
        print(f"{column:34}" + "".join(f"{counts[column]:12}" for counts in sides.values()))
    ours = sides["tenantry"]
    harmless = ("kills", "most runs until done")
    return 1 if any(ours[column] for column in COLUMNS if column not in harmless) else 0


if __name__ == "__main__":
    sys.exit(main())
