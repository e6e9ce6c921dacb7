"""A disk on which the state cannot be written: full in the middle of an apply, or read-only."""

import os
import pathlib
import pwd
import resource
import shutil
import signal
import stat
import subprocess
import tempfile
import unittest

import common  # noqa: F401  (finds the modules of tests/e2e)
import fleet as fleets
from support import DONE, FAILED

KIB = 1024


class DiskCase(unittest.TestCase):
    def setUp(self):
        self.fleet = fleets.Fleet(6)
        self.addCleanup(self.fleet.remove)
        self.expected, _ = fleets.undisturbed(self.fleet)
        self.fleet.start_over()
        self.fleet.declare(fleets.first)

    def assert_converges(self, phase=fleets.first):
        code, out, err = self.fleet.apply()
        self.assertEqual(code, DONE, out + err)
        self.assertEqual(fleets.wrong_in_the_end(self.fleet, self.expected[phase]), [])


class FullDiskTest(DiskCase):
    def assert_told(self, code, text):
        """An error that names the file and the reason, and how to go on."""
        self.assertGreater(code, DONE, text)  # negative: a signal
        self.assertIn("tenantry.state", text)
        self.assertRegex(text, "(?i)disk|space|file too large|full")

    def test_a_file_that_cannot_grow_ends_the_apply_and_loses_nothing(self):
        """The limit stands for a quota; what is beyond it falls in the middle of the apply."""
        def limited(size):
            def before_exec():
                # As a disk that is full: an error of the write, not a signal.
                signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
                resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
            return before_exec
        in_the_middle = 0
        for kib in (96, 128, 192, 256, 384, 512, 768):
            with self.subTest(kib=kib):
                self.fleet.start_over()
                code, out, err = self.fleet.apply(preexec_fn=limited(kib * KIB),
                                                  restore_signals=False)
                made = len(self.fleet.emulator.snapshot()["tenants"])
                if code != DONE:
                    self.assert_told(code, out + err)
                    in_the_middle += made > 0
                self.assert_converges()
        self.assertGreater(in_the_middle, 0, "no limit was reached in the middle of an apply")

    def test_a_full_file_system_ends_the_apply_and_loses_nothing(self):
        with small_file_system(self, megabytes=2) as folder:
            fleet = fleets.Fleet(6, parent=folder)
            self.addCleanup(fleet.remove)
            in_the_middle = 0
            for left in (48, 96, 160, 256, 400):
                with self.subTest(kib_left=left):
                    fleet.start_over()
                    fleet.declare(fleets.first)
                    filler = folder / "filler"
                    filler.write_bytes(bytes(max(0, free(folder) - left * KIB)))
                    code, out, err = fleet.apply()
                    made = len(fleet.emulator.snapshot()["tenants"])
                    filler.unlink()
                    if code != DONE:
                        self.assert_told(code, out + err)
                        in_the_middle += made > 0
                    code, out, err = fleet.apply()
                    self.assertEqual(code, DONE, out + err)
                    self.assertEqual(
                        fleets.wrong_in_the_end(fleet, self.expected[fleets.first]), [])
            self.assertGreater(in_the_middle, 0, "the disk was not full in the middle of an apply")


def free(folder):
    told = os.statvfs(folder)
    return told.f_bavail * told.f_frsize


class small_file_system:
    """A file system of its own, which only root can mount; else the test is skipped."""

    def __init__(self, case, megabytes):
        self.path = pathlib.Path(tempfile.mkdtemp(prefix="tenantry-disk-"))
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs",
                                  self.path], capture_output=True, text=True, check=False)
        if mounted.returncode != 0:
            self.path.rmdir()
            case.skipTest(f"a small file system needs root: {mounted.stderr.strip()}")

    def __enter__(self):
        return self.path

    def __exit__(self, *_):
        subprocess.run(["umount", "-l", self.path], check=True)
        self.path.rmdir()


class ReadOnlyTest(DiskCase):
    """Permissions do not bind root, who therefore runs the program as somebody else."""

    def setUp(self):
        super().setUp()
        self.options = {}
        if os.geteuid() == 0:
            nobody = pwd.getpwnam("nobody")
            self.options = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
            self.own(self.fleet.path)

    def own(self, path):
        for file in (path, *path.rglob("*")):
            shutil.chown(file, self.options["user"], self.options["group"])

    def mode(self, path, bits):
        path.chmod(bits)
        self.addCleanup(path.chmod, bits | stat.S_IRWXU)

    def applied(self):
        code, out, err = self.fleet.apply(**self.options)
        self.assertEqual(code, DONE, out + err)

    def assert_refused(self, *words):
        """Before anything is called."""
        mark = self.fleet.emulator.mark()
        code, out, err = self.fleet.apply(**self.options)
        self.assertEqual(code, FAILED, out + err)
        for word in words:
            self.assertIn(word, out + err)
        self.assertEqual(self.fleet.emulator.requests(mark), [])

    def test_a_folder_in_which_no_state_can_be_made_is_told_before_any_call(self):
        self.mode(self.fleet.path, 0o555)
        self.assert_refused("cannot make a state", str(self.fleet.path), "ermission")

    def test_a_state_that_cannot_be_written_is_told_before_any_call(self):
        self.applied()
        self.fleet.declare(fleets.second)
        self.mode(self.fleet.state, 0o400)
        self.assert_refused("tenantry.state")

    def test_a_state_in_a_folder_that_cannot_be_written_is_told_before_any_call(self):
        self.applied()
        self.fleet.declare(fleets.second)
        self.mode(self.fleet.path, 0o555)
        self.assert_refused("tenantry.state")


if __name__ == "__main__":
    unittest.main()
