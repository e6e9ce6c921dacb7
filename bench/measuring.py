"""What the benchmarks of this folder share: an emulator in a process of its own, and what a command
used: CPU, wall time, peak memory."""
import dataclasses
import json
import os
import pathlib
import signal
import subprocess
import sys
import threading
import time
import urllib.request

TOP = pathlib.Path(__file__).resolve().parent.parent
BINARY = str(TOP / "build/release/tenantry")
# What configurations of benchmarks read; the emulator knows them from birth.
CREDENTIALS = {"BENCH_SECRET": "emulator-secret", "BENCH_LICENSE": "emulator-license"}


class Emulator:
    """`tenantry emulator` without rate limits, which would otherwise be what is measured."""

    def __init__(self, binary, latency_ms=0):
        self.process = subprocess.Popen(
            [binary, "emulator", "--port", "0", "--latency", str(latency_ms), "--rate-limits", "off"],
            stdout=subprocess.PIPE, text=True)
        self.url = self.process.stdout.readline().split()[-1]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGINT)
        self.process.wait(10)

    def requests(self):
        with urllib.request.urlopen(self.url + "/_emulator/stats") as answer:
            return json.load(answer)["requests"]


@dataclasses.dataclass
class Usage:
    wall: float     # seconds
    cpu: float      # seconds, of the process and its children that it waited for
    peak_mb: float  # of its memory; of the largest where there were several

    def __str__(self):
        return f"cpu {self.cpu:8.2f} s  wall {self.wall:8.2f} s  peak {self.peak_mb:7.1f} MB"


class Timeout(Exception):
    pass


def measured(command, folder, environment=None, budget=None):
    """Runs a command that must succeed, without its output. Raises Timeout after `budget` seconds."""
    begun = time.monotonic()
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL,
                               stderr=subprocess.PIPE,
                               env=dict(os.environ, **CREDENTIALS, **(environment or {})))
    ended = threading.Event()
    late = threading.Event()

    def end_it():
        if budget and not ended.wait(budget):
            late.set()
            process.kill()

    threading.Thread(target=end_it, daemon=True).start()
    errors = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    ended.set()
    process.returncode = os.waitstatus_to_exitcode(status)
    wall = time.monotonic() - begun
    if late.is_set():
        raise Timeout(f"{pathlib.Path(command[0]).name} {command[1]} takes more than {budget:.0f} s")
    if process.returncode != 0:
        sys.stderr.write(errors.decode()[-2000:])
        sys.exit(f"{' '.join(command)} ended with {process.returncode}")
    return Usage(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)
