#include "tests/simulation/resource_makers.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace tenantry::simulation {
namespace {

Object const* section_of(Object const& tenant, std::string_view section) {
  auto const* found = find(tenant, section);
  return found != nullptr && found->is_object() ? &found->get_object() : nullptr;
}

std::vector<std::string> keys_of(Object const& tenant, std::string_view section) {
  std::vector<std::string> keys;
  if (auto const* map = section_of(tenant, section)) {
    for (auto const& member : *map) keys.emplace_back(member.key());
  }
  return keys;
}

/// Some of the tenant's roles, and of those that every tenant has.
Array roles_for(Dice& dice, Object const& tenant) {
  Array roles;
  for (auto const& key : keys_of(tenant, "roles")) {
    if (key != "default" && dice.chance(600)) roles.emplace_back(key);
  }
  if (dice.chance(300)) roles.emplace_back("AnalyticsAdmin");
  if (dice.chance(200)) roles.emplace_back("Steward");
  return roles;
}

Array assignments_for(Dice& dice, Object const& tenant) {
  Array assignments;
  for (auto const& key : keys_of(tenant, "groups")) {
    if (!dice.chance(500)) continue;
    Array roles{"consumer"};
    if (dice.chance(500)) roles.emplace_back("facilitator");
    assignments.push_back({{"type", "group"}, {"assigneeId", key}, {"roles", std::move(roles)}});
  }
  return assignments;
}

Array origins_for(Dice& dice) {
  Array origins;
  for (auto const* host : {"https://a.example", "https://b.example", "https://c.example:8443"}) {
    if (dice.chance(500)) origins.emplace_back(host);
  }
  if (origins.empty()) origins.emplace_back("https://portal.example");
  return origins;
}

std::string text(std::string_view what, std::uint64_t serial) {
  return fmt::format("{} {}", what, serial);
}

std::string arn(std::uint64_t serial) {
  return fmt::format("arn:aws:kms:eu-west-1:123456789012:key/mrk-{:032x}", serial);
}

bool somebody_has(Object const& tenant, std::string_view section, std::string_view flag) {
  auto const* map = section_of(tenant, section);
  return map != nullptr && std::ranges::any_of(*map, [&](auto const& member) {
           auto const* value = find(member.value().get_object(), flag);
           return value != nullptr && value->is_bool() && value->get_bool();
         });
}

/// To another place, or back.
void move_sink(Object& client) {
  constexpr std::string_view kMoved = "moved-";
  auto file = text_at(client.at("deliverSecret").as_object(), "file");
  file = file.starts_with(kMoved) ? file.substr(kMoved.size()) : std::string(kMoved) + file;
  client["deliverSecret"] = {{"file", file}};
}

/// Ages at which a secret is replaced, and at which the old one goes.
void change_rotation(Dice& dice, Object& client) {
  client.erase("rotateSecretAfterDays");
  client.erase("retireOldSecretAfterDays");
  if (!client.contains("deliverSecret") || dice.chance(400)) return;
  static std::vector<int> const kRotate{1, 1, 7, 30};
  static std::vector<int> const kRetire{1, 3, 14};
  client["rotateSecretAfterDays"] = dice.pick(kRotate);
  if (dice.chance(600)) client["retireOldSecretAfterDays"] = dice.pick(kRetire);
}

Object make_oauth_client(Dice& dice, std::string const& key, std::uint64_t serial) {
  Object client{{"clientName", text("Client", serial)}, {"appType", "web"}};
  if (dice.chance(300)) client["description"] = text("Client of the simulation", serial);
  client["allowedGrantTypes"] = Array{"client_credentials"};
  client["connectionConfig"] = {{"consentMethod", "trusted"}};
  client["deliverSecret"] = {{"file", fmt::format("secrets/${{tenant.key}}-{}.json", key)}};
  change_rotation(dice, client);
  return client;
}

/// A public client has no secret, and neither grants nor a sink.
void change_app_type(Object& client, std::string const& key) {
  if (text_at(client, "appType") == "web") {
    client["appType"] = "native";
    client.erase("allowedGrantTypes");
    client.erase("deliverSecret");
    client.erase("rotateSecretAfterDays");
    client.erase("retireOldSecretAfterDays");
    client.erase("connectionConfig");
  } else {
    client["appType"] = "web";
    client["allowedGrantTypes"] = Array{"client_credentials"};
    client["connectionConfig"] = {{"consentMethod", "trusted"}};
    client["deliverSecret"] = {{"file", fmt::format("secrets/${{tenant.key}}-{}.json", key)}};
  }
}

/// What is not about the name.
void change_content(Dice& dice, std::string_view section, Object const& tenant, Object& resource,
                    std::uint64_t serial) {
  if (section == "groups") {
    resource["assignedRoles"] = roles_for(dice, tenant);
  } else if (section == "spaces") {
    resource["assignments"] = assignments_for(dice, tenant);
  } else if (section == "webIntegrations") {
    resource["validOrigins"] = origins_for(dice);
  } else if (section == "oauthClients" && dice.chance(500)) {
    change_rotation(dice, resource);
    if (resource.contains("deliverSecret") && dice.chance(500)) move_sink(resource);
  } else if (section == "brands" && dice.chance(500)) {
    resource["logo"] = dice.chance(500) ? "assets/one.png" : "assets/two.png";
  } else {
    resource["description"] = text("Changed", serial);
  }
}

/// What the API cannot change: the object is replaced.
void change_nature(std::string_view section, Object& resource, std::uint64_t serial) {
  if (section == "spaces") {
    resource["type"] = text_at(resource, "type") == "shared" ? "data" : "shared";
  } else if (section == "keyProviders") {
    resource["arn"] = arn(serial);
  } else if (section == "oauthClients") {
    change_app_type(resource, fmt::format("n{}", serial));
  } else if (section == "groups") {
    bool const custom = text_at(resource, "providerType") == "custom";
    resource["providerType"] = custom ? "idp" : "custom";
  }
}

}  // namespace

std::vector<std::string_view> const& sections() {
  static std::vector<std::string_view> const kSections{
      "roles",        "groups", "groupSettings", "webIntegrations", "oauthClients",
      "keyProviders", "brands", "spaces",        "tenantSettings"};
  return kSections;
}

bool is_singleton(std::string_view section) {
  return section == "groupSettings" || section == "tenantSettings";
}

Object make_resource(Dice& dice, std::string_view section, Object const& tenant,
                     std::string const& key, std::uint64_t serial) {
  if (section == "groupSettings") return {{"autoCreateGroups", dice.chance(500)}};
  if (section == "tenantSettings") {
    return {
        {"preferredStartPage", dice.chance(500) ? "management-console" : "data-integration-hub"}};
  }
  if (section == "roles") {
    Object role{{"name", text("Role", serial)}, {"description", text("Made", serial)}};
    if (dice.chance(400)) role["assignedScopes"] = Array{"automations"};
    return role;
  }
  if (section == "groups") {
    return {{"name", text("Group", serial)},
            {"providerType", dice.chance(700) ? "custom" : "idp"},
            {"assignedRoles", roles_for(dice, tenant)}};
  }
  if (section == "webIntegrations") {
    return {{"name", text("Integration", serial)}, {"validOrigins", origins_for(dice)}};
  }
  if (section == "oauthClients") return make_oauth_client(dice, key, serial);
  if (section == "brands") {
    Object brand{{"name", text("Brand", serial)}, {"logo", "assets/one.png"}};
    if (!somebody_has(tenant, section, "active")) brand["active"] = dice.chance(600);
    return brand;
  }
  if (section == "keyProviders") {
    Object provider{
        {"name", text("Key", serial)}, {"keyprovider", "AWS-KMS"}, {"arn", arn(serial)}};
    if (!somebody_has(tenant, section, "current")) provider["current"] = dice.chance(600);
    return provider;
  }
  return {{"name", text("Space", serial)},
          {"type", dice.chance(500) ? "data" : "shared"},
          {"assignments", assignments_for(dice, tenant)}};
}

void change_resource(Dice& dice, std::string_view section, Object const& tenant, Object& resource,
                     std::uint64_t serial) {
  if (is_singleton(section)) {
    resource = make_resource(dice, section, tenant, {}, serial);
    return;
  }
  auto const what = dice.below(10);
  auto const* const name = section == "oauthClients" ? "clientName" : "name";
  if (what < 3) {
    resource[name] = text("Renamed", serial);
  } else if (what < 5) {
    change_nature(section, resource, serial);
  } else {
    change_content(dice, section, tenant, resource, serial);
  }
}

std::string_view natural_key(std::string_view section) {
  if (section == "oauthClients") return "clientName";
  return section == "keyProviders" ? "arn" : "name";
}

void rename_references(Object& tenant, std::string_view section, std::string_view from,
                       std::string_view to) {
  if (auto* groups = tenant.if_contains("groups"); groups != nullptr && section == "roles") {
    for (auto& member : groups->as_object()) {
      for (auto& role : member.value().at("assignedRoles").as_array()) {
        if (role == Value(from)) role = to;
      }
    }
  }
  if (auto* spaces = tenant.if_contains("spaces"); spaces != nullptr && section == "groups") {
    for (auto& member : spaces->as_object()) {
      for (auto& one : member.value().at("assignments").as_array()) {
        if (one.at("assigneeId") == Value(from)) one.at("assigneeId") = to;
      }
    }
  }
}

void drop_dangling(Object& tenant) {
  auto const is_key = [&](std::string_view section, Value const& name) {
    auto const keys = keys_of(tenant, section);
    return std::ranges::find(keys, std::string_view(name.as_string())) != keys.end();
  };
  auto const is_live_role = [](Value const& name) {
    return name == Value("AnalyticsAdmin") || name == Value("Steward");
  };
  if (auto* groups = tenant.if_contains("groups")) {
    for (auto& member : groups->as_object()) {
      Array kept;
      for (auto const& role : member.value().at("assignedRoles").as_array()) {
        if (is_live_role(role) || is_key("roles", role)) kept.push_back(role);
      }
      member.value().as_object()["assignedRoles"] = std::move(kept);
    }
  }
  if (auto* spaces = tenant.if_contains("spaces")) {
    for (auto& member : spaces->as_object()) {
      Array kept;
      for (auto const& one : member.value().at("assignments").as_array()) {
        if (is_key("groups", one.at("assigneeId"))) kept.push_back(one);
      }
      member.value().as_object()["assignments"] = std::move(kept);
    }
  }
}

}  // namespace tenantry::simulation
