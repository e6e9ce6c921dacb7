"""Files that hold something private: nobody else may read them, and no link that somebody planted
in their place has anything else overwritten."""

import os
import pathlib
import shutil
import stat
import subprocess
import unittest

from program import SLOWNESS, clean_environment
from support import DONE, FAILED, EmulatorCase, binary, configuration, oauth_client, tenant


class FilesCase(EmulatorCase):
    def setUp(self):
        super().setUp()
        before = os.umask(0)
        self.addCleanup(os.umask, before)
        self.declared = tenant(oauthClients={"portal": oauth_client("acme")})
        self.declare()

    def declare(self):
        self.configure(configuration(self.emulator, {"acme": self.declared}))

    def mode(self, path):
        return stat.S_IMODE(os.lstat(path).st_mode)


class ModesTest(FilesCase):
    def test_private_files_are_private_whatever_the_umask(self):
        self.tenantry("plan", "--out", "saved.plan")
        self.apply()
        folder = self.workspace.path
        self.assertTrue((folder / "secrets/acme.json").exists())
        private = [p for p in folder.rglob("*") if p.is_file() and p.name != "tenantry.yaml"]
        self.assertGreaterEqual(len(private), 3)
        for path in private:
            self.assertEqual(self.mode(path), 0o600, path)

    def test_all_that_an_emulated_run_leaves_is_in_a_private_folder(self):
        self.apply("--emulated")
        hidden = self.workspace.path / ".tenantry"
        self.assertEqual(self.mode(hidden), 0o700)
        for name in ("emulator.db", "emulated.state", "emulator.lock"):
            self.assertEqual(self.mode(hidden / name), 0o600, name)

    def test_a_run_that_is_going_on_has_private_files_as_well(self):
        self.workspace.write("deliver.sh", "#!/bin/sh\ncat > /dev/null\n"
                             "find . -type f -printf '%m %P\\n' > modes\n").chmod(0o700)
        self.declared["oauthClients"]["portal"]["deliverSecret"] = {"command": ["./deliver.sh"]}
        self.declare()
        self.apply()
        modes = dict(line.split(" ", 1)[::-1]
                     for line in (self.workspace.path / "modes").read_text().splitlines())
        ours = {name: mode for name, mode in modes.items() if name.startswith("tenantry.state")}
        self.assertIn("tenantry.state-wal", ours)
        self.assertEqual(set(ours.values()), {"600"}, ours)


class LinksTest(FilesCase):
    def setUp(self):
        super().setUp()
        self.victim = self.workspace.write("elsewhere/victim", "untouched\n")

    def plant(self, name):
        link = self.workspace.path / name
        link.parent.mkdir(exist_ok=True)
        link.symlink_to(self.victim)
        return link

    def assert_untouched(self):
        self.assertEqual(self.victim.read_text(), "untouched\n")
        self.assertEqual(sorted(p.name for p in self.victim.parent.iterdir()), ["victim"])

    def test_a_link_in_the_place_of_a_plan_is_replaced(self):
        link = self.plant("saved.plan")
        self.tenantry("plan", "--out", "saved.plan")
        self.assert_untouched()
        self.assertFalse(link.is_symlink())

    def test_a_link_in_the_place_of_the_state_is_not_written_through(self):
        for suffix in ("", "-wal", "-shm", "-journal"):
            with self.subTest(suffix):
                link = self.plant("tenantry.state" + suffix)
                self.workspace.run("apply", "--auto-approve")
                self.assert_untouched()
                for path in self.workspace.path.glob("tenantry.state*"):
                    path.unlink()
                self.emulator.reset()
                self.assertFalse(link.is_symlink())

    def test_a_link_in_the_private_folder_is_not_written_through(self):
        for name in ("emulator.db", "emulated.state", "emulator.lock"):
            with self.subTest(name):
                self.plant(".tenantry/" + name)
                self.workspace.run("apply", "--auto-approve", "--emulated")
                self.assert_untouched()
                shutil.rmtree(self.workspace.path / ".tenantry")

    def test_a_secret_that_git_would_commit_is_refused(self):
        subprocess.run(["git", "init", "-q", self.workspace.path], check=True,
                       env=clean_environment())
        refused = self.tenantry("plan", code=FAILED)
        self.assertIn("git work tree that does not ignore it", refused.text)
        self.assertEqual(self.emulator.changing_calls(), [])
        self.workspace.write(".gitignore", "secrets/\n")
        self.tenantry("plan", code=DONE)


@unittest.skipUnless(os.geteuid() == 0, "needs another user to look from")
@unittest.skipIf(SLOWNESS > 1, "a sanitizer looks into its own process")
class ProcessTest(FilesCase):
    def test_nobody_may_look_into_the_memory_of_a_run(self):
        """What is not dumpable belongs to root, whoever runs it."""
        program = shutil.copy(binary(), self.workspace.path / "tenantry")
        os.chmod(program, 0o755)
        os.chmod(self.workspace.path, 0o755)
        running = subprocess.Popen([program, "emulator", "--port", "0"], user=65534, group=65534,
                                   cwd="/", env=clean_environment(), stdout=subprocess.PIPE)
        self.addCleanup(running.stdout.close)
        self.addCleanup(running.wait)
        self.addCleanup(running.kill)
        self.assertIn(b"listening", running.stdout.readline())
        process = pathlib.Path(f"/proc/{running.pid}")
        self.assertIn("Uid:\t65534", (process / "status").read_text())
        self.assertEqual((process / "mem").stat().st_uid, 0)


if __name__ == "__main__":
    unittest.main()
