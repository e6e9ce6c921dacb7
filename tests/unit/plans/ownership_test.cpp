// What is ours of an object: lists in part, files, what no call deletes.
#include <doctest/doctest.h>

#include "plans/guards.hpp"
#include "tests/support/plan_tenants.hpp"
#include "tests/unit/plans/sample.hpp"

namespace tenantry::plans {
namespace {

using test::object;
using test::Sample;

AttributeChange const& only(Change const& change) {
  REQUIRE(change.attributes.size() == 1);
  return change.attributes.front();
}

Sample with_file(bool readable) {
  Sample sample;
  Attribute file{.name = "logo", .format = Format::file};
  file.write_only = !readable;
  sample.schema.attributes.push_back(file);
  return sample;
}

}  // namespace

TEST_SUITE("ownership") {
  TEST_CASE("diff: of a list that is ours in part others' elements stay") {
    Sample sample;
    sample.want(R"({"name":"A","origins":{"$contains":["b"]}})")
        .applied(R"({"name":"A"})")
        .is(R"({"name":"A","origins":["a"]})");
    auto const change = sample.run().change;
    CHECK(change.action == Action::update);
    CHECK(canonical(only(change).after) == R"(["a","b"])");
    CHECK(canonical(change.after.at("origins")) == R"(["a","b"])");
    CHECK(canonical(change.parts) == R"({"origins":["b"]})");

    auto const row =
        record_after_write(sample.schema, *sample.prior, change.after,
                           object(R"({"name":"A","origins":["a","b","c"]})"), {}, change.parts)
            .value();
    CHECK(canonical(row.applied.at("origins")) == R"({"$contains":["b"]})");
  }

  TEST_CASE("diff: a list that holds our part is no change, whatever else is in it") {
    Sample sample;
    sample.want(R"({"name":"A","origins":{"$contains":["b"]}})")
        .applied(R"({"name":"A","origins":{"$contains":["b"]}})")
        .is(R"({"name":"A","origins":["x","b"]})");
    CHECK(sample.run().change.action == Action::no_op);
    sample.is(R"({"name":"A","origins":["x"]})");
    auto const drifted = sample.run().change;
    CHECK(drifted.reason == Reason::drifted);
    CHECK(canonical(only(drifted).after) == R"(["b","x"])");
  }

  TEST_CASE("diff: an element that is no longer in our part is taken out of the live list") {
    Sample sample;
    sample.want(R"({"name":"A","origins":{"$contains":["b"]}})")
        .applied(R"({"name":"A","origins":{"$contains":["b","c"]}})")
        .is(R"({"name":"A","origins":["b","c","x"]})");
    CHECK(canonical(only(sample.run().change).after) == R"(["b","x"])");
    // A list that was wholly ours, and now is in part: what was in it is left to others.
    sample.applied(R"({"name":"A","origins":["b","c"]})");
    CHECK(sample.run().change.action == Action::no_op);
  }

  TEST_CASE("diff: references in our part are compared by name") {
    Sample sample;
    sample.want(R"({"name":"A","roles":{"$contains":["author"]}})")
        .applied(R"({"name":"A","roles":{"$contains":["Report author"]}})")
        .is(R"({"name":"A","roles":[{"id":"1","name":"Report author"},{"id":"2","name":"S"}]})");
    CHECK(sample.run().change.action == Action::no_op);
  }

  TEST_CASE("diff: without refresh the part in state stands for what is live") {
    Sample sample;
    sample.want(R"({"name":"A","origins":{"$contains":["b"]}})")
        .applied(R"({"name":"A","origins":{"$contains":["b"]}})");
    auto input = sample.input();
    input.refreshed = false;
    CHECK(diff(input).value().change.action == Action::no_op);
  }

  TEST_CASE("diff: a file that no read tells changes when its content does") {
    auto sample = with_file(false);
    sample.want(R"({"name":"A","logo":"sha256:1"})")
        .applied(R"({"name":"A","logo":"sha256:1"})")
        .is(R"({"name":"A"})");
    CHECK(sample.run().change.action == Action::no_op);
    sample.want(R"({"name":"A","logo":"sha256:2"})");
    auto const change = sample.run().change;
    CHECK(change.reason == Reason::config_changed);
    CHECK(only(change).before == "sha256:1");
    CHECK_FALSE(only(change).sensitive);
  }

  TEST_CASE("record_after_write: how the server tells a file is learned, so it is sent once") {
    auto sample = with_file(true);
    sample.want(R"({"name":"A","logo":"md5:1"})");
    auto const row = record_after_write(sample.schema, {}, object(R"({"name":"A","logo":"md5:1"})"),
                                        object(R"({"name":"A","logo":"etag:x"})"))
                         .value();
    sample.prior = row;
    sample.prior->address = sample.address;
    sample.prior->id = RemoteId("w1");
    sample.is(R"({"name":"A","logo":"etag:x"})");
    CHECK(sample.run().change.action == Action::no_op);
    sample.is(R"({"name":"A","logo":"etag:y"})");
    CHECK(sample.run().change.reason == Reason::drifted);
  }

  TEST_CASE("record_after_part: only what is live counts as applied") {
    auto sample = with_file(false);
    state::ResourceRecord base;
    base.applied = object(R"({"logo":"sha256:1"})");
    auto const row = record_after_part(
        sample.schema, base, object(R"({"name":"A","description":"new","logo":"sha256:2"})"),
        object(R"({"name":"A","description":"old"})"));
    CHECK(canonical(row.applied) == R"({"logo":"sha256:1","name":"A"})");
  }

  TEST_CASE("diff: what every tenant has is taken over without being asked") {
    Sample sample;
    sample.want(R"({"name":"A","description":"mine"})")
        .is(R"({"name":"A","description":"theirs"})");
    sample.live->preset = true;
    CHECK(sample.run().change.action == Action::adopt);
  }

  TEST_CASE("diff: what no call deletes is forgotten with the reason, and never replaced") {
    Sample sample;
    sample.applied(R"({"name":"A"})").is(R"({"name":"A"})");
    auto input = sample.input();
    input.permanent = "widgets are for ever";
    auto const change = diff(input).value().change;
    CHECK(change.action == Action::forget);
    CHECK(change.reason == Reason::no_longer_declared);
    CHECK(change.reason_detail == "widgets are for ever, so it stays as it is");

    sample.want(R"({"name":"A","shape":"round"})").is(R"({"name":"A","shape":"flat"})");
    auto again = sample.input();
    again.permanent = "widgets are for ever";
    auto const refused = diff(again);
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().message.find("widgets are for ever") != std::string::npos);
  }

  TEST_CASE("apply_guards: a destructive update is protected and counted like a delete") {
    Change change;
    change.address = {"acme", "widgets", "main"};
    change.action = Action::update;
    change.prevent_destroy = true;
    change.where = {"tenantry.yaml", 3, 5};
    auto const guard_of = [&](GuardInput const& input) {
      TenantPlan tenant;
      tenant.changes = {change};
      Plan plan;
      plan.tenants = {tenant};
      REQUIRE(apply_guards(plan, input).has_value());
      auto const guard = tenantry::test::change_at(plan, 0).guard;
      return guard ? guard->rule : std::string();
    };
    CHECK(guard_of({}).empty());
    change.destructive = true;
    CHECK(guard_of({}) == "preventDestroy");
    change.prevent_destroy = false;
    GuardInput none;
    none.limits.deletes_max = 0;
    CHECK(guard_of(none) == "policy.maxDeletes");
  }
}

}  // namespace tenantry::plans
