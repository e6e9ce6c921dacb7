#include "engine/run/situation.hpp"

#include <fmt/format.h>

namespace tenantry::run {
namespace {

/// Errors: invalid where a tenant could not be created.
Result<void> check_creatable(Context& context, PlanOptions const& options,
                             config::Tenant const& declared) {
  if (options.adopt_only || context.emulated_license_key) return {};
  auto const& summary = declared.summary;
  if (!declared.license_key.written()) {
    return Error(Errc::invalid,
                 fmt::format("{}: tenant {} cannot be created: no licenseKey", summary.where.text(),
                             summary.key),
                 fmt::format("set licenseKey for region {} or for the tenant", summary.region));
  }
  auto key = config::reveal(declared.license_key, context.configuration.variables());
  if (!key) return key.error();
  return {};
}

Error exists_already(config::Tenant const& declared, ExistingTenant const& found) {
  auto const& summary = declared.summary;
  return {Errc::conflict,
          fmt::format("{}: tenant {} is not in the state, but {}", summary.where.text(),
                      summary.key, found.found_by),
          fmt::format("to take it over without changing it, run: tenantry apply --adopt-only "
                      "--target {}",
                      summary.key)};
}

Task<FoundSituation> search(Context& context, PlanOptions const& options,
                            OrganizationView& organization, config::Tenant const& declared,
                            FoundSituation found) {
  auto existing = co_await find_existing(context, organization, declared);
  if (!existing) co_return existing.error();
  if (!*existing) {
    auto creatable = check_creatable(context, options, declared);
    if (!creatable) co_return creatable.error();
    co_return found;
  }
  bool const may_adopt = options.adopt || options.adopt_only || declared.self.lifecycle.adopt;
  if (!may_adopt) co_return exists_already(declared, **existing);
  found.situation = Situation::found;
  found.id = (*existing)->id;
  found.hostname = (*existing)->hostname;
  co_return found;
}

}  // namespace

Task<FoundSituation> find_situation(Context& context, PlanOptions const& options,
                                    OrganizationView& organization, config::Tenant const& declared,
                                    state::TenantState const& state) {
  FoundSituation found;
  auto const* row = state.find({state.key, {}, {}});
  if (row != nullptr && is_disabled(*row) && purge_date_passed(*row, context.clock.wall())) {
    found.purged = true;
    row = nullptr;
  }
  if (row != nullptr) {
    found.id = row->id;
    found.hostname = hostname_of(*row);
    found.situation = is_disabled(*row) ? Situation::disabled : Situation::active;
    co_return found;
  }
  if (!declared.summary.hostname.empty()) {
    found.hostname = declared.summary.hostname;
    found.situation = Situation::found;
    co_return found;
  }
  if (options.destroy || options.refresh != Refresh::live) co_return found;
  co_return co_await search(context, options, organization, declared, std::move(found));
}

std::string hostname_of(state::ResourceRecord const& row) { return text_at(row.extra, "hostname"); }

bool is_disabled(state::ResourceRecord const& row) {
  return text_at(row.extra, "status") == "disabled";
}

bool purge_date_passed(state::ResourceRecord const& row, WallTime now) {
  auto const date = parse_time(text_at(row.extra, "purgeDate"));
  return date && *date < now;
}

}  // namespace tenantry::run
