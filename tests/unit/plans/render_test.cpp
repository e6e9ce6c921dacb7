#include "plans/render.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>

#include "engine/core/text.hpp"
#include "plans/attribute_lines.hpp"
#include "plans/guards.hpp"
#include "sample_plan.hpp"
#include "tests/support/golden.hpp"
#include "tests/support/plan_tenants.hpp"

namespace tenantry::plans {
namespace {
using tenantry::test::edit_change;
using tenantry::test::golden;
using tenantry::test::packed;
using tenantry::test::tenants_of;

void edit_description(Plan& plan, std::size_t tenant, std::string const& text) {
  edit_change(plan, tenant, [&](Change& change) { change.attributes.at(0).after = text; });
}

bool has(std::string const& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

std::string attribute_text(Value before, Value after, bool unordered = false) {
  Paper paper(TextOptions{});
  auto change = test::attribute("a", std::move(before), std::move(after));
  change.unordered = unordered;
  print_attribute(paper, 0, change);
  return paper.take();
}

TEST_SUITE("render") {
  TEST_CASE("to_text: every kind of change, as in the golden file") {
    auto const text = to_text(test::varied_plan(), {}).value();
    CHECK(text == golden("unit/plans/golden/varied.txt", text));
    CHECK_FALSE(has(text, "\x1b"));
    CHECK_FALSE(has(text, "pipelines"));  // a no-op is not listed
  }

  TEST_CASE("to_text: colours are the action's, and only where asked") {
    auto const text = to_text(test::varied_plan(), {.color = true}).value();
    CHECK(has(text, "\x1b[32m  +\x1b[0m"));
    CHECK(has(text, "\x1b[33m  ~\x1b[0m"));
    CHECK(has(text, "\x1b[31m  -\x1b[0m"));
    CHECK(has(text, "\x1b[35m-/+\x1b[0m"));
    CHECK(has(text, "\x1b[36m  >\x1b[0m"));
  }

  TEST_CASE("to_text: fifty tenants with one edit fit one screen") {
    auto const text = to_text(test::fleet_plan(50), {}).value();
    CHECK(text == golden("unit/plans/golden/fleet.txt", text));
    CHECK(std::ranges::count(text, '\n') < 24);
    CHECK(has(text, "50 tenants: the same 2 updates"));
    CHECK(has(text, "${tenant.key}-analysts"));
    CHECK(has(text, "https://${tenant.hostname}"));
    CHECK(has(text, "and 45 more"));
  }

  TEST_CASE("a plan of a shard says which share of the fleet it is") {
    auto plan = test::fleet_plan(3);
    plan.fleet_size = 12;
    CHECK_FALSE(has(to_text(plan, {}).value(), "Shard"));
    CHECK_FALSE(parse_json(to_terraform_json(plan).value())
                    .value()
                    .at("tenantry")
                    .get_object()
                    .contains("shard"));
    plan.shard = Shard{2, 4};
    CHECK(has(to_text(plan, {}).value(), "\nShard 2 of 4: 3 of 12 tenants.\nPlan: "));
    CHECK(
        canonical(parse_json(to_terraform_json(plan).value()).value().at("tenantry").at("shard")) ==
        R"({"count":4,"fleet_size":12,"index":2})");
  }

  TEST_CASE("tenants that nobody manages are listed, shown harmlessly, and no change") {
    Plan plan;
    CHECK_FALSE(has(to_text(plan, {}).value(), "organization"));
    plan.unmanaged.emplace();
    CHECK(has(to_text(plan, {}).value(), "No tenant of the organization is unmanaged."));
    plan.unmanaged->push_back(
        {RemoteId("id-1"), "x.us.qlikcloud.com", "St\x1bray", "us", "active"});
    auto const text = to_text(plan, {}).value();
    CHECK(has(text,
              "1 tenant of the organization, managed by nobody\n"
              "  x.us.qlikcloud.com \"St\\x1bray\" (id id-1, us, active)\n"));
    CHECK(has(text, "No changes."));
    CHECK_FALSE(plan.has_changes());
    CHECK(canonical(
              parse_json(to_terraform_json(plan).value()).value().at("tenantry").at("unmanaged")) ==
          R"([{"hostname":"x.us.qlikcloud.com","id":"id-1","name":"St\u001bray",)"
          R"("region":"us","status":"active"}])");
  }

  TEST_CASE("to_text: the odd ones come first and in full") {
    auto plan = test::fleet_plan(20);
    edit_description(plan, 7, "something else");
    auto const text = to_text(plan, {}).value();
    CHECK(text.starts_with("c0007 (c0007.eu.qlikcloud.com, eu)\n"));
    CHECK(has(text, "19 tenants: the same 2 updates; 1 differs (above)"));
  }

  TEST_CASE("to_text: what destroys is never hidden behind a number") {
    Plan plan;
    for (int i = 0; i < 30; ++i) {
      auto const key = fmt::format("c{:04}", i);
      auto const tenant =
          test::tenant(key, {test::change_of({key, "spaces", "old"}, Action::delete_,
                                             Reason::no_longer_declared, "Old")});
      REQUIRE(plan.tenants.add(tenant).has_value());
    }
    GuardInput input;
    auto text = to_text(plan, {}).value();
    CHECK(has(text, "30 tenants: the same 1 deletion"));
    for (auto const& tenant : plan.tenants) CHECK(has(text, tenant.key));
    input.limits.deletes_max = 3;
    apply_guards(plan, input);
    text = to_text(plan, {}).value();
    for (auto const& tenant : tenants_of(plan)) {
      CHECK(has(text, "--acknowledge " + digest_of(tenant.changes[0])));
    }
  }

  TEST_CASE("to_text: tenants are told apart by whole words of their key alone") {
    auto plan = test::fleet_plan(2);
    edit_description(plan, 0, "c0000x");
    edit_description(plan, 1, "c0001x");
    CHECK_FALSE(has(to_text(plan, {}).value(), "2 tenants"));
    edit_description(plan, 0, "x c0000.");
    edit_description(plan, 1, "x c0001.");
    CHECK(has(to_text(plan, {}).value(), "2 tenants"));
    CHECK_FALSE(has(to_text(plan, {.groups_of = 3}).value(), "2 tenants"));
  }

  TEST_CASE("to_text: no changes are said in a line") {
    CHECK(to_text(Plan{}, {}).value() ==
          "No changes.\nCost: no reads, no writes; no wait at Qlik's rate limits.\n");
  }

  TEST_CASE("print_attribute: each kind of value in its form") {
    CHECK(attribute_text("x", "y") == "~ a: \"x\" -> \"y\"\n");
    CHECK(attribute_text(nullptr, 1) == "+ a: 1\n");
    CHECK(attribute_text(true, false) == "~ a: true -> false\n");
    CHECK(attribute_text(nullptr, Array{}) == "+ a: []\n");
    CHECK(attribute_text(Array{"x", "y"}, Array{"y", "z"}, true) ==
          "~ a:\n    - \"x\"\n    + \"z\"\n      (1 element unchanged)\n");
    CHECK(attribute_text(Array{"x", "y"}, Array{"y", "x"}) ==
          "~ a: [\"x\", \"y\"] -> [\"y\", \"x\"]  # order\n");
    CHECK(attribute_text(Object{{"l", 1}, {"m", 1}}, Object{{"l", 2}, {"m", 1}}) ==
          "~ a.l: 1 -> 2\n");
    CHECK(attribute_text(nullptr, Object{{"l", Object{{"m", 2}}}}) == "+ a.l.m: 2\n");
    CHECK(attribute_text("one\ntwo", "one\nthree\n") ==
          "~ a:\n    - two\n    + three\n    + \n      (1 line unchanged)\n");
    CHECK(attribute_text(nullptr, test::hostname_deferred()) ==
          "+ a: (known after apply: https://${tenant.hostname})\n");
    CHECK(attribute_text("x", make_deferred({{Segment::Kind::variable, "v"}})) ==
          "~ a: \"x\" -> (sensitive)\n");
  }

  TEST_CASE("print_attribute: long texts are cut with a count, in characters and not in bytes") {
    std::string umlauts;
    for (int i = 0; i < 300; ++i) umlauts += "ü";
    auto const text = attribute_text(nullptr, Value(umlauts));
    CHECK(is_utf8(text));
    CHECK(length_in_characters(text) <= 101);
    CHECK(has(text, " more characters)"));
  }

  TEST_CASE("print_attribute: what differs is seen, however much is equal in front of it") {
    std::string const equal(500, 'x');
    SUBCASE("a text") {
      CHECK(attribute_text(Value(equal + "-old"), Value(equal + "-new")) ==
            "~ a: \"...xxxxxxx-old\" -> \"...xxxxxxx-new\"\n");
    }
    SUBCASE("and much behind it") {
      auto const text = attribute_text(Value(equal + "old" + equal), Value(equal + "new" + equal));
      CHECK(has(text, "xxold"));
      CHECK(has(text, "xxnew"));
      CHECK(length_in_characters(text) < 110);
    }
    SUBCASE("characters of several bytes") {
      std::string umlauts;
      for (int i = 0; i < 300; ++i) umlauts += "ü";
      auto const text = attribute_text(Value(umlauts + "ä"), Value(umlauts + "ö"));
      CHECK(is_utf8(text));
      CHECK(has(text, "üä\""));
      CHECK(has(text, "üö\""));
    }
    SUBCASE("one that is whole and one that is cut") {
      std::string const some(30, 'x');
      auto const text = attribute_text(Value(some + "old"), Value(some + "new" + equal));
      CHECK(has(text, "xold\""));
      CHECK(has(text, "xnewx"));
    }
    SUBCASE("lines") {
      auto const text =
          attribute_text(Value("1\n" + equal + "old\n"), Value("1\n" + equal + "new\n"));
      CHECK(has(text, "- ...xxxxxxxxold\n"));
      CHECK(has(text, "+ ...xxxxxxxxnew\n"));
    }
    SUBCASE("elements") {
      auto const text =
          attribute_text(Value(Array{Value(equal + "old")}), Value(Array{Value(equal + "new")}));
      CHECK(has(text, "- \"...xxxxxxxxold\""));
      CHECK(has(text, "+ \"...xxxxxxxxnew\""));
    }
  }

  TEST_CASE("print_attribute: nothing from outside can move the cursor") {
    auto const text = attribute_text("\x1b[2J", "a\u202eb");
    CHECK_FALSE(has(text, "\x1b"));
    CHECK_FALSE(has(text, "\u202e"));
  }

  TEST_CASE("summary_line: counts actions, guards, drift and failures") {
    CHECK(summary_line(test::varied_plan()) ==
          "Plan: 2 to create, 1 to update, 1 to replace, 1 to delete, 1 to adopt, "
          "1 to deactivate, 1 to release, 1 to forget. 1 resource drifted. 2 tenants stopped by a "
          "guard. 1 tenant could not be planned.");
  }

  TEST_CASE("waves are told with their tenants and counts, in text and in JSON") {
    auto plan = test::varied_plan();
    auto const without = to_text(plan, {}).value();
    CHECK_FALSE(has(without, "Wave "));
    CHECK(parse_json(to_terraform_json(plan).value())
              .value()
              .at("tenantry")
              .as_object()
              .if_contains("waves") == nullptr);
    plan.waves = {{"canary", 3, 0}, {"later", 10, 1}, {"rest", 597, 11}};
    std::size_t changed = 0;
    auto tenants = tenants_of(plan);
    for (auto& tenant : tenants) {
      tenant.wave = "rest";
      changed += tenant.has_changes();
    }
    tenants.front().wave = "canary";
    tenants.front().changes.clear();
    tenants.front().moves.clear();
    plan.tenants = packed(tenants);
    auto const text = to_text(plan, {.width = 200}).value();
    CHECK(has(text, "\nWave canary (3 tenants, none may fail): nothing to do.\n"));
    CHECK(has(text, "\nWave rest (597 tenants, up to 11 may fail): "));
    CHECK_FALSE(has(text, "Wave later"));  // the plan has none of its tenants
    auto const own = parse_json(to_terraform_json(plan).value()).value().at("tenantry").as_object();
    auto const& rest = own.at("waves").as_array().at(2).as_object();
    CHECK(rest.at("tenants").as_int64() == 597);
    CHECK(rest.at("failures_max").as_int64() == 11);
    CHECK(rest.at("tenants_with_changes").to_number<std::size_t>() <= changed);
    CHECK(text_at(own.at("tenants").as_array().front().as_object(), "wave") == "canary");
  }

  TEST_CASE("cost_line: the slowest tenant or register host decides") {
    std::vector<TenantPlan> tenants(2);
    auto const line = [&] {
      Plan plan;
      plan.tenants = packed(tenants);
      return cost_line(plan);
    };
    tenants[0].region = tenants[1].region = "eu";
    tenants[0].cost = {12, 500, 0};
    CHECK(line() == "Cost: 12 reads, 500 writes; no wait at Qlik's rate limits.");
    tenants[0].cost.writes = 501;
    CHECK(has(line(), "about 5 min"));
    tenants[0].cost = tenants[1].cost = {0, 0, 400};
    CHECK(has(line(), "800 writes; about 5 min"));
    tenants[1].region = "us";
    CHECK(has(line(), "no wait"));
    tenants[0].cost = {0, 7000, 0};
    CHECK(has(line(), "about 1 h 5 min"));
  }

  TEST_CASE("to_terraform_json: as in the golden file") {
    auto const text = to_terraform_json(test::varied_plan()).value();
    CHECK(text == golden("unit/plans/golden/varied.json", text));
  }

  TEST_CASE(
      "to_terraform_json: a policy finds actions, both sides and marks where Terraform's are") {
    auto const json =
        parse_json(to_terraform_json(test::varied_plan()).value()).value().get_object();
    CHECK(text_at(json, "format_version") == "1.2");
    CHECK(json.at("errored") == true);
    auto const& changes = json.at("resource_changes").get_array();
    auto const change = [&](std::string_view address) -> Object const& {
      for (auto const& item : changes) {
        if (text_at(item.get_object(), "address") == address) {
          return item.get_object().at("change").get_object();
        }
      }
      FAIL("no change of " << address);
      return changes[0].get_object();
    };
    auto const actions = [&](std::string_view address) {
      return canonical(change(address).at("actions"));
    };
    CHECK(actions("acme/webIntegrations/portal") == R"(["create"])");
    CHECK(actions("acme/oauthClients/portal") == R"(["delete","create"])");
    CHECK(actions("acme/roles/author") == R"(["update"])");
    CHECK(actions("acme/brands/house") == R"(["no-op"])");
    CHECK(actions("acme/diProjects/sales") == R"(["forget"])");
    CHECK(actions("globex") == R"(["delete"])");
    CHECK(canonical(change("acme/roles/author").at("importing")) == R"({"id":"id-author"})");
    auto const& made = change("acme/webIntegrations/portal");
    CHECK(made.at("before").is_null());
    CHECK(canonical(made.at("after_unknown")) == R"({"id":true,"validOrigins":[false,true]})");
    auto const& replaced = change("acme/oauthClients/portal");
    CHECK(canonical(replaced.at("after_sensitive")) == R"({"clientKey":true})");
    CHECK(replaced.at("after").at("clientKey").is_null());
    CHECK(canonical(replaced.at("replace_paths")) == R"([["appType"]])");
    CHECK(change("acme/spaces/old").at("after").is_null());
    CHECK(json.at("resource_drift").get_array().size() == 2);
  }
}
}  // namespace
}  // namespace tenantry::plans
