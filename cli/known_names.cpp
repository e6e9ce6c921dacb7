#include "cli/known_names.hpp"

#include <algorithm>
#include <set>

#include "cli/configuration_loading.hpp"
#include "cli/state_path.hpp"
#include "providers/qlik/provider.hpp"
#include "state/state_names.hpp"

namespace tenantry::cli {
namespace {

/// More than anybody reads; the next letter makes them fewer.
constexpr std::size_t kNamesMax = 2'000;

std::vector<std::string> fitting(std::set<std::string> const& names, std::string_view prefix) {
  std::vector<std::string> out;
  for (auto at = names.lower_bound(std::string(prefix));
       at != names.end() && at->starts_with(prefix) && out.size() < kNamesMax; ++at) {
    out.push_back(*at);
  }
  return out;
}

/// The state where it is a file; empty otherwise.
std::filesystem::path state_file(Invocation const& invocation,
                                 config::Configuration const& configuration,
                                 ConfigurationArguments const& arguments) {
  auto const target = arguments.emulated ? config::Target::emulated : config::Target::qlik_cloud;
  auto const location = state_location(invocation, configuration, target);
  if (!location) return {};
  auto const* file = std::get_if<std::filesystem::path>(&*location);
  return file == nullptr ? std::filesystem::path() : *file;
}

/// '*/groups/*' and its like.
std::vector<std::string> globs(std::string_view prefix) {
  std::set<std::string> out;
  for (auto const* type : qlik_provider().types()) {
    auto const& schema = type->schema();
    out.insert("*/" + schema.section + (schema.singleton ? "" : "/*"));
  }
  return fitting(out, prefix);
}

}  // namespace

config::Outline const& KnownNames::outline() {
  if (!outline_) {
    auto const options = load_options(invocation_, arguments_);
    outline_ = config::outline(options ? *options : config::LoadOptions{});
  }
  return *outline_;
}

std::vector<std::string> KnownNames::state_tenants() {
  auto keys = state::tenant_names(state_file(invocation_, *outline().configuration, arguments_));
  return keys ? std::move(*keys) : std::vector<std::string>{};
}

std::vector<std::string> KnownNames::tenants(std::string_view prefix) {
  std::set<std::string> names;
  for (auto const& tenant : outline().configuration->tenants()) names.insert(tenant.key);
  for (auto& key : state_tenants()) names.insert(std::move(key));
  return fitting(names, prefix);
}

std::vector<std::string> KnownNames::addresses_of(std::string const& tenant) {
  std::vector<std::string> out;
  auto const& configuration = *outline().configuration;
  auto const& declared = configuration.tenants();
  if (std::ranges::find(declared, tenant, &config::TenantSummary::key) != declared.end()) {
    for (auto const& resource : configuration.expand(tenant).resources) {
      out.push_back(resource.address.text());
    }
  }
  auto known = state::address_names(state_file(invocation_, configuration, arguments_), tenant);
  if (known) std::ranges::move(*known, std::back_inserter(out));
  return out;
}

std::vector<std::string> KnownNames::addresses(std::string_view prefix) {
  if (prefix.starts_with('*')) return globs(prefix);
  auto const slash = prefix.find('/');
  auto const of_tenant = [&](std::string const& tenant) {
    auto const all = addresses_of(tenant);
    return fitting({all.begin(), all.end()}, prefix);
  };
  if (slash != std::string_view::npos) return of_tenant(std::string(prefix.substr(0, slash)));
  auto out = tenants(prefix);
  if (out.size() != 1) return out;
  auto more = of_tenant(out.front());
  std::erase(more, out.front());
  std::ranges::move(more, std::back_inserter(out));
  return out;
}

std::vector<std::string> KnownNames::waves() {
  std::vector<std::string> out;
  auto const& rollout = outline().configuration->rollout();
  if (!rollout) return out;
  for (auto const& wave : rollout->waves) out.push_back(wave.name);
  return out;
}

std::vector<std::string> KnownNames::regions() {
  std::vector<std::string> out;
  for (auto const& [key, region] : outline().configuration->regions()) out.push_back(key);
  return out;
}

std::vector<std::string> KnownNames::blueprints() { return outline().blueprints; }

std::vector<std::string> KnownNames::variables() { return outline().variables; }

}  // namespace tenantry::cli
