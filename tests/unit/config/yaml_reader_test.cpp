#include "engine/config/yaml_reader.hpp"

#include <doctest/doctest.h>

#include <functional>

#include "engine/config/packed_tree.hpp"
#include "engine/config/scalar.hpp"
#include "tests/unit/config/fixture.hpp"

namespace tenantry::config {
using Lines = std::vector<std::string>;

namespace {

struct Read {
  Source source{"a.yaml", "a.yaml", 0, false};
  Reporter reporter;
  NodePtr root;

  explicit Read(std::string const& text) { root = read_yaml(source, text, reporter); }
  Read(Read const&) = delete;
  Read& operator=(Read const&) = delete;
  std::string json() const { return root == nullptr ? "none" : canonical(to_value(*root)); }
  Lines messages() const { return test::Fixture::first_lines(reporter.diagnostics()); }
};

std::string repeated(std::string_view text, std::size_t times) {
  std::string out;
  for (std::size_t i = 0; i < times; ++i) out += text;
  return out;
}

}  // namespace

TEST_SUITE("yaml reader") {
  TEST_CASE("read_yaml: plain scalars are those of YAML 1.2") {
    Read const r(
        "a: [true, False, yes, on, no, 017, 0o17, 0x1F, -3, +4, 1.5, 1e3, .5, ~, null, "
        "1_000, 12:30, 2026-03-01, 1.2.3, '', \"12\", 'true', -, e3]\n");
    CHECK(r.json() == R"({"a":[true,false,"yes","on","no",17,15,31,-3,4,1.5,1000,0.5,null,null,)"
                      R"("1_000","12:30","2026-03-01","1.2.3","","12","true","-","e3"]})");
  }

  TEST_CASE("read_yaml: numbers that do not fit are refused, at the edge they are exact") {
    CHECK(Read("a: [9223372036854775807, -9223372036854775808]\n").json() ==
          R"({"a":[9223372036854775807,-9223372036854775808]})");
    for (auto const* text :
         {"9223372036854775808", "1e400", ".inf", "-.Inf", ".nan", "0xFFFFFFFFFFFFFFFF"}) {
      CAPTURE(text);
      CHECK(Read(std::string("a: ") + text + "\n").messages() ==
            Lines{"a.yaml:1:4: error: invalid value"});
    }
  }

  TEST_CASE("read_yaml: core tags decide the type, others are refused") {
    CHECK(Read("a: [!!str 12, !!int '12', !!float 1, !!bool true, ! 12]\nb: !!map {}\n").json() ==
          R"({"a":["12",12,1,true,"12"],"b":{}})");
    CHECK(Read("a: !!int x\n").messages() == Lines{"a.yaml:1:4: error: invalid value"});
    CHECK(Read("a: !!timestamp x\n").messages() == Lines{"a.yaml:1:4: error: invalid value"});
    CHECK(Read("a: !mine [x]\n").messages() == Lines{"a.yaml:1:4: error: invalid value"});
    CHECK(Read("a: !!map [x]\n").messages() == Lines{"a.yaml:1:4: error: invalid value"});
  }

  TEST_CASE("read_yaml: marks count from 1, columns in characters") {
    Read const r(
        "\xEF\xBB\xBF"
        "a:\r\n  \xC3\xBC\xC3\xB6: {k: v}\r\n");
    REQUIRE(r.root != nullptr);
    auto const& inner = r.root->members[0].value->members[0];
    CHECK(inner.key_mark.range().text() == "a.yaml:2:3");
    CHECK(inner.value->mark.range().text() == "a.yaml:2:7");
    CHECK(inner.value->members[0].value->mark.range().text() == "a.yaml:2:11");
    CHECK(inner.value->members[0].value->text() == "v");
  }

  TEST_CASE("read_yaml: an alias is what its anchor is") {
    CHECK(Read("a: &x {k: [1, 2]}\nb: *x\nc: [*x, *x]\n").json() ==
          R"({"a":{"k":[1,2]},"b":{"k":[1,2]},"c":[{"k":[1,2]},{"k":[1,2]}]})");
    CHECK(Read("a: &x 1\na2: &x 2\nb: *x\n").json() == R"({"a":1,"a2":2,"b":2})");
  }

  TEST_CASE("read_yaml: aliases that stand for too much are refused quickly") {
    std::string text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
    for (int i = 1; i < 60; ++i) {
      text += fmt::format("a{0}: &a{0} [{1}]\n", i,
                          repeated(fmt::format("*a{}, ", i - 1), 9) + fmt::format("*a{}", i - 1));
    }
    CHECK(Read(text).messages() == Lines{"a.yaml:6:45: error: more values than can be meant"});
  }

  TEST_CASE("read_yaml: every duplicate key is reported, in nested maps too") {
    CHECK(Read("a: {k: 1, k: 2, k: 3}\nb: 1\na: 2\n").messages() ==
          Lines{"a.yaml:1:11: error: duplicate key \"k\"",
                "a.yaml:1:17: error: duplicate key \"k\"",
                "a.yaml:3:1: error: duplicate key \"a\""});
    CHECK(Read("a: 1\n\"a\": 2\n").messages() == Lines{"a.yaml:2:1: error: duplicate key \"a\""});
  }

  TEST_CASE("read_yaml: depth is bounded, also where the library would go on") {
    CHECK(Read("a: " + repeated("[", 99) + repeated("]", 99) + "\n").root != nullptr);
    CHECK(Read("a: " + repeated("[", 100) + repeated("]", 100) + "\n").messages() ==
          Lines{"a.yaml:1:103: error: nested too deeply"});
    auto const messages = Read("a: " + repeated("[", 5000) + "\n").messages();
    REQUIRE(messages.size() == 1);
    CHECK(messages[0].ends_with("error: nested too deeply"));
  }

  TEST_CASE("read_yaml: keys are texts without control characters") {
    for (auto const* text : {"1: a", "true: a", "~: a", "1.5: a", "[a]: b", "{a: b}: c"}) {
      CAPTURE(text);
      auto const messages = Read(text).messages();
      REQUIRE(messages.size() == 1);
      CHECK(messages[0] == "a.yaml:1:1: error: key that is not a text");
    }
    CHECK(Read("'1': a\non: b\n").json() == R"({"1":"a","on":"b"})");
    CHECK(Read("\"\\x01deferred\": [x]\n").messages() ==
          Lines{"a.yaml:1:1: error: control character in a key"});
  }

  TEST_CASE("read_yaml: bytes that are no text are refused with their place") {
    CHECK(Read(std::string("a: 1\nb: \xFF\n")).messages() == Lines{"a.yaml:2:4: error: not UTF-8"});
    CHECK(Read(std::string("a: \xC3\xBC \xC3")).messages() ==
          Lines{"a.yaml:1:6: error: not UTF-8"});
    CHECK(Read(std::string("a: 1\nb: \0", 9)).messages() ==
          Lines{"a.yaml:2:4: error: control character in the file"});
    // The library takes this byte for the end of the file.
    CHECK(Read("a: 1\n\x04\nb: [").messages() ==
          Lines{"a.yaml:2:1: error: control character in the file"});
    CHECK(Read(std::string("\xFF\xFE"
                           "a\0:\0",
                           6))
              .messages()
              .size() == 1);
  }

  TEST_CASE("read_yaml: an escape that stands for no character is refused") {
    for (auto const* text : {"a: \"\\uD800\"", "a: \"\\U00110000\"", "a: \"\\q\""}) {
      CAPTURE(text);
      auto const messages = Read(text).messages();
      REQUIRE(messages.size() == 1);
      CHECK(messages[0].starts_with("a.yaml:1:"));
    }
    CHECK(Read("a: \"\\u00fc\\x41\"\n").json() ==
          "{\"a\":\"\xC3\xBC"
          "A\"}");
  }

  TEST_CASE("read_yaml: one document, not empty") {
    CHECK(Read("").messages() == Lines{"a.yaml:1:1: error: empty file"});
    CHECK(Read("---\n").messages() == Lines{"a.yaml:1:1: error: empty file"});
    CHECK(Read("---\na: 1\n...\n").json() == R"({"a":1})");
    CHECK(Read("a: 1\n---\nb: [\n").messages() ==
          Lines{"a.yaml:2:1: error: more than one document in the file"});
  }

  TEST_CASE("read_yaml: a bracket that is not closed is reported where it opens") {
    for (auto const* text :
         {"a: [[1", "a:  [1, [2, 3]", "a: {b: [1, 2}", "a:  {b: 1, c", "b:\n- {x"}) {
      CAPTURE(text);
      auto const messages = Read(text).messages();
      REQUIRE(messages.size() == 1);
      CHECK(messages[0].ends_with("error: not valid YAML"));
    }
    CHECK(Read("a: {b: [1, 2]\nc: 1\n").messages() == Lines{"a.yaml:2:1: error: not valid YAML"});
  }

  TEST_CASE("read_yaml: JSON is YAML") {
    CHECK(Read(R"({"a": {"b": [1, "x", null, true]}})").json() ==
          R"({"a":{"b":[1,"x",null,true]}})");
  }
}

TEST_SUITE("scalar") {
  TEST_CASE("needs_quotes: what any reader would take for something else") {
    for (auto const* text : {"",     " a",   "a ",   "true",     "No",    "on",    "~",
                             "null", "1",    "1.5",  "0x1F",     "1_000", "12:30", "2026-03-01",
                             "- a",  "a: b", "a #b", "a:",       "#a",    "{a",    "[a",
                             "&a",   "*a",   "!a",   "%a",       "@a",    "`a",    "'a",
                             "\"a",  "a\nb", "?",    "a\x1b[0m", "=",     "<<"}) {
      CAPTURE(text);
      CHECK(needs_quotes(text));
    }
    for (auto const* text : {"a", "Report author", "https://a.example/x", "${tenant.id}", "a:b",
                             "a#b", "caf\xC3\xA9", "v1.2.3", "(sensitive)", "yesterday"}) {
      CAPTURE(text);
      CHECK_FALSE(needs_quotes(text));
    }
  }

  TEST_CASE("unpacked: a packed tree comes back with its values, types and places") {
    auto const same = [](auto const& self, Node const& a, Node const& b) -> bool {
      bool const alike = a.type == b.type && a.mark == b.mark && a.scalar == b.scalar &&
                         a.has_placeholder == b.has_placeholder && a.text_offset == b.text_offset &&
                         a.size == b.size && a.items.size() == b.items.size() &&
                         a.members.size() == b.members.size();
      if (!alike) return false;
      for (std::size_t i = 0; i < a.items.size(); ++i) {
        if (!self(self, *a.items[i], *b.items[i])) return false;
      }
      for (std::size_t i = 0; i < a.members.size(); ++i) {
        auto const& [x, y] = std::pair(std::cref(a.members[i]), std::cref(b.members[i]));
        if (x.get().key != y.get().key || x.get().key_mark != y.get().key_mark) return false;
        if (!self(self, *x.get().value, *y.get().value)) return false;
      }
      return true;
    };
    Read const r(
        "a:\n"
        "  text: 'x ${values.y:-z} \xC3\xA4'\n"
        "  folded: >\n    ${values.y} on\n    two lines\n"
        "  numbers: [0, -7, 9223372036854775807, -9223372036854775808, 1.5, -1e300]\n"
        "  others: {yes: true, no: false, none: ~, empty: '', map: {}, list: []}\n"
        "  long: [" +
        repeated("word, ", 300) + "end]\n");
    REQUIRE(r.root != nullptr);
    auto const packed = pack(*r.root);
    CHECK(packed->type == Node::Type::packed);
    CHECK(packed->size == r.root->size);
    CHECK(same(same, *r.root, *unpacked(packed)));
    CHECK(unpacked(r.root) == r.root);
    CHECK(may_contain(*packed, "${values."));
    CHECK_FALSE(may_contain(*packed, "${var."));
  }

  TEST_CASE("read_yaml: each tenant is packed as it is read") {
    Read const r("tenants: {a: {region: eu}, b: null, c: 5}\nblueprints: {a: {name: A}}\n");
    REQUIRE(r.root != nullptr);
    auto const& tenants = *r.root->find("tenants")->value;
    CHECK(tenants.find("a")->value->type == Node::Type::packed);
    CHECK(canonical(to_value(*unpacked(tenants.find("a")->value))) == R"({"region":"eu"})");
    CHECK(tenants.find("b")->value->is_null());
    CHECK(r.root->find("blueprints")->value->find("a")->value->is_map());
  }
}
}  // namespace tenantry::config
