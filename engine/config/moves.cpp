#include "engine/config/moves.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "engine/config/language.hpp"
#include "engine/config/structure.hpp"
#include "engine/core/text.hpp"

namespace tenantry::config {
namespace {

constexpr std::string_view kEveryTenant = "*";

/// An address whose tenant may be `*`; nothing (reported) for another text.
std::optional<Address> read_address(Node const& entry, std::string_view key, Model const& model,
                                    Reporter& reporter) {
  auto const* node = entry.value_of(key);
  if (node == nullptr) {
    reporter.error(entry.mark, "missing attribute", fmt::format("\"{}\" is required.", key));
    return std::nullopt;
  }
  if (!node->is_text()) {
    report_type(*node, fmt::format("\"{}\"", key), "an address", reporter);
    return std::nullopt;
  }
  std::string_view const text = node->text();
  bool const in_all = text.starts_with("*/");
  auto address = parse_address(in_all ? 'x' + std::string(text.substr(1)) : std::string(text));
  if (!address) {
    reporter.error(node->mark, "wrong form",
                   fmt::format("\"{}\" is not an address.", visible(text)),
                   "write TENANT, TENANT/SECTION/KEY, or */SECTION/KEY for all tenants");
    return std::nullopt;
  }
  if (in_all) address->tenant = kEveryTenant;
  if (address->is_tenant()) return *address;
  auto const* schema = model.schemas.section(address->section);
  if (schema == nullptr) {
    std::vector<std::string> names;
    for (auto const* known : model.schemas.sections()) names.push_back(known->section);
    reporter.error(node->mark,
                   fmt::format("unknown section \"{}\"{}", visible(address->section),
                               did_you_mean(address->section, names)),
                   fmt::format("The sections are: {}.", fmt::join(names, ", ")));
    return std::nullopt;
  }
  if (schema->singleton == address->key.empty()) return *address;
  reporter.error(node->mark, "wrong form",
                 schema->singleton
                     ? fmt::format("A tenant has one {}, without a key.", schema->singular)
                     : fmt::format("\"{}\" names no {}.", visible(text), schema->singular));
  return std::nullopt;
}

/// Calls `use` with each element that is a map of `keys`.
template <class Use>
void each_entry(Node const& list, std::vector<std::string> const& keys, Reporter& reporter,
                Use const& use) {
  for (auto const& entry : list.items) {
    if (!entry->is_map()) {
      report_type(*entry, "An element of this list", fmt::format("a map of {}", join_words(keys)),
                  reporter);
    } else if (check_keys(*entry, keys, reporter)) {
      use(*entry);
    }
  }
}

}  // namespace

void read_moved(Node const& list, Model& model, Reporter& reporter) {
  each_entry(list, language::names(language::moved()), reporter, [&](Node const& entry) {
    auto from = read_address(entry, "from", model, reporter);
    auto to = read_address(entry, "to", model, reporter);
    if (!from || !to) return;
    bool const fits = from->is_tenant() == to->is_tenant() && from->section == to->section &&
                      (from->is_tenant() || from->tenant == to->tenant);
    if (fits) {
      model.moved.push_back({std::move(*from), std::move(*to), entry.mark.range()});
    } else {
      reporter.error(entry.mark, "move that is not possible",
                     fmt::format("{} cannot become {}.", from->text(), to->text()),
                     "a resource moves within its tenant and section, a tenant as a whole");
    }
  });
}

void read_removed(Node const& list, Model& model, Reporter& reporter) {
  each_entry(list, language::names(language::removed()), reporter, [&](Node const& entry) {
    auto from = read_address(entry, "from", model, reporter);
    if (from) model.removed.push_back({std::move(*from), entry.mark.range()});
  });
}

bool means(Address const& pattern, Address const& address) {
  if (pattern.tenant != kEveryTenant) return pattern == address;
  return pattern.section == address.section && pattern.key == address.key;
}

MovesCheck::MovesCheck(Model const& model, Reporter& reporter)
    : model_(model), reporter_(reporter) {
  for (auto const& moved : model.moved) {
    expect(moved.from);
    expect(moved.to);
  }
  for (auto const& removed : model.removed) expect(removed.from);
}

void MovesCheck::expect(Address const& pattern) {
  if (pattern.tenant == kEveryTenant) {
    in_all_.try_emplace({pattern.section, pattern.key});
  } else {
    named_.try_emplace(pattern, false);
  }
}

void MovesCheck::see(Tenant const& tenant) {
  if (named_.empty() && in_all_.empty()) return;
  note({tenant.summary.key, {}, {}});
  for (auto const& resource : tenant.resources) note(resource.address);
}

void MovesCheck::see_broken(std::string const& key) {
  broken_.insert(key);
  note({key, {}, {}});
}

void MovesCheck::finish_without_some() {
  all_seen_ = false;
  finish();
}

/// True where only an error that has been reported stands against it.
bool MovesCheck::may_be_declared(Address const& pattern) const {
  if (!all_seen_) return true;
  return pattern.tenant == kEveryTenant ? !broken_.empty() : broken_.contains(pattern.tenant);
}

void MovesCheck::note(Address const& address) {
  if (auto const named = named_.find(address); named != named_.end()) named->second = true;
  auto const in_all = in_all_.find({address.section, address.key});
  if (in_all == in_all_.end()) return;
  auto& first = in_all->second;
  if (!first || address.tenant < *first) first = address.tenant;
}

std::optional<Address> MovesCheck::declared(Address const& pattern) const {
  if (pattern.tenant != kEveryTenant) {
    return named_.at(pattern) ? std::optional(pattern) : std::nullopt;
  }
  auto const& first = in_all_.at({pattern.section, pattern.key});
  if (!first) return std::nullopt;
  return Address{*first, pattern.section, pattern.key};
}

void MovesCheck::finish() {
  Targets by_from, by_to;
  for (auto const& moved : model_.moved) {
    for (auto const& [index, address] : {std::pair{&by_from, &moved.from}, {&by_to, &moved.to}}) {
      auto const [first, is_new] = index->emplace(*address, &moved);
      if (is_new) continue;
      reporter_.error(moved.where, "moved twice",
                      fmt::format("{} is in another element of `moved` ({}).", address->text(),
                                  first->second->where.text()),
                      "remove one of them");
    }
  }
  for (auto const& moved : model_.moved) check_moved(moved, by_from);
  for (auto const& removed : model_.removed) check_removed(removed);
}

void MovesCheck::check_moved(Moved const& moved, Targets const& by_from) {
  if (auto const still = declared(moved.from)) {
    reporter_.error(moved.where, "moved, but still declared",
                    fmt::format("{} has a block in the configuration.", still->text()),
                    fmt::format("rename its block to {}, or take the move out", moved.to.text()));
    return;
  }
  if (by_from.contains(moved.to)) return check_cycle(moved, by_from);
  if (declared(moved.to) || may_be_declared(moved.to)) return;
  // A fleet takes it further.
  if (moved.to.is_tenant() && model_.former_keys.entry(moved.to.tenant) != nullptr) return;
  reporter_.error(moved.where, "moved to what is not declared",
                  fmt::format("{} has no block in the configuration.", moved.to.text()),
                  "declare it, or use `removed` for what is no longer to be managed");
}

/// Moves may follow each other, but have to end somewhere.
void MovesCheck::check_cycle(Moved const& moved, Targets const& by_from) {
  auto const* at = &moved;
  for (std::size_t steps = 0; steps <= by_from.size(); ++steps) {
    auto const next = by_from.find(at->to);
    if (next == by_from.end()) return;
    at = next->second;
  }
  reporter_.error(moved.where, "moves in a circle",
                  fmt::format("From {} the moves never end.", moved.from.text()),
                  "take one of them out");
}

void MovesCheck::check_removed(Removed const& removed) {
  auto const still = declared(removed.from);
  if (!still) return;
  reporter_.error(removed.where, "removed, but still declared",
                  fmt::format("{} has a block in the configuration.", still->text()),
                  "take its block out, or this element");
}

}  // namespace tenantry::config
