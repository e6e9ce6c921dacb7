#include "engine/config/fleet_check.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "engine/config/dependencies.hpp"
#include "engine/core/text.hpp"

namespace tenantry::config {

namespace {

/// The place that a sink writes to, in one form; empty where that cannot be told.
std::string place_of(Value const& sink) {
  auto const* object = sink.if_object();
  if (object == nullptr) return {};
  auto const file = text_at(*object, "file");
  if (!file.empty()) return "file " + std::filesystem::path(file).lexically_normal().string();
  auto const* vault = find(*object, "vault");
  auto const* at = vault == nullptr ? nullptr : vault->if_object();
  if (at == nullptr || text_at(*at, "path").empty()) return {};
  return fmt::format("vault {} {} {}", text_at(*at, "address"), text_at(*at, "mount"),
                     text_at(*at, "path"));
}

}  // namespace

FleetCheck::FleetCheck(Model const& model, Reporter& reporter)
    : model_(model), reporter_(reporter) {
  for (auto const& source : model.sources) {
    reserve(source.path, fmt::format("{}, a file of the configuration", source.name));
  }
  auto const& written = model.state.path;
  auto const state = model.folder / (written.empty() ? "tenantry.state" : written);
  for (auto const* suffix : {"", "-journal", "-wal", "-shm"}) {
    reserve(state.string() + suffix, "a file of the state");
  }
}

/// As a sink may name it: by its way from the folder, or as a whole.
void FleetCheck::reserve(std::filesystem::path const& path, std::string what) {
  auto const absolute = std::filesystem::absolute(path).lexically_normal();
  auto const folder = std::filesystem::absolute(model_.folder / ".").lexically_normal();
  reserved_.emplace("file " + absolute.lexically_relative(folder).string(), what);
  reserved_.emplace("file " + absolute.string(), std::move(what));
}

void FleetCheck::see(TenantEntry const& entry, Tenant const& tenant) {
  auto const& summary = tenant.summary;
  if (!summary.alias.empty()) {
    aliases_[summary.region + '/' + lower(summary.alias)].push_back(
        {summary.key, entry.where, tenant.self.origin("/alias")});
  }
  if (!summary.hostname.empty()) {
    hostnames_[summary.hostname].push_back(
        {summary.key, entry.where, entry.hostname_where.range()});
  }
  see_deliveries(tenant);
  if (!tenant.auth && !summary.paused) needs_client_.emplace(summary.region, summary.key);
}

void FleetCheck::see_deliveries(Tenant const& tenant) {
  bool is_new_tenant = true;
  for (auto const& resource : tenant.resources) {
    auto const* sink = find(resource.meta, "deliverSecret");
    auto const place = sink == nullptr ? std::string() : place_of(*sink);
    if (place.empty()) continue;
    if (auto const taken = reserved_.find(place); taken != reserved_.end()) {
      reporter_.error(
          resource.origin("/deliverSecret/file"), "sink in use",
          fmt::format("The secret of {} would replace {}.", resource.address.text(), taken->second),
          "give it a file of its own");
    }
    if (is_new_tenant) delivering_.push_back(tenant.summary.key);
    is_new_tenant = false;
    auto const number = static_cast<std::uint32_t>(resources_.size());
    auto const known = resources_.try_emplace(local_name(resource.address), number).first;
    auto const [first, is_new] = deliveries_.emplace(
        std::hash<std::string>()(place),
        Delivery{static_cast<std::uint32_t>(delivering_.size() - 1), known->second});
    if (is_new) continue;
    reporter_.error(resource.origin("/deliverSecret/file"), "sink in use",
                    fmt::format("The secrets of {} and {} would go to the same place, where one "
                                "replaces the other.",
                                name_of(first->second), resource.address.text()),
                    "give each a place of its own, by ${tenant.key} for example");
  }
}

std::string FleetCheck::name_of(Delivery const& delivery) const {
  auto const resource = std::ranges::find(resources_, delivery.resource,
                                          [](auto const& known) { return known.second; });
  return fmt::format("{}/{}", delivering_[delivery.tenant], resource->first);
}

void FleetCheck::finish() {
  check_claims(aliases_, "alias", "alias in use");
  check_claims(hostnames_, "hostname", "hostname in use");
  if (model_.target == Target::emulated) return;
  for (auto const& [key, entry] : model_.regions) {
    auto const needs = needs_client_.find(key);
    auto const& credential = entry.region.credential;
    if (needs == needs_client_.end() || credential.client_id.written() ||
        credential.client_secret.written()) {
      continue;
    }
    reporter_.error(entry.where, "missing attribute",
                    fmt::format("\"clientId\" and \"clientSecret\" are required: the tenant \"{}\" "
                                "of this region has no `auth` of its own.",
                                needs->second));
  }
}

void FleetCheck::check_claims(std::map<std::string, std::vector<Claim>>& claims,
                              std::string_view what, std::string_view summary) {
  for (auto& [name, list] : claims) {
    std::ranges::sort(list, {}, &Claim::tenant_where);
    for (std::size_t i = 1; i < list.size(); ++i) {
      auto const& first = list.front();
      // One line of a blueprint may give both their alias: then the tenant is the later place.
      auto const& where =
          list[i].where == first.where ? list[i].tenant_where.range() : list[i].where;
      reporter_.error(where, std::string(summary),
                      fmt::format("The tenants \"{}\" and \"{}\" claim the same {} ({}).",
                                  first.tenant, list[i].tenant, what, first.where.text()),
                      fmt::format("give one of them another {}", what));
    }
  }
}

}  // namespace tenantry::config
