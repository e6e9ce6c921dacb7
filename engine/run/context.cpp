#include "engine/run/context.hpp"

#include <algorithm>

#include "engine/run/waves.hpp"

namespace tenantry::run {
namespace {

std::string_view tenant_part(std::string_view pattern) {
  return pattern.substr(0, pattern.find('/'));
}

/// The revealed text, or a message at the place where it is written.
std::optional<Secret> reveal_or_report(config::CredentialText const& text,
                                       config::Variables const& variables,
                                       Diagnostics& diagnostics) {
  auto secret = config::reveal(text, variables);
  if (secret) return std::move(*secret);
  diagnostics.error(text.where, secret.error().message, {}, secret.error().hint);
  return std::nullopt;
}

std::optional<Credential> reveal_credential(config::Credential const& written,
                                            config::Variables const& variables,
                                            Diagnostics& diagnostics) {
  auto id = reveal_or_report(written.client_id, variables, diagnostics);
  auto secret = reveal_or_report(written.client_secret, variables, diagnostics);
  auto key = reveal_or_report(written.api_key, variables, diagnostics);
  if (!id || !secret || !key) return std::nullopt;
  return Credential{std::move(*id), std::move(*secret), std::move(*key)};
}

}  // namespace

bool Selection::includes(Address const& address) const {
  auto const fits = [&](std::string const& pattern) { return selects(pattern, address); };
  return (targets.empty() || std::ranges::any_of(targets, fits)) && !leaves_out(address);
}

bool Selection::leaves_out(Address const& address) const {
  return std::ranges::any_of(excludes, [&](auto const& p) { return selects(p, address); });
}

bool Selection::includes_tenant(std::string const& tenant) const {
  auto const may_mean = [&](std::string const& pattern) {
    return glob_matches(tenant_part(pattern), tenant);
  };
  auto const leaves_out = [&](std::string const& pattern) {
    return pattern.find('/') == std::string::npos && glob_matches(pattern, tenant);
  };
  return (targets.empty() || std::ranges::any_of(targets, may_mean)) &&
         std::ranges::none_of(excludes, leaves_out) && (!shard || shard->holds(tenant));
}

config::TenantSummary const* declared_tenant(config::Configuration const& configuration,
                                             std::string_view key) {
  auto const& all = configuration.tenants();  // sorted
  auto const found = std::ranges::lower_bound(
      all, key, {}, [](auto const& summary) -> std::string_view { return summary.key; });
  return found == all.end() || found->key != key ? nullptr : &*found;
}

Result<PlatformAccess> platform_access(config::Configuration const& configuration,
                                       Selection const& selection, Diagnostics& diagnostics) {
  auto const waves = WaveFilter::of(configuration, selection.waves);
  if (!waves) return waves.error();
  std::set<std::string> needed;
  for (auto const& tenant : configuration.tenants()) {
    if (!tenant.paused && selection.includes_tenant(tenant.key) && waves->includes(tenant.key)) {
      needed.insert(tenant.region);
    }
  }
  PlatformAccess access;
  Diagnostics ignored;
  auto const& variables = configuration.variables();
  for (auto const& [key, region] : configuration.regions()) {
    // A region that only tenants of the state are in is signed in to where its secrets are at hand.
    auto& report = needed.contains(key) ? diagnostics : ignored;
    auto credential = reveal_credential(region.credential, variables, report);
    if (!credential) continue;
    access.regions[key] = {key, std::move(*credential), region.endpoint, region.ca_file,
                           region.rate_limits};
    for (auto const& written : region.fallbacks) {
      auto fallback = reveal_credential(written, variables, report);
      if (fallback) access.regions[key].fallbacks.push_back(std::move(*fallback));
    }
  }
  if (auto const& organization = configuration.organization()) {
    auto credential = reveal_credential(organization->credential, variables, diagnostics);
    if (credential) {
      access.organization = OrganizationAccess{
          std::move(*credential), organization->subscription_id, organization->endpoint,
          organization->ca_file, organization->rate_limits};
    }
  }
  if (diagnostics.has_errors()) {
    return Error(Errc::invalid, "credentials are missing", "set what the messages above name");
  }
  return access;
}

}  // namespace tenantry::run
