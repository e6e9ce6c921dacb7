#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "engine/core/text.hpp"
#include "plans/change_words.hpp"
#include "plans/render.hpp"
#include "plans/report.hpp"
#include "plans/report/model.hpp"

namespace tenantry::plans {
namespace {

constexpr std::size_t kShownMax = 10;  // of a severity in one step: GitHub drops the rest

enum class Level { error, warning, notice };
constexpr std::string_view kCommands[] = {"error", "warning", "notice"};

/// As GitHub's toolkit escapes the message of a command, and what is special in a property.
std::string escaped(std::string_view text, bool property) {
  std::string out;
  for (char const c : text) {
    if (c == '%') {
      out += "%25";
    } else if (c == '\r') {
      out += "%0D";
    } else if (c == '\n') {
      out += "%0A";
    } else if (property && c == ':') {
      out += "%3A";
    } else if (property && c == ',') {
      out += "%2C";
    } else {
      out += c;
    }
  }
  return out;
}

struct Annotation {
  Level level = Level::notice;
  int order = 0;  ///< smaller first
  SourceRange where;
  std::string title;
  std::string message;
  std::vector<std::string> tenants;
};

Level level_of(Change const& change) {
  if (change.guard && !change.guard->acknowledged) return Level::error;
  bool const drifted = std::ranges::any_of(change.attributes, &AttributeChange::drifted) ||
                       !change.drift_only.empty();
  return destroys(change) || drifted ? Level::warning : Level::notice;
}

/// One for each place, action and severity: a line of a blueprint speaks for all its tenants.
class Annotations {
 public:
  explicit Annotations(PathOf const& path_of) : path_of_(path_of) {}

  void add(TenantPlan const& tenant) {
    if (tenant.error) {
      add({.level = Level::error,
           .order = 1,
           .where = {},
           .title = tenant.key + " could not be planned",
           .message = describe(*tenant.error),
           .tenants = {tenant.key}},
          tenant.key);
    }
    for (auto const& change : tenant.changes) {
      if (is_shown(change)) add(change);
    }
  }

  void add(Diagnostic const& warning) {
    auto message = warning.summary;
    if (!warning.detail.empty()) message += '\n' + warning.detail;
    if (!warning.hint.empty()) message += "\nhint: " + warning.hint;
    add({.level = Level::warning,
         .order = 2,
         .where = warning.where,
         .title = "warning",
         .message = message,
         .tenants = {}},
        message);
  }

  void write(ReportSink const& sink) {
    std::ranges::stable_sort(all_, [](auto const& a, auto const& b) {
      return std::tie(a.level, a.order) < std::tie(b.level, b.order);
    });
    std::array<std::size_t, 3> counts{};
    for (auto const& annotation : all_) ++counts[static_cast<std::size_t>(annotation.level)];
    auto const more = [&](Level level, std::size_t shown) {
      auto const count = counts[static_cast<std::size_t>(level)];
      return count > shown ? count - shown : 0;
    };
    bool const complete = more(Level::error, kShownMax) == 0 &&
                          more(Level::warning, kShownMax) == 0 &&
                          more(Level::notice, kShownMax) == 0;
    // The number of the rest is a notice too.
    std::size_t const notices = complete ? kShownMax : kShownMax - 1;
    std::array<std::size_t, 3> shown{};
    for (auto const& annotation : all_) {
      auto& count = shown[static_cast<std::size_t>(annotation.level)];
      if (count == (annotation.level == Level::notice ? notices : kShownMax)) continue;
      ++count;
      sink(command(annotation));
    }
    if (complete) return;
    sink(fmt::format(
        "::notice title=Tenantry::{} errors, {} warnings and {} notices more are not shown%2C "
        "GitHub takes ten of each\n",
        more(Level::error, kShownMax), more(Level::warning, kShownMax),
        more(Level::notice, notices)));
  }

 private:
  void add(Change const& change) {
    Annotation annotation;
    annotation.level = level_of(change);
    annotation.order = destroys(change) ? 0 : change.guard ? 1 : 2;
    annotation.where = change.where;
    auto const& address = change.address;
    auto const what = address.is_tenant() ? std::string("the tenant")
                                          : address.text().substr(address.tenant.size() + 1);
    auto const action =
        change.action == Action::no_op ? std::string_view("no change") : name_of(change.action);
    annotation.title = fmt::format("{} {}", action, what);
    annotation.message = reason_of(change);
    if (change.guard) {
      annotation.message +=
          fmt::format("\n{}: {} ({})", change.guard->acknowledged ? "let through" : "stopped",
                      change.guard->message, change.guard->rule);
    }
    if (auto const names = attributes(change); !names.empty()) {
      annotation.message += "\nattributes: " + names;
    }
    annotation.tenants = {address.tenant};
    // Without a place, nothing but the change itself says what it is about.
    auto const key =
        change.where.known() ? annotation.title : annotation.title + annotation.message;
    add(std::move(annotation), key);
  }

  static std::string attributes(Change const& change) {
    std::vector<std::string> names;
    for (auto const& attribute : change.attributes) names.push_back(attribute.name);
    for (auto const& attribute : change.drift_only) names.push_back(attribute.name + " (drift)");
    return fmt::format("{}", fmt::join(names, ", "));
  }

  void add(Annotation annotation, std::string const& what) {
    auto const key = fmt::format("{}\n{}\n{}", static_cast<int>(annotation.level),
                                 annotation.where.text(), what);
    auto const [at, is_new] = index_.try_emplace(key, all_.size());
    if (is_new) {
      all_.push_back(std::move(annotation));
    } else {
      auto& tenants = all_[at->second].tenants;
      tenants.insert(tenants.end(), annotation.tenants.begin(), annotation.tenants.end());
    }
  }

  std::string command(Annotation const& annotation) const {
    std::vector<std::string> properties;
    if (annotation.where.known()) {
      auto const file = path_of_(annotation.where.file);
      properties.push_back("file=" + escaped(visible(file), true));
      if (annotation.where.line > 0) {
        properties.push_back(fmt::format("line={}", annotation.where.line));
      }
      if (annotation.where.column > 0) {
        properties.push_back(fmt::format("col={}", annotation.where.column));
      }
    }
    properties.push_back("title=" + escaped(visible(annotation.title), true));
    return fmt::format("::{} {}::{}\n", kCommands[static_cast<std::size_t>(annotation.level)],
                       fmt::join(properties, ","), escaped(message(annotation), false));
  }

  /// Line breaks are ours; of what is between them, each is made visible.
  static std::string message(Annotation const& annotation) {
    constexpr std::size_t kNamed = 10;
    std::string text;
    std::string_view rest = annotation.message;
    while (!rest.empty()) {
      auto const end = std::min(rest.find('\n'), rest.size());
      if (!text.empty()) text += '\n';
      text += visible(rest.substr(0, end));
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    auto const& tenants = annotation.tenants;
    if (tenants.empty()) return text;
    auto const named = std::min(tenants.size(), kNamed);
    std::vector<std::string> keys;
    for (std::size_t i = 0; i < named; ++i) keys.push_back(visible(tenants[i]));
    text += fmt::format("\nin {}", fmt::join(keys, ", "));
    if (tenants.size() > named) text += fmt::format(" and {} more", tenants.size() - named);
    return text;
  }

  PathOf const& path_of_;
  std::vector<Annotation> all_;
  std::map<std::string, std::size_t> index_;
};

}  // namespace

Result<void> write_annotations(Plan const& plan, PathOf const& path_of, ReportSink const& sink) {
  Annotations annotations(path_of);
  auto const read =
      plan.tenants.for_each([&](TenantPlan const& tenant) { annotations.add(tenant); });
  if (!read) return read.error();
  for (auto const& warning : plan.warnings.sorted()) annotations.add(warning);
  annotations.write(sink);
  sink(summary_line(plan) + '\n');
  return {};
}

}  // namespace tenantry::plans
