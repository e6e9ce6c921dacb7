#include "engine/core/archive.hpp"

#include <doctest/doctest.h>

#include "tests/support/zip_archive.hpp"

namespace tenantry {
using test::patched;
using test::zip_archive;
using namespace std::string_literals;
using namespace std::string_view_literals;

namespace {

/// What is wrong with it; "" where nothing is.
std::string problem(std::string_view bytes, ArchiveLimits const& limits = {}) {
  auto const checked = check_archive(bytes, limits);
  if (checked) return {};
  CHECK(checked.error().code == Errc::invalid);
  return checked.error().message;
}

std::string named(std::string const& name) { return problem(zip_archive({{name, "x"}})); }

std::string little_endian(std::uint64_t number, int size) {
  std::string out;
  for (int i = 0; i < size; ++i) out += static_cast<char>(number >> (8 * i) & 0xFF);
  return out;
}

/// `archive` of one entry with the longer form of the directory's end, as big archives have it.
std::string as_zip64(std::string const& archive) {
  auto const end = archive.size() - 22;
  auto const start = archive.find("PK\x01\x02");
  auto const one = little_endian(1, 8);
  auto const record = "PK\x06\x06" + little_endian(44, 8) + "\x2D\0\x2D\0"s + little_endian(0, 8) +
                      one + one + little_endian(end - start, 8) + little_endian(start, 8);
  auto const locator =
      "PK\x06\x07" + little_endian(0, 4) + little_endian(end, 8) + little_endian(1, 4);
  return archive.substr(0, end) + record + locator + "PK\x05\x06\0\0\0\0"s +
         std::string(12, '\xFF') + "\0\0"s;
}

}  // namespace

TEST_SUITE("archive") {
  TEST_CASE("check_archive: files in folders are fine") {
    CHECK(problem(zip_archive({{"project.yaml", "name: Sales"},
                               {"tasks/", ""},
                               {"tasks/..lan\xC3\xA7"
                                "amento.yaml",
                                std::string(100'000, 'x')},
                               {"a..b/c...d", "x"}}))
              .empty());
  }

  TEST_CASE("check_archive: what is no zip, or only a part of one") {
    auto const good = zip_archive({{"a.yaml", "some text"}});
    CHECK(problem("").starts_with("the zip archive is empty"));
    CHECK(problem("name: Sales\n").starts_with("no valid zip archive: "));
    CHECK(problem(good.substr(0, good.size() - 10)).starts_with("no valid zip archive: "));
    CHECK(problem(good.substr(7)).starts_with("no valid zip archive: "));
  }

  TEST_CASE("check_archive: content that does not fit its checksum") {
    auto const broken = patched(zip_archive({{"a.yaml", "ab"}}), "ab", "ac");
    CHECK(problem(broken) == "\"a.yaml\" in the zip archive is broken: CRC error");
  }

  TEST_CASE("check_archive: an archive without entries") {
    // The end of an empty directory, alone.
    CHECK(problem("PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"sv) ==
          "the zip archive is empty");
  }

  TEST_CASE("check_archive: a comment that pretends to be the end of another directory") {
    auto archive = zip_archive({{"a.yaml", "x"}});
    auto const comment = "PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"sv;
    archive[archive.size() - 2] = static_cast<char>(comment.size());
    CHECK(problem(archive + std::string(comment)).find("zip archive") != std::string::npos);
  }

  TEST_CASE("check_archive: encrypted entries") {
    CHECK(problem(zip_archive({{"a.yaml", "x"}, {"b.yaml", "y", true}})) ==
          "\"b.yaml\" in the zip archive is encrypted");
  }

  TEST_CASE("check_archive: symbolic links") {
    CHECK(problem(zip_archive({{"a.yaml", "/etc/passwd", false, true}})) ==
          "\"a.yaml\" in the zip archive is a symbolic link");
  }

  TEST_CASE("check_archive: names that lead out of the folder") {
    CHECK(named("../a") == "the name \"../a\" in the zip archive leads out of the archive");
    CHECK(named("a/../../b").ends_with("leads out of the archive"));
    CHECK(named("a/..").ends_with("leads out of the archive"));
    CHECK(named("/etc/passwd").ends_with("is an absolute path"));
    CHECK(named("C:/a").ends_with("is an absolute path"));
    CHECK(named("a\\..\\b").ends_with("holds a backslash"));
  }

  TEST_CASE("check_archive: a NUL in a name") {
    auto const archive = zip_archive({{"a.yaml#.png", "x"}});
    CHECK(problem(patched(archive, "#.png", "\0.png"sv)).ends_with("holds a NUL"));
    CHECK(problem(patched(archive, "a.yaml#", "\0.yaml#"sv)).ends_with("holds a NUL"));
    CHECK(problem(patched(archive, "g", "\0"sv)) ==
          R"(the name "a.yaml#.pn\x00" in the zip archive holds a NUL)");
    // Other control characters are made visible, and no harm.
    CHECK(problem(patched(archive, "#.png", "\x1B.png")).empty());
  }

  TEST_CASE("check_archive: the names of a big archive are read as well") {
    CHECK(problem(as_zip64(zip_archive({{"a.yaml", "x"}}))).empty());
    CHECK(
        problem(as_zip64(zip_archive({{"../a.yaml", "x"}}))).ends_with("leads out of the archive"));
  }

  TEST_CASE("check_archive: too many entries") {
    ArchiveLimits const limits{.entries_max = 2};
    CHECK(problem(zip_archive({{"a", ""}, {"b", ""}}), limits).empty());
    CHECK(problem(zip_archive({{"a", ""}, {"b", ""}, {"c", ""}}), limits) ==
          "the zip archive has 3 entries; at most 2 are accepted");
  }

  TEST_CASE("check_archive: more content than anybody wants, in one entry or in many") {
    ArchiveLimits const limits{.unpacked_bytes_max = 2U << 20};
    std::string const mebibyte(1U << 20, 'x');
    CHECK(problem(zip_archive({{"a", mebibyte}, {"b", mebibyte}}), limits).empty());
    CHECK(problem(zip_archive({{"a", mebibyte}, {"b", mebibyte + 'x'}}), limits) ==
          "the zip archive unpacks to more than 2 MiB");
  }

  TEST_CASE("check_archive: much from little") {
    std::string const long_text(1U << 20, 'x');
    auto const archive = zip_archive({{"a", long_text}});
    CHECK(problem(archive, {.ratio_max = 100, .ratio_from_bytes = 1U << 20}) ==
          "the zip archive unpacks to more than 100 times its size");
    CHECK(problem(archive, {.ratio_max = 100, .ratio_from_bytes = 2U << 20}).empty());
  }
}
}  // namespace tenantry
