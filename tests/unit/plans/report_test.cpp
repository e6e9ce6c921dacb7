#include "plans/report.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "engine/core/text.hpp"
#include "plans/render.hpp"
#include "plans/report/markdown_text.hpp"
#include "sample_plan.hpp"
#include "tests/support/golden.hpp"

namespace tenantry::plans::report_test {
namespace {
using tenantry::test::golden;

bool shows(std::string const& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

std::size_t count_of(std::string const& text, std::string_view part) {
  std::size_t count = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

std::string markdown_of(Plan const& plan, ReportOptions const& options = {}) {
  std::string text;
  REQUIRE(
      write_markdown(plan, options, [&](std::string_view piece) { text += piece; }).has_value());
  return text;
}

std::string html_of_plan(Plan const& plan, ReportOptions const& options = {}) {
  std::string text;
  REQUIRE(write_html(plan, options, [&](std::string_view piece) { text += piece; }).has_value());
  return text;
}

std::string annotations_of(Plan const& plan) {
  std::string text;
  auto const path_of = [](std::string const& file) { return "fleet/" + file; };
  REQUIRE(
      write_annotations(plan, path_of, [&](std::string_view piece) { text += piece; }).has_value());
  return text;
}

std::vector<std::string> lines_of(std::string const& text) {
  std::vector<std::string> lines;
  for (std::size_t start = 0; start < text.size();) {
    auto const end = std::min(text.find('\n', start), text.size());
    lines.push_back(text.substr(start, end - start));
    start = end + 1;
  }
  return lines;
}

void add(Plan& plan, TenantPlan tenant) {
  REQUIRE(plan.tenants.add(std::move(tenant)).has_value());
}

void edit(Plan& plan, std::size_t index, std::function<void(TenantPlan&)> const& change) {
  REQUIRE(plan.tenants.edit(index, change).has_value());
}

/// A fleet in which each tenant deletes the same space.
Plan deleting_plan(int count) {
  Plan plan;
  for (int i = 0; i < count; ++i) {
    auto const key = fmt::format("c{:04}", i);
    add(plan, test::tenant(key, {test::change_of({key, "spaces", "old"}, Action::delete_,
                                                 Reason::no_longer_declared, "Old")}));
  }
  return plan;
}

/// Tenants that all differ.
Plan differing_plan(int count, std::size_t text_size, char prefix = 'c') {
  Plan plan;
  for (int i = 0; i < count; ++i) {
    auto const key = fmt::format("{}{:04}", prefix, i);
    auto change = test::change_of({key, "groups", "analysts"}, Action::update,
                                  Reason::config_changed, "Analysts");
    change.attributes = {test::attribute(
        "description", "x", Value(std::string(text_size, 'a') + fmt::format("{}", i)))};
    add(plan, test::tenant(key, {test::with_sides(change)}));
  }
  return plan;
}

TEST_SUITE("report") {
  TEST_CASE("write_markdown: every kind of change, as in the golden file") {
    auto const text = markdown_of(test::varied_plan());
    CHECK(text == golden("unit/plans/golden/varied.md", text));
    CHECK(text.starts_with("<!-- tenantry-report: plan -->\n## Plan: "));
    CHECK_FALSE(shows(text, "\x1b"));
  }

  TEST_CASE("write_markdown: the marker tells the kind and the shard") {
    auto plan = test::fleet_plan(2);
    plan.refresh_only = true;
    CHECK(markdown_of(plan).starts_with("<!-- tenantry-report: drift -->\n"));
    plan.refresh_only = false;
    plan.shard = Shard{2, 4};
    CHECK(markdown_of(plan).starts_with("<!-- tenantry-report: plan 2/4 -->\n"));
  }

  TEST_CASE("reports: what differs is seen, however much is equal in front of it") {
    std::string const equal(20'000, 'x');
    Plan plan;
    auto change = test::change_of({"acme", "groups", "analysts"}, Action::update,
                                  Reason::config_changed, "Analysts");
    change.attributes = {
        test::attribute("description", Value(equal + "-old"), Value(equal + "-new")),
        test::attribute("text", Value(equal + "-one\n2"), Value(equal + "-two\n2"))};
    auto drifted = test::attribute("note", Value(equal + "-live"), Value(equal + "-live"));
    drifted.last_applied = Value(equal + "-applied");
    change.drift_only = {drifted};
    add(plan, test::tenant("acme", {test::with_sides(change)}));
    for (auto const& text : {markdown_of(plan), html_of_plan(plan)}) {
      // A page marks what differs within a word.
      for (auto const* words : {"old", "new", "one", "two", "x-applied", "x-live"}) {
        CAPTURE(words);
        CHECK(shows(text, words));
      }
      CHECK_FALSE(shows(text, "xxxxxxxxxxxxxxx"));
    }
  }

  TEST_CASE("write_markdown: equal changes are said once, folded, and those that differ in full") {
    auto plan = test::fleet_plan(20);
    edit(plan, 7, [](auto& tenant) { tenant.changes[0].attributes[0].after = "something else"; });
    auto const text = markdown_of(plan);
    CHECK(count_of(text, "<details><summary><b>19 tenants</b>: the same 2 updates") == 1);
    CHECK(text.find("#### `c0007`") < text.find("<b>19 tenants</b>"));
    CHECK(shows(text, "+ description: \"something else\""));
    CHECK(count_of(text, "<details") == count_of(text, "</details>"));
  }

  TEST_CASE("write_markdown: what deletes is never folded, and names every tenant") {
    auto const text = markdown_of(deleting_plan(300));
    CHECK(shows(text, "### What deletes, replaces or deactivates (1)"));
    CHECK(
        shows(text, "- **delete** `*/spaces/old` `Old`: no longer in the configuration, in 300 "));
    for (int i = 0; i < 300; ++i) CHECK(shows(text, fmt::format("`c{:04}`", i)));
    CHECK(shows(text, "<details open>"));
    CHECK_FALSE(shows(text, "<details>"));
  }

  TEST_CASE("write_markdown: fits a comment, whole blocks are left out with a count") {
    for (auto const& plan : {differing_plan(2'000, 100), differing_plan(300, 5'000),
                             deleting_plan(10'000), test::fleet_plan(10'000)}) {
      auto const text = markdown_of(plan);
      CHECK(comment_length(text) <= 65'000);
      CHECK(count_of(text, "```diff\n") * 2 == count_of(text, "```"));
    }
    auto const text = markdown_of(differing_plan(2'000, 100));
    auto const shown = count_of(text, "\n#### `c");
    CHECK(comment_length(text) > 55'000);  // the room is used
    CHECK(shows(text, fmt::format("… {} more tenants with {} changes left out", 2'000 - shown,
                                  2'000 - shown)));
  }

  TEST_CASE("write_markdown: a large group is not crowded out by many that differ") {
    auto plan = differing_plan(1'000, 100, 'a');
    auto const fleet = test::fleet_plan(50);
    for (std::size_t i = 0; i < fleet.tenants.size(); ++i) {
      add(plan, fleet.tenants.read(i).value());
    }
    CHECK(shows(markdown_of(plan), "<b>50 tenants</b>: the same 2 updates"));
  }

  TEST_CASE("write_markdown: text from outside stands in code that it cannot leave") {
    std::string const evil = "`` </details> @all #1 [x](https://evil.example) |\n<script>\u202e*";
    auto change =
        test::change_of({"acme", "groups", "g"}, Action::update, Reason::config_changed, evil);
    change.reason_detail = evil;
    change.notes = {evil};
    change.attributes = {test::attribute("description", Value(evil), Value("```\n" + evil))};
    change.guard = GuardHit{evil, evil, evil, false};
    Plan plan;
    add(plan, test::tenant("acme", {test::with_sides(change)}));
    auto const text = markdown_of(plan);
    CHECK(shows(text, "``` `` </details> @all #1 [x](https://evil.example) |"));
    CHECK(shows(text, "````diff\n"));
    CHECK_FALSE(shows(text, "\u202e"));
    for (auto const& line : lines_of(text)) CHECK_FALSE(line.starts_with("<script>"));
  }

  TEST_CASE("code_span: any text stands alone in it") {
    CHECK(code_span("x") == "`x`");
    CHECK(code_span("a`b") == "``a`b``");
    CHECK(code_span("`") == "`` ` ``");
    CHECK(code_span(" x") == "`  x `");
    CHECK(code_span("") == "(blank)");
    CHECK(code_span("a\nb") == "`a\\x0ab`");
    CHECK(comment_length(code_span(std::string(100'000, 'x'))) < 500);
  }

  TEST_CASE("comment_length: counts UTF-16 code units") {
    CHECK(comment_length("abc") == 3);
    CHECK(comment_length("ü…") == 2);
    CHECK(comment_length("🌈") == 2);
  }

  TEST_CASE("write_markdown, write_html: what became of changes is told with them") {
    auto const plan = test::fleet_plan(3);
    std::map<std::string, ChangeOutcome> outcomes;
    for (auto const* key : {"c0000", "c0001", "c0002"}) {
      for (auto const* end : {"/groups/analysts", "/webIntegrations/portal"}) {
        outcomes[std::string(key) + end] = {ChangeOutcome::Status::done, "", ""};
      }
    }
    outcomes["c0001/groups/analysts"] = {ChangeOutcome::Status::failed, "409 <taken>", "rename"};
    ReportOptions options;
    options.outcome_of = [&](Address const& address) { return &outcomes.at(address.text()); };
    options.conclusion = {
        "Applied in part: 5 done, 1 failed.", false, {"canary: 1 failed"}, "again"};
    auto const text = markdown_of(plan, options);
    CHECK(text.starts_with("<!-- tenantry-report: apply -->\n## Applied in part: 5 done"));
    CHECK(shows(text, " · **failed**: `409 <taken>`; hint: `rename`"));
    CHECK(shows(text, "#### `c0001`"));  // differs from the other two
    CHECK(shows(text, "<b>2 tenants</b>: the same 2 updates"));
    CHECK(shows(text, "- To go on: `again`"));
    auto const page = html_of_plan(plan, options);
    CHECK(shows(page, "<h1>Applied in part: 5 done, 1 failed.</h1>"));
    CHECK(shows(page, "409 &lt;taken&gt;"));
    CHECK(count_of(page, "data-outcome=\"not-done\"") == 1);
    CHECK(count_of(page, "data-outcome=\"done\"") == 3);
  }

  TEST_CASE("write_html: the title counts the tenants that change, of those that there are") {
    auto plan = differing_plan(1, 1);
    CHECK(shows(html_of_plan(plan), "<h1>1 change in 1 tenant</h1>"));
    CHECK(shows(html_of_plan(plan), "<summary>The tenant</summary>"));
    add(plan, test::tenant("quiet", {}));
    CHECK(shows(html_of_plan(plan), "<h1>1 change in 1 of 2 tenants</h1>"));
    CHECK(shows(html_of_plan(plan), "<summary>All 2 tenants</summary>"));
  }

  TEST_CASE("write_html: what deletes is told on top, once, with every tenant") {
    auto const page = html_of_plan(deleting_plan(30));
    auto const listed = page.find("<b>What deletes, replaces or deactivates</b>");
    REQUIRE(listed != std::string::npos);
    CHECK(listed < page.find("<h2 id=\"fleet\">"));
    auto const list = page.substr(listed, page.find("<h2 id=\"fleet\">") - listed);
    CHECK(count_of(list, "<span class=\"act delete\">delete</span>") == 1);
    CHECK(
        shows(list, "*/spaces/old</code> Old <span class=\"hint\">no longer in the configuration"));
    CHECK(shows(list, "<summary>In 30 tenants</summary>"));
    for (int i = 0; i < 30; ++i) CHECK(shows(list, fmt::format("c{:04}</code>", i)));
    CHECK_FALSE(shows(html_of_plan(test::fleet_plan(3)), "What deletes"));
  }

  TEST_CASE("write_html: nothing from outside is markup, and nothing sensitive is shown") {
    std::string const evil = "\"'><script>alert(1)</script>&lt;\u202e";
    auto plan = test::varied_plan();
    edit(plan, 0, [&](auto& tenant) {
      tenant.hostname = evil;
      for (auto& change : tenant.changes) {
        change.name = evil;
        for (auto& attribute : change.attributes) {
          attribute.name += evil;
          if (!attribute.sensitive) continue;
          attribute.before = "hunter2";
          attribute.after = "hunter3";
        }
      }
    });
    auto const page = html_of_plan(plan);
    CHECK_FALSE(shows(page, "<script>alert"));
    CHECK_FALSE(shows(page, "hunter"));
    CHECK_FALSE(shows(page, "\u202e"));
    CHECK(shows(page, "&lt;script&gt;alert(1)&lt;/script&gt;&amp;lt;"));
    CHECK(shows(page, "(sensitive)"));
    CHECK(count_of(page, " style=") == 0);  // the policy would refuse it
    CHECK(count_of(page, "<script>") == 1);
    CHECK_FALSE(shows(markdown_of(plan), "hunter"));
    CHECK_FALSE(shows(annotations_of(plan), "hunter"));
  }

  TEST_CASE("write_html: groups name their members, and the page does not grow with them") {
    auto const small = html_of_plan(test::fleet_plan(100));
    auto const large = html_of_plan(test::fleet_plan(200));
    CHECK(shows(large, "<h3>200 tenants</h3>"));
    CHECK(shows(large, "<li>c0199</li>"));
    CHECK(large.size() - small.size() < 100 * 500);
    CHECK(count_of(large, "class=\"change\"") == 2);
  }

  TEST_CASE("a group: what its changes do besides belongs to it") {
    Plan plan;
    for (int i = 0; i < 20; ++i) {
      auto const key = fmt::format("c{:04}", i);
      auto change = test::change_of({key, "keyProviders", "cmk"}, Action::update,
                                    Reason::config_changed, "Customer key");
      change.destructive = true;
      change.notes = {"the data of " + key + " is encrypted anew" + (i == 7 ? ", slowly" : "")};
      add(plan, test::tenant(key, {change}));
    }
    auto const text = to_text(plan, {}).value();
    CHECK(shows(text, "19 tenants: the same 1 update; 1 differs (above)"));
    CHECK(shows(text, "note: the data of ${tenant.key} is encrypted anew\n"));
    CHECK(shows(text, "c0019"));  // as grave as a deletion: none is hidden behind a number
    CHECK(shows(markdown_of(plan), "- **update** `*/keyProviders/cmk` `Customer key`: the "));
    CHECK(count_of(html_of_plan(plan), "<details open>") >= 2);
  }

  TEST_CASE("write_annotations: on the lines that cause the changes, what deletes first") {
    auto const lines = lines_of(annotations_of(test::varied_plan()));
    CHECK(lines.back().starts_with("Plan: "));
    CHECK(
        lines[0].starts_with("::error title=delete spaces/old::no longer in the configuration"
                             "%0Astopped: "));
    auto const update = std::ranges::find_if(lines, [](auto const& line) {
      return line.starts_with("::warning file=fleet/tenantry.yaml,line=20,col=7,title=update ");
    });
    CHECK(update != lines.end());  // drifted
    CHECK(std::ranges::any_of(lines, [](auto const& line) {
      return line.starts_with("::error title=hooli could not be planned::cannot connect");
    }));
  }

  TEST_CASE("write_annotations: a line of a blueprint speaks once for all its tenants") {
    auto const text = annotations_of(test::fleet_plan(50));
    CHECK(count_of(text, "::notice ") == 2);
    CHECK(shows(text, "%0Ain c0000, c0001, "));
    CHECK(shows(text, " and 40 more\n"));
  }

  TEST_CASE("write_annotations: ten of a severity, the rest is counted") {
    Plan plan;
    std::vector<Change> changes;
    for (int i = 0; i < 40; ++i) {
      auto const action = i < 15 ? Action::delete_ : Action::create;
      auto change = test::change_of({"acme", "roles", fmt::format("r{:02}", i)}, action,
                                    Reason::not_in_state, "Role");
      change.where.line = 100 - i;
      changes.push_back(change);
    }
    add(plan, test::tenant("acme", std::move(changes)));
    auto const text = annotations_of(plan);
    CHECK(count_of(text, "::warning ") == 10);
    CHECK(count_of(text, "::notice ") == 10);
    CHECK(shows(text, "0 errors, 5 warnings and 16 notices more are not shown"));
  }

  TEST_CASE("write_annotations: text from outside ends no command and begins none") {
    auto change =
        test::change_of({"acme", "roles", "r"}, Action::create, Reason::not_in_state, "x");
    change.reason_detail = "50%\n::error::fake\r\n::set-output name=x::y";
    change.where = {"a,b:c.yaml", 1, 2};
    Plan plan;
    add(plan, test::tenant("acme", {change}));
    auto const lines = lines_of(annotations_of(plan));
    REQUIRE(lines.size() == 2);
    CHECK(
        lines[0].starts_with("::notice file=fleet/a%2Cb%3Ac.yaml,line=1,col=2,title=create "
                             "roles/r::"));
    CHECK(shows(lines[0], "50%25"));
  }
}
}  // namespace
}  // namespace tenantry::plans::report_test
