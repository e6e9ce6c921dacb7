"""The Debian package, and the steps of the image, in a fresh Debian 12 that holds apt and nothing else of ours: apt installs it, an
ordinary user runs it. A dependency that is not declared is not there, and this test fails."""

import os
import re
import shutil
import subprocess
import unittest

import containerfile
from support import REPOSITORY, make_package, run, skip, temporary_folder

SUITE = "bookworm"


def without(package, dependency, folder):
    """The package as it would be had `dependency` not been declared."""
    tree = folder / "tree"
    run("dpkg-deb", "-R", package, tree)
    control = tree / "DEBIAN" / "control"
    text, count = re.subn(rf" {re.escape(dependency)} \([^)]*\),?", "", control.read_text())
    assert count == 1, f"{dependency} is not declared"
    control.write_text(text.rstrip(", ").replace(",\n", "\n"))
    lacking = folder / "lacking.deb"
    run("dpkg-deb", "--root-owner-group", "-b", tree, lacking)
    return lacking


class CleanRootTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = temporary_folder(cls)
        cls.package = make_package(cls.folder)
        cls.root = cls.folder / "root"
        made = subprocess.run(
            ["mmdebstrap", "--quiet", "--variant=apt", "--skip=cleanup/apt/lists",
             "--dpkgopt=force-unsafe-io", SUITE, str(cls.root)],
            capture_output=True, text=True, timeout=900)
        if made.returncode != 0:
            skip("no fresh Debian could be made: " + made.stderr.strip().splitlines()[-1])
        shutil.copy("/etc/resolv.conf", cls.root / "etc/resolv.conf")
        cls.inside("useradd", "--create-home", "somebody")

    @classmethod
    def inside(cls, *command, user=None, code=0):
        environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "DEBIAN_FRONTEND": "noninteractive",
                       "LANG": "C.UTF-8", **{name: value for name, value in os.environ.items()
                                             if name.lower().endswith("_proxy")}}
        as_user = ["setpriv", "--reuid", user, "--regid", user, "--clear-groups"] if user else []
        return run("chroot", cls.root, *as_user, *command, code=code, env=environment)

    @classmethod
    def works(cls, user):
        """The program plans, applies and plans again, as an ordinary user."""
        home = cls.inside("mktemp", "-d", user=user).strip()
        for command in (("cp", "-r", "/usr/share/doc/tenantry/examples/quickstart", home),
                        ("tenantry", "--chdir", home + "/quickstart", "apply", "--emulated",
                         "--auto-approve"),
                        ("tenantry", "--chdir", home + "/quickstart", "plan", "--emulated",
                         "--detailed-exitcode")):
            cls.inside(*command, user=user)

    def install(self, package):
        shutil.copy(package, self.root / "tmp/tenantry.deb")
        self.inside("apt-get", "install", "-y", "-q", "--no-install-recommends", "/tmp/tenantry.deb")

    def test_apt_installs_what_it_needs_and_a_user_runs_it(self):
        with self.subTest("a dependency that is not declared is missed"):
            self.install(without(self.package, "libyaml-cpp0.7", self.folder))
            with self.assertRaisesRegex(AssertionError, "libyaml-cpp.so.0.7: cannot open shared"):
                self.inside("tenantry", "version")
            self.inside("apt-get", "purge", "-y", "-q", "tenantry")

        self.install(self.package)
        self.assertIn("tenantry ", self.inside("tenantry", "version", user="somebody"))
        self.assertGreater((self.root / "etc/ssl/certs/ca-certificates.crt").stat().st_size, 100_000)
        self.assertEqual(self.inside("dpkg", "--verify", "tenantry"), "")

        self.works("somebody")
        self.inside("apt-get", "purge", "-y", "-q", "tenantry")
        left = self.inside("find", "/usr", "/etc", "/var/lib", "-name", "*tenantry*")
        self.assertEqual(left, "")

    def test_the_steps_of_the_images_leave_a_program_that_a_user_runs(self):
        """Those after the build: an image engine is not needed for them."""
        stages = containerfile.stages((REPOSITORY / "Containerfile").read_text())
        shutil.copy(self.package, self.root / "tmp")
        for name in ("tenantry", "ci"):
            stage = stages[name]
            for command in stage.commands:
                self.inside("sh", "-c", command)
            self.works(stage.user)
        for tool in ("git", "curl", "jq", "bash"):
            self.inside(tool, "--version", user=stages["ci"].user)
        self.assertEqual(list((self.root / "tmp").glob("*.deb")), [])


if __name__ == "__main__":
    for needed in ("mmdebstrap", "chroot"):
        if shutil.which(needed) is None:
            skip(f"there is no {needed} (scripts/packages.sh test)")
    if os.geteuid() != 0:
        skip("only root may make a root")
    unittest.main()
