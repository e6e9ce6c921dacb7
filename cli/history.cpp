#include <fmt/format.h>

#include <algorithm>

#include "cli/state_access.hpp"
#include "engine/core/text.hpp"

namespace tenantry::cli {

void declare(Options& options, HistoryArguments& arguments) {
  options.positional("PATTERN", Need::optional, arguments.pattern,
                     "Only these addresses: acme, 'acme/groups/*'");
  options.number("--limit", "N", {1, 1'000'000}, arguments.limit,
                 "The newest N operations (default: 50)");
  options.flag("--json", arguments.json, "Give the operations as JSON");
  declare(options, arguments.configuration);
  options.examples({{"tenantry history", "Show the last operations"},
                    {"tenantry history acme --limit 500 --json", "Export one tenant's history"}});
}

namespace {

constexpr std::size_t kEntriesMax = 1'000'000;

using Entries = std::vector<state::HistoryEntry>;

Task<Entries> entries_of(state::Store& store, std::optional<std::string> pattern,
                         std::size_t limit) {
  // A pattern thins the entries out, so all of them are read then.
  auto entries = co_await store.history({}, pattern ? kEntriesMax : limit);
  if (!entries || !pattern) co_return entries;
  std::erase_if(*entries, [&](auto const& e) { return !selects(*pattern, e.intent.address); });
  if (entries->size() > limit) {
    entries->erase(entries->begin(), entries->end() - static_cast<std::ptrdiff_t>(limit));
  }
  co_return entries;
}

/// Names of what an update sets to something else than what was live.
std::vector<std::string> changed_attributes(state::Intent const& intent) {
  std::vector<std::string> names;
  if (intent.action != "update" && intent.action != "adopt") return names;
  for (auto const& member : intent.planned) {
    auto const* before = find(intent.before, member.key());
    if (before != nullptr && equal(*before, member.value())) continue;
    names.emplace_back(member.key());
  }
  return names;
}

Value as_json(Entries const& entries) {
  Array list;
  for (auto const& entry : entries) {
    Array attributes;
    for (auto const& name : changed_attributes(entry.intent)) attributes.emplace_back(name);
    list.push_back(Object{{"operation", entry.operation},
                          {"attributes", std::move(attributes)},
                          {"from", text_at(entry.intent.context, "from")},
                          {"address", entry.intent.address.text()},
                          {"action", entry.intent.action},
                          {"status", entry.status},
                          {"startedAt", entry.intent.started_at},
                          {"endedAt", entry.ended_at},
                          {"error", entry.error},
                          {"run", Object{{"id", entry.run.id},
                                         {"command", entry.run.command},
                                         {"startedAt", entry.run.started_at},
                                         {"user", entry.run.user},
                                         {"host", entry.run.host},
                                         {"commit", entry.run.commit},
                                         {"url", entry.run.run_url},
                                         {"reason", entry.run.reason}}}});
  }
  return list;
}

std::string as_text(Entries const& entries) {
  std::string text;
  std::string run_id;
  for (auto const& entry : entries) {
    auto const& run = entry.run;
    if (text.empty() || run.id != run_id) {
      run_id = run.id;
      text += fmt::format("{}{}  {}  {}@{}", text.empty() ? "" : "\n", visible(run.started_at),
                          visible(run.command), visible(run.user), visible(run.host));
      if (!run.commit.empty())
        text += fmt::format("  commit {}", visible(run.commit.substr(0, 12)));
      if (!run.run_url.empty()) text += fmt::format("  {}", visible(run.run_url));
      if (!run.reason.empty()) text += fmt::format("  \"{}\"", visible(run.reason));
      text += '\n';
    }
    text += fmt::format("  {}  {:<7} {:<10} {}", visible(entry.intent.started_at),
                        visible(entry.status), visible(entry.intent.action),
                        visible(entry.intent.address.text()));
    auto const attributes = changed_attributes(entry.intent);
    if (!attributes.empty()) {
      text += fmt::format(" ({})", visible(fmt::format("{}", fmt::join(attributes, ", "))));
    }
    auto const from = text_at(entry.intent.context, "from");
    if (!from.empty()) text += fmt::format(" (from {})", visible(from));
    if (!entry.error.empty()) text += fmt::format(": {}", visible(entry.error));
    text += '\n';
  }
  return text.empty() ? "Nothing was done yet.\n" : text;
}

}  // namespace

Exit run_history(Invocation& invocation, HistoryArguments const& arguments) {
  auto access = StateAccess::open(invocation, arguments.configuration, state::OpenMode::read_only);
  if (!access) return fail(invocation, access.error());
  auto const limit = static_cast<std::size_t>(arguments.limit);
  // One more than is shown tells whether there are older ones.
  auto entries = (*access)->run(entries_of((*access)->store(), arguments.pattern, limit + 1));
  if (!entries) return fail(invocation, entries.error());
  bool const more = entries->size() > limit;
  if (more) entries->erase(entries->begin());
  invocation.console.out(arguments.json ? pretty(as_json(*entries)) + '\n' : as_text(*entries));
  if (more) invocation.console.note("There are older ones: --limit N shows more.");
  return Exit::done;
}

}  // namespace tenantry::cli
