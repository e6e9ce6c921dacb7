"""Every command that the documentation shows is run, and prints what the page shows."""

import os
import pathlib
import re
import subprocess
import unittest

import pages
from reader import REPOSITORY, Reader

PAGES = ["README.md", *sorted(str(p.relative_to(REPOSITORY)) for pattern in
                             ("docs/*.md", "examples/*/README.md")
                             for p in REPOSITORY.glob(pattern))]
RUN = ("sh", "console")
PREPARE = pathlib.Path(__file__).parent / "prepare"


class CommandsTest(unittest.TestCase):
    maxDiff = None

    def follow(self, name):
        """Does what the page says, step by step."""
        reader = Reader(pathlib.Path(os.environ["TENANTRY_BINARY"]).resolve())
        self.addCleanup(reader.close)
        if name.startswith("examples/"):
            reader.go_to(pathlib.Path(name).parent)
        for step in pages.steps_of((REPOSITORY / name).read_text()):
            if not step.reason_not:
                self.take(reader, f"{name}:{step.line}", step)

    def take(self, reader, where, step):
        """One step of a page."""
        if "in" in step.attributes:
            reader.go_to(step.attributes["in"])
        if step.kind == "emulator":
            reader.use_emulator()
        elif step.kind == "prepare":
            self.run_script(reader, where, f". {PREPARE / step.text}.sh")
        elif "file" in step.attributes:
            reader.write(step.attributes["file"], step.text)
        elif "append" in step.attributes:
            reader.append(step.attributes["append"], step.text)
        elif "background" in step.attributes:
            self.assertTrue(reader.start(step.text), where)
        elif step.kind == "console":
            self.follow_session(reader, where, step)
        elif step.kind == "sh":
            self.run_script(reader, where, step.text, int(step.attributes.get("exit", "0")),
                            step.attributes.get("answer"))

    def run_script(self, reader, where, script, code=0, answer=None):
        """Each command has to succeed, but for the last one where another code is expected."""
        ended, printed = reader.run(f"set -e\n{script}\nset +e" if code == 0 else script, answer)
        self.assertEqual(ended, code, f"{where}\n{script}\n{printed}")

    def follow_session(self, reader, where, step):
        """Runs the commands of a `console` block one by one, and compares what they print."""
        commands = step.commands()
        self.assertTrue(commands, f"{where}: a console block without a command")
        for command in commands:
            ended, printed = reader.run(command.text, step.attributes.get("answer"))
            code = int(step.attributes.get("exit", "0")) if command is commands[-1] else 0
            self.assertEqual(ended, code, f"{where}: {command.text}\n{printed}")
            if command.expected:
                self.assertTrue(pages.fits(command.expected, printed),
                                "\n".join([f"{where}: {command.text}", "--- shown", *command.expected,
                                           "--- printed", printed]))


def add_page(name):
    method = "test_" + "".join(c if c.isalnum() else "_" for c in name)
    setattr(CommandsTest, method, lambda self: self.follow(name))


for page in PAGES:
    add_page(page)


class PagesTest(unittest.TestCase):
    def test_every_page_that_shows_a_command_is_known_here(self):
        for path in REPOSITORY.glob("**/*.md"):
            name = str(path.relative_to(REPOSITORY))
            if name.split("/")[0] in ("build", "tests", "bench") or "node_modules" in name:
                continue
            steps = pages.steps_of(path.read_text())
            if any(step.kind in RUN for step in steps):
                self.assertIn(name, PAGES)

    def test_commands_in_sentences_exist_with_their_flags(self):
        helps, checked = {}, 0
        for name in PAGES:
            text = (REPOSITORY / name).read_text()
            for span in re.findall(r"(?<!`)`tenantry\s+([^`]+)`(?!`)", text):
                words = span.split()
                if words[0] in ("[OPTIONS]", "COMMAND"):
                    continue
                command = words[:2] if words[0] == "state" else words[:1]
                told = helps.setdefault(tuple(command), self.help_of(command))
                for flag in re.findall(r"(?<!\S)--[a-z-]+", span):
                    self.assertRegex(told, rf"{flag}\b", f"{name}: {span}")
                checked += 1
        self.assertGreater(checked, 10)

    def help_of(self, command):
        ended = subprocess.run([os.environ["TENANTRY_BINARY"], *command, "--help"],
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        self.assertEqual(ended.returncode, 0, f"tenantry {' '.join(command)} --help")
        self.assertIn(" ".join(command[1:] or command), ended.stdout.decode())
        return ended.stdout.decode()

    def test_a_difference_is_seen(self):
        self.assertTrue(pages.fits(["a", "...", "c ... e"], "a\nb\nb\nc d e\n"))
        self.assertTrue(pages.fits(["a", "..."], "a\nb\n"))
        self.assertFalse(pages.fits(["a", "c"], "a\nb\nc\n"))
        self.assertFalse(pages.fits(["a"], "a\nb\n"))


if __name__ == "__main__":
    unittest.main()
