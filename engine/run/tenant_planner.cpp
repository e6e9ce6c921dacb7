#include "engine/run/tenant_planner.hpp"

#include <fmt/format.h>

#include "engine/core/text.hpp"
#include "engine/run/deposed_objects.hpp"
#include "engine/run/fleet_membership.hpp"
#include "engine/run/foreseen_refusals.hpp"
#include "engine/run/moves.hpp"
#include "engine/run/narrowed_changes.hpp"
#include "engine/run/offboarding.hpp"
#include "engine/run/recovery.hpp"
#include "engine/run/resolve.hpp"
#include "engine/run/resource_planner.hpp"
#include "engine/run/selection.hpp"
#include "engine/run/situation.hpp"

namespace tenantry::run {
namespace asio = boost::asio;
using plans::Action;
using plans::Change;
using plans::Reason;
namespace {

class TenantPlanner {
 public:
  TenantPlanner(Context& context, PlanOptions const& options, OrganizationView& organization,
                std::string key)
      : context_(context), options_(options), organization_(organization) {
    plan_.key = std::move(key);
  }

  asio::awaitable<plans::TenantPlan> run() {
    auto planned = co_await make();
    if (!planned) fail(planned.error());
    note_moves(plan_.moves, plan_.changes);
    if (plan_.error) {
      plan_.moves.clear();
      plan_.changes.clear();
      plan_.learned.clear();
    }
    co_return std::move(plan_);
  }

 private:
  Address self() const { return {plan_.key, {}, {}}; }
  bool live_wanted() const { return options_.refresh == Refresh::live; }

  void fail(Error error) {
    if (!plan_.error) {
      plan_.error = std::move(error);
      return;
    }
    // Several problems of one tenant are told together; the first gives the code.
    auto const more = error.hint.empty() ? error.message : error.message + " (" + error.hint + ")";
    plan_.error->message += "; " + more;
  }

  Task<void> make() {
    find_declared();
    if (plan_.paused) co_return Result<void>();
    if (options_.changed_only) {
      auto unchanged = co_await is_as_applied();
      if (!unchanged) co_return unchanged.error();
      plan_.passed_over = *unchanged;
      if (plan_.passed_over) co_return Result<void>();
    }
    auto prepared = co_await lock_and_load();
    if (!prepared) co_return prepared.error();
    if (declared_ == std::nullopt && state_.resources.empty()) co_return Result<void>();
    if (!declared_ && is_removed(context_.configuration, self())) {
      let_go();
      co_return Result<void>();
    }
    if (!declared_ || declared_->summary.status == config::TenantStatus::deactivated ||
        (options_.destroy && options_.allow_deactivate)) {
      offboard();
      co_return Result<void>();
    }
    co_return co_await plan_active();
  }

  void find_declared() {
    auto const* summary = declared_tenant(context_.configuration, plan_.key);
    if (summary == nullptr) return;
    plan_.region = summary->region;
    plan_.paused = summary->paused;
    if (summary->paused) return;
    declared_ = context_.configuration.expand(plan_.key);
    plan_.config_digest = declared_->digest;
  }

  /// Whether the state says that just this configuration was applied as a whole. A deactivated
  /// tenant is always looked at: time alone may call for something.
  Task<bool> is_as_applied() {
    if (!declared_ || declared_->summary.status == config::TenantStatus::deactivated ||
        !former_keys(context_.configuration, plan_.key).empty()) {
      co_return false;
    }
    auto const state = co_await context_.store.load(plan_.key);
    if (!state) co_return state.error();
    if (!state->open.empty() || state->config_digest != declared_->digest) co_return false;
    auto const moves = find_moves(context_.configuration, plan_.key, *state);
    co_return moves.has_value() && moves->empty();
  }

  Task<void> lock_and_load() {
    std::unique_ptr<state::TenantLock> temporary;
    if (options_.locks != nullptr) {
      auto lock = co_await context_.store.lock(plan_.key, options_.owner, options_.lock_timeout);
      if (!lock) co_return lock.error();
      (*options_.locks)[plan_.key] = std::move(*lock);
    }
    auto state = co_await context_.store.load(plan_.key);
    if (!state) co_return state.error();
    state_ = std::move(*state);
    if (!state_.open.empty() && live_wanted()) {
      if (options_.locks == nullptr) {
        auto lock = co_await context_.store.lock(plan_.key, options_.owner, options_.lock_timeout);
        if (!lock) co_return lock.error();
        temporary = std::move(*lock);
        state = co_await context_.store.load(plan_.key);
        if (!state) co_return state.error();
        state_ = std::move(*state);
      }
      auto recovered =
          co_await recover(context_, organization_, declared_ ? &*declared_ : nullptr, state_);
      if (!recovered) co_return recovered.error();
    }
    plan_.is_marked_applied =
        !plan_.config_digest.empty() && state_.config_digest == plan_.config_digest;
    auto renamed = co_await take_moves();
    if (!renamed) co_return renamed.error();
    plan_.serial = serial_;
    if (auto const* row = state_.find(self())) {
      plan_.id = row->id;
      plan_.hostname = hostname_of(*row);
      if (plan_.region.empty()) plan_.region = text_at(row->extra, "region");
    }
    co_return Result<void>();
  }

  /// Rows of addresses that `moved` renames count as those of their new ones.
  Task<void> take_moves() {
    auto const& configuration = context_.configuration;
    serial_ = state_.serial;
    for (auto const& former : former_keys(configuration, plan_.key)) {
      auto before = co_await load_former(former);
      if (!before) co_return before.error();
      if (before->resources.empty() && before->open.empty()) continue;  // moved already
      if (!state_.resources.empty()) {
        co_return Error(
            Errc::conflict,
            fmt::format("{} cannot become {}: the state has both", former, plan_.key),
            fmt::format("forget the one that is not meant: tenantry state rm {}", former));
      }
      if (!before->open.empty()) {
        co_return Error(Errc::conflict,
                        fmt::format("{} cannot become {}: an operation of {} has no outcome yet",
                                    former, plan_.key, former),
                        fmt::format("rename the tenant back to {} and run tenantry plan, which "
                                    "settles it",
                                    former));
      }
      serial_ = before->serial;
      state_ = std::move(*before);
    }
    auto moves = find_moves(configuration, plan_.key, state_);
    if (!moves) co_return moves.error();
    plan_.moves = std::move(*moves);
    state_ = moved(std::move(state_), plan_.moves);
    co_return Result<void>();
  }

  Task<state::TenantState> load_former(std::string key) {
    if (options_.locks != nullptr) {
      auto lock = co_await context_.store.lock(key, options_.owner, options_.lock_timeout);
      if (!lock) co_return lock.error();
      (*options_.locks)[key] = std::move(*lock);
    }
    co_return co_await context_.store.load(key);
  }

  Change base_change() const {
    Change change;
    change.address = self();
    change.type = context_.provider.tenant().schema().type();
    change.id = plan_.id;
    auto const* row = state_.find(self());
    if (row != nullptr) {
      change.before = row->applied;
      change.prevent_destroy = row->prevent_destroy;
    }
    if (declared_) {
      change.where = declared_->summary.where;
      change.prevent_destroy = declared_->self.lifecycle.prevent_destroy;
      change.name = text_at(declared_->self.attributes, "name");
    }
    if (change.name.empty() && row != nullptr) change.name = text_at(row->applied, "name");
    if (change.name.empty()) change.name = plan_.hostname;
    return change;
  }

  // --- tenants that are to go ---

  /// `removed`: leaves the state with all that is in it, and stays live.
  void let_go() {
    plan_.refreshed = false;
    if (state_.find(self()) == nullptr || !options_.selection.includes(self())) return;
    auto change = base_change();
    change.action = Action::forget;
    change.reason = Reason::tenant_removed;
    change.reason_detail = kDeclaredRemoved;
    plan_.changes.push_back(std::move(change));
  }

  void offboard() {
    plan_.refreshed = false;
    if (!declared_ && !options_.destroy) {
      auto stopped = check_missing_row(context_.configuration, state_);
      if (!stopped) return fail(stopped.error());
    }
    auto planned = plan_offboarding({.context = context_,
                                     .options = options_,
                                     .declared = declared_ ? &*declared_ : nullptr,
                                     .state = state_,
                                     .change = base_change()});
    plan_.warnings = std::move(planned.warnings);
    if (!planned.change || !options_.selection.includes(self())) return;
    plan_.cost.register_writes += planned.register_writes;
    plan_.changes.push_back(std::move(*planned.change));
  }

  // --- tenants that are to be ---

  Task<void> plan_active() {
    auto found = co_await find_situation(context_, options_, organization_, *declared_, state_);
    if (!found) co_return found.error();
    // The old tenant and everything in it are gone.
    if (found->purged) state_.resources.clear();
    plan_.id = found->id;
    plan_.hostname = found->hostname;
    auto situation = found->situation;
    auto refreshed = co_await refresh_if_live(situation);
    if (!refreshed) co_return refreshed.error();
    resolve_declared();
    take_back_deposed();
    TenantReferences const names(declared_->resources, state_, live_);
    plan_self(situation, names);
    plan_declared_resources(situation, names);
    select_changes(plan_, options_.selection);
    foresee_refusals(names);
    plan_.cost += cost_of(plan_, live_.self ? 1 + static_cast<int>(sections_) : 0,
                          situation == Situation::missing);
    co_return Result<void>();
  }

  /// What would be refused on the way is an error before anything is called.
  void foresee_refusals(TenantReferences const& names) {
    if (!plan_.refreshed || !live_.self) return;
    auto const session = tenant_session(context_, &*declared_, plan_.region, plan_.hostname);
    if (!session) return fail(session.error());
    LiveView const view{context_.provider, **session, state_, live_, names};
    for (auto& error : foreseen_refusals(view, plan_.changes)) fail(std::move(error));
  }

  Task<void> refresh_if_live(Situation& situation) {
    bool const answers = situation == Situation::active || situation == Situation::found;
    plan_.refreshed = live_wanted() && situation != Situation::disabled;
    if (!plan_.refreshed || !answers) co_return Result<void>();
    auto session = tenant_session(context_, &*declared_, plan_.region, plan_.hostname);
    if (!session) co_return session.error();
    auto sections = sections_to_list(context_.provider, declared_->resources, state_);
    sections_ = sections.size();
    auto live = co_await refresh(context_, **session, plan_.id, std::move(sections));
    if (!live) {
      if (live.error().code == Errc::tenant_disabled && situation == Situation::active) {
        situation = Situation::disabled;  // by somebody else: the configuration wants it active
        plan_.refreshed = false;
        co_return Result<void>();
      }
      co_return explain_unreachable(live.error(), situation);
    }
    auto unlisted = co_await add_unlisted(context_, **session, *live, state_);
    if (!unlisted) co_return unlisted.error();
    auto detailed = co_await add_details(context_, **session, *live, declared_->resources, state_);
    if (!detailed) co_return detailed.error();
    live_ = std::move(*live);
    plan_.id = live_.self->id;
    plan_.hostname = live_.self->hostname;
    co_return Result<void>();
  }

  Error explain_unreachable(Error error, Situation situation) const {
    if (error.code != Errc::not_found || situation != Situation::active) return error;
    error.hint = fmt::format(
        "the state says that {} is tenant {}; if it was purged, forget it: tenantry state rm {}",
        plan_.hostname, plan_.id.text(), plan_.key);
    return error;
  }

  /// The host name and the id of a tenant that exists are known: fill them in.
  void resolve_declared() {
    if (plan_.hostname.empty() || plan_.id.empty()) return;
    auto const fill = [&](Object& values) {
      for (auto& member : values) {
        if (!is_unknown(member.value())) continue;
        member.value() = resolve_tenant(member.value(), plan_.hostname, plan_.id.text());
      }
    };
    auto const fill_both = [&](DesiredResource& resource) {
      fill(resource.attributes);
      fill(resource.meta);
    };
    fill_both(declared_->self);
    for (auto& resource : declared_->resources) fill_both(resource);
  }

  /// Going back to what was replaced: a second one of the same natural key could not be made.
  void take_back_deposed() {
    if (!plan_.refreshed || options_.refresh_only || options_.adopt_only || options_.destroy)
      return;
    for (auto const& wanted : declared_->resources) {
      auto const* type = context_.provider.find(wanted.address.section);
      auto row = type ? taken_back(*type, wanted, state_, live_) : std::nullopt;
      if (!row) continue;
      state_.resources[wanted.address] = *row;
      plan_.learned.push_back(std::move(*row));
    }
  }

  void plan_self(Situation situation, TenantReferences const& names) {
    auto const& schema = context_.provider.tenant().schema();
    auto wanted = declared_->self;
    wanted.attributes.erase("licenseKey");  // needed to create, never compared
    if (situation != Situation::missing) {
      wanted.attributes.erase("datacenter");
      check_datacenter();
    }
    auto const address = self();
    auto input =
        diff_input(context_, options_, schema, names, address, secret_salt(context_.store.info()));
    input.desired = &wanted;
    input.prior = state_.find(address);
    input.destroy = false;
    input.refreshed = plan_.refreshed || situation == Situation::missing;
    input.may_adopt = true;
    RemoteObject live;
    if (live_.self) {
      live = {live_.self->id, live_.self->attributes};
      input.live = &live;
    }
    auto output = plans::diff(input);
    if (!output) return fail(output.error());
    auto& change = output->change;
    change.where = declared_->summary.where;
    change.id = plan_.id;
    if (situation == Situation::disabled) {
      change.action = Action::reactivate;
      change.reason = Reason::declared_active_again;
    } else if (situation == Situation::found) {
      change.action = Action::adopt;
      change.reason = Reason::adoption;
    }
    if (options_.destroy) change.action = Action::no_op;
    learn_self(std::move(output->learned));
    plan_.changes.push_back(std::move(change));
  }

  /// The row of the tenant as it is stored when the plan is applied: with the fleet that it is of.
  void learn_self(std::optional<state::ResourceRecord> learned) {
    auto const* prior = state_.find(self());
    auto const& fleet = declared_->summary.fleet;
    if (prior != nullptr && fleet_of(learned ? *learned : *prior) != fleet) {
      if (!learned) learned = *prior;
      note_fleet(*learned, fleet);
    }
    if (learned) plan_.learned.push_back(std::move(*learned));
  }

  void check_datacenter() {
    auto const wanted = text_at(declared_->self.attributes, "datacenter");
    if (wanted.empty() || !live_.self || live_.self->datacenter.empty() ||
        live_.self->datacenter == wanted) {
      return;
    }
    fail({Errc::invalid,
          fmt::format("{}: {}: the data centre is {}, and no call can change it to {}",
                      declared_->self.origin("/datacenter").text(), plan_.key,
                      live_.self->datacenter, visible(wanted)),
          "write the data centre that the tenant has, or leave it out"});
  }

  void plan_declared_resources(Situation situation, TenantReferences const& names) {
    if (options_.destroy && situation == Situation::missing) return;
    auto const liveness = plan_.refreshed || situation == Situation::missing ? Liveness::listed
                                                                             : Liveness::from_state;
    ResourcePlanInput const input{.context = context_,
                                  .options = options_,
                                  .desired = declared_->resources,
                                  .state = state_,
                                  .live = live_,
                                  .names = names,
                                  .liveness = liveness,
                                  .secret_salt = secret_salt(context_.store.info())};
    auto planned = plan_resources(input);
    for (auto& error : planned.errors) fail(std::move(error));
    for (auto& change : planned.changes) plan_.changes.push_back(std::move(change));
    for (auto& row : planned.learned) plan_.learned.push_back(std::move(row));
    if (options_.adopt_only) keep_adoptions(plan_.changes);
    if (options_.refresh_only) keep_drift(plan_.changes);
  }

  Context& context_;
  PlanOptions const& options_;
  OrganizationView& organization_;
  plans::TenantPlan plan_;
  std::optional<config::Tenant> declared_;
  state::TenantState state_;
  LiveTenant live_;
  std::size_t sections_ = 0;
  std::int64_t serial_ = 0;  ///< of the state as it is stored
};

}  // namespace

asio::awaitable<plans::TenantPlan> plan_tenant(Context& context, PlanOptions const& options,
                                               OrganizationView& organization, std::string key) {
  TenantPlanner planner(context, options, organization, std::move(key));
  co_return co_await planner.run();
}

}  // namespace tenantry::run
