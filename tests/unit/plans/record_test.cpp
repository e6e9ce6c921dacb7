#include <doctest/doctest.h>

#include "plans/diff.hpp"
#include "sample.hpp"

namespace tenantry::plans {
namespace {

TEST_SUITE("record_after_write") {
  TEST_CASE("record_after_write: what was sent is kept, the server's form beside it") {
    auto const schema = test::sample_schema();
    state::ResourceRecord base;
    base.address = {"acme", "widgets", "main"};
    auto const row =
        record_after_write(
            schema, base,
            test::object(R"({"name":"A","origins":["https://B/","https://a"],"password":"pw"})"),
            test::object(R"({"name":"A","origins":["https://a","https://b"],"id":"1"})"))
            .value();
    CHECK(canonical(row.applied) == R"({"name":"A","origins":["https://B/","https://a"]})");
    CHECK(canonical(row.observed) == R"({"origins":["https://a","https://b"]})");
  }

  TEST_CASE(
      "record_after_write: a later answer that says nothing keeps what was learned of an unchanged "
      "value") {
    auto const schema = test::sample_schema();
    state::ResourceRecord base;
    base.applied = test::object(R"({"name":"A","description":"D"})");
    base.observed = test::object(R"({"name":"a","description":"d"})");
    auto const row =
        record_after_write(schema, base, test::object(R"({"name":"A","description":"E"})"), {})
            .value();
    CHECK(canonical(row.observed) == R"({"name":"a"})");
  }

  TEST_CASE(
      "record_after_write: a value that the server dropped or changed is an error that tells "
      "both") {
    auto const schema = test::sample_schema();
    state::ResourceRecord base;
    base.address = {"acme", "widgets", "main"};
    auto const changed = record_after_write(schema, base, test::object(R"({"name":"A"})"),
                                            test::object(R"({"name":"B"})"));
    REQUIRE_FALSE(changed.has_value());
    CHECK(changed.error().code == Errc::protocol);
    CHECK(changed.error().message ==
          R"(acme/widgets/main: the server did not keep `name`: sent "A", got "B")");
    CHECK_FALSE(record_after_write(schema, base, test::object(R"({"description":"A"})"),
                                   test::object(R"({"description":null})"))
                    .has_value());
  }

  TEST_CASE(
      "record_after_write: references are compared by name, and not at all where the server tells "
      "only ids") {
    auto const schema = test::sample_schema();
    auto const desired = test::object(R"({"roles":["Report author"]})");
    CHECK(record_after_write(schema, {}, desired,
                             test::object(R"({"roles":[{"id":"r","name":"Report author"}]})"))
              .has_value());
    CHECK(record_after_write(schema, {}, desired, test::object(R"({"roles":[{"id":"r"}]})"))
              .has_value());
    CHECK_FALSE(record_after_write(schema, {}, desired,
                                   test::object(R"({"roles":[{"id":"r","name":"Other"}]})"))
                    .has_value());
  }

  TEST_CASE("record_after_write: marks of secrets stay as long as the secret is written") {
    auto const schema = test::sample_schema();
    state::ResourceRecord base;
    base.secrets["password"] = "s:d";
    CHECK(record_after_write(schema, base, test::object(R"({"password":"x"})"), {})
              .value()
              .secrets.contains("password"));
    CHECK(record_after_write(schema, base, Object{}, {}).value().secrets.empty());
  }

  TEST_CASE("is_recorded: what a write leaves, whatever form the server gave it") {
    auto const schema = test::sample_schema();
    auto const wanted = test::object(
        R"({"name":"A","origins":["https://B/","https://a"],"password":"pw","roles":["Author"]})");
    auto const answered = record_after_write(schema, {}, wanted,
                                             test::object(R"({"origins":["https://b"],"id":"1"})"));
    auto const row = answered ? *answered : record_after_write(schema, {}, wanted, {}).value();
    CHECK(is_recorded(schema, row, wanted));
    CHECK(is_recorded(schema, row,
                      test::object(R"({"name":"A","roles":["Author"],)"
                                   R"("origins":["https://a","https://B/"]})")));
    auto const with = [&](std::string_view name, Value value) {
      auto other = wanted;
      other[name] = std::move(value);
      return is_recorded(schema, row, other);
    };
    CHECK_FALSE(with("name", "B"));
    CHECK_FALSE(with("description", "D"));  // not written yet
    CHECK_FALSE(with("roles", nullptr));    // not released yet
    CHECK(with("password", "another"));     // no secret is recorded
    CHECK(is_recorded(schema, row,
                      test::object(R"({"name":"B","roles":["Author"],)"
                                   R"("origins":["https://a","https://B/"]})"),
                      {"name"}));
    CHECK_FALSE(is_recorded(schema, {}, wanted));
  }
}
}  // namespace
}  // namespace tenantry::plans
