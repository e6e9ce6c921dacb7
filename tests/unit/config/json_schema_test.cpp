#include "engine/config/json_schema.hpp"

#include <doctest/doctest.h>

#include "engine/config/language.hpp"
#include "tests/unit/config/fixture.hpp"

namespace tenantry::config {
namespace {

Object schema_of(DocumentKind kind = DocumentKind::configuration) {
  return json_schema(kind, test::all_schemas());
}

Object const& attribute(Object const& schema, std::string_view section, std::string_view name) {
  return schema.at("definitions").at(section).at("properties").at(name).as_object();
}

/// Every object in `value` that says which members a map has.
void each_map(Value const& value, std::function<void(Object const&)> const& use) {
  if (auto const* list = value.if_array()) {
    for (auto const& element : *list) each_map(element, use);
  } else if (auto const* map = value.if_object()) {
    auto const* properties = map->if_contains("properties");
    if (properties != nullptr && properties->is_object()) use(*map);
    for (auto const& member : *map) each_map(member.value(), use);
  }
}

TEST_SUITE("json_schema") {
  TEST_CASE("an attribute has its meaning, its words and what stands in their place") {
    auto const schema = schema_of();
    auto const& type = attribute(schema, "oauthClients", "appType");
    std::string_view const text(type.at("description").get_string());
    CHECK(text ==
          "Kind of client. Required, here or in a blueprint. A change deletes the object "
          "and creates it anew.");
    auto const& ways = type.at("anyOf").as_array();
    REQUIRE(ways.size() == 3);
    CHECK(ways[0].at("enum").as_array().size() == 4);
    CHECK(ways[1].at("$ref") == "#/definitions/placeholder");
    CHECK(ways[2].at("type") == "null");
  }

  TEST_CASE("a computed attribute cannot be written") {
    auto const schema = schema_of();
    auto const& roles = schema.at("definitions").at("roles");
    CHECK_FALSE(roles.at("properties").as_object().contains("id"));
    CHECK(roles.at("additionalProperties") == false);
  }

  TEST_CASE("every map with named members takes no others") {
    for (auto const kind : {DocumentKind::configuration, DocumentKind::connections}) {
      std::size_t maps = 0;
      each_map(schema_of(kind), [&](Object const& map) {
        if (map.if_contains("required") != nullptr && map.size() == 3) return;  // in a `not`
        ++maps;
        CHECK(map.at("additionalProperties") == false);
      });
      CHECK(maps > 5);
    }
  }

  TEST_CASE("the keys of a file are those that the reader takes") {
    for (auto const& key : language::configuration()) {
      CHECK(schema_of().at("properties").as_object().contains(key.name));
    }
    CHECK_FALSE(schema_of().at("properties").as_object().contains("sinks"));
    CHECK(schema_of(DocumentKind::connections).at("properties").as_object().contains("sinks"));
  }

  TEST_CASE("each word of the language's tables is one that the reader takes") {
    struct Place {
      language::Table const& table;
      std::string_view key;
      std::string_view text;  ///< `@` stands for the word
    };
    for (auto const& [table, key, text] :
         {Place{language::region(), "rateLimits", "regions: {eu: {rateLimits: @}}\ntenants: {}\n"},
          Place{language::state(), "backend", "state: {backend: @}\ntenants: {}\n"},
          Place{language::parameter(), "type",
                "blueprints: {b: {parameters: {p: {type: @}}}}\ntenants: {}\n"},
          Place{language::tenant(), "status",
                "regions: {eu: {}}\ntenants: {acme: {region: eu, status: @}}\n"},
          Place{language::fleet(), "onMissingRow",
                "fleets: {f: {from: f.csv, region: eu, onMissingRow: @}}\nregions: {eu: {}}\n"},
          Place{language::column(), "type",
                "fleets: {f: {from: f.csv, region: eu, columns: {x: @}}}\nregions: {eu: {}}\n"}}) {
      for (auto const& word : language::words(table, key)) {
        test::Fixture fixture;
        fixture.folder.write("f.csv", "key,x\n");
        std::string whole(text);
        whole.replace(whole.find('@'), 1, word);
        fixture.folder.write("tenantry.yaml", "apiVersion: tenantry/v1\n" + whole);
        CAPTURE(whole);
        for (auto const& problem : load(fixture.options).diagnostics.sorted()) {
          CHECK(problem.summary.find("invalid value") == std::string::npos);
          CHECK(problem.summary.find("unknown key") == std::string::npos);
        }
      }
    }
  }
}

}  // namespace
}  // namespace tenantry::config
