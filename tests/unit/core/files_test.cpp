#include <doctest/doctest.h>
#include <sys/stat.h>

#include "engine/core/atomic_file.hpp"
#include "engine/core/digest.hpp"
#include "engine/core/file_reader.hpp"
#include "engine/core/running_digest.hpp"
#include "engine/core/scratch_file.hpp"
#include "tests/support/temp_folder.hpp"

namespace tenantry {
namespace {

std::size_t files_in(std::filesystem::path const& folder) {
  return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(folder), {}));
}

}  // namespace

TEST_SUITE("files") {
  TEST_CASE("an atomic file replaces what was there when it is committed, and not before") {
    test::TempFolder const folder;
    auto const path = folder.write("a", "old");
    {
      auto file = AtomicFile::create(path, FileMode::private_);
      REQUIRE(file.has_value());
      REQUIRE(file->write("new, ").has_value());
      CHECK(read_file(path, 100).value() == "old");
      REQUIRE(file->write("in pieces").has_value());
      REQUIRE(file->commit().has_value());
    }
    CHECK(read_file(path, 100).value() == "new, in pieces");
    struct stat info{};
    REQUIRE(::stat(path.c_str(), &info) == 0);
    CHECK((info.st_mode & 0777) == 0600);
    CHECK(files_in(folder.path()) == 1);
  }

  TEST_CASE("an atomic file that is not committed leaves nothing") {
    test::TempFolder const folder;
    {
      auto file = AtomicFile::create(folder.path() / "a", FileMode::shared);
      REQUIRE(file.has_value());
      REQUIRE(file->write("half").has_value());
    }
    CHECK(files_in(folder.path()) == 0);
    CHECK_FALSE(AtomicFile::create(folder.path() / "none" / "a", FileMode::shared).has_value());
  }

  TEST_CASE("an atomic file replaces nothing but a file") {
    test::TempFolder const folder;
    auto const pipe = folder.path() / "pipe";
    REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
    auto const link = folder.path() / "link";  // as /dev/stdout is one
    std::filesystem::create_symlink("pipe", link);
    for (auto const& path : {pipe, link, folder.path()}) {
      CAPTURE(path);
      CHECK(AtomicFile::check(path).error().code == Errc::io);
      CHECK(AtomicFile::create(path, FileMode::shared).error().code == Errc::io);
    }
    CHECK(std::filesystem::is_fifo(pipe));
    CHECK(std::filesystem::is_symlink(link));
    CHECK(files_in(folder.path()) == 2);
    CHECK(AtomicFile::check(folder.path() / "none" / "a").error().code == Errc::not_found);
    CHECK(AtomicFile::check("a").has_value());
  }

  TEST_CASE("a reader gives any range, and refuses what is no file") {
    test::TempFolder const folder;
    auto const path = folder.write("a", "0123456789");
    auto const reader = FileReader::open(path);
    REQUIRE(reader.has_value());
    CHECK(reader->size() == 10);
    CHECK(reader->read(3, 4).value() == "3456");
    std::filesystem::resize_file(path, 5);
    CHECK(reader->read(3, 4).error().code == Errc::io);
    CHECK_FALSE(FileReader::open(folder.path()).has_value());
    CHECK(FileReader::open(folder.path() / "none").error().code == Errc::not_found);
  }

  TEST_CASE("a scratch file keeps what it is given, under no name") {
    test::TempFolder const folder;
    auto const* const before = std::getenv("TMPDIR");
    std::string const kept = before == nullptr ? "" : before;
    ::setenv("TMPDIR", folder.path().c_str(), 1);
    auto file = ScratchFile::create();
    before == nullptr ? ::unsetenv("TMPDIR") : ::setenv("TMPDIR", kept.c_str(), 1);
    REQUIRE(file.has_value());
    CHECK(files_in(folder.path()) == 0);
    REQUIRE(file->append("abc").has_value());
    REQUIRE(file->append("defg").has_value());
    CHECK(file->size() == 7);
    CHECK(file->read(2, 3).value() == "cde");
    auto const moved = std::move(*file);
    CHECK(moved.read(0, 7).value() == "abcdefg");
  }

  TEST_CASE("a running digest is that of the whole") {
    RunningDigest digest;
    digest.add("a tenant ");
    digest.add("");
    digest.add("at a time");
    CHECK(digest.hex() == sha256_hex("a tenant at a time"));
  }
}
}  // namespace tenantry
