#include "engine/run/alias_handover.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "engine/core/text.hpp"

namespace tenantry::run {
namespace {

plans::AttributeChange const* alias_change(plans::TenantPlan const& tenant) {
  for (auto const& change : tenant.changes) {
    if (!change.address.is_tenant()) continue;
    auto const found =
        std::ranges::find(change.attributes, std::string("alias"), &plans::AttributeChange::name);
    return found == change.attributes.end() ? nullptr : &*found;
  }
  return nullptr;
}

std::string text_of(Value const& value) {
  return value.is_string() ? std::string(std::string_view(value.get_string())) : std::string();
}

/// For each tenant that takes an alias of another one: index of the taker to index of the giver.
std::map<std::size_t, std::size_t> handovers(std::vector<plans::TenantPlan const*> const& tenants) {
  std::map<Alias, std::size_t> given;
  for (std::size_t i = 0; i < tenants.size(); ++i) {
    auto const* change = alias_change(*tenants[i]);
    if (change == nullptr || text_of(change->before).empty()) continue;
    given[{tenants[i]->region, text_of(change->before)}] = i;
  }
  std::map<std::size_t, std::size_t> out;
  for (std::size_t i = 0; i < tenants.size(); ++i) {
    auto const* change = alias_change(*tenants[i]);
    if (change == nullptr) continue;
    auto const giver = given.find({tenants[i]->region, text_of(change->after)});
    if (giver != given.end() && giver->second != i) out[i] = giver->second;
  }
  return out;
}

/// Each tenant gives one alias at most, so following the givers finds a circle or an end.
bool is_in_circle(std::map<std::size_t, std::size_t> const& giver_of, std::size_t taker) {
  auto at = giver_of.find(taker);
  for (std::size_t steps = 0; at != giver_of.end() && steps <= giver_of.size(); ++steps) {
    if (at->second == taker) return true;
    at = giver_of.find(at->second);
  }
  return false;
}

std::size_t wave_of(plans::Plan const& plan, plans::TenantPlan const& tenant) {
  auto const found = std::ranges::find(plan.waves, tenant.wave, &plans::Wave::name);
  return static_cast<std::size_t>(found - plan.waves.begin());
}

/// Why `taker` cannot take `alias` from `giver`.
std::optional<Error> refusal(plans::Plan const& plan, plans::TenantPlan const& taker,
                             plans::TenantPlan const& giver, std::string const& alias,
                             bool in_circle) {
  if (in_circle) {
    return Error(Errc::conflict,
                 fmt::format("{}: takes the alias {} from {}, which waits in turn for an alias of "
                             "this tenant",
                             taker.key, visible(alias), giver.key),
                 "give one of them another alias first, and apply; then the rest");
  }
  if (wave_of(plan, giver) > wave_of(plan, taker)) {
    return Error(Errc::conflict,
                 fmt::format("{}: takes the alias {} from {}, which gives it up in the later wave "
                             "{}",
                             taker.key, visible(alias), giver.key, giver.wave),
                 "put both into one wave");
  }
  return std::nullopt;
}

}  // namespace

std::string taken_alias(plans::TenantPlan const& tenant) {
  auto const* change = alias_change(tenant);
  return change == nullptr ? std::string() : text_of(change->after);
}

void note_handovers(plans::Plan& plan) {
  std::vector<plans::TenantPlan const*> tenants;
  for (auto const& tenant : plan.tenants) tenants.push_back(&tenant);
  auto const giver_of = handovers(tenants);
  std::vector<std::size_t> refused;
  for (auto const& [taker, giver] : giver_of) {
    auto& tenant = plan.tenants[taker];
    auto const alias = text_of(alias_change(tenant)->after);
    auto const& from = plan.tenants[giver].key;
    if (auto error =
            refusal(plan, tenant, plan.tenants[giver], alias, is_in_circle(giver_of, taker))) {
      tenant.error = std::move(*error);
      refused.push_back(taker);
      continue;
    }
    auto const change =
        std::ranges::find_if(tenant.changes, [](auto const& c) { return c.address.is_tenant(); });
    change->notes.push_back(
        fmt::format("takes the alias {} over from {}, after that tenant gave it up", alias, from));
  }
  for (auto const index : refused) plan.tenants[index].changes.clear();
}

std::vector<std::vector<std::size_t>> handover_rounds(
    std::vector<plans::TenantPlan const*> const& tenants) {
  auto const giver_of = handovers(tenants);
  std::vector<std::vector<std::size_t>> rounds;
  std::set<std::size_t> done;
  while (done.size() < tenants.size()) {
    std::vector<std::size_t> round;
    for (std::size_t i = 0; i < tenants.size(); ++i) {
      auto const giver = giver_of.find(i);
      bool const waits = giver != giver_of.end() && !done.contains(giver->second);
      if (!done.contains(i) && !waits) round.push_back(i);
    }
    if (round.empty()) {
      for (std::size_t i = 0; i < tenants.size(); ++i) {
        if (!done.contains(i)) round.push_back(i);
      }
    }
    done.insert(round.begin(), round.end());
    rounds.push_back(std::move(round));
  }
  return rounds;
}

}  // namespace tenantry::run
