#include "cli/process.hpp"

#include <doctest/doctest.h>

#include "cli/emulated.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/temp_folder.hpp"

#include <sys/stat.h>
#include <unistd.h>

using namespace tenantry;

namespace {
std::string const kCommit = "0123456789abcdef0123456789abcdef01234567";
}

TEST_SUITE("commit_of") {
  TEST_CASE("a folder outside of any work tree has none") {
    test::TempFolder const folder;
    CHECK(cli::commit_of(folder.path()).empty());
  }

  TEST_CASE("a branch is followed, from a folder below the work tree too") {
    test::TempFolder const folder;
    folder.write(".git/HEAD", "ref: refs/heads/main\n");
    folder.write(".git/refs/heads/main", kCommit + "\n");
    folder.write("fleet/eu/tenantry.yaml", "");
    CHECK(cli::commit_of(folder.path()) == kCommit);
    CHECK(cli::commit_of(folder.path() / "fleet/eu") == kCommit);
  }

  TEST_CASE("a packed branch, a detached head and a linked work tree") {
    test::TempFolder const folder;
    folder.write("a/.git/HEAD", "ref: refs/heads/main\n");
    folder.write("a/.git/packed-refs",
                 "# pack-refs with: peeled\n" + kCommit + " refs/heads/main\n");
    CHECK(cli::commit_of(folder.path() / "a") == kCommit);
    folder.write("b/.git/HEAD", kCommit + "\n");
    CHECK(cli::commit_of(folder.path() / "b") == kCommit);
    folder.write("c/.git", "gitdir: ../a/.git/worktrees/c\n");
    folder.write("a/.git/worktrees/c/HEAD", "ref: refs/heads/main\n");
    folder.write("a/.git/worktrees/c/commondir", "../..\n");
    CHECK(cli::commit_of(folder.path() / "c") == kCommit);
  }

  TEST_CASE("what git would not write is not believed") {
    test::TempFolder const folder;
    folder.write(".git/HEAD", "ref: refs/../../secret\n");
    folder.write("secret", kCommit);
    CHECK(cli::commit_of(folder.path()).empty());
    folder.write(".git/HEAD", "something\n");
    CHECK(cli::commit_of(folder.path()).empty());
  }
}

TEST_SUITE("emulated") {
  TEST_CASE("make_private_folder: for the user alone, and ignored by git") {
    test::TempFolder const folder;
    auto const made = cli::make_private_folder(folder.path());
    REQUIRE(made.has_value());
    struct stat status{};
    REQUIRE(::stat(made->c_str(), &status) == 0);
    CHECK((status.st_mode & 0777U) == 0700U);
    CHECK(std::filesystem::exists(*made / ".gitignore"));
    CHECK(cli::make_private_folder(folder.path()).has_value());
  }

  TEST_CASE("lock_file: the second is told who holds it, and gets it afterwards") {
    test::TempFolder const folder;
    test::FakeClock const clock;
    auto const path = folder.path() / "lock";
    auto const first = cli::lock_file(path, "tenantry apply on here", {}, clock);
    REQUIRE(first.has_value());
    auto const second = cli::lock_file(path, "another", {}, clock);
    REQUIRE_FALSE(second.has_value());
    CHECK(second.error().code == Errc::locked);
    CHECK(second.error().message.find("tenantry apply on here") != std::string::npos);
    ::close(*first);
    auto const third = cli::lock_file(path, "another", {}, clock);
    REQUIRE(third.has_value());
    ::close(*third);
  }
}
