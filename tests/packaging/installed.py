"""`cmake --install` and the Debian package: what is in them, and that nothing of the builder is."""

import gzip
import io
import os
import re
import subprocess
import tarfile
import unittest

from support import BUILD, REPOSITORY, make_package, run, temporary_folder

DOC = "usr/share/doc/tenantry"


class InstallTest(unittest.TestCase):
    def setUp(self):
        self.prefix = temporary_folder(self)
        run("cmake", "--install", BUILD, "--prefix", self.prefix)

    def test_the_program_runs_from_where_it_was_installed(self):
        self.assertRegex(run(self.prefix / "bin" / "tenantry", "version"), r"^tenantry \d+\.\d+\.\d+\n$")

    def test_the_manual_page_and_the_completions_are_where_they_are_looked_for(self):
        page = self.prefix / "share/man/man1/tenantry.1"
        self.assertEqual(page.read_text(), run(self.prefix / "bin" / "tenantry", "help", "--man"))
        for file in ("bash-completion/completions/tenantry", "zsh/site-functions/_tenantry",
                     "fish/vendor_completions.d/tenantry.fish"):
            self.assertIn("tenantry", (self.prefix / "share" / file).read_text())

    def test_links_of_the_documentation_lead_to_what_was_installed(self):
        doc = self.prefix / "share" / "doc" / "tenantry"
        pages = list(doc.rglob("*.md"))
        self.assertGreater(len(pages), 20)
        # What is for those who have the source.
        elsewhere = {"CONTRIBUTING.md", "bench", "tests"}
        for page in pages:
            for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text()):
                target = (page.parent / link).resolve()
                if target.relative_to(doc).parts[0] not in elsewhere:
                    self.assertTrue(target.exists(), f"{page}: {link}")

    def test_an_installed_example_is_applied(self):
        work = temporary_folder(self)
        run("cp", "-r", self.prefix / "share/doc/tenantry/examples/quickstart", work)
        program = self.prefix / "bin" / "tenantry"
        run(program, "apply", "--emulated", "--auto-approve", cwd=work / "quickstart")
        run(program, "plan", "--emulated", "--detailed-exitcode", cwd=work / "quickstart")

    def test_nothing_that_runs_left_behind_is_installed(self):
        committed = set(run("git", "-C", REPOSITORY, "ls-files", "-co", "--exclude-standard",
                            "examples").split())
        doc = self.prefix / "share" / "doc" / "tenantry"
        installed = {str(path.relative_to(doc)) for path in (doc / "examples").rglob("*")
                     if path.is_file()}
        self.assertEqual(installed - committed, set())


class PackageTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = temporary_folder(cls)
        cls.package = make_package(cls.folder)
        cls.root = cls.folder / "root"
        run("dpkg-deb", "-x", cls.package, cls.root)

    def field(self, name):
        return run("dpkg-deb", "-f", self.package, name).strip()

    def test_control_fields(self):
        version = run(self.root / "usr/bin/tenantry", "version").split()[1]
        self.assertEqual(self.field("Package"), "tenantry")
        self.assertEqual(self.field("Version"), version + "-1")
        self.assertEqual(self.field("Architecture"), run("dpkg", "--print-architecture").strip())
        self.assertRegex(self.field("Maintainer"), r"^[\w ]+ <[\w.]+@[\w.]+>$")
        summary, *text = self.field("Description").splitlines()
        self.assertRegex(summary, r"^[A-Z][^.]{20,75}$")
        self.assertNotIn(summary, "\n".join(text))
        self.assertTrue(all(re.fullmatch(r" (\S.{0,78}|\.)", line) for line in text), text)

    def test_every_library_that_the_program_loads_is_declared(self):
        depends = {entry.split()[0] for entry in self.field("Depends").split(", ")}
        self.assertIn("ca-certificates", depends)
        needed = re.findall(r"NEEDED\s+(\S+)", run("objdump", "-p", self.root / "usr/bin/tenantry"))
        self.assertIn("libssl.so.3", needed)
        for library in needed:
            owners = {line.split(":")[0] for line in run("dpkg", "-S", "*/" + library).splitlines()}
            self.assertTrue(owners & depends, f"{library} of {owners}")

    def test_the_program_is_hardened(self):
        headers = run("readelf", "-Wdlh", self.root / "usr/bin/tenantry")
        self.assertRegex(headers, r"Type: +DYN")             # anywhere in memory
        self.assertRegex(headers, r"FLAGS_1\).*\bNOW\b.*\bPIE\b")
        self.assertIn("GNU_RELRO", headers)
        self.assertRegex(headers, r"GNU_STACK +.* RW +0x")   # nothing on the stack is code

    def test_files_are_roots_and_readable(self):
        archive = subprocess.run(["dpkg-deb", "--fsys-tarfile", self.package], capture_output=True,
                                 check=True, timeout=60).stdout
        members = list(tarfile.open(fileobj=io.BytesIO(archive)))
        self.assertIn(f"./{DOC}/README.md", [member.name for member in members])
        for member in members:
            self.assertEqual((member.uname, member.gname), ("root", "root"), member.name)
            source = REPOSITORY / os.path.relpath(member.name, DOC)
            program = member.isdir() or "/bin/" in member.name or os.access(source, os.X_OK)
            self.assertEqual(member.mode & 0o7777, 0o755 if program else 0o644, member.name)

    def test_debians_own_files(self):
        self.assertIn(b".TH", gzip.open(self.root / "usr/share/man/man1/tenantry.1.gz").read())
        self.assertTrue((self.root / "usr/share/zsh/vendor-completions/_tenantry").is_file())
        changelog = gzip.open(self.root / DOC / "changelog.Debian.gz", "rt").read()
        self.assertRegex(changelog, rf"^tenantry \({re.escape(self.field('Version'))}\) ")
        self.assertRegex(changelog, r"\n -- .+ <.+>  \w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d \+0000\n$")
        self.assertEqual(gzip.open(self.root / DOC / "changelog.gz", "rt").read(),
                         (REPOSITORY / "CHANGELOG.md").read_text())
        self.assertIn("License: Apache-2.0\n", (self.root / DOC / "copyright").read_text())

    def test_the_program_names_no_folder_and_no_day_of_its_making(self):
        text = run("strings", "-a", self.root / "usr/bin/tenantry")
        for trace in (str(REPOSITORY), str(BUILD), os.path.expanduser("~") + "/"):
            self.assertNotIn(trace, text)
        days = re.findall(r"\b(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) [ \d]\d 20\d\d\b", text)
        self.assertEqual(days, [])

    def test_a_package_of_the_same_files_is_the_same_package(self):
        """Whenever and in whatever time zone it is made."""
        package = make_package(temporary_folder(self), TZ="Asia/Kathmandu", LC_ALL="C")
        self.assertEqual(package.read_bytes(), self.package.read_bytes())


if __name__ == "__main__":
    unittest.main()
