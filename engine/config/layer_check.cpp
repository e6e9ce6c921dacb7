#include "engine/config/layer_check.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "engine/config/language.hpp"
#include "engine/config/merge.hpp"
#include "engine/config/structure.hpp"
#include "engine/core/text.hpp"

namespace tenantry::config {
namespace {

std::vector<std::string> fleet_keys() { return language::names(language::fleet()); }

std::vector<std::string> own_keys(LayerKind kind) {
  if (kind == LayerKind::blueprint) return language::names(language::blueprint());
  auto keys = language::names(language::tenant());
  if (kind == LayerKind::fleet) std::ranges::move(fleet_keys(), std::back_inserter(keys));
  return keys;
}

class Checker {
 public:
  Checker(Model const& model, Reporter& reporter) : model_(model), reporter_(reporter) {}

  void layer(Node const& body, LayerKind kind) {
    auto const own = own_keys(kind);
    auto const& tenant = model_.schemas.tenant();
    for (auto const& member : body.members) {
      if (kind == LayerKind::fleet && is_fleet_key(member.key)) continue;
      appends(*member.value);
      if (std::ranges::find(own, member.key) != own.end()) {
        if (member.key == kLifecycle) lifecycle(*member.value, tenant);
      } else if (model_.schemas.section(member.key) != nullptr) {
        section(member, *model_.schemas.section(member.key));
      } else if (has_block(tenant, member.key)) {
        block(member, tenant);
      } else if (find_attribute(tenant, "", member.key) == nullptr) {
        unknown(member, own, kind);
      }
    }
  }

 private:
  void unknown(Member const& member, std::vector<std::string> own, LayerKind kind) {
    auto valid = std::move(own);
    auto const of_tenant = own_keys(LayerKind::tenant);
    std::ranges::move(written_names(model_.schemas.tenant()), std::back_inserter(valid));
    for (auto const* schema : model_.schemas.sections()) valid.push_back(schema->section);
    if (member.key == kDependsOn) {
      reporter_.error(member.key_mark, "unknown key \"dependsOn\"",
                      "A tenant depends on nothing; only its resources have an order.");
    } else if (kind == LayerKind::blueprint &&
               std::ranges::find(of_tenant, member.key) != of_tenant.end()) {
      reporter_.error(member.key_mark, fmt::format("unknown key \"{}\"", member.key),
                      "Only a tenant can have it, not a blueprint.");
    } else {
      report_unknown_key(member, valid, reporter_);
    }
  }

  void block(Member const& member, Schema const& schema) {
    auto const& node = *member.value;
    if (node.is_null()) return;
    if (!node.is_map()) {
      report_type(node, fmt::format("\"{}\"", member.key), "a map", reporter_);
      return;
    }
    std::vector<std::string> names;
    for (auto const& a : schema.attributes) {
      if (a.block == member.key && a.use != Use::computed) names.push_back(a.name);
    }
    for (auto const& attribute : node.members) {
      if (std::ranges::find(names, attribute.key) == names.end()) {
        report_unknown_key(attribute, names, reporter_);
      }
    }
  }

  void section(Member const& member, Schema const& schema) {
    auto const& node = *member.value;
    if (node.is_null()) return;
    if (!node.is_map()) {
      report_type(node, fmt::format("\"{}\"", member.key),
                  schema.singleton ? "a map" : "a map of resources", reporter_);
      return;
    }
    if (schema.singleton) return attributes(node, schema);
    for (auto const& resource : node.members) {
      if (resource.key == kAppend || !check_key(resource, schema.singular, reporter_)) continue;
      if (resource.value->is_map()) {
        attributes(*resource.value, schema);
      } else if (!resource.value->is_null()) {
        report_type(*resource.value, fmt::format("The {} \"{}\"", schema.singular, resource.key),
                    "a map", reporter_);
      }
    }
  }

  void attributes(Node const& resource, Schema const& schema) {
    for (auto const& member : resource.members) {
      if (member.key == kWhen || member.key == kAppend || member.key == kDependsOn) continue;
      if (member.key == kLifecycle) {
        lifecycle(*member.value, schema);
      } else if (has_block(schema, member.key)) {
        block(member, schema);
      } else if (auto const* a = find_attribute(schema, "", member.key)) {
        attribute(member, *a);
      } else {
        auto valid = written_names(schema);
        for (auto const own : {kWhen, kLifecycle, kDependsOn}) valid.emplace_back(own);
        report_unknown_key(member, valid, reporter_);
      }
    }
  }

  void attribute(Member const& member, Attribute const& a) {
    if (a.use == Use::computed) {
      reporter_.error(member.key_mark, "attribute cannot be set",
                      fmt::format("\"{}\" is given by the server.", a.name), "remove it");
    }
    if (member.key != kDeliverSecret || !model_.has_connections || member.value->is_null()) return;
    reporter_.error(member.key_mark, "not allowed beside a connections file",
                    "Where secrets go is said there, not in the configuration.",
                    "move it to `sinks` in the file given by --connections");
  }

  void lifecycle(Node const& node, Schema const& schema) {
    static auto const kKeys = language::names(language::lifecycle());
    if (node.is_null()) return;
    if (!node.is_map()) {
      report_type(node, "\"lifecycle\"", "a map", reporter_);
      return;
    }
    check_keys(node, kKeys, reporter_);
    auto const* ignored = node.value_of("ignoreChanges");
    if (ignored == nullptr || !ignored->is_list()) return;
    std::vector<std::string> names;
    for (auto const& a : schema.attributes) names.push_back(a.name);
    for (auto const& item : ignored->items) {
      if (!item->is_text() || item->has_placeholder) continue;
      std::string const name(item->text());
      if (std::ranges::find(names, name) != names.end()) continue;
      reporter_.error(
          item->mark,
          fmt::format("unknown attribute \"{}\"{}", visible(name), did_you_mean(name, names)),
          fmt::format("A {} has no such attribute to ignore.", schema.singular));
    }
  }

  /// `$append` stands alone in its map, and holds a list or a placeholder for one.
  void appends(Node const& node) {
    for (auto const& item : node.items) appends(*item);
    for (auto const& member : node.members) {
      if (member.key == kAppend) {
        append(member, node);
      } else {
        appends(*member.value);
      }
    }
  }

  void append(Member const& member, Node const& parent) {
    if (parent.members.size() > 1) {
      reporter_.error(member.key_mark, "$append beside other keys",
                      "A map with $append stands for a list and holds nothing else.");
    } else if (!member.value->is_list() && !member.value->has_placeholder) {
      report_type(*member.value, "\"$append\"", "a list", reporter_);
    }
    appends(*member.value);
  }

  Model const& model_;
  Reporter& reporter_;
};

}  // namespace

bool is_fleet_key(std::string_view key) {
  static auto const kKeys = fleet_keys();
  return std::ranges::find(kKeys, key) != kKeys.end();
}

void check_layer(Node const& body, LayerKind kind, Model const& model, Reporter& reporter) {
  Checker(model, reporter).layer(body, kind);
}

}  // namespace tenantry::config
