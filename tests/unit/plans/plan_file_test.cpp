#include "plans/plan_file.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include "engine/core/digest.hpp"
#include "random_plan.hpp"
#include "sample.hpp"
#include "tests/support/plan_tenants.hpp"
#include "tests/support/temp_folder.hpp"

namespace tenantry::plans {
namespace {

/// `text` with `from` replaced once and the digest made to fit: what a forger would do.
std::string forged(std::string text, std::string const& from, std::string const& to) {
  auto const at = text.find(from);
  REQUIRE(at != std::string::npos);
  text.replace(at, from.size(), to);
  auto const body = text.substr(0, text.rfind(",\n  \"digest\""));
  return body + ",\n  \"digest\": \"" + sha256_hex(body) + "\"\n}\n";
}

Plan small_plan() {
  Plan plan;
  TenantPlan tenant;
  tenant.key = "acme";
  tenant.hostname = "acme.eu.qlikcloud.com";
  tenant.region = "eu";
  Change change;
  change.address = {"acme", "widgets", "main"};
  change.action = Action::update;
  change.after["name"] = "A";
  tenant.changes.push_back(change);
  plan.tenants = {tenant};
  return plan;
}

TEST_SUITE("plan_file") {
  TEST_CASE("a tenant of a wave that the plan does not have is refused, and so is no name") {
    Plan plan;
    plan.waves = {{"canary", 1, 0}, {"rest", 2, 1}};
    TenantPlan acme;
    acme.key = "acme";
    acme.wave = "rest";
    plan.tenants = {acme};
    auto const read = from_file_text(to_file_text(plan).value());
    REQUIRE(read.has_value());
    CHECK(read->waves == plan.waves);
    CHECK(read->tenants[0].wave == "rest");
    plan.tenants.set_wave(0, "later");
    CHECK_FALSE(from_file_text(to_file_text(plan).value()).has_value());
    plan.waves.clear();
    CHECK_FALSE(from_file_text(to_file_text(plan).value()).has_value());
    plan.tenants = {};
    plan.waves = {{"\x1b[2J", 1, 0}};
    CHECK_FALSE(from_file_text(to_file_text(plan).value()).has_value());
  }

  TEST_CASE("from_file_text: gives back every plan exactly") {
    for (unsigned seed = 0; seed < 60; ++seed) {
      CAPTURE(seed);
      auto const text = to_file_text(test::RandomPlan(seed).make()).value();
      auto const plan = from_file_text(text);
      REQUIRE_MESSAGE(plan.has_value(), plan.error().message);
      CHECK(to_file_text(*plan).value() == text);
    }
  }

  TEST_CASE("from_file_text: a torn, edited or foreign text is refused with what to do") {
    auto const text = to_file_text(small_plan()).value();
    for (std::size_t size = 0; size + 2 < text.size(); size += 7) {
      auto const torn = from_file_text(std::string_view(text).substr(0, size));
      REQUIRE_FALSE(torn.has_value());
      CHECK(torn.error().code == Errc::corrupt);
    }
    auto edited = text;
    edited.replace(edited.find("\"A\""), 3, "\"B\"");
    auto const refused = from_file_text(edited);
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().message.find("edited") != std::string::npos);
    CHECK_FALSE(refused.error().hint.empty());
    CHECK_FALSE(from_file_text("{}").has_value());
    CHECK_FALSE(from_file_text("[]").has_value());
    CHECK_FALSE(from_file_text(R"({"tenantry_plan":2})").has_value());
    CHECK_FALSE(from_file_text(R"({"tenantry_plan":1,"x":1e999,"digest":""})").has_value());
    CHECK_FALSE(from_file_text(std::string(100000, '[')).has_value());
  }

  TEST_CASE("from_file_text: a forged plan with a fitting digest is checked all the same") {
    auto const text = to_file_text(small_plan()).value();
    CHECK(from_file_text(forged(text, "\"A\"", "\"B\"")).has_value());
    std::vector<std::pair<std::string, std::string>> const forgeries{
        {"\"update\"", "\"explode\""},
        {"\"acme/widgets/main\"", "\"other/widgets/main\""},
        {"\"acme/widgets/main\"", "\"acme//main\""},
        {"\"acme.eu.qlikcloud.com\"", "\"evil.example/?\""},
        {"\"key\": \"acme\"", "\"key\": \"a/b\""},
        {"\"serial\": 0", "\"serial\": -1"},
        {"\"serial\": 0", "\"serial\": \"0\""},
        {"\"after\": {", "\"after\": null, \"x\": {"},
        {"\"dependsOn\": []", "\"dependsOn\": [1]"},
        {"\"dependsOn\": []", "\"dependsOn\": [\"globex\"]"},
        {"\"attributes\": []", "\"attributes\": [{}]"},
        {"\"secrets\": {}", "\"secrets\": {\"p\": {}}"},
        {"\"destroy\": false", "\"destroy\": null"},
        {"\"guard\": null", "\"guard\": {\"rule\": \"x\"}"}};
    for (auto const& [from, to] : forgeries) {
      CAPTURE(to);
      auto const plan = from_file_text(forged(text, from, to));
      REQUIRE_FALSE(plan.has_value());
      CHECK(plan.error().code == Errc::corrupt);
    }
  }

  TEST_CASE("to_file_text: a secret is nowhere in it, neither as it is nor in base64") {
    test::Sample sample;
    sample.want(R"({"name":"A"})").applied(R"({"name":"A"})").is(R"({"name":"A"})");
    sample.desired->attributes["password"] = make_deferred({{Segment::Kind::variable, "password"}});
    auto input = sample.input();
    input.reveal = [](Value const& value) {
      return resolve_deferred(
          value, [](Segment const&) -> Result<std::string> { return "planted-secret"; });
    };
    auto plan = small_plan();
    auto by_variable = diff(input).value().change;
    sample.want(R"({"name":"A","password":"planted-secret"})");
    auto literal = sample.run().change;
    literal.address.key = "other";
    tenantry::test::edit_tenant(
        plan, 0, [&](TenantPlan& tenant) { tenant.changes = {by_variable, literal}; });
    auto const text = to_file_text(plan).value();
    CHECK(text.find("planted-secret") == std::string::npos);
    CHECK(text.find("cGxhbnRlZC1zZWNyZXQ") == std::string::npos);
    CHECK(text.find("s1:") != std::string::npos);
  }

  TEST_CASE("check_seal: only the state that a plan was made with can have sealed it") {
    tenantry::test::TempFolder const folder;
    auto const sealed = to_file_text(small_plan(), "salt").value();
    auto const read = [&](std::string const& text) {
      return read_saved_plan(folder.write("a.plan", text));
    };
    REQUIRE(read(sealed).has_value());
    CHECK(read(sealed)->check_seal("salt").has_value());
    CHECK_FALSE(read(sealed)->check_seal("other").has_value());
    CHECK_FALSE(read(sealed)->check_seal("").has_value());
    CHECK_FALSE(read(to_file_text(small_plan()).value())->check_seal("salt").has_value());
    auto const edited = read(forged(sealed, "\"A\"", "\"B\""));
    REQUIRE(edited.has_value());
    CHECK_FALSE(edited->check_seal("salt").has_value());
    // The seal of another plan does not fit either.
    auto const seal = sealed.substr(sealed.rfind("\",\n  \"seal\""));
    auto text = forged(sealed, "\"A\"", "\"B\"");
    text.replace(text.rfind("\"\n}\n"), std::string::npos, seal);
    auto const moved = read(text);
    REQUIRE(moved.has_value());
    CHECK_FALSE(moved->seal.empty());
    CHECK_FALSE(moved->check_seal("salt").has_value());
  }

  TEST_CASE("write_plan: the file is private, and read_plan names it where it is bad") {
    tenantry::test::TempFolder const folder;
    auto const path = folder.path() / "a.plan";
    REQUIRE(write_plan(path, small_plan()).has_value());
    struct stat info{};
    REQUIRE(::stat(path.c_str(), &info) == 0);
    CHECK((info.st_mode & 0777) == 0600);
    CHECK(read_plan(path).has_value());
    auto const bad = read_plan(folder.write("b.plan", "{"));
    REQUIRE_FALSE(bad.has_value());
    CHECK(bad.error().message.find("b.plan") != std::string::npos);
    CHECK(read_plan(folder.path() / "none").error().code == Errc::not_found);
  }

  TEST_CASE("check_change: a plan cannot send a secret to an attribute that everybody sees") {
    auto const schema = test::sample_schema();
    Change change;
    change.after["password"] = make_deferred({{Segment::Kind::variable, "licenseKey"}});
    CHECK(check_change(schema, change).has_value());
    change.after["description"] = change.after["password"];
    CHECK(check_change(schema, change).error().code == Errc::corrupt);
    change.after = {{"nonsense", 1}};
    CHECK_FALSE(check_change(schema, change).has_value());
    change.after = {{"id", "forged"}};
    CHECK_FALSE(check_change(schema, change).has_value());
  }
}
}  // namespace
}  // namespace tenantry::plans
