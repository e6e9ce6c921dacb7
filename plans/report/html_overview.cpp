#include "plans/report/html_overview.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "engine/core/text.hpp"
#include "plans/change_words.hpp"
#include "plans/render.hpp"
#include "plans/report/html_change.hpp"
#include "plans/report/markdown_text.hpp"

namespace tenantry::plans {
namespace {

using Status = ReportTenant::Status;

struct StatusWords {
  Status status;
  std::string_view name;     ///< of the class
  std::string_view planned;  ///< behind a number of tenants
  std::string_view applied;  ///< the same after an apply
};
constexpr StatusWords kStatuses[] = {
    {Status::failed, "failed", "could not be planned", "could not be planned"},
    {Status::stopped, "stopped", "stopped by a guard", "stopped by a guard"},
    {Status::incomplete, "stopped", "", "not done, or in part"},
    {Status::changed, "changed", "with changes", "done"},
    {Status::paused, "paused", "paused", "paused"},
    {Status::unchanged, "unchanged", "as declared", "nothing to do"}};

std::string_view words_of(StatusWords const& status, bool is_applied) {
  return is_applied ? status.applied : status.planned;
}

std::string product(Plan const& plan, ReportOptions const& options) {
  if (options.outcome_of) return "apply";
  if (plan.refresh_only) return "drift";
  return plan.destroy ? "plan to destroy" : "plan";
}

std::string fact(std::string_view name, std::string const& value) {
  if (value.empty()) return {};
  return fmt::format("<div><dt>{}</dt><dd>{}</dd></div>", name, html_text(value));
}

std::string alert(std::string_view more_class, std::string_view title, std::string const& body) {
  return fmt::format("<div class=\"alert {}\"><p><b>{}</b></p>{}</div>\n", more_class, title, body);
}

std::string errors(Report const& report) {
  std::string items;
  for (auto const& tenant : report.tenants) {
    if (tenant.status != Status::failed) continue;
    items += fmt::format("<li>{}: {}", html_code_text(tenant.key), html_text(tenant.error));
    if (!tenant.hint.empty()) {
      items += fmt::format("<br><span class=\"hint\">{}</span>", html_text(tenant.hint));
    }
    items += "</li>";
  }
  if (items.empty()) return items;
  return alert("", counted(report.count(Status::failed), "tenant") + " could not be planned",
               "<ul>" + items + "</ul>");
}

std::string guard_html(ReportGuard const& guard) {
  auto const& hit = guard.hit;
  auto const title =
      fmt::format("<span class=\"act {}\">{}</span>{}", hit.acknowledged ? "update" : "delete",
                  hit.acknowledged ? "let through" : "stopped", html_text(hit.message));
  auto body = fmt::format("<p class=\"hint\">{}, by {}</p>", guard.action, html_text(hit.rule));
  if (hit.acknowledged) return alert("passed", title, body);
  std::string items;
  for (auto const& [address, digest] : guard.changes) {
    items += fmt::format("<li>{} <code>--acknowledge {}</code></li>", html_code_text(address),
                         html_text(digest));
  }
  constexpr std::size_t kUnfolded = 5;
  auto const what = guard.changes.size() == 1
                        ? std::string("it")
                        : counted(guard.changes.size(), "change") + ", each by itself,";
  body += fmt::format("<details{}><summary>To let {} through</summary><ul>{}</ul></details>",
                      guard.changes.size() <= kUnfolded ? " open" : "", what, items);
  return alert("", title, body);
}

std::string grave_html(ReportGrave const& grave) {
  auto const& change = grave.change;
  bool const alone = grave.tenants.size() == 1;
  auto const tenant = alone ? grave.tenants.front() : std::string("*");
  auto text = fmt::format(
      "<li><span class=\"act {}\">{}</span>{} {}", class_of(change.action), name_of(change.action),
      html_code_text(Address{tenant, change.address.section, change.address.key}.text()),
      html_text(change.name));
  if (auto const why = reason_of(change); !why.empty()) {
    text += fmt::format(" <span class=\"hint\">{}</span>", html_text(why));
  }
  if (!alone) {
    text +=
        fmt::format("<details><summary>In {}</summary>", counted(grave.tenants.size(), "tenant"));
    for (auto const& key : grave.tenants) text += html_code_text(key) + ' ';
    text += "</details>";
  }
  return text + "</li>";
}

/// What a reviewer must not miss, wherever it is in a long page.
std::string graves_html(Report const& report) {
  std::string items;
  for (auto const& grave : report.graves) items += grave_html(grave);
  if (items.empty()) return items;
  return alert("", "What deletes, replaces or deactivates", "<ul>" + items + "</ul>");
}

std::string conclusion_html(Conclusion const& conclusion) {
  if (conclusion.headline.empty()) return {};
  std::string body;
  for (auto const& line : conclusion.lines) body += fmt::format("<li>{}</li>", html_text(line));
  if (!body.empty()) body = "<ul>" + body + "</ul>";
  if (!conclusion.go_on.empty()) {
    body += fmt::format("<p class=\"hint\">To go on: {}</p>", html_code_text(conclusion.go_on));
  }
  if (body.empty()) return body;
  return alert(conclusion.is_success ? "good" : "",
               conclusion.go_on.empty() ? "What was done" : "Something is left to do", body);
}

/// Shares of the fleet. Widths are attributes: the policy of the page allows no style of an
/// element.
std::string bar(Report const& report, bool is_applied) {
  constexpr double kWidth = 1000;
  std::string rects;
  std::vector<std::string> words;
  double at = 0;
  for (auto const& status : kStatuses) {
    auto const count = report.count(status.status);
    if (count == 0) continue;
    auto const width =
        kWidth * static_cast<double>(count) / static_cast<double>(report.tenants.size());
    rects += fmt::format("<rect class=\"fill-{}\" x=\"{:.2f}\" width=\"{:.2f}\" height=\"12\"/>",
                         status.name, at, width);
    words.push_back(fmt::format("{} {}", count, words_of(status, is_applied)));
    at += width;
  }
  return fmt::format(
      "<svg viewBox=\"0 0 1000 12\" preserveAspectRatio=\"none\" role=\"img\" "
      "aria-label=\"Tenants: {}\">{}</svg>\n",
      fmt::join(words, ", "), rects);
}

std::string legend(Report const& report, bool is_applied) {
  std::string items;
  for (auto const& status : kStatuses) {
    auto const count = report.count(status.status);
    if (count == 0) continue;
    items += fmt::format(
        "<li><svg aria-hidden=\"true\" viewBox=\"0 0 10 10\"><rect class=\"fill-{}\" width=\"10\" "
        "height=\"10\"/></svg>{} {}</li>",
        status.name, count, words_of(status, is_applied));
  }
  return "<ul class=\"legend\">" + items + "</ul>\n";
}

std::string tenant_row(Report const& report, std::size_t index, bool waves, bool is_applied) {
  auto const& tenant = report.tenants[index];
  auto const* status = std::ranges::find(kStatuses, tenant.status, &StatusWords::status);
  auto const block = report.block_of[index];
  auto const key = html_text(tenant.key);
  auto const name =
      block == std::string::npos ? key : fmt::format("<a href=\"#b{}\">{}</a>", block, key);
  auto text = fmt::format("<tr><th scope=\"row\">{}</th><td>{}</td><td>{}</td>", name,
                          html_text(tenant.region), html_text(tenant.hostname));
  if (waves) text += fmt::format("<td>{}</td>", html_text(tenant.wave));
  return text + fmt::format("<td>{}</td><td>{}</td></tr>\n", words_of(*status, is_applied),
                            tenant.changes == 0 ? "" : pills_html(tenant.counts));
}

std::string tenants_table(Plan const& plan, Report const& report, bool is_applied) {
  bool const waves = !plan.waves.empty();
  auto text = fmt::format(
      "<details><summary>{}</summary><table class=\"tenants\"><thead><tr><th "
      "scope=\"col\">Tenant</th><th scope=\"col\">Region</th><th scope=\"col\">Host</th>{}"
      "<th scope=\"col\">Status</th><th scope=\"col\">Changes</th></tr></thead><tbody>\n",
      report.tenants.size() == 1 ? "The tenant"
                                 : fmt::format("All {} tenants", report.tenants.size()),
      waves ? "<th scope=\"col\">Wave</th>" : "");
  for (std::size_t i = 0; i < report.tenants.size(); ++i)
    text += tenant_row(report, i, waves, is_applied);
  return text + "</tbody></table></details>\n";
}

std::string fleet(Plan const& plan, Report const& report, bool is_applied) {
  if (report.tenants.empty()) return {};
  std::string lines;
  for (auto const& line : wave_lines(plan)) lines += "<li>" + html_text(line) + "</li>";
  if (plan.passed_over > 0) {
    lines += fmt::format("<li>{} passed over: the configuration was applied before.</li>",
                         counted(plan.passed_over, "tenant"));
  }
  if (!lines.empty()) lines = "<ul class=\"lines\">" + lines + "</ul>\n";
  return "<section aria-labelledby=\"fleet\">\n<h2 id=\"fleet\">Fleet</h2>\n<div class=\"fleet\">" +
         bar(report, is_applied) + legend(report, is_applied) + lines +
         tenants_table(plan, report, is_applied) + "</div>\n</section>\n";
}

}  // namespace

std::string title_text(Plan const& plan, ReportOptions const& options, Report const& report) {
  if (!options.conclusion.headline.empty()) return options.conclusion.headline;
  if (report.changes == 0) return plan.refresh_only ? "No drift" : "No changes";
  auto const with = static_cast<std::size_t>(
      std::ranges::count_if(report.tenants, [](auto const& tenant) { return tenant.changes > 0; }));
  auto const what = plan.refresh_only ? counted(report.changes, "drifted resource")
                                      : counted(report.changes, "change");
  auto const tenants = counted(report.tenants.size(), "tenant");
  if (with == report.tenants.size()) return fmt::format("{} in {}", what, tenants);
  return fmt::format("{} in {} of {}", what, with, tenants);
}

std::vector<std::pair<Action, std::size_t>> shown_actions(Report const& report) {
  static constexpr Action kOrder[] = {
      Action::delete_, Action::deactivate, Action::replace, Action::create, Action::update,
      Action::adopt,   Action::reactivate, Action::release, Action::forget, Action::no_op};
  ActionCounts total{};
  for (auto const& tenant : report.tenants) {
    for (std::size_t i = 0; i < kActionCount; ++i) total[i] += tenant.counts[i];
  }
  std::vector<std::pair<Action, std::size_t>> out;
  for (auto const action : kOrder) {
    auto const count = total[static_cast<std::size_t>(action)];
    if (count > 0) out.emplace_back(action, count);
  }
  return out;
}

std::string action_words(Action action, bool is_applied) {
  if (action == Action::no_op) return "drifted or moved";
  return (is_applied ? "" : "to ") + std::string(name_of(action));
}

std::string header_html(Plan const& plan, ReportOptions const& options, Report const& report) {
  auto text = fmt::format("<header>\n<p class=\"product\"><b>Tenantry</b> {}</p>\n<h1>{}</h1>\n",
                          product(plan, options), html_escaped(title_text(plan, options, report)));
  text += "<dl class=\"facts\">" + fact("Made", plan.created_at) + fact("State", plan.lineage) +
          (plan.shard ? fact("Shard", shard_line(plan)) : "") +
          (options.outcome_of ? "" : fact("Cost", cost_line(plan).substr(6))) + "</dl>\n";
  std::string items;
  for (auto const& [action, count] : shown_actions(report)) {
    items += fmt::format("<li class=\"{}\"><b>{}</b>{}</li>", class_of(action), count,
                         action_words(action, static_cast<bool>(options.outcome_of)));
  }
  if (!items.empty()) text += "<ul class=\"counts\" aria-label=\"Changes\">" + items + "</ul>\n";
  return text + "</header>\n";
}

std::string overview_html(Plan const& plan, ReportOptions const& options, Report const& report) {
  auto alerts = conclusion_html(options.conclusion) + errors(report);
  for (auto const& guard : report.guards) alerts += guard_html(guard);
  if (!options.outcome_of) alerts += graves_html(report);
  if (!alerts.empty()) {
    alerts = "<section aria-labelledby=\"attention\">\n<h2 id=\"attention\">" +
             std::string(options.conclusion.is_success ? "Outcome" : "What needs attention") +
             "</h2>\n" + alerts + "</section>\n";
  }
  return alerts + fleet(plan, report, static_cast<bool>(options.outcome_of));
}

std::string rest_html(Plan const& plan, Report const&) {
  std::string text;
  if (!plan.warnings.empty()) {
    std::string items;
    auto const sorted = plan.warnings.sorted();
    for (auto const& warning : sorted) {
      items += "<li>";
      if (warning.where.known()) items += html_code_text(warning.where.text()) + ' ';
      items += html_text(warning.summary);
      if (!warning.detail.empty()) items += ": " + html_text(warning.detail);
      if (!warning.hint.empty()) {
        items += fmt::format("<br><span class=\"dim\">{}</span>", html_text(warning.hint));
      }
      items += "</li>";
    }
    text += fmt::format("<details class=\"more\"><summary>{}</summary><ul>{}</ul></details>\n",
                        counted(sorted.size(), "warning"), items);
  }
  if (plan.unmanaged && !plan.unmanaged->empty()) {
    std::string items;
    for (auto const& tenant : *plan.unmanaged) {
      items += fmt::format("<li>{} {} <span class=\"dim\">{} · {} · {}</span></li>",
                           html_code_text(tenant.hostname), html_text(tenant.name),
                           html_text(tenant.region), html_text(tenant.status),
                           html_text(tenant.id.text()));
    }
    text += fmt::format(
        "<details class=\"more\"><summary>{} of the organization, managed by nobody</summary>"
        "<ul>{}</ul></details>\n",
        counted(plan.unmanaged->size(), "tenant"), items);
  }
  return text.empty() ? text
                      : "<section aria-labelledby=\"besides\">\n<h2 id=\"besides\">Besides</h2>\n" +
                            text + "</section>\n";
}

std::string footer_html(Plan const& plan) {
  return fmt::format("<footer><p>Made by Tenantry {}. {}</p></footer>\n",
                     html_text(plan.tool_version), html_text(summary_line(plan)));
}

std::string pills_html(ActionCounts const& counts) {
  std::string text;
  for (std::size_t i = 0; i < kActionCount; ++i) {
    auto const action = static_cast<Action>(i);
    if (counts[i] == 0) continue;
    text += fmt::format("<span class=\"pill {}\">{} {}</span>", class_of(action), counts[i],
                        action == Action::no_op ? "no change" : name_of(action));
  }
  return "<span class=\"pills\">" + text + "</span>";
}

}  // namespace tenantry::plans
