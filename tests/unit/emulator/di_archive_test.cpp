#include "emulator/di_archive.hpp"

#include <doctest/doctest.h>

#include "emulator/yaml.hpp"
#include "emulator/zip.hpp"

namespace tenantry::emulator {
namespace {

std::string zip_of(std::vector<ZipEntry> const& entries) { return *write_zip(entries); }

std::string archive_of(std::string text) { return zip_of({{"project.yaml", std::move(text)}}); }

/// The first error, "path: reason"; "" when the archive is good.
std::string error_in(std::string_view bytes) {
  for (auto const& finding : read_archive(bytes).findings) {
    if (finding.level == Finding::Level::error) return finding.path + ": " + finding.reason;
  }
  return "";
}

constexpr char kSales[] =
    "name: Sales\n"
    "tasks:\n"
    "  - {id: landing-x7d2, name: Landing, type: LANDING, datasets: [orders]}\n"
    "variables:\n"
    "  targetSchema: null\n"
    "  port: '8080'\n";

}  // namespace

TEST_SUITE("emulator/zip") {
  TEST_CASE("write_zip: read_zip gives the files back; equal files give equal bytes") {
    std::vector<ZipEntry> const entries = {{"a.txt", "text"}, {"sub/b", std::string(5000, 'b')}};
    auto const bytes = zip_of(entries);
    auto const read = read_zip(bytes);
    REQUIRE(read.has_value());
    REQUIRE(read->size() == 2);
    CHECK(read->at(1).name == "sub/b");
    CHECK(read->at(1).bytes == entries[1].bytes);
    CHECK(zip_of(entries) == bytes);
  }

  TEST_CASE("read_zip: what is no zip, or a damaged one, is refused") {
    CHECK(read_zip("").error().code == Errc::invalid);
    CHECK(read_zip("not a zip").error().code == Errc::invalid);
    auto bytes = zip_of({{"a.txt", std::string(500, 'x')}});
    CHECK_FALSE(read_zip(std::string_view(bytes).substr(0, bytes.size() / 2)).has_value());
    bytes[40] = static_cast<char>(bytes[40] ^ 0x55);  // in the compressed bytes
    CHECK_FALSE(read_zip(bytes).has_value());
  }

  TEST_CASE("read_zip: what unpacks to over 16 MB is refused before it is unpacked") {
    auto const bytes =
        zip_of({{"a", std::string(9U << 20, 'a')}, {"b", std::string(9U << 20, 'b')}});
    CHECK(bytes.size() < 1U << 20);
    CHECK(read_zip(bytes).error().code == Errc::too_large);
  }
}

TEST_SUITE("emulator/yaml") {
  TEST_CASE("parse_yaml: plain scalars by the core schema, quoted ones are texts") {
    auto const value = parse_yaml(
        "{a: 1, b: 1.5, c: true, d: null, e: ~, f: '1', g: \"true\", h: yes, i: 1 2, j: 0x10}");
    REQUIRE(value.has_value());
    CHECK(canonical(*value) == R"({"a":1,"b":1.5,"c":true,"d":null,"e":null,"f":"1","g":"true",)"
                               R"("h":"yes","i":"1 2","j":"0x10"})");
  }

  TEST_CASE("parse_yaml: what is broken, endless or ambiguous is refused") {
    CHECK_FALSE(parse_yaml("a: [1").has_value());
    CHECK_FALSE(parse_yaml("a: 1\na: 2").has_value());
    CHECK_FALSE(parse_yaml("? [a]\n: 1").has_value());
    CHECK_FALSE(parse_yaml("&a [*a]").has_value());
    CHECK_FALSE(parse_yaml("\xff").has_value());
    CHECK_FALSE(parse_yaml(std::string(60, '[') + std::string(60, ']')).has_value());
  }

  TEST_CASE("write_yaml: parse_yaml reads it back as it was") {
    Value const value = {{"text", "a: \"b\"\n#c"}, {"number", "12"},     {"null", nullptr},
                         {"word", "null"},         {"flags", {true, 1}}, {"empty", Array{}},
                         {"none", Object{}},       {"yes", "\xc3\xa4"},  {"real", 1.25}};
    auto const read = parse_yaml(write_yaml(value));
    REQUIRE(read.has_value());
    CHECK(canonical(*read) == canonical(value));
  }
}

TEST_SUITE("emulator/di_archive") {
  TEST_CASE("read_archive: a project file, with unknown members kept and other files ignored") {
    auto const reading = read_archive(zip_of({{"project.yaml", kSales}, {"README.md", "x"}}));
    REQUIRE(reading.archive.has_value());
    CHECK(reading.archive->form == ArchiveForm::yaml);
    auto const& project = reading.archive->project;
    CHECK(project.at("tasks").at(0).at("datasets").at(0) == "orders");
    CHECK(project.at("variables").at("port") == "8080");
    REQUIRE(reading.findings.size() == 2);
    CHECK(reading.findings[0].path == "README.md");
    CHECK(reading.findings[1].path == "project.yaml/tasks/0/datasets");
    CHECK(reading.findings[1].level == Finding::Level::warning);
    auto const bare = read_archive(zip_of({{"project.json", R"({"name":"Sales"})"}}));
    REQUIRE(bare.archive.has_value());
    CHECK(bare.archive->form == ArchiveForm::json);
    CHECK(bare.archive->project.at("tasks").as_array().empty());
  }

  TEST_CASE("read_archive: what is wrong is told with its place") {
    CHECK(error_in("no zip").starts_with(": the bytes are no zip archive"));
    CHECK(error_in(zip_of({{"folder/project.yaml", kSales}})) ==
          ": has neither project.yaml nor project.json at its top");
    CHECK(error_in(zip_of({{"project.yaml", kSales}, {"project.json", "{}"}})) ==
          "project.json: there is a project.yaml already");
    CHECK(error_in(archive_of("a: [")).starts_with("project.yaml: it is no YAML: line 1"));
    CHECK(error_in(archive_of("- a")) == "project.yaml: must be a map");
    CHECK(error_in(archive_of("tasks: []")) == "project.yaml/name: is required");
    CHECK(error_in(archive_of("{name: x, type: OTHER}")) ==
          "project.yaml/type: must be one of DATA_PIPELINE, DATA_MOVEMENT");
    CHECK(error_in(archive_of("{name: x, tasks: [{id: a, name: A}]}")) ==
          "project.yaml/tasks/0/type: is required");
    CHECK(error_in(archive_of("name: x\ntasks:\n- {id: a, name: A, type: LANDING}\n"
                              "- {id: a, name: B, type: STORAGE}")) ==
          "project.yaml/tasks/1/id: is that of another task");
    CHECK(error_in(archive_of("{name: x, variables: {v: 1}}")) ==
          "project.yaml/variables/v: must be a text or null");
  }

  TEST_CASE("write_archive: read_archive gives it back in both forms") {
    for (auto const form : {ArchiveForm::yaml, ArchiveForm::json}) {
      auto archive = *read_archive(archive_of(kSales)).archive;
      archive.form = form;
      auto const read = read_archive(*write_archive(archive));
      REQUIRE(read.archive.has_value());
      CHECK(read.archive->form == form);
      CHECK(canonical(read.archive->project) == canonical(archive.project));
    }
  }
}
}  // namespace tenantry::emulator
