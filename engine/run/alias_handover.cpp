#include "engine/run/alias_handover.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <numeric>
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

/// The alias of a tenant before the plan and after it.
struct AliasMove {
  std::string before;
  std::string after;
};

Result<AliasMove> alias_move(plans::TenantPlans const& plans, std::size_t index) {
  auto const tenant = plans.read(index);
  if (!tenant) return tenant.error();
  auto const* change = alias_change(*tenant);
  ensure(change != nullptr, "the summary says that the alias changes");
  return AliasMove{text_of(change->before), text_of(change->after)};
}

}  // namespace

Result<AliasGivers> alias_givers(plans::TenantPlans const& plans,
                                 std::vector<std::size_t> const& tenants) {
  AliasGivers out;
  std::map<Alias, std::size_t> given;
  for (auto const index : tenants) {
    if (!plans[index].gives_alias) continue;
    auto const move = alias_move(plans, index);
    if (!move) return move.error();
    given[{std::string(plans[index].region), move->before}] = index;
  }
  if (given.empty()) return out;
  for (auto const index : tenants) {
    if (!plans[index].takes_alias) continue;
    auto const move = alias_move(plans, index);
    if (!move) return move.error();
    auto const giver = given.find({std::string(plans[index].region), move->after});
    if (giver != given.end() && giver->second != index) out[index] = giver->second;
  }
  return out;
}

namespace {

/// Each tenant gives one alias at most, so following the givers finds a circle or an end.
bool is_in_circle(AliasGivers const& giver_of, std::size_t taker) {
  auto at = giver_of.find(taker);
  for (std::size_t steps = 0; at != giver_of.end() && steps <= giver_of.size(); ++steps) {
    if (at->second == taker) return true;
    at = giver_of.find(at->second);
  }
  return false;
}

std::size_t wave_of(plans::Plan const& plan, plans::TenantSummary const& tenant) {
  auto const found = std::ranges::find(plan.waves, tenant.wave, &plans::Wave::name);
  return static_cast<std::size_t>(found - plan.waves.begin());
}

/// Why `taker` cannot take `alias` from `giver`.
std::optional<Error> refusal(plans::Plan const& plan, plans::TenantSummary const& taker,
                             plans::TenantSummary const& giver, std::string const& alias,
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

Result<void> note_handovers(plans::Plan& plan) {
  std::vector<std::size_t> all(plan.tenants.size());
  std::iota(all.begin(), all.end(), std::size_t{0});
  auto const giver_of = alias_givers(plan.tenants, all);
  if (!giver_of) return giver_of.error();
  for (auto const& [taker, giver] : *giver_of) {
    auto const move = alias_move(plan.tenants, taker);
    if (!move) return move.error();
    auto error = refusal(plan, plan.tenants[taker], plan.tenants[giver], move->after,
                         is_in_circle(*giver_of, taker));
    auto const& from = plan.tenants[giver].key;
    auto const edited = plan.tenants.edit(taker, [&](plans::TenantPlan& tenant) {
      if (error) return tenant.refuse(std::move(*error));
      auto const change =
          std::ranges::find_if(tenant.changes, [](auto const& c) { return c.address.is_tenant(); });
      change->notes.push_back(fmt::format(
          "takes the alias {} over from {}, after that tenant gave it up", move->after, from));
    });
    if (!edited) return edited;
  }
  return {};
}

Result<std::vector<std::vector<std::size_t>>> handover_rounds(
    plans::TenantPlans const& plans, std::vector<std::size_t> const& tenants) {
  auto const giver_of = alias_givers(plans, tenants);
  if (!giver_of) return giver_of.error();
  std::vector<std::vector<std::size_t>> rounds;
  auto left = tenants;
  std::set<std::size_t> waited_for;  // that are still to come
  for (auto const& [taker, giver] : *giver_of) waited_for.insert(giver);
  while (!left.empty()) {
    std::vector<std::size_t> round, later;
    for (auto const index : left) {
      auto const giver = giver_of->find(index);
      bool const waits = giver != giver_of->end() && waited_for.contains(giver->second);
      (waits ? later : round).push_back(index);
    }
    if (round.empty()) round.swap(later);  // what is left of a circle
    for (auto const index : round) waited_for.erase(index);
    left = std::move(later);
    rounds.push_back(std::move(round));
  }
  return rounds;
}

}  // namespace tenantry::run
