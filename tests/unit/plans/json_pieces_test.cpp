#include "plans/json_pieces.hpp"

#include <doctest/doctest.h>

#include <vector>

namespace tenantry::plans {
namespace {

/// What comes out of a document that is cut into pieces of `size` bytes.
struct Taken {
  Result<Value> rest = Value(nullptr);
  std::vector<Value> elements;
  std::size_t lists = 0;
};

Taken take(std::string_view text, std::size_t size, PieceLimits limits = {20, 1 << 20}) {
  Taken out;
  JsonPieces pieces("list", limits, [&](Value element) { out.elements.push_back(element); });
  for (; !text.empty(); text.remove_prefix(std::min(size, text.size()))) {
    auto const added = pieces.add(text.substr(0, size));
    if (added) continue;
    out.rest = added.error();
    return out;
  }
  out.rest = pieces.finish();
  out.lists = pieces.lists();
  return out;
}

}  // namespace

TEST_SUITE("json pieces") {
  TEST_CASE("elements come one by one and the rest as one, wherever the text is cut") {
    constexpr std::string_view kText =
        R"( {"a": [1, {"list": [2]}], "li\u0073t": [ {"k\n": "v\u00e4\"lue", "list": [[]]}, 7, "text",
            -3.5, 18446744073709551615, null, [true, false], {} ], "b": "end"} )";
    auto const whole = parse_json(kText).value().get_object();
    for (std::size_t size = 1; size <= kText.size(); ++size) {
      CAPTURE(size);
      auto const taken = take(kText, size);
      REQUIRE(taken.rest.has_value());
      CHECK(taken.lists == 1);
      CHECK(Value(Array(taken.elements.begin(), taken.elements.end())) == whole.at("list"));
      auto rest = whole;
      rest.erase("list");
      CHECK(*taken.rest == Value(rest));
    }
  }

  TEST_CASE("a member of that name that is no list stays in the rest, and lists are counted") {
    auto const taken = take(R"({"list": {"list": []}})", 3);
    CHECK(*taken.rest == parse_json(R"({"list": {"list": []}})").value());
    CHECK(taken.lists == 0);
    CHECK(take(R"({"list": [], "x": 1, "list": [2]})", 3).lists == 2);
    CHECK(*take("[1, [2]]", 2).rest == parse_json("[1, [2]]").value());
    CHECK(take("[[1]]", 2).elements.empty());
  }

  TEST_CASE("what is no whole document is refused, with the place") {
    for (std::string_view const text :
         {"", "{", R"({"list": [{)", R"({"list": [1)", "{} x", "{}{}"}) {
      for (std::size_t const size : {1U, 100U}) {
        CAPTURE(text);
        auto const taken = take(text, size);
        REQUIRE_FALSE(taken.rest.has_value());
        CHECK(taken.rest.error().code == Errc::invalid);
      }
    }
    auto const bad = take(R"({"list": [1, nonsense]})", 4);
    REQUIRE_FALSE(bad.rest.has_value());
    CHECK(bad.rest.error().message.find("byte 14") != std::string::npos);
    CHECK_FALSE(take(std::string(100, '['), 7).rest.has_value());
  }

  TEST_CASE("a part that is too large is refused, however many small ones there may be") {
    std::string text = R"({"list": [)";
    for (int i = 0; i < 1'000; ++i) text += R"({"key": "of some length"},)";
    text.back() = ']';
    text += '}';
    auto const many = take(text, 64, {20, 1'000});
    REQUIRE(many.rest.has_value());
    CHECK(many.elements.size() == 1'000);
    for (std::string const& large : {R"({"list": [")" + std::string(2'000, 'x') + "\"]}",
                                     "{\"a\": \"" + std::string(2'000, 'x') + "\"}",
                                     "{\"" + std::string(2'000, 'x') + "\": 1}"}) {
      auto const taken = take(large, 64, {20, 1'000});
      REQUIRE_FALSE(taken.rest.has_value());
      CHECK(taken.rest.error().code == Errc::too_large);
    }
  }
}
}  // namespace tenantry::plans
