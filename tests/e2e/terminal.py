"""The program on a terminal, and what stands on its screen."""

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import termios
import time

from program import SLOWNESS, binary

_TOKEN = re.compile(r"\x1b\[(\d*)([A-Za-z])|\x1b\[[\d;?]*[A-Za-z]|[\r\n]|[^\x1b\r\n]+")


class Screen:
    """Lines as a terminal of that width shows them, scrolled-off ones included."""

    def __init__(self, columns):
        self.columns = columns
        self.lines, self.row, self.column = [""], 0, 0
        self.wrapped = []  # the first lines of what did not fit

    def feed(self, text):
        for token in _TOKEN.finditer(text):
            number, letter = token.group(1, 2)
            if letter == "A":
                self.row -= int(number or 1)
                assert self.row >= 0, "the cursor left the screen"
            elif letter == "K":
                self.lines[self.row] = self.lines[self.row][:self.column]
            elif letter == "J":
                self.lines[self.row] = self.lines[self.row][:self.column]
                del self.lines[self.row + 1:]
            elif token.group() == "\r":
                self.column = 0
            elif token.group() == "\n":
                self._next_line()
            elif not token.group().startswith("\x1b"):
                for character in token.group():
                    self._put(character)

    def _next_line(self):
        self.row += 1
        if self.row == len(self.lines):
            self.lines.append("")

    def _put(self, character):
        if self.column == self.columns:
            self.wrapped.append(self.lines[self.row])
            self.column = 0
            self._next_line()
        line = self.lines[self.row].ljust(self.column)
        self.lines[self.row] = line[:self.column] + character + line[self.column + 1:]
        self.column += 1


class OnTerminal:
    """A run of the program with a terminal as all three standard streams."""

    def __init__(self, arguments, folder, environment, columns=80, rows=50):
        self.screen = Screen(columns)
        self.raw = ""
        self.shots = []  # the screen's lines after each piece of output
        self._own, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.process = subprocess.Popen(
            [binary(), *arguments], cwd=folder, env={"TERM": "xterm", **environment},
            stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True)
        os.close(theirs)

    def answer(self, question, text, timeout=30):
        """Waits until `question` stands on the screen, then types `text` and Return."""
        self.wait_for(question, timeout)
        self.type(text)

    def wait_for(self, question, timeout=30):
        deadline = time.monotonic() + timeout * SLOWNESS
        while question not in self.raw:
            ready, _, _ = select.select([self._own], [], [], 1)
            if time.monotonic() > deadline or (ready and not self._read()):
                self.process.kill()
                raise AssertionError(f"it did not ask {question!r}:\n{self.raw}")

    def type(self, text):
        os.write(self._own, (text + "\n").encode())

    def wait(self, timeout=60):
        """Reads to the end; gives the exit code."""
        deadline = time.monotonic() + timeout * SLOWNESS
        try:
            while True:
                ready, _, _ = select.select([self._own], [], [], 1)
                if time.monotonic() > deadline:
                    self.process.kill()
                    raise AssertionError(f"did not end:\n{self.raw}")
                if ready and not self._read():
                    break
        finally:
            code = self.process.wait()
            os.close(self._own)
        return code

    def _read(self):
        try:
            piece = os.read(self._own, 65536).decode()
        except OSError:  # nobody has the other end any more
            return False
        self.raw += piece
        self.screen.feed(piece)
        self.shots.append(list(self.screen.lines))
        return bool(piece)
