#include "engine/run/references.hpp"

namespace tenantry::run {

TenantReferences::TenantReferences(std::vector<DesiredResource> const& desired,
                                   state::TenantState const& state, LiveTenant const& live)
    : state_(state), live_(live) {
  for (auto const& resource : desired) {
    auto name = text_at(resource.attributes, "name");
    if (!name.empty()) desired_names_[resource.address] = std::move(name);
  }
  for (auto const& [address, record] : state.resources) own(address, record.id);
}

void TenantReferences::own(Address const& address, RemoteId const& id) {
  owned_[{address.section, id}] = address;
}

std::string const* TenantReferences::desired_name(std::string_view section,
                                                  std::string_view key) const {
  auto const found = desired_names_.find({state_.key, std::string(section), std::string(key)});
  return found == desired_names_.end() ? nullptr : &found->second;
}

std::string TenantReferences::of_written(std::string_view section, std::string_view text) const {
  if (auto const* name = desired_name(section, text)) return *name;
  RemoteId const id{std::string(text)};
  auto const owned = owned_.find({std::string(section), id});
  if (owned != owned_.end()) {
    if (auto const* name = desired_name(section, owned->second.key)) return *name;
  }
  if (auto const* live = live_.find(section, id)) {
    return of_live(section, text, text_at(live->attributes, "name"));
  }
  return std::string(text);
}

std::string TenantReferences::of_live(std::string_view section, std::string_view id,
                                      std::string_view name) const {
  auto const owned = owned_.find({std::string(section), RemoteId{std::string(id)}});
  if (owned != owned_.end()) {
    if (auto const* desired = desired_name(section, owned->second.key)) return *desired;
  }
  return std::string(name);
}

RemoteId TenantReferences::id_of(std::string_view section, std::string_view name) const {
  for (auto const& [address, desired] : desired_names_) {
    if (address.section != section || desired != name) continue;
    if (auto const* record = state_.find(address)) return record->id;
  }
  auto const list = live_.lists.find(std::string(section));
  if (list == live_.lists.end()) return {};
  for (auto const& object : list->second) {
    if (text_at(object.attributes, "name") == name) return object.id;
  }
  return {};
}

}  // namespace tenantry::run
