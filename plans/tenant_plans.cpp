#include <algorithm>
#include <numeric>
#include <utility>

#include "plans/guards.hpp"
#include "plans/plan.hpp"
#include "plans/spool.hpp"
#include "plans/tenant_codec.hpp"

namespace tenantry::plans {
namespace {

bool differs_live(Change const& change) {
  if (!change.drift_only.empty()) return true;
  if (change.reason == Reason::drifted || change.reason == Reason::config_and_drift ||
      change.reason == Reason::gone) {
    return true;
  }
  return std::ranges::any_of(change.attributes, &AttributeChange::drifted);
}

AttributeChange const* alias_of(Change const& change) {
  if (!change.address.is_tenant()) return nullptr;
  auto const found =
      std::ranges::find(change.attributes, std::string_view("alias"), &AttributeChange::name);
  return found == change.attributes.end() ? nullptr : &*found;
}

void tally(TenantSummary& summary, Change const& change) {
  ++summary.counts[static_cast<std::size_t>(change.action)];
  summary.drifted += !change.drift_only.empty();
  summary.existing += !change.address.is_tenant() && change.action != Action::create;
  summary.destroys = summary.destroys || destroys(change);
  summary.guarded = summary.guarded || change.guard.has_value();
  summary.shown = summary.shown || is_shown(change);
  summary.live_differs = summary.live_differs || differs_live(change);
  if (auto const* alias = alias_of(change)) {
    summary.takes_alias = true;
    summary.gives_alias = alias->before.is_string() && !alias->before.get_string().empty();
  }
}

}  // namespace

TenantSummary TenantSummary::of(TenantPlan const& plan) {
  TenantSummary summary;
  summary.key = plan.key;
  summary.wave = plan.wave;
  summary.region = plan.region;
  summary.serial = plan.serial;
  summary.cost = plan.cost;
  summary.unchanged =
      static_cast<std::uint32_t>(plan.unchanged) + (plan.is_itself_unchanged ? 1 : 0);
  summary.moves = static_cast<std::uint32_t>(plan.moves.size());
  summary.existing = static_cast<std::uint32_t>(plan.unchanged);
  for (auto const& change : plan.changes) tally(summary, change);
  auto const counted = counts_of(plan);
  summary.deletes = static_cast<std::uint32_t>(counted.deletes);
  summary.creates_tenant = counted.creates > 0;
  summary.deactivates_tenant = counted.deactivates > 0;
  if (plan.error) summary.error = plan.error->code;
  summary.stopped = plan.stopped_by_guard();
  summary.learns = !plan.learned.empty();
  summary.configured = !plan.config_digest.empty();
  summary.is_marked_applied = plan.is_marked_applied;
  summary.passed_over = plan.passed_over;
  summary.paused = plan.paused;
  summary.partial = plan.partial;
  return summary;
}

std::uint32_t TenantSummary::changes() const {
  return std::accumulate(counts.begin(), counts.end(), 0U) - count(Action::no_op);
}

TenantPlans::TenantPlans()
    : spool_(std::make_shared<Spool>()),
      names_(std::make_shared<std::set<std::string, std::less<>>>()) {}

TenantPlans::TenantPlans(std::initializer_list<TenantPlan> plans) : TenantPlans() {
  for (auto const& plan : plans) ensure(add(plan).has_value(), "a few tenants fit in memory");
}

TenantPlans::TenantPlans(std::size_t count) : TenantPlans() {
  summaries_.resize(count);
  places_.resize(count);
}

Result<TenantPlan> TenantPlans::read(std::size_t index) const {
  if (places_[index].size == 0) return TenantPlan{};
  auto const bytes = spool_->read(places_[index]);
  if (!bytes) return bytes.error();
  auto plan = unpacked(*bytes);
  plan.wave = summaries_[index].wave;
  return plan;
}

Result<void> TenantPlans::for_each(std::function<void(TenantPlan const&)> const& visit) const {
  return try_each([&](TenantPlan const& tenant) -> Result<void> {
    visit(tenant);
    return {};
  });
}

Result<void> TenantPlans::try_each(
    std::function<Result<void>(TenantPlan const&)> const& visit) const {
  for (std::size_t i = 0; i < size(); ++i) {
    auto const tenant = read(i);
    if (!tenant) return tenant.error();
    auto const visited = visit(*tenant);
    if (!visited) return visited;
  }
  return {};
}

Result<void> TenantPlans::add(TenantPlan const& plan) {
  summaries_.emplace_back();
  places_.emplace_back();
  return put(size() - 1, plan);
}

Result<void> TenantPlans::put(std::size_t index, TenantPlan const& plan) {
  auto const place = spool_->add(packed(plan));
  if (!place) return place.error();
  places_[index] = *place;
  auto summary = TenantSummary::of(plan);
  summary.wave = interned(summary.wave);
  summary.region = interned(summary.region);
  summaries_[index] = std::move(summary);
  return {};
}

Result<void> TenantPlans::edit(std::size_t index, std::function<void(TenantPlan&)> const& change) {
  auto plan = read(index);
  if (!plan) return plan.error();
  change(*plan);
  return put(index, *plan);
}

void TenantPlans::set_wave(std::size_t index, std::string_view wave) {
  summaries_[index].wave = interned(wave);
}

std::size_t TenantPlans::drop_passed_over() {
  std::size_t kept = 0;
  for (std::size_t i = 0; i < size(); ++i) {
    if (summaries_[i].passed_over) continue;
    if (kept != i) {
      summaries_[kept] = std::move(summaries_[i]);
      places_[kept] = places_[i];
    }
    ++kept;
  }
  auto const dropped = size() - kept;
  summaries_.resize(kept);
  places_.resize(kept);
  return dropped;
}

std::string_view TenantPlans::interned(std::string_view text) {
  if (text.empty()) return {};
  auto const known = names_->find(text);
  return known != names_->end() ? *known : *names_->emplace(text).first;
}

}  // namespace tenantry::plans
