#include "cli/state_access.hpp"

#include <fmt/format.h>

#include "cli/configuration_loading.hpp"
#include "cli/seams.hpp"
#include "cli/state_path.hpp"
#include "engine/core/text.hpp"

namespace tenantry::cli {
namespace {

/// Who tried the emulator and forgets --emulated looks for a state that was never made.
Error explained(Error error, state::StateLocation const& location) {
  std::error_code ignored;
  auto const* const file = std::get_if<std::filesystem::path>(&location);
  if (error.code != Errc::not_found || file == nullptr) return error;
  auto const emulated = file->parent_path() / kPrivateFolder / "emulated.state";
  if (std::filesystem::exists(emulated, ignored)) {
    error.hint = "there is one of the emulator's tenants here: add --emulated";
  }
  return error;
}

}  // namespace

Result<state::StateLocation> location_of_state(Invocation& invocation,
                                               ConfigurationArguments const& arguments) {
  if (invocation.global.state) return named_state(invocation, *invocation.global.state);
  auto const configuration = load_configuration(invocation, arguments);
  if (!configuration) {
    return Error(Errc::invalid, "the configuration, which says where the state is, has errors",
                 "name the state by --state");
  }
  auto const target = arguments.emulated ? config::Target::emulated : config::Target::qlik_cloud;
  return state_location(invocation, *configuration, target);
}

Result<std::unique_ptr<StateAccess>> StateAccess::open(Invocation& invocation,
                                                       ConfigurationArguments const& arguments,
                                                       state::OpenMode mode) {
  auto const location = location_of_state(invocation, arguments);
  if (!location) return location.error();
  return open(invocation, *location, mode);
}

Result<std::unique_ptr<StateAccess>> StateAccess::open(Invocation& invocation,
                                                       state::StateLocation const& location,
                                                       state::OpenMode mode) {
  std::unique_ptr<StateAccess> self(new StateAccess);
  auto store = state::open_store(self->io_.get_executor(), location, mode, invocation.clock,
                                 invocation.random);
  if (!store) return explained(store.error(), location);
  self->store_ = watched(std::move(*store));
  return self;
}

Task<std::vector<state::TenantState>> load_all(state::Store& store) {
  std::vector<state::TenantState> tenants;
  auto const keys = co_await store.tenants();
  if (!keys) co_return keys.error();
  for (auto const& key : *keys) {
    auto tenant = co_await store.load(key);
    if (!tenant) co_return tenant.error();
    tenants.push_back(std::move(*tenant));
  }
  co_return tenants;
}

Value to_json(state::ResourceRecord const& record) {
  Array depends_on;
  for (auto const& address : record.depends_on) depends_on.emplace_back(address.text());
  return Object{{"address", record.address.text()},
                {"id", record.id.text()},
                {"applied", record.applied},
                {"observed", record.observed},
                {"extra", record.extra},
                {"preventDestroy", record.prevent_destroy},
                {"dependsOn", depends_on},
                {"createdAt", record.created_at},
                {"updatedAt", record.updated_at}};
}

Value to_json(state::StoreInfo const& info, std::vector<state::TenantState> const& tenants) {
  Array list;
  for (auto const& tenant : tenants) {
    Array resources;
    for (auto const& [address, record] : tenant.resources) resources.push_back(to_json(record));
    Array open;
    for (auto const& operation : tenant.open) {
      open.push_back(Object{{"address", operation.intent.address.text()},
                            {"action", operation.intent.action},
                            {"startedAt", operation.intent.started_at},
                            {"runId", operation.intent.run_id}});
    }
    list.push_back(Object{{"tenant", tenant.key},
                          {"serial", tenant.serial},
                          {"appliedAt", tenant.applied_at},
                          {"resources", resources},
                          {"open", open}});
  }
  return Object{{"formatVersion", 1},
                {"lineage", info.lineage},
                {"schemaVersion", info.schema_version},
                {"tenants", list}};
}

std::string describe(state::OpenOperation const& operation) {
  auto const& intent = operation.intent;
  return fmt::format("{}: {} begun at {} has no outcome yet", visible(intent.address.text()),
                     visible(intent.action), visible(intent.started_at));
}

}  // namespace tenantry::cli
