#include "engine/run/adoption.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "engine/core/text.hpp"
#include "engine/run/deposed_objects.hpp"
#include "engine/run/organization.hpp"
#include "engine/run/resolve.hpp"
#include "engine/run/resource_planner.hpp"
#include "engine/run/situation.hpp"

namespace tenantry::run {
namespace {

class Import {
 public:
  Import(Context& context, ImportRequest request, PlanOptions const& options,
         std::vector<std::string>& differs)
      : context_(context),
        request_(std::move(request)),
        address_(request_.address),
        options_(options),
        differs_(differs) {}

  Task<plans::Plan> run() {
    auto known = find_declared();
    if (!known) co_return known.error();
    auto loaded = co_await lock_and_load();
    if (!loaded) co_return loaded.error();
    auto free = co_await check_free();
    if (!free) co_return free.error();
    Result<plans::DiffOutput> output = Error(Errc::internal, "nothing was read");
    if (address_.is_tenant()) {
      output = co_await take_tenant();
    } else {
      output = co_await take_resource();
    }
    if (!output) co_return output.error();
    co_return plan_of(std::move(output->change));
  }

 private:
  Result<void> find_declared() {
    if (declared_tenant(context_.configuration, address_.tenant) == nullptr) {
      std::vector<std::string> keys;
      for (auto const& summary : context_.configuration.tenants()) keys.push_back(summary.key);
      return not_declared(did_you_mean(address_.tenant, keys));
    }
    declared_ = context_.configuration.expand(address_.tenant);
    wanted_ = &declared_->self;
    if (address_.is_tenant()) return {};
    auto& resources = declared_->resources;
    auto const resource = std::ranges::find(resources, address_, &DesiredResource::address);
    if (resource != resources.end()) {
      wanted_ = &*resource;
      return {};
    }
    std::vector<std::string> known;
    for (auto const& other : resources) known.push_back(other.address.text());
    return not_declared(did_you_mean(address_.text(), known));
  }

  Error not_declared(std::string const& suggestion) const {
    return {Errc::not_found,
            fmt::format("{} is not in the configuration{}", visible(address_.text()), suggestion),
            "write its block first: an import takes over what is declared"};
  }

  Task<void> lock_and_load() {
    auto lock =
        co_await context_.store.lock(address_.tenant, options_.owner, options_.lock_timeout);
    if (!lock) co_return lock.error();
    (*options_.locks)[address_.tenant] = std::move(*lock);
    auto state = co_await context_.store.load(address_.tenant);
    if (!state) co_return state.error();
    state_ = std::move(*state);
    if (state_.open.empty()) co_return Result<void>();
    co_return Error(Errc::conflict,
                    fmt::format("an operation of {} has no outcome yet", address_.tenant),
                    "run tenantry plan, which settles it");
  }

  /// Neither the address nor the object may be in the state already.
  Task<void> check_free() {
    if (auto const* row = state_.find(address_)) {
      co_return Error(Errc::conflict,
                      fmt::format("{} is in the state already: it is {}", address_.text(),
                                  visible(row->id.text())),
                      fmt::format("to let that go, run: tenantry state rm {}", address_.text()));
    }
    if (!address_.is_tenant()) co_return owned_in(state_);
    auto keys = co_await context_.store.tenants();
    if (!keys) co_return keys.error();
    for (auto const& key : *keys) {
      auto other = co_await context_.store.load(key);
      if (!other) co_return other.error();
      auto free = owned_in(*other);
      if (!free) co_return free.error();
    }
    co_return Result<void>();
  }

  Result<void> owned_in(state::TenantState const& state) const {
    for (auto const& [address, row] : state.resources) {
      if (address.section != address_.section) continue;
      auto const old = deposed_of(row);
      bool const is_old = std::ranges::find(old, request_.id) != old.end();
      if (row.id != request_.id && !is_old) continue;
      return Error(
          Errc::conflict,
          fmt::format("{} is managed as {} already", visible(request_.id.text()), address.text()),
          fmt::format("to give it another address, run: tenantry state mv {} {}", address.text(),
                      address_.text()));
    }
    return {};
  }

  // --- a tenant ---

  Task<plans::DiffOutput> take_tenant() {
    auto hostname = co_await find_hostname();
    if (!hostname) co_return hostname.error();
    auto session = sign_in(*hostname);
    if (!session) co_return session.error();
    auto const& type = context_.provider.tenant();
    RemoteId const own;  // whichever answers: it must be the one that is meant
    auto self = co_await type.read(**session, own);
    if (!self) co_return self.error();
    if (self->id != request_.id) {
      co_return Error(Errc::conflict,
                      fmt::format("{} is tenant {}, not {}", *hostname, visible(self->id.text()),
                                  visible(request_.id.text())),
                      "check the id, and the `hostname` of the tenant");
    }
    hostname_ = self->hostname;
    RemoteObject const live{self->id, self->attributes};
    auto wanted = resolved(*wanted_);
    wanted.attributes.erase("licenseKey");  // as in a plan: needed to create, never compared
    wanted.attributes.erase("datacenter");
    co_return compare(type.schema(), wanted, live, {});
  }

  /// One that answers.
  Task<std::string> find_hostname() {
    if (!request_.hostname.empty()) co_return request_.hostname;
    if (!declared_->summary.hostname.empty()) co_return declared_->summary.hostname;
    OrganizationView organization(context_);
    if (!organization.configured()) {
      co_return Error(Errc::invalid,
                      fmt::format("the host name of {} is not known", address_.text()),
                      "give it by --hostname or by `hostname` in its block, or configure an "
                      "organization client");
    }
    auto listed = co_await organization.tenants();
    if (!listed) co_return listed.error();
    auto const found = std::ranges::find(*listed, request_.id, &TenantListing::id);
    if (found != listed->end() && !found->hostnames.empty()) co_return found->hostnames.front();
    co_return Error(Errc::not_found,
                    fmt::format("the organization has no tenant {}", visible(request_.id.text())));
  }

  // --- a resource ---

  Task<plans::DiffOutput> take_resource() {
    auto const* row = state_.find({address_.tenant, {}, {}});
    if (row == nullptr) {
      co_return Error(Errc::not_found,
                      fmt::format("the tenant {} is not in the state", address_.tenant),
                      fmt::format("take it over first: tenantry import {} ID", address_.tenant));
    }
    hostname_ = hostname_of(*row);
    auto session = sign_in(hostname_);
    if (!session) co_return session.error();
    auto const& type = *context_.provider.find(address_.section);
    std::vector<DesiredResource> const one{*wanted_};
    state::TenantState none;
    none.key = address_.tenant;
    auto sections = sections_to_list(context_.provider, one, none);
    sections.insert(address_.section);
    auto lists = co_await refresh(context_, **session, row->id, std::move(sections));
    if (!lists) co_return lists.error();
    auto const* live = lists->find(address_.section, request_.id);
    if (live == nullptr) {
      co_return Error(Errc::not_found,
                      fmt::format("{} has no {} {}", hostname_, type.schema().singular,
                                  visible(request_.id.text())),
                      "check the id and the section of the address");
    }
    auto whole = co_await type.detail(**session, *live);
    if (!whole) co_return whole.error();
    auto wanted = resolved(*wanted_);
    co_return compare(type.schema(), wanted, *whole, *lists);
  }

  Result<Session*> sign_in(std::string const& hostname) {
    return tenant_session(context_, &*declared_, declared_->summary.region, hostname);
  }

  DesiredResource resolved(DesiredResource wanted) const {
    auto const tenant =
        address_.is_tenant() ? request_.id : state_.find({address_.tenant, {}, {}})->id;
    auto const fill = [&](Object& values) {
      values = resolve_tenant(values, hostname_, tenant.text()).get_object();
    };
    fill(wanted.attributes);
    fill(wanted.meta);
    return wanted;
  }

  Result<plans::DiffOutput> compare(Schema const& schema, DesiredResource const& wanted,
                                    RemoteObject const& live, LiveTenant const& lists) {
    TenantReferences const names(declared_->resources, state_, lists);
    auto input =
        diff_input(context_, options_, schema, names, address_, secret_salt(context_.store.info()));
    input.desired = &wanted;
    input.live = &live;
    input.may_adopt = true;
    if (auto const* type = context_.provider.find(address_.section)) {
      input.on_change = [type](Attribute const& attribute, Object const& before) {
        return type->on_change(attribute, before);
      };
    }
    return plans::diff(input);
  }

  /// What is live enters the state as it is.
  Result<plans::Plan> plan_of(plans::Change change) {
    change.action = plans::Action::adopt;
    change.reason = plans::Reason::adoption;
    change.id = request_.id;
    change.where = wanted_->where;
    for (auto const& attribute : change.attributes) {
      differs_.push_back(attribute.name);
      change.after[attribute.name] = attribute.before;
    }
    change.attributes.clear();
    plans::TenantPlan tenant;
    tenant.key = address_.tenant;
    tenant.region = declared_->summary.region;
    tenant.hostname = hostname_;
    auto const* row = state_.find({address_.tenant, {}, {}});
    tenant.id = row != nullptr ? row->id : request_.id;
    tenant.serial = state_.serial;
    tenant.partial = true;
    tenant.changes.push_back(std::move(change));
    plans::Plan plan;
    plan.lineage = context_.store.info().lineage;
    plan.adopt_only = true;
    auto const added = plan.tenants.add(tenant);
    if (!added) return added.error();
    return plan;
  }

  Context& context_;
  ImportRequest request_;
  Address const& address_;
  PlanOptions const& options_;
  std::vector<std::string>& differs_;
  std::optional<config::Tenant> declared_;
  DesiredResource const* wanted_ = nullptr;
  state::TenantState state_;
  std::string hostname_;
};

}  // namespace

Task<plans::Plan> plan_import(Context& context, ImportRequest request, PlanOptions options,
                              std::vector<std::string>& differs) {
  Import import(context, std::move(request), options, differs);
  co_return co_await import.run();
}

}  // namespace tenantry::run
