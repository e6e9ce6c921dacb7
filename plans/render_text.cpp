#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "engine/core/text.hpp"
#include "plans/attribute_lines.hpp"
#include "plans/change_words.hpp"
#include "plans/grouping.hpp"
#include "plans/paper.hpp"
#include "plans/render.hpp"

namespace tenantry::plans {
namespace {

std::string heading_of(TenantPlan const& tenant) {
  std::vector<std::string> parts;
  if (!tenant.hostname.empty()) parts.push_back(visible(tenant.hostname));
  if (!tenant.region.empty()) parts.push_back(visible(tenant.region));
  if (!tenant.refreshed) parts.emplace_back("not refreshed, compared with the state alone");
  auto const key = visible(tenant.key);
  return parts.empty() ? key : fmt::format("{} ({})", key, fmt::join(parts, ", "));
}

class TextPlan {
 public:
  TextPlan(Plan const& plan, TextOptions const& options,
           std::function<void(std::string_view)> const& write)
      : plan_(plan), options_(options), paper_(options), write_(write) {}

  Result<void> run() {
    auto read = failed();
    if (read) read = changes();
    if (!read) return read;
    paused();
    passed_over();
    unmanaged();
    paper_.blank();
    for (auto const& line : wave_lines(plan_)) paper_.line(0, line);
    if (plan_.shard) paper_.line(0, shard_line(plan_));
    paper_.line(0, summary_line(plan_), Ink::bold);
    paper_.line(0, cost_line(plan_));
    write_(paper_.take());
    return {};
  }

 private:
  Result<void> failed() {
    for (std::size_t i = 0; i < plan_.tenants.size(); ++i) {
      if (!plan_.tenants[i].error) continue;
      auto const tenant = plan_.tenants.read(i);
      if (!tenant) return tenant.error();
      failed(*tenant);
      write_(paper_.take());
    }
    return {};
  }

  void failed(TenantPlan const& tenant) {
    paper_.blank();
    paper_.line(0, heading_of(tenant), Ink::bold);
    paper_.marked(2, "error:", Ink::red, visible(describe(*tenant.error)));
    if (!tenant.error->hint.empty()) paper_.line(4, "hint: " + visible(tenant.error->hint));
  }

  Result<void> changes() {
    auto const groups = group_tenants(plan_, options_.groups_of);
    if (!groups) return groups.error();
    auto const alone =
        std::ranges::count_if(*groups, [](auto const& group) { return group.tenants.size() == 1; });
    for (auto const& group : *groups) {
      auto const tenant = plan_.tenants.read(group.tenants.front());
      if (!tenant) return tenant.error();
      paper_.blank();
      if (group.tenants.size() == 1) {
        single(*tenant);
      } else {
        auto const shown = several(group, *tenant, groups->size(), static_cast<std::size_t>(alone));
        if (!shown) return shown;
      }
      write_(paper_.take());
    }
    return {};
  }

  void paused() {
    std::vector<std::string> keys;
    for (auto const& tenant : plan_.tenants) {
      if (tenant.paused) keys.push_back(visible(tenant.key));
    }
    if (keys.empty()) return;
    paper_.blank();
    shorten(keys);
    paper_.words(0, "Paused, and not looked at: ", keys);
  }

  void passed_over() {
    if (plan_.passed_over == 0) return;
    bool const one = plan_.passed_over == 1;
    paper_.blank();
    paper_.line(0, fmt::format("{} passed over: {} configuration is the one that was applied last.",
                               counted(plan_.passed_over, "tenant"), one ? "its" : "their"));
  }

  void unmanaged() {
    if (!plan_.unmanaged) return;
    paper_.blank();
    auto const& tenants = *plan_.unmanaged;
    if (tenants.empty()) {
      paper_.line(0, "No tenant of the organization is unmanaged.");
      return;
    }
    paper_.line(
        0,
        fmt::format("{} of the organization, managed by nobody", counted(tenants.size(), "tenant")),
        Ink::bold);
    for (auto const& tenant : tenants) {
      paper_.line(2, fmt::format("{} \"{}\" (id {}, {}, {})", visible(tenant.hostname),
                                 visible(tenant.name), visible(tenant.id.text()),
                                 visible(tenant.region), visible(tenant.status)));
    }
    paper_.line(2,
                "hint: to manage one, declare it with its `hostname`; tenantry export --region R "
                "--hostname HOST writes it as YAML");
  }

  void single(TenantPlan const& tenant) {
    paper_.line(0, heading_of(tenant), Ink::bold);
    for (auto const& change : tenant.changes) {
      if (!is_shown(change)) continue;
      print(change, visible(change.address.text()));
      guard(change);
    }
  }

  /// `tenant` is one of the group, `alone` the number of groups with one tenant.
  Result<void> several(TenantGroup const& group, TenantPlan const& tenant, std::size_t groups,
                       std::size_t alone) {
    auto const changes = common_changes(tenant, group);
    auto const same = fmt::format("{}: the same {}", counted(group.tenants.size(), "tenant"),
                                  counted_changes(changes));
    bool const all_but_alone = alone > 0 && groups == alone + 1;
    auto const rest = all_but_alone
                          ? fmt::format("; {} {} (above)", alone, alone == 1 ? "differs" : "differ")
                          : "";
    paper_.line(0, same + rest, Ink::bold);
    for (auto const& change : changes) {
      auto const& address = change.address;
      print(change, address.is_tenant()
                        ? "the tenant itself"
                        : visible(change.address.text().substr(change.address.tenant.size() + 1)));
      guard(change);
    }
    members(group, std::ranges::any_of(changes, is_grave));
    return hints(group);
  }

  void members(TenantGroup const& group, bool is_grave) {
    std::vector<std::string> keys;
    for (auto const index : group.tenants) keys.push_back(visible(plan_.tenants[index].key));
    if (!is_grave) shorten(keys);
    paper_.words(2, "in ", keys);
  }

  static void shorten(std::vector<std::string>& keys) {
    constexpr std::size_t kShown = 5;
    if (keys.size() <= kShown + 1) return;
    auto const more = keys.size() - kShown;
    keys.resize(kShown);
    keys.back() += fmt::format(" and {} more", more);
  }

  /// Each tenant's own digests.
  Result<void> hints(TenantGroup const& group) {
    for (auto const index : group.tenants) {
      if (!plan_.tenants[index].stopped) continue;
      auto const tenant = plan_.tenants.read(index);
      if (!tenant) return tenant.error();
      for (auto const& change : tenant->changes) {
        if (!change.guard || change.guard->acknowledged) continue;
        paper_.line(
            2, fmt::format("{}: {}", visible(change.address.text()), visible(change.guard->hint)));
      }
    }
    return {};
  }

  void print(Change const& change, std::string const& address) {
    std::string text = address;
    if (!change.name.empty()) text += fmt::format(" \"{}\"", visible(change.name));
    if (auto const why = why_of(change); !why.empty()) text += ": " + visible(why);
    if (change.where.known()) text += fmt::format("  [{}]", visible(change.where.text()));
    auto const symbol = change.action == Action::no_op ? "*" : symbol_of(change.action);
    paper_.marked(2, fmt::format("{:>3}", symbol), ink_of(change.action), text);
    constexpr std::size_t kIndent = 8;
    for (auto const& note : change.notes) paper_.line(kIndent, "note: " + visible(note));
    touched(change, kIndent);
    for (auto const& attribute : change.attributes) print_attribute(paper_, kIndent, attribute);
    for (auto const& attribute : change.released) print_released(paper_, kIndent, attribute);
    for (auto const& attribute : change.drift_only) print_drift(paper_, kIndent, attribute);
  }

  /// Who drifted it, where the API tells.
  void touched(Change const& change, std::size_t indent) {
    bool const drifted = std::ranges::any_of(change.attributes, &AttributeChange::drifted) ||
                         !change.drift_only.empty();
    if (!drifted || (change.updated_by.empty() && change.updated_at.empty())) return;
    auto const by = change.updated_by.empty() ? "" : " by " + visible(change.updated_by);
    auto const at = change.updated_at.empty() ? "" : " at " + visible(change.updated_at);
    paper_.line(indent, fmt::format("last touched{}{}", by, at), Ink::dim);
  }

  void guard(Change const& change) {
    if (!change.guard) return;
    auto const& hit = *change.guard;
    auto const word = hit.acknowledged ? "let through" : "stopped";
    paper_.marked(8, "!", hit.acknowledged ? Ink::yellow : Ink::red,
                  fmt::format("{}: {} ({})", word, visible(hit.message), visible(hit.rule)));
    if (!hit.acknowledged && !hit.hint.empty()) paper_.line(10, "hint: " + visible(hit.hint));
  }

  Plan const& plan_;
  TextOptions options_;
  Paper paper_;
  std::function<void(std::string_view)> const& write_;
};

}  // namespace

Result<void> write_text(Plan const& plan, TextOptions const& options,
                        std::function<void(std::string_view)> const& write) {
  return TextPlan(plan, options, write).run();
}

Result<std::string> to_text(Plan const& plan, TextOptions const& options) {
  std::string text;
  auto const written = write_text(plan, options, [&](std::string_view piece) { text += piece; });
  if (!written) return written.error();
  return text;
}

}  // namespace tenantry::plans
