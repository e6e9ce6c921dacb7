#include "engine/config/rendering.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "engine/core/digest.hpp"
#include "engine/core/json_text.hpp"

namespace tenantry::config {
namespace {

Object lifecycle_value(Lifecycle const& lifecycle) {
  Object out;
  if (lifecycle.prevent_destroy) out["preventDestroy"] = true;
  if (lifecycle.adopt) out["adopt"] = true;
  if (!lifecycle.ignore_changes.empty()) {
    Array names;
    for (auto const& name : lifecycle.ignore_changes) names.emplace_back(name);
    out["ignoreChanges"] = std::move(names);
  }
  return out;
}

/// The canonical text of what is desired: members sorted, nothing copied.
std::string desired_text(DesiredResource const& resource) {
  Array depends_on;
  for (auto const& address : resource.depends_on) depends_on.emplace_back(address.text());
  return fmt::format(R"({{"attributes":{},"dependsOn":{},"lifecycle":{},"meta":{}}})",
                     canonical(resource.attributes), canonical(Value(std::move(depends_on))),
                     canonical(lifecycle_value(resource.lifecycle)), canonical(resource.meta));
}

}  // namespace

void Rendering::add(std::string_view key, Value value, Mark const& where) {
  origins_.emplace('/' + std::string(key), where.range());
  object_[key] = std::move(value);
}

void Rendering::add_tree(std::string_view key, Value value, Places const& origins) {
  origins_.insert(origins.begin(), origins.end());
  object_[key] = std::move(value);
}

void Rendering::own_keys(Tenant const& tenant, TenantEntry const& entry,
                         Evaluator const& evaluator) {
  auto const& summary = tenant.summary;
  auto const add_if = [&](std::string_view key, bool wanted, Value value) {
    auto const* node = entry.own_value(key);
    if (wanted && node != nullptr) add(key, std::move(value), evaluator.place(*node));
  };
  add_if("region", true, Value(summary.region));
  add_if("hostname", true, Value(summary.hostname));
  add_if("status", true,
         summary.status == TenantStatus::deactivated ? Value("deactivated") : Value("active"));
  add_if("paused", true, Value(summary.paused));
  add_if("wave", true, Value(summary.wave));
  if (!tenant.auth) return;
  Object auth;
  auto const put = [&](std::string_view key, CredentialText const& text, bool is_secret) {
    if (!text.written()) return;
    auth[key] = is_secret ? Value("(sensitive)") : text.text;
    origins_.emplace("/auth/" + std::string(key), text.where);
  };
  put("clientId", tenant.auth->client_id, false);
  put("clientSecret", tenant.auth->client_secret, true);
  put("apiKey", tenant.auth->api_key, true);
  add_if("auth", true, std::move(auth));
}

void Rendering::add_tenant(ReadResource const& self) {
  for (auto const& member : block(self, "")) object_[member.key()] = member.value();
  // May be written literally.
  if (object_.contains("licenseKey")) object_["licenseKey"] = "(sensitive)";
}

void Rendering::add_resource(ReadResource const& resource) {
  auto const& address = resource.desired.address;
  auto const pointer =
      '/' + address.section + (address.key.empty() ? std::string() : '/' + address.key);
  origins_.emplace(pointer, resource.desired.where);
  auto value = block(resource, pointer);
  if (address.key.empty()) {
    object_[address.section] = std::move(value);
    return;
  }
  auto& section = object_[address.section];
  if (!section.is_object()) section = Object{};
  section.get_object()[address.key] = std::move(value);
}

/// The attributes in written order, those of a YAML block inside of it.
Object Rendering::block(ReadResource const& resource, std::string const& pointer) {
  auto const& schema = *resource.schema;
  Object out;
  for (auto const& member : resource.block->members) {
    if (!has_block(schema, member.key)) {
      if (find_attribute(schema, "", member.key) != nullptr) {
        attribute(resource, member.key, pointer, out);
      }
      continue;
    }
    Object inner;
    for (auto const& m : member.value->members) {
      if (find_attribute(schema, member.key, m.key) != nullptr) {
        attribute(resource, m.key, pointer + '/' + member.key, inner);
      }
    }
    origins_.emplace(pointer + '/' + member.key, member.key_mark.range());
    out[member.key] = std::move(inner);
  }
  extras(resource, pointer, out);
  return out;
}

void Rendering::attribute(ReadResource const& resource, std::string const& name,
                          std::string const& pointer, Object& target) {
  auto const& desired = resource.desired;
  auto const* value = find(desired.attributes, name);
  if (value == nullptr) value = find(desired.meta, name);
  if (value == nullptr) return;
  auto const file = desired.files.find(name);
  target[name] = file == desired.files.end() ? *value : Value(file->second.shown);
  auto const own = '/' + name;
  for (auto const& [place, where] : desired.origins) {
    if (!place.starts_with(own)) continue;
    if (place.size() > own.size() && place[own.size()] != '/') continue;
    origins_.emplace(pointer + place, where);
  }
}

void Rendering::extras(ReadResource const& resource, std::string const& pointer, Object& target) {
  auto const& desired = resource.desired;
  if (!target.contains(kDeliverSecret) && desired.meta.contains(kDeliverSecret)) {
    attribute(resource, std::string(kDeliverSecret), pointer, target);
  }
  auto lifecycle = lifecycle_value(desired.lifecycle);
  if (!lifecycle.empty()) {
    target[kLifecycle] = std::move(lifecycle);
    if (auto const* member = resource.block->find(kLifecycle)) {
      origins_.emplace(pointer + '/' + std::string(kLifecycle), member->key_mark.range());
    }
  }
  if (resource.depends_on.empty()) return;
  Array names;
  for (auto const& [name, mark] : resource.depends_on) {
    auto const index = std::to_string(names.size());
    origins_.emplace(pointer + '/' + std::string(kDependsOn) + '/' + index, mark.range());
    names.emplace_back(name);
  }
  target[kDependsOn] = std::move(names);
}

std::string digest_of_tenant(Tenant const& tenant, DesiredResource const& self,
                             std::vector<ReadResource> const& resources) {
  auto const& summary = tenant.summary;
  std::map<std::string, std::string> members;  // as texts: JSON's key order is that of the digest
  auto const add = [&](std::string key, Value const& value) {
    members.emplace(std::move(key), canonical(value));
  };
  add("region", Value(summary.region));
  add("hostname", Value(summary.hostname));
  add("deactivated", Value(summary.status == TenantStatus::deactivated));
  add("paused", Value(summary.paused));
  add("purgeAfterDays", tenant.purge_after_days ? Value(*tenant.purge_after_days) : Value(nullptr));
  if (tenant.hold) add("hold", Value(format_time(tenant.hold->until)));
  add("licenseKey", tenant.license_key.text);
  members.emplace("self", desired_text(self));
  for (auto const& resource : resources) {
    members.emplace(resource.desired.address.text(), desired_text(resource.desired));
  }
  std::string text = "{";
  for (auto const& [key, value] : members) {
    text += text.size() > 1 ? ",\"" : "\"";
    text += key;  // a key of the configuration has no character that JSON escapes
    text += "\":";
    text += value;
  }
  return sha256_hex(text + '}');
}

}  // namespace tenantry::config
