"""cmake/Commit.cmake: the commit that a build is of, as `tenantry version --json` tells it."""

import os
import unittest

from support import REPOSITORY, run, temporary_folder

AUTHOR = {**os.environ, **{f"GIT_{who}_{what}": "somebody@example.com"
                           for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}}


class CommitTest(unittest.TestCase):
    def setUp(self):
        self.folder = temporary_folder(self)
        self.source = self.folder / "source"
        self.header = self.folder / "commit.hpp"
        self.source.mkdir()

    def git(self, *arguments, folder=None):
        return run("git", "-C", folder or self.source, *arguments, env=AUTHOR).strip()

    def commit_something(self):
        self.git("init", "-q")
        (self.source / "file").write_text("1")
        self.git("add", "-A")
        self.git("commit", "-qm", "x")
        return self.git("rev-parse", "HEAD")

    def written(self, *more):
        run("cmake", f"-DSOURCE={self.source}", f"-DOUTPUT={self.header}", *more, "-P",
            REPOSITORY / "cmake" / "Commit.cmake")
        text = self.header.read_text()
        return (text.split('kCommit = "')[1].split('"')[0],
                text.split("kCommitModified = ")[1].split(";")[0])

    def test_a_checkout_is_at_its_commit(self):
        commit = self.commit_something()
        self.assertEqual(self.written(), (commit, "false"))

    def test_what_is_not_committed_is_told_but_for_new_files(self):
        commit = self.commit_something()
        (self.source / "new").write_text("1")
        self.assertEqual(self.written(), (commit, "false"))
        (self.source / "file").write_text("2")
        self.assertEqual(self.written(), (commit, "true"))

    def test_an_archive_has_the_commit_that_it_is_given(self):
        self.assertEqual(self.written(), ("", "false"))
        self.assertEqual(self.written("-DCOMMIT=abc"), ("abc", "false"))

    def test_an_archive_inside_of_another_repository_is_not_at_that_ones_commit(self):
        self.commit_something()
        (self.source / "vendored").mkdir()
        self.source = self.source / "vendored"
        self.assertEqual(self.written(), ("", "false"))

    def test_a_build_without_a_new_commit_compiles_nothing_again(self):
        self.commit_something()
        self.written()
        os.utime(self.header, (1, 1))
        self.written()
        self.assertEqual(self.header.stat().st_mtime, 1)
        self.git("commit", "-q", "--allow-empty", "-m", "y")
        self.written()
        self.assertNotEqual(self.header.stat().st_mtime, 1)


if __name__ == "__main__":
    unittest.main()
