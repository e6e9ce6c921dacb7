#include "engine/core/characters.hpp"

#include <doctest/doctest.h>

#include "engine/core/text.hpp"
#include "engine/core/value.hpp"

namespace tenantry {

TEST_SUITE("characters") {
  TEST_CASE("first_character: gives bytes and code of UTF-8 of any length") {
    for (auto const& [text, code] : std::vector<std::pair<std::string, char32_t>>{
             {"a", U'a'}, {"\u00e4", U'\u00e4'}, {"\u20ac", U'\u20ac'}, {"\U0001F600", 0x1F600}}) {
      auto const longer = text + "tail";
      auto const character = first_character(longer);
      CHECK(character.bytes == text);
      CHECK(character.code == code);
      CHECK(character.is_utf8);
      CHECK(character.is_visible);
    }
  }

  TEST_CASE("first_character: what is not UTF-8 is one byte and not visible") {
    for (auto const* text : {"\xC3", "\xC0\xAF", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\x80"}) {
      auto const character = first_character(text);
      CHECK(character.bytes.size() == 1);
      CHECK(character.code == 0xFFFD);
      CHECK_FALSE(character.is_utf8);
      CHECK_FALSE(character.is_visible);
    }
  }

  TEST_CASE("first_character: controls and what disguises text are not visible") {
    for (auto const* text : {"\n", "\x1b", "\x7f", "\xC2\x9B", "\u202e", "\u2066", "\u200b",
                             "\u061c", "\u2028", "\ufeff", "\U000E0041"}) {
      CAPTURE(visible(text));
      CHECK(first_character(text).is_utf8);
      CHECK_FALSE(first_character(text).is_visible);
    }
    CHECK(first_character("\u200d").is_visible);  // a joiner: some languages need it
  }

  TEST_CASE("with_visible_strings: writes the same value in visible characters") {
    Object const value{{"name\u202e", "a\u2066b\xC2\x9B\x7f \U000E0041 \u00e4 \U0001F600\n"}};
    auto const json = boost::json::serialize(value);
    auto const shown = with_visible_strings(json);
    CHECK(shown ==
          "{\"name\\u202e\":\"a\\u2066b\\u009b\\u007f \\udb40\\udc41 \u00e4 \U0001F600\\n\"}");
    CHECK(parse_json(shown).value() == Value(value));
  }

  TEST_CASE("pretty: every character of a string is visible, canonical stays what it was") {
    Value const value(Object{{"name", "\u202egnp"}});
    CHECK(pretty(value) == "{\n  \"name\": \"\\u202egnp\"\n}");
    CHECK(canonical(value) == "{\"name\":\"\u202egnp\"}");  // digests of older states hold
  }
}

}  // namespace tenantry
