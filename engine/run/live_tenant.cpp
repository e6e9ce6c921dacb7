#include "engine/run/live_tenant.hpp"

#include <boost/asio/this_coro.hpp>

#include "engine/core/concurrency.hpp"
#include "engine/run/references.hpp"
#include "plans/diff.hpp"

namespace tenantry::run {
namespace asio = boost::asio;
namespace {

/// Where the side-by-side reads of one tenant put their results.
struct Reading {
  LiveTenant live;
  std::optional<Error> failure;
};

asio::awaitable<void> read_self(TenantType const& type, Session& session, RemoteId id,
                                Reading& out) {
  auto self = co_await type.read(session, std::move(id));
  if (self) {
    out.live.self = std::move(*self);
  } else if (!out.failure) {
    out.failure = self.error();
  }
}

asio::awaitable<void> read_list(ResourceType const& type, Session& session, Reading& out) {
  auto list = co_await type.list(session);
  if (list) {
    out.live.lists[type.schema().section] = std::move(*list);
  } else if (!out.failure) {
    out.failure = list.error();
  }
}

/// What a plan is about in one section.
class Wanted {
 public:
  /// All must outlive it.
  Wanted(Schema const& schema, std::vector<DesiredResource> const& desired,
         state::TenantState const& state, TenantReferences const& names)
      : schema_(schema), desired_(desired), names_(names) {
    for (auto const& [address, record] : state.resources) {
      if (address.section == schema.section) ids_.insert(record.id);
    }
  }

  bool includes(RemoteObject const& object) {
    if (ids_.contains(object.id)) return true;
    // Names are compared for what the state does not know, which is little or nothing.
    if (!keys_) keys_ = keys();
    return keys_->contains(
        natural_key(schema_, plans::comparable(schema_, object.attributes, names_)));
  }

 private:
  std::set<std::string> keys() const {
    std::set<std::string> out;
    for (auto const& resource : desired_) {
      if (resource.address.section != schema_.section) continue;
      out.insert(
          natural_key(schema_, plans::comparable_desired(schema_, resource.attributes, names_)));
    }
    return out;
  }

  Schema const& schema_;
  std::vector<DesiredResource> const& desired_;
  TenantReferences const& names_;
  std::set<RemoteId> ids_;
  std::optional<std::set<std::string>> keys_;
};

/// `object` and `failure` must outlive the task.
asio::awaitable<void> read_detail(ResourceType const& type, Session& session, RemoteObject& object,
                                  std::optional<Error>& failure) {
  auto whole = co_await type.detail(session, object);
  if (whole) {
    object = std::move(*whole);
  } else if (!failure) {
    failure = whole.error();
  }
}

asio::awaitable<void> read_unlisted(ResourceType const& type, Session& session, RemoteId id,
                                    std::vector<RemoteObject>& list,
                                    std::optional<Error>& failure) {
  auto object = co_await type.read(session, std::move(id));
  if (object) {
    list.push_back(std::move(*object));
  } else if (object.error().code != Errc::not_found && !failure) {
    failure = object.error();
  }
}

}  // namespace

RemoteObject const* LiveTenant::find(std::string_view section, RemoteId const& id) const {
  auto const list = lists.find(std::string(section));
  if (list == lists.end()) return nullptr;
  auto const found = std::ranges::find(list->second, id, &RemoteObject::id);
  return found == list->second.end() ? nullptr : &*found;
}

Result<Session*> tenant_session(Context& context, config::Tenant const* declared,
                                std::string const& region, std::string const& hostname) {
  if (declared == nullptr || !declared->auth || context.emulated_license_key) {
    return &context.platform.tenant(region, hostname);
  }
  auto const& variables = context.configuration.variables();
  auto id = config::reveal(declared->auth->client_id, variables);
  if (!id) return id.error();
  auto secret = config::reveal(declared->auth->client_secret, variables);
  if (!secret) return secret.error();
  auto key = config::reveal(declared->auth->api_key, variables);
  if (!key) return key.error();
  Credential const own{std::move(*id), std::move(*secret), std::move(*key)};
  return &context.platform.tenant(region, hostname, own);
}

Task<LiveTenant> refresh(Context& context, Session& session, RemoteId id,
                         std::set<std::string> sections) {
  auto const executor = co_await asio::this_coro::executor;
  // The tenant first: a deactivated or foreign one must not get a burst of calls.
  Reading reading;
  co_await read_self(context.provider.tenant(), session, std::move(id), reading);
  if (reading.failure) co_return *reading.failure;
  TaskGroup group(executor);
  for (auto const& section : sections) {
    if (auto const* type = context.provider.find(section)) {
      group.spawn(read_list(*type, session, reading));
    }
  }
  co_await group.join();
  if (reading.failure) co_return *reading.failure;
  co_return std::move(reading.live);
}

Task<void> add_unlisted(Context& context, Session& session, LiveTenant& live,
                        state::TenantState const& state) {
  auto const executor = co_await asio::this_coro::executor;
  std::optional<Error> failure;
  TaskGroup group(executor);
  for (auto const& [address, row] : state.resources) {
    auto const* type = address.is_tenant() ? nullptr : context.provider.find(address.section);
    bool const missing = type != nullptr && !row.id.empty() && live.listed(address.section) &&
                         live.find(address.section, row.id) == nullptr;
    if (!missing) continue;
    group.spawn(read_unlisted(*type, session, row.id, live.lists[address.section], failure));
  }
  co_await group.join();
  if (failure) co_return *failure;
  co_return Result<void>();
}

Task<void> add_details(Context& context, Session& session, LiveTenant& live,
                       std::vector<DesiredResource> const& desired,
                       state::TenantState const& state) {
  auto const executor = co_await asio::this_coro::executor;
  TenantReferences const names(desired, state, live);
  std::optional<Error> failure;
  TaskGroup group(executor);
  for (auto& [section, objects] : live.lists) {
    auto const* type = context.provider.find(section);
    if (type == nullptr || !type->has_detail()) continue;
    Wanted wanted(type->schema(), desired, state, names);
    for (auto& object : objects) {
      if (!wanted.includes(object)) continue;
      group.spawn(read_detail(*type, session, object, failure));
    }
  }
  co_await group.join();
  if (failure) co_return *failure;
  co_return Result<void>();
}

Task<RemoteObject> read_whole(ResourceType const& type, Session& session, RemoteId id) {
  auto object = co_await type.read(session, std::move(id));
  if (!object || !type.has_detail()) co_return object;
  co_return co_await type.detail(session, std::move(*object));
}

}  // namespace tenantry::run
