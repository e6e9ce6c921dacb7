// Files that are not what a fleet needs, as people and programs really make them.
#include <doctest/doctest.h>
#include <sys/stat.h>

#include <filesystem>

#include "engine/config/configuration.hpp"
#include "tests/unit/config/fixture.hpp"

namespace tenantry::config {
using test::Fixture;
using namespace std::string_view_literals;

namespace {

struct FileCase {
  std::string_view name;
  std::string_view bytes;
  std::string_view message;  ///< all first lines, joined by " | "
  std::string_view words;    ///< part of the rest
};

/// What a fleet of these bytes is told.
void check_case(FileCase const& given) {
  CAPTURE(given.bytes);
  Fixture const fixture(
      fmt::format("fleets: {{f: {{from: {}, region: eu, name: '${{row.name:-}}', columns: {{seats: "
                  "integer}}}}}}\n",
                  given.name));
  fixture.folder.write(std::string(given.name), given.bytes);
  auto const loaded = fixture.load();
  CHECK(fmt::format("{}", fmt::join(Fixture::first_lines(loaded.diagnostics), " | ")) ==
        given.message);
  std::string text;
  for (auto const& d : loaded.diagnostics.sorted()) text += format(d);
  CAPTURE(text);
  CHECK(text.find(given.words) != std::string::npos);
}

std::string message_for(std::string_view from, std::string_view also = "customers.csv") {
  Fixture const fixture(fmt::format("fleets: {{f: {{from: '{}', region: eu}}}}\n", from));
  fixture.folder.write(std::string(also), "key\n");
  std::string out;
  for (auto const& d : fixture.load().diagnostics.sorted()) out += format(d);
  return out;
}

}  // namespace

TEST_SUITE("files of fleets") {
  TEST_CASE("load: every form of RFC 4180 is read") {
    for (auto const bytes :
         {"key,name,seats\r\nc1,One,1\r\n"sv, "key,name,seats\nc1,One,1"sv,
          "\xEF\xBB\xBFkey,name,seats\nc1,One,1\n"sv,
          "\xEF\xBB\xBF\"key\",name,seats\nc1,One,1\n"sv,
          "key,name,seats\nc1,\"One\nof \"\"two\"\", or \r\n\",1\n"sv,
          "\n\nkey,name,seats\n\nc1,,\n\n"sv, " key , name ,seats\nc1,One,\n"sv,
          "key,name,seats\n,,\nc1,One,007\n"sv, "key,name,seats\r\nc1,One,1\nc2,Two,2\r\n"sv}) {
      check_case({"c.csv", bytes, "", ""});
    }
  }

  TEST_CASE("load: what is no CSV is told where it stops being one") {
    check_case({"c.csv", "key,name,seats\rc1,One,1\r",
                "c.csv:1:15: error: carriage return without a line feed", "line ends"});
    check_case({"c.csv", "   \n", "c.csv:1:1: error: column without a name", ""});
    check_case({"c.csv", "\xEF\xBB\xBF", "c.csv:1:1: error: empty file", "names the columns"});
    check_case({"c.csv", "\n\r\n\n", "c.csv:1:1: error: empty file", ""});
    check_case({"c.csv", "key,name,seats\nc1,One\n", "c.csv:2:7: error: missing cells",
                "2 cells, the header (c.csv:1:1) 3"});
    check_case({"c.csv", "key,name,seats\nc1,'One, Two',1\n",
                "c.csv:2:15: error: more cells than columns", "into quotes"});
    check_case({"c.csv", "key,name,seats\nc1,\"One,1\nc2,\"Two\",2\n",
                "c.csv:3:5: error: text after a closing quote", "begins in line 2, column 4"});
    check_case({"c.csv", "key,name,seats\nc1,5\" disk,1\n",
                "c.csv:2:5: error: quote inside of a cell", "write the quote twice"});
    check_case({"c.csv", "key,name,seats\nc1, \"One\",1\n",
                "c.csv:2:5: error: quote inside of a cell", ""});
    check_case({"c.csv", "key,name,seats\nc1,One,1\n\x1A",
                "c.csv:3:1: error: control character in the file", "0x1a"});
    check_case({"c.csv", "key,name,seats\nc1,\x1B[2J,1\n",
                "c.csv:2:4: error: control character in the file", "0x1b"});
    check_case({"c.csv", "key,name,seats\nc1,a\0b,1\n"sv,
                "c.csv:2:5: error: control character in the file", "UTF-8"});
    check_case(
        {"c.csv", "key,name,seats\nc1,M\xFCller,1\n", "c.csv:2:4: error: not UTF-8", "CSV UTF-8"});
    check_case({"c.csv", "key,name,seats\nc1,\xC0\xAF,1\n", "c.csv:2:4: error: not UTF-8", ""});
    check_case({"c.csv", "key,name,seats\nc1,\xED\xA0\x80,1\n", "c.csv:2:4: error: not UTF-8", ""});
  }

  TEST_CASE("load: numbers of other countries and sizes are no numbers") {
    for (auto const cell : {"99999999999999999999"sv, "1.5"sv, "1e3"sv, "\"1,000\""sv, "one"sv,
                            "0x"sv, ".inf"sv, "true"sv}) {
      check_case({"c.csv", fmt::format("key,name,seats\nc1,One,{}\n", cell),
                  "c.csv:2:8: error: wrong type", "must be a whole number"});
    }
  }

  TEST_CASE("load: a header of another separator is told with the one that it has") {
    for (auto const& [separator, written] :
         {std::pair{";"sv, "\";\""sv}, {"\t"sv, "\"\\t\""sv}, {"|"sv, "\"|\""sv}}) {
      check_case({"c.csv", fmt::format("key{0}name{0}seats\nc1{0}One{0}1\n", separator),
                  "c.csv:1:1: error: header of one column",
                  fmt::format("write `separator: {}`", written)});
    }
    check_case({"c.csv", "sep=;\nkey;name;seats\n", "c.csv:1:1: error: line that is not CSV",
                "spreadsheet program"});
  }

  TEST_CASE("load: a merge conflict is told as one") {
    check_case(
        {"c.csv", "key,name,seats\n<<<<<<< HEAD\nc1,One,1\n=======\nc1,Eins,1\n>>>>>>> branch\n",
         "c.csv:2:1: error: merge conflict in the file | c.csv:4:1: error: merge conflict in "
         "the file | c.csv:5:1: error: duplicate tenant \"c1\" | c.csv:6:1: error: merge "
         "conflict in the file",
         "both versions"});
  }

  TEST_CASE("load: what is no text is told by what it is") {
    check_case({"c.csv", "PK\x03\x04\x14\0\0\0"sv, "c.csv:1:1: error: file that holds no rows",
                "spreadsheet"});
    check_case({"c.csv", "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1",
                "c.csv:1:1: error: file that holds no rows", "export it as CSV"});
    check_case({"c.csv", "<!DOCTYPE html>\n<html>", "c.csv:1:1: error: file that holds no rows",
                "without a login"});
    check_case({"r.json", "<HTML>", "r.json:1:1: error: file that holds no rows", "web page"});
    check_case({"r.json", "\x1F\x8B\x08", "r.json:1:1: error: file that holds no rows", "unpack"});
    for (auto const name : {"c.csv"sv, "r.json"sv, "r.yaml"sv}) {
      check_case({name, "version https://git-lfs.github.com/spec/v1\noid sha256:ab\nsize 3\n",
                  fmt::format("{}:1:1: error: file that holds no rows", name), "git lfs pull"});
    }
  }

  TEST_CASE("load: JSON that is no list of rows is told where it is not") {
    check_case({"r.json", R"([{"key": "c1", "name": "One"}, {"key": "c2")",
                "r.json:1:1: error: not valid JSON", "never closed"});
    check_case({"r.json", "{\"key\": {\"name\": \"x\"}}\n{\"key\": {}}\n",
                "r.json:2:1: error: more than one document in the file", "one list of all rows"});
    check_case({"r.json", R"({"data": [{"key": "c1"}], "total": 1})",
                "r.json:1:10: error: wrong type | r.json:1:36: error: wrong type",
                "a list of maps, or a map of maps by key"});
    check_case({"r.json", R"([["key"], ["c1"]])",
                "r.json:1:2: error: wrong type | r.json:1:11: error: wrong type", "not a list"});
    check_case({"r.json", R"([{"key": "c1", "name": "x", "key": "c2"}])",
                "r.json:1:29: error: duplicate key \"key\"", "r.json:1:3"});
    check_case({"r.json", R"([{"key": "c1", "name": "\ud83d"}])",
                "r.json:1:31: error: not valid JSON", "half of one"});
    check_case({"r.json", R"([{"key": "c1", "name": "x", "seats": 99999999999999999999}])",
                "r.json:1:38: error: invalid value", "64-bit"});
    check_case({"r.json", "5", "r.json:1:1: error: wrong type", "a list or a map of rows"});
    check_case({"r.json", "null", "r.json:1:1: error: empty file", ""});
    check_case({"r.json", "", "r.json:1:1: error: empty file", ""});
    std::string const deep(200, '[');
    check_case({"r.json",
                fmt::format("[{{\"key\": \"c1\", \"name\": {}{}}}]", deep, std::string(200, ']')),
                "r.json:1:122: error: nested too deeply", ""});
  }

  TEST_CASE("load: each element of a JSON list has its place in the file") {
    check_case({"r.json",
                "[\n  {\"key\": \"c1\", \"name\": \"\xC3\xA4\", \"seats\": \"x\"},\n"
                "  {\"key\": \"c2\",\n   \"seats\": \"y\", \"name\": null}, {\"seats\": [], "
                "\"key\": \"c3\"}\n]\n",
                "r.json:2:39: error: wrong type | r.json:4:13: error: wrong type | r.json:4:43: "
                "error: wrong type",
                ""});
    check_case({"r.json", "{\"c1\": {\"name\": \"x\"},\n \"c1\": {}}",
                "r.json:2:2: error: duplicate key \"c1\"", "r.json:1:2"});
  }

  TEST_CASE("load: a key of another kind is no key") {
    for (auto const key : {"1.5"sv, "true"sv, "{\"a\": 1}"sv, "[\"a\"]"sv}) {
      check_case({"r.json", fmt::format("[{{\"key\": {}, \"name\": \"x\"}}]", key),
                  "r.json:1:10: error: wrong type", "The key of a tenant must be a text"});
    }
    for (auto const key : {"a/b"sv, ".."sv, "a b"sv, "a "sv, "\xC3\xA4"sv, "*"sv, "${row.name}"sv,
                           "=1+1"sv, "a\xE2\x80\x8B"sv, "  "sv}) {
      check_case({"c.csv", fmt::format("key,name,seats\n{},One,\n", key),
                  "c.csv:2:1: error: invalid key", "cannot be the key of a tenant"});
    }
    check_case({"c.csv", "key,name,seats\n" + std::string(201, 'k') + ",One,\n",
                "c.csv:2:1: error: key too long", "at most 200 characters, not 201"});
    check_case({"c.csv", "key,name,seats\n" + std::string(200, 'k') + ",One,\n", "", ""});
  }

  TEST_CASE("load: a row of a map may be a key alone") {
    check_case({"r.yaml", "c1:\nc2: {name: Two}\n", "", ""});
    check_case(
        {"r.yaml", "-\n- {key: c2, name: Two}\n", "r.yaml:2:1: error: wrong type", "not null"});
  }

  TEST_CASE("load: endings count in any case, and a name that is nearly right is told") {
    check_case({"C.CSV", "key,name,seats\nc1,One,\n", "", ""});
    check_case({"R.JSON", "[{\"key\": \"c1\", \"name\": \"\\ud83d\\ude00\"}]", "", ""});
    CHECK(message_for("customer.csv").find("did you mean \"customers.csv\"") != std::string::npos);
    CHECK(message_for("customers.xlsx").find("exported as CSV") != std::string::npos);
    CHECK(message_for("https://crm.example/customers.csv").find("download it before") !=
          std::string::npos);
  }

  TEST_CASE("load: only a regular file is opened") {
    Fixture const fixture("fleets: {f: {from: rows.csv, region: eu}}\n");
    auto const path = fixture.folder.path() / "rows.csv";
    auto const message = [&] { return fixture.messages().front(); };
    REQUIRE(mkfifo(path.c_str(), 0600) == 0);
    CHECK(message() == "tenantry.yaml:2:20: error: file that cannot be read");
    std::filesystem::remove(path);
    std::filesystem::create_directory(path);
    CHECK(message() == "tenantry.yaml:2:20: error: file that cannot be read");
    std::filesystem::remove(path);
    for (auto const* target : {"/dev/zero", "/etc/passwd", ".."}) {
      CAPTURE(target);
      std::filesystem::create_symlink(target, path);
      CHECK(message() == "tenantry.yaml:2:20: error: file outside of the folder");
      std::filesystem::remove(path);
    }
    for (auto const* target : {"nothing", "rows.csv", "../../x"}) {
      CAPTURE(target);
      std::filesystem::create_symlink(target, path);
      CHECK(message() == "tenantry.yaml:2:20: error: missing file");
      std::filesystem::remove(path);
    }
  }
}
}  // namespace tenantry::config
