// Objects of which one of the three sides is missing: created, deleted, adopted, or not ours.
#include <doctest/doctest.h>

#include "plans/diff.hpp"
#include "sample.hpp"

namespace tenantry::plans {
using test::only;
using test::Sample;

TEST_SUITE("diff") {
  TEST_CASE("diff: owned but no longer live is created again") {
    Sample sample;
    sample.want(R"({"name":"A"})").applied(R"({"name":"A"})");
    sample.desired->lifecycle.prevent_destroy = true;
    auto const change = sample.run().change;
    CHECK(change.action == Action::create);
    CHECK(change.reason == Reason::gone);
    CHECK(change.id.empty());
    CHECK(only(change).last_applied == "A");
    CHECK(change.prevent_destroy);
  }

  TEST_CASE("diff: no longer declared is deleted with what state says of order and protection") {
    Sample sample;
    sample.applied(R"({"name":"A"})").is(R"({"name":"A"})");
    sample.prior->prevent_destroy = true;
    sample.prior->depends_on = {{"acme", "roles", "author"}};
    auto const change = sample.run().change;
    CHECK(change.action == Action::delete_);
    CHECK(change.reason == Reason::no_longer_declared);
    CHECK(change.id == RemoteId("w1"));
    CHECK(change.prevent_destroy);
    CHECK(change.depends_on == sample.prior->depends_on);
    CHECK(change.before.at("name") == "A");

    sample.live.reset();
    CHECK(sample.run().change.action == Action::forget);
    auto input = sample.input();
    input.refreshed = false;
    CHECK(diff(input).value().change.action == Action::delete_);
  }

  TEST_CASE("diff: destroy deletes what is declared and owned, and nothing else") {
    Sample sample;
    sample.want(R"({"name":"A"})");
    auto input = sample.input();
    input.destroy = true;
    CHECK(diff(input).value().change.action == Action::no_op);
    sample.applied(R"({"name":"A"})").is(R"({"name":"A"})");
    auto again = sample.input();
    again.destroy = true;
    auto const change = diff(again).value().change;
    CHECK(change.action == Action::delete_);
    CHECK(change.reason == Reason::destroy_requested);
  }

  TEST_CASE("diff: a live object that is not owned is adopted only where asked") {
    Sample sample;
    sample.want(R"({"name":"A","description":"mine"})")
        .is(R"({"name":"A","description":"theirs"})");
    auto const refused = diff(sample.input());
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().code == Errc::conflict);
    CHECK(refused.error().message ==
          "acme/widgets/main: a widget \"A\" exists already (id w1) and is not managed here");
    CHECK(refused.error().hint.find("--adopt") != std::string::npos);

    sample.desired->lifecycle.adopt = true;
    auto const change = sample.run().change;
    CHECK(change.action == Action::adopt);
    CHECK(change.reason == Reason::adoption);
    CHECK(change.id == RemoteId("w1"));
    CHECK(only(change).name == "description");
    CHECK(only(change).last_applied.is_null());
    CHECK_FALSE(only(change).drifted);
  }

  TEST_CASE(
      "diff: an adoption never replaces, and the platform's own is never adopted or deleted") {
    Sample sample;
    sample.want(R"({"name":"A","shape":"round"})").is(R"({"name":"A","shape":"flat"})");
    auto input = sample.input();
    input.may_adopt = true;
    auto const replaced = diff(input);
    REQUIRE_FALSE(replaced.has_value());
    CHECK(replaced.error().code == Errc::conflict);

    sample.is(R"({"name":"A","shape":"round"})").live->built_in = true;
    auto again = sample.input();
    again.may_adopt = true;
    REQUIRE_FALSE(diff(again).has_value());
    sample.desired.reset();
    sample.applied(R"({"name":"A"})");
    REQUIRE_FALSE(diff(sample.input()).has_value());
  }

  TEST_CASE("diff: an object that somebody made anew under our name is not ours") {
    Sample sample;
    sample.want(R"({"name":"A"})").applied(R"({"name":"A"})").is(R"({"name":"A"})");
    sample.live->id = RemoteId("w2");
    CHECK_FALSE(diff(sample.input()).has_value());
    sample.desired.reset();
    CHECK(sample.run().change.action == Action::forget);
  }
}

}  // namespace tenantry::plans
