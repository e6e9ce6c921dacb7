#include "plans/diff.hpp"

#include <doctest/doctest.h>

#include "sample.hpp"

namespace tenantry::plans {
namespace {
using test::only;
using test::Sample;

Value secret(std::string const& variable) {
  return make_deferred({{Segment::Kind::variable, variable}});
}

Result<Value> reveal(Value const& value) {
  return resolve_deferred(
      value, [](Segment const& s) -> Result<std::string> { return "revealed-" + s.text; });
}

TEST_SUITE("diff") {
  TEST_CASE("diff: declared, not owned and not live is created with all that is written") {
    auto const out = Sample().want(R"({"name":"A","roles":["author"],"count":null})").run();
    CHECK(out.change.action == Action::create);
    CHECK(out.change.reason == Reason::not_in_state);
    CHECK(out.change.type == "qlik_widgets");
    CHECK(out.change.name == "A");
    CHECK(out.change.where.line == 3);
    CHECK(canonical(out.change.after) == R"({"name":"A","roles":["Report author"]})");
    REQUIRE(out.change.attributes.size() == 2);
    CHECK(out.change.attributes[0].where.line == 4);
    CHECK(out.change.attributes[1].unordered);
    CHECK_FALSE(out.learned.has_value());
  }

  TEST_CASE("diff: equal in all three sides is no change") {
    auto const out =
        Sample()
            .want(R"({"name":"A","origins":["b","a","b"],"roles":["author"],
                      "space":"pipelines","count":1})")
            .applied(R"({"name":"A","origins":["a","b"],"roles":["Report author"],
                         "space":"Pipelines","count":1.0})")
            .is(R"({"name":"A","origins":["a","b"],"count":1.0,"description":"the server's own",
                    "roles":[{"id":"r1","name":"Report author"}],
                    "space":{"id":"s","name":"Pipelines"}})")
            .run();
    CHECK(out.change.action == Action::no_op);
    CHECK(out.change.reason == Reason::none);
    CHECK(out.change.attributes.empty());
    CHECK(out.change.released.empty());
    CHECK_FALSE(out.learned.has_value());
  }

  TEST_CASE("diff: an edit of the YAML is told apart from drift and from both") {
    auto const edited = Sample()
                            .want(R"({"name":"A","description":"new"})")
                            .applied(R"({"name":"A","description":"old"})")
                            .is(R"({"name":"A","description":"old"})")
                            .run();
    CHECK(edited.change.action == Action::update);
    CHECK(edited.change.reason == Reason::config_changed);
    CHECK(only(edited.change).before == "old");
    CHECK(only(edited.change).after == "new");

    auto const drifted = Sample()
                             .want(R"({"name":"A","description":"old"})")
                             .applied(R"({"name":"A","description":"old"})")
                             .is(R"({"name":"A","description":"theirs"})")
                             .run();
    CHECK(drifted.change.action == Action::update);
    CHECK(drifted.change.reason == Reason::drifted);
    CHECK(only(drifted.change).last_applied == "old");
    CHECK(only(drifted.change).drifted);
    CHECK_FALSE(only(drifted.change).config_changed);

    auto const both = Sample()
                          .want(R"({"name":"A","description":"new"})")
                          .applied(R"({"name":"A","description":"old"})")
                          .is(R"({"name":"A","description":"theirs"})")
                          .run();
    CHECK(both.change.reason == Reason::config_and_drift);
    CHECK(only(both.change).drifted);
    CHECK(only(both.change).config_changed);
  }

  TEST_CASE("diff: until it is changed, an object depends on what it did") {
    Sample sample;
    sample.want(R"({"name":"B"})").applied(R"({"name":"A"})").is(R"({"name":"A"})");
    sample.prior->depends_on = {{"acme", "roles", "author"}};
    auto const changed = sample.run();
    CHECK(changed.change.action == Action::update);
    CHECK_FALSE(changed.learned.has_value());
    sample.want(R"({"name":"A"})");
    auto const same = sample.run();
    REQUIRE(same.learned.has_value());
    CHECK(same.learned->depends_on.empty());
  }

  TEST_CASE("diff: live that came to be what the YAML now says is learned, not written") {
    auto const out = Sample()
                         .want(R"({"name":"B","enabled":true})")
                         .applied(R"({"name":"A"})")
                         .is(R"({"name":"B","enabled":true})")
                         .run();
    CHECK(out.change.action == Action::no_op);
    REQUIRE(out.learned.has_value());
    CHECK(canonical(out.learned->applied) == R"({"enabled":true,"name":"B"})");
  }

  TEST_CASE(
      "diff: a server that changes only the form is learned, and later compared in that form") {
    Sample sample;
    sample.want(R"({"name":"A","origins":["https://A.example/"]})")
        .applied(R"({"name":"A","origins":["https://A.example/"]})")
        .is(R"({"name":"A","origins":["https://a.example"]})");
    auto const first = sample.run();
    CHECK(first.change.action == Action::no_op);
    REQUIRE(first.learned.has_value());
    CHECK(canonical(first.learned->observed) == R"({"origins":["https://a.example"]})");

    sample.prior = first.learned;
    auto const second = sample.run();
    CHECK(second.change.action == Action::no_op);
    CHECK_FALSE(second.learned.has_value());

    sample.is(R"({"name":"A","origins":["https://A.EXAMPLE"]})");
    auto const third = sample.run();
    CHECK(third.change.action == Action::update);
    CHECK(third.change.reason == Reason::drifted);
  }

  TEST_CASE("diff: a change of form in the YAML is a change") {
    auto const out = Sample()
                         .want(R"({"name":"analysts"})")
                         .applied(R"({"name":"Analysts"})")
                         .is(R"({"name":"Analysts"})")
                         .run();
    CHECK(out.change.action == Action::update);
    CHECK(out.change.reason == Reason::config_changed);
  }

  TEST_CASE("diff: the order of a list counts, that of a set does not") {
    Sample sample;
    sample.want(R"({"name":"A","steps":["b","a"]})")
        .applied(R"({"name":"A","steps":["a","b"]})")
        .is(R"({"name":"A","steps":["a","b"]})");
    CHECK(sample.run().change.action == Action::update);
    sample.want(R"({"name":"A","origins":["b","a"]})")
        .applied(R"({"name":"A","origins":["a","b"]})")
        .is(R"({"name":"A","origins":["b","a"]})");
    CHECK(sample.run().change.action == Action::no_op);
  }

  TEST_CASE("diff: of an object only written members count") {
    Sample sample;
    sample.want(R"({"name":"A","limits":{"low":1,"tags":["y","x"]}})")
        .applied(R"({"name":"A","limits":{"low":1,"tags":["x","y"]}})")
        .is(R"({"name":"A","limits":{"low":1,"high":9,"tags":["x","y"]}})");
    CHECK(sample.run().change.action == Action::no_op);
    sample.is(R"({"name":"A","limits":{"low":2,"high":9,"tags":["x","y"]}})");
    CHECK(sample.run().change.reason == Reason::drifted);
  }

  TEST_CASE("diff: an attribute that is no longer written is released with its live value") {
    Sample sample;
    sample.want(R"({"name":"A"})")
        .applied(R"({"name":"A","description":"d"})")
        .is(R"({"name":"A","description":"live"})");
    auto const alone = sample.run();
    CHECK(alone.change.action == Action::release);
    CHECK(alone.change.reason == Reason::attributes_released);
    REQUIRE(alone.change.released.size() == 1);
    CHECK(alone.change.released[0].name == "description");
    CHECK(alone.change.released[0].before == "live");
    CHECK_FALSE(alone.change.after.contains("description"));

    sample.want(R"({"name":"B"})");
    auto const besides = sample.run();
    CHECK(besides.change.action == Action::update);
    CHECK(besides.change.released.size() == 1);
    CHECK(only(besides.change).name == "name");

    auto const row =
        record_after_write(sample.schema, *sample.prior, alone.change.after, Object{}).value();
    CHECK(canonical(row.applied) == R"({"name":"A"})");
    sample.want(R"({"name":"A"})");
    sample.prior = row;
    CHECK(sample.run().change.action == Action::no_op);
  }

  TEST_CASE("diff: a member that is no longer written is released by its path") {
    auto const out = Sample()
                         .want(R"({"name":"A","limits":{"low":1}})")
                         .applied(R"({"name":"A","limits":{"low":1,"high":9}})")
                         .is(R"({"name":"A","limits":{"low":1,"high":9}})")
                         .run();
    CHECK(out.change.action == Action::release);
    REQUIRE(out.change.released.size() == 1);
    CHECK(out.change.released[0].name == "limits.high");
    CHECK(out.change.released[0].before == 9);
  }

  TEST_CASE("diff: ignoreChanges lets the live value stand after the creation") {
    Sample sample;
    sample.want(R"({"name":"A","description":"first"})");
    sample.desired->lifecycle.ignore_changes = {"description"};
    CHECK(sample.run().change.after.contains("description"));

    sample.applied(R"({"name":"A","description":"first"})")
        .is(R"({"name":"A","description":"theirs"})");
    auto const out = sample.run();
    CHECK(out.change.action == Action::no_op);
    CHECK(out.change.drift_only.empty());
    CHECK(out.change.after.at("description") == "theirs");
    CHECK(out.change.left_alone == std::vector<std::string>{"description"});
  }

  TEST_CASE("diff: policy.drift decides between revert, report and ignore") {
    Sample sample;
    sample.want(R"({"name":"A","description":"mine"})")
        .applied(R"({"name":"A","description":"mine"})")
        .is(R"({"name":"A","description":"theirs"})");
    auto input = sample.input();
    input.drift = [](std::string const&) { return DriftMode::report; };
    auto const reported = diff(input).value().change;
    CHECK(reported.action == Action::no_op);
    REQUIRE(reported.drift_only.size() == 1);
    CHECK(reported.drift_only[0].before == "theirs");

    input.drift = [](std::string const&) { return DriftMode::ignore; };
    auto const ignored = diff(input).value().change;
    CHECK(ignored.action == Action::no_op);
    CHECK(ignored.drift_only.empty());

    sample.want(R"({"name":"A","description":"edited"})");
    auto again = sample.input();
    again.drift = [](std::string const&) { return DriftMode::report; };
    auto const edited = diff(again).value().change;
    CHECK(edited.action == Action::update);
    CHECK(edited.reason == Reason::config_and_drift);
  }

  TEST_CASE("diff: drift that is let be is still known after another attribute was written") {
    Sample sample;
    sample.want(R"({"name":"B","description":"mine"})")
        .applied(R"({"name":"A","description":"mine"})")
        .is(R"({"name":"A","description":"theirs"})");
    auto input = sample.input();
    input.drift = [](std::string const&) { return DriftMode::report; };
    auto const change = diff(input).value().change;
    CHECK(only(change).name == "name");
    CHECK(change.after.at("description") == "theirs");
    auto const row = record_after_write(sample.schema, *sample.prior, change.after,
                                        test::object(R"({"name":"B","description":"theirs"})"),
                                        change.left_alone)
                         .value();
    CHECK(canonical(row.applied) == R"({"description":"mine","name":"B"})");
  }

  TEST_CASE("diff: an attribute that cannot change replaces the object") {
    Sample sample;
    sample.want(R"({"name":"A","shape":"round","description":"mine","password":"p"})")
        .applied(R"({"name":"A","shape":"flat","description":"mine"})")
        .is(R"({"name":"A","shape":"flat","description":"theirs"})");
    sample.desired->lifecycle.ignore_changes = {"description"};
    auto const out = sample.run();
    CHECK(out.change.action == Action::replace);
    CHECK(out.change.reason == Reason::attribute_cannot_change);
    CHECK(out.change.reason_detail == "`shape` cannot change");
    CHECK(out.change.after.at("description") == "mine");  // it is made anew
    CHECK(out.change.secrets.contains("password"));
    auto const shape = std::ranges::find(out.change.attributes, "shape", &AttributeChange::name);
    REQUIRE(shape != out.change.attributes.end());
    CHECK(shape->forces_replace);
  }

  TEST_CASE("diff: --replace replaces what has no difference") {
    Sample sample;
    sample.want(R"({"name":"A"})").applied(R"({"name":"A"})").is(R"({"name":"A"})");
    auto input = sample.input();
    input.replace = true;
    auto const out = diff(input).value();
    CHECK(out.change.action == Action::replace);
    CHECK(out.change.reason == Reason::replace_requested);
  }

  TEST_CASE("diff: an attribute that nothing can change is an error with place and reason") {
    Sample sample;
    sample.want(R"({"name":"A","platform":"X"})")
        .applied(R"({"name":"A","platform":"Y"})")
        .is(R"({"name":"A","platform":"Y"})");
    auto const out = diff(sample.input());
    REQUIRE_FALSE(out.has_value());
    CHECK(out.error().code == Errc::invalid);
    CHECK(out.error().message ==
          "tenantry.yaml:4:7: `platform` of acme/widgets/main cannot change (live \"Y\", wanted "
          "\"X\"): the API has no call for it");

    sample.prior.reset();
    sample.live.reset();
    CHECK(sample.run().change.action == Action::create);
  }

  TEST_CASE("diff: a secret is compared by its digest and is nowhere in the change") {
    Sample sample;
    sample.want(R"({"name":"A"})").applied(R"({"name":"A"})").is(R"({"name":"A"})");
    sample.desired->attributes["password"] = secret("pw");
    auto input = sample.input();
    input.reveal = reveal;
    auto const first = diff(input).value().change;
    CHECK(first.action == Action::update);
    CHECK(only(first).sensitive);
    CHECK(only(first).before.is_null());
    CHECK(only(first).after.is_null());
    CHECK(text_at(first.secrets, "password") == secret_mark("s1", Value("revealed-pw")));
    CHECK(is_sensitive(first.after.at("password")));

    sample.prior->secrets = first.secrets;
    input.salt = "another run's";  // the record's own salt counts
    CHECK(diff(input).value().change.action == Action::no_op);

    sample.desired->attributes["password"] = secret("other");
    auto const changed = diff(input).value().change;
    CHECK(changed.action == Action::update);
    CHECK(text_at(changed.secrets, "password").starts_with("another run's:"));

    input.reveal = {};  // without credentials a known secret counts as the same
    CHECK(diff(input).value().change.action == Action::no_op);
  }

  TEST_CASE(
      "diff: a secret that the YAML holds literally is withheld and put back before it is sent") {
    Sample sample;
    sample.want(R"({"name":"A","password":"plain-secret"})");
    auto change = sample.run().change;
    CHECK(canonical(change.after).find("plain-secret") == std::string::npos);
    CHECK(is_withheld(change.after.at("password")));
    CHECK(restore_withheld(change.after, sample.desired->attributes).has_value());
    CHECK(change.after.at("password") == "plain-secret");
    auto stale = sample.run().change.after;
    auto const failed = restore_withheld(stale, Object{});
    REQUIRE_FALSE(failed.has_value());
    CHECK(failed.error().code == Errc::stale);
  }

  TEST_CASE("diff: a secret that is no longer written is released without its value") {
    Sample sample;
    sample.want(R"({"name":"A"})").applied(R"({"name":"A"})").is(R"({"name":"A"})");
    sample.prior->secrets["password"] = "s:d";
    auto const change = sample.run().change;
    CHECK(change.action == Action::release);
    CHECK(change.released.at(0).sensitive);
    CHECK(change.released.at(0).before.is_null());
  }

  TEST_CASE("diff: a value that is known only after apply is a difference") {
    Sample sample;
    sample.want(R"({"name":"A"})")
        .applied(R"({"name":"A","description":"x"})")
        .is(R"({"name":"A","description":"x"})");
    sample.desired->attributes["description"] =
        make_deferred({{Segment::Kind::text, "https://"}, {Segment::Kind::tenant, "hostname"}});
    auto const change = sample.run().change;
    CHECK(change.action == Action::update);
    CHECK(is_unknown(only(change).after));
  }

  TEST_CASE("diff: without refresh the state stands for what is live") {
    Sample sample;
    sample.want(R"({"name":"A","description":"new"})")
        .applied(R"({"name":"A","description":"Old"})")
        .observed(R"({"description":"old"})");
    auto input = sample.input();
    input.refreshed = false;
    auto const change = diff(input).value().change;
    CHECK(change.action == Action::update);
    CHECK(change.reason == Reason::config_changed);
    CHECK(only(change).before == "old");
    CHECK(change.before.at("description") == "old");

    sample.want(R"({"name":"A","description":"Old"})");
    auto again = sample.input();
    again.refreshed = false;
    auto const same = diff(again).value();
    CHECK(same.change.action == Action::no_op);
    CHECK_FALSE(same.learned.has_value());
  }

  TEST_CASE("diff: without refresh the state says what the kind goes by") {
    Sample sample;
    sample.want(R"({"name":"B","shape":"flat"})").applied(R"({"name":"A","shape":"flat"})");
    auto input = sample.input();
    input.refreshed = false;
    input.on_change = [](Attribute const& attribute, Object const& live) -> ChangeRule {
      bool const fixed = attribute.name == "name" && live.at("shape") == "flat";
      return {fixed ? OnChange::replace : attribute.on_change, {}};
    };
    CHECK(diff(input).value().change.action == Action::replace);
  }

  TEST_CASE("diff: a changed protection or order alone is stored without a call") {
    Sample sample;
    sample.want(R"({"name":"A"})").applied(R"({"name":"A"})").is(R"({"name":"A"})");
    sample.desired->lifecycle.prevent_destroy = true;
    auto const out = sample.run();
    CHECK(out.change.action == Action::no_op);
    REQUIRE(out.learned.has_value());
    CHECK(out.learned->prevent_destroy);
  }

  TEST_CASE("diff: an empty text is what a server that leaves it out has kept") {
    auto const out = Sample()
                         .want(R"({"name":"A","description":"","origins":[]})")
                         .applied(R"({"name":"A","description":"","origins":[]})")
                         .is(R"({"name":"A"})")
                         .run();
    CHECK(out.change.action == Action::no_op);
  }

  TEST_CASE("diff: the tenant itself is never deleted or replaced by a diff") {
    Sample sample;
    sample.schema.section.clear();
    sample.address = {"acme", {}, {}};
    sample.want(R"({"name":"A"})").applied(R"({"name":"A"})").is(R"({"name":"A"})");
    auto input = sample.input();
    input.destroy = input.replace = true;
    CHECK(diff(input).value().change.action == Action::no_op);
    sample.desired.reset();
    CHECK(sample.run().change.action == Action::no_op);
  }
}

TEST_SUITE("same_but_for_form") {
  TEST_CASE(
      "same_but_for_form: case, order and one trailing slash are form, everything else is value") {
    auto const same = [](std::string_view a, std::string_view b) {
      return same_but_for_form(parse_json(a).value(), parse_json(b).value());
    };
    CHECK(same(R"("A")", R"("a")"));
    CHECK(same(R"("https://a/")", R"("https://a")"));
    CHECK(same(R"(["b","A"])", R"(["a","b"])"));
    CHECK(same(R"({"x":["B"]})", R"({"x":["b"]})"));
    CHECK_FALSE(same(R"("https://a//")", R"("https://a")"));
    CHECK_FALSE(same(R"("a ")", R"("a")"));
    CHECK_FALSE(same(R"(["a"])", R"(["a","a"])"));
    CHECK_FALSE(same("1", "2"));
    CHECK_FALSE(same("1", R"("1")"));
    CHECK_FALSE(same(R"({"x":1})", R"({"x":1,"y":2})"));
  }
}

}  // namespace
}  // namespace tenantry::plans
