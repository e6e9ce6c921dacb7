"""What a page of the documentation asks its reader to do.

A page is read as a sequence of steps: its fenced blocks of kind `sh` and `console`, the YAML blocks that
it tells the reader to write down; and comments that only the tests see:

    <!-- runs: file=tenantry.yaml -->     the block below is written to that file
    <!-- runs: append=tenantry.yaml -->   the block below is added at the end of that file
    <!-- runs: in=examples/quickstart --> the commands below are run in that folder
    <!-- runs: exit=2 -->                 the last command of the block ends with this code
    <!-- runs: answer=yes -->             the commands are run on a terminal, and asked they say so
    <!-- runs: background -->             the command goes on until the page ends
    <!-- runs: not, why it cannot be -->  the block is shown and not run
    <!-- runs: emulator -->               from here on there is an emulator, until the page ends
    <!-- runs: prepare=live_tenant -->    prepare/live_tenant.sh is run first, which a reader does not see

Attributes may stand together: `<!-- runs: in=fleet exit=2 -->`. Commands start in a folder that has a copy
of examples/, those of an example's page in that example.
"""

import dataclasses
import re
import shlex

COMMENT = re.compile(r"<!--\s*runs:\s*(.*?)-->", re.DOTALL)
FENCE = re.compile(r"^(?P<indent> *)```(?P<kind>\w*)\s*$")


@dataclasses.dataclass
class Command:
    text: str
    expected: list  # lines that the page shows as its output; empty: it shows none


@dataclasses.dataclass
class Step:
    line: int  # of the page, from 1
    kind: str  # "sh", "console", "yaml", ...; "emulator", "prepare"
    text: str  # of the block
    attributes: dict = dataclasses.field(default_factory=dict)
    reason_not: str = ""

    def commands(self):
        """The commands of a `console` block with what each of them prints."""
        found = []
        for line in self.text.splitlines():
            if line.startswith("$ "):
                found.append(Command(line[2:], []))
            elif found and found[-1].text.endswith("\\"):
                found[-1].text += "\n" + line.removeprefix("> ")
            elif found:
                found[-1].expected.append(line)
        return found


def steps_of(page):
    """The steps of a page (its text), in their order."""
    steps, lines, attributes, reason_not = [], page.splitlines(), {}, ""
    number = 0
    while number < len(lines):
        fence = FENCE.match(lines[number])
        if lines[number].startswith("<!--"):
            end = number
            while "-->" not in lines[end]:
                end += 1
            comment = COMMENT.match("\n".join(lines[number:end + 1]))
            if comment:
                attributes, reason_not = read_attributes(comment[1])
                for kind in ("emulator", "prepare"):
                    if kind in attributes:
                        steps.append(Step(number + 1, kind, attributes.pop(kind)))
            number = end + 1
        elif fence:
            end = number + 1
            while lines[end].strip() != "```":
                end += 1
            indent = len(fence["indent"])
            text = "".join(line[indent:] + "\n" for line in lines[number + 1:end])
            steps.append(Step(number + 1, fence["kind"], text, attributes, reason_not))
            attributes, reason_not = {}, ""
            number = end + 1
        else:
            number += 1
    return steps


def read_attributes(text):
    """({name: value}, why the block is not run)."""
    text = " ".join(text.split())
    if text.startswith("not,"):
        return {}, text.removeprefix("not,").strip()
    pairs = (word.partition("=") for word in shlex.split(text))
    return {name: value for name, _, value in pairs}, ""


def fits(expected, printed):
    """Whether what was printed is what a page shows. `...` stands for any text within a line, and alone
    on a line for any number of lines. Spaces at the ends of lines do not count, nor which host
    name a tenant was given, or when."""
    expected = normal("\n".join(expected)).splitlines()
    pattern = ""
    for line in expected:
        if line.strip() == "...":
            pattern += r"(?:[^\n]*\n)*?"
        else:
            pattern += ".*?".join(re.escape(part) for part in line.rstrip().split("...")) + r"\n"
    text = "".join(line.rstrip() + "\n" for line in normal(printed).splitlines())
    return re.fullmatch(pattern, text) is not None


def normal(text):
    """`text` with the same host names and points in time whatever they are."""
    text = re.sub(r"\bq[0-9a-f]{14}\b", "q00000000000000", text)
    return re.sub(r"\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", "2026-01-01T00:00:00Z", text)
