#include "engine/config/tenant_reader.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "engine/config/blueprint.hpp"
#include "engine/config/evaluator.hpp"
#include "engine/config/layer_check.hpp"
#include "engine/config/merge.hpp"
#include "engine/config/rollout_reader.hpp"
#include "engine/config/structure.hpp"
#include "engine/core/text.hpp"

namespace tenantry::config {
namespace {

Schema const kHostname{.section = "",
                       .singular = "tenant",
                       .doc = "",
                       .attributes = {{.name = "hostname", .format = Format::hostname}},
                       .natural_key = {}};

class TenantReader {
 public:
  TenantReader(Model& model, Reporter& reporter) : model_(model), reporter_(reporter) {}

  /// Nothing (reported) for what is no tenant at all.
  std::optional<TenantEntry> read(Member const& member) {
    if (!check_key(member, "tenant", reporter_)) return std::nullopt;
    if (!member.value->is_map()) {
      report_type(*member.value, fmt::format("The tenant \"{}\"", member.key), "a map", reporter_);
      return std::nullopt;
    }
    TenantEntry entry;
    entry.where = member.key_mark;
    entry.body = member.value;
    entry.summary.key = member.key;
    entry.summary.where = member.key_mark.range();
    check_layer(*entry.body, LayerKind::tenant, model_, reporter_);
    TenantScope scope;
    scope.key = member.key;
    Evaluator evaluator(model_.variables, ScopeKind::tenant_key, scope, reporter_);
    reporter_.set_tenant(member.key);
    region(entry, evaluator);
    wave(entry, evaluator);
    blueprints(entry, evaluator);
    details(entry, evaluator);
    map_member(*entry.body, "values", reporter_);
    reporter_.set_tenant({});
    entry.base = base_of(entry);
    entry.base_values = base_values_of(entry);
    return entry;
  }

 private:
  void region(TenantEntry& entry, Evaluator& evaluator) {
    auto const* node = entry.body->value_of("region");
    if (node == nullptr) {
      report_missing(entry.where, "region", "it says where the tenant lives.", reporter_);
      entry.usable = false;
      return;
    }
    auto const name = evaluator.plain_text(*node, "\"region\"");
    entry.usable = name.has_value();
    if (!name) return;
    entry.summary.region = *name;
    if (model_.regions.contains(*name)) return;
    std::vector<std::string> names;
    for (auto const& [key, region] : model_.regions) {
      if (region.declared) names.push_back(key);
    }
    if (model_.target == Target::emulated && is_key(*name)) {
      auto& added = model_.regions[*name];
      added.region.key = *name;
      added.region.where = node->mark.range();
      added.where = node->mark;
      return;
    }
    entry.usable = false;
    reporter_.error(
        node->mark,
        fmt::format("unknown region \"{}\"{}", visible(*name), did_you_mean(*name, names)),
        names.empty() ? std::string("There is no `regions`.")
                      : fmt::format("The regions are: {}.", fmt::join(names, ", ")));
  }

  void wave(TenantEntry& entry, Evaluator& evaluator) {
    auto const* node = entry.body->value_of("wave");
    if (node == nullptr) return;
    auto name = evaluator.plain_text(*node, "\"wave\"");
    if (!name || name->empty()) return;
    check_wave(*node, *name, model_, reporter_);
    entry.summary.wave = std::move(*name);
  }

  void blueprints(TenantEntry& entry, Evaluator& evaluator) {
    auto const* node = entry.body->value_of("blueprint");
    if (node == nullptr) return;
    if (node->is_list()) {
      for (auto const& item : node->items) blueprint(*item, entry, evaluator);
    } else {
      blueprint(*node, entry, evaluator);
    }
  }

  void blueprint(Node const& node, TenantEntry& entry, Evaluator& evaluator) {
    auto const name = evaluator.plain_text(node, "\"blueprint\"");
    if (!name) {
      entry.usable = false;
      return;
    }
    auto const& used = pinned_blueprint(model_, entry.summary.wave, *name);
    auto const found = model_.blueprints.find(used);
    if (found != model_.blueprints.end()) {
      if (std::ranges::find(entry.blueprints, &found->second) != entry.blueprints.end()) {
        auto const pin =
            used == *name ? "" : fmt::format(", which its wave uses for \"{}\",", *name);
        reporter_.error(node.mark, "blueprint named twice",
                        fmt::format("\"{}\"{} is in the list already.", used, pin), "remove one");
        return;
      }
      found->second.used = true;
      entry.blueprints.push_back(&found->second);
      return;
    }
    entry.usable = false;
    std::vector<std::string> names;
    for (auto const& [key, b] : model_.blueprints) names.push_back(key);
    reporter_.error(
        node.mark,
        fmt::format("unknown blueprint \"{}\"{}", visible(*name), did_you_mean(*name, names)),
        names.empty() ? std::string("There is no `blueprints`.")
                      : fmt::format("The blueprints are: {}.", fmt::join(names, ", ")));
  }

  void details(TenantEntry& entry, Evaluator& evaluator) {
    static std::vector<std::string> const kStatuses{"active", "deactivated"};
    auto& summary = entry.summary;
    if (auto const* node = entry.body->value_of("hostname")) {
      summary.hostname = lower(evaluator.plain_text(*node, "\"hostname\"").value_or(""));
      check(kHostname, Object{{"hostname", summary.hostname}}, [&](SchemaProblem const& p) {
        if (!summary.hostname.empty()) reporter_.error(node->mark, p.summary, p.detail, p.hint);
      });
    }
    if (auto const* node = entry.body->value_of("status")) {
      auto const text = evaluator.plain_text(*node, "\"status\"");
      if (text == "deactivated") summary.status = TenantStatus::deactivated;
      if (text && *text != "active" && *text != "deactivated") {
        reporter_.error(
            node->mark,
            fmt::format("invalid value \"{}\"{}", visible(*text), did_you_mean(*text, kStatuses)),
            "\"status\" must be one of: active, deactivated.");
      }
    }
    if (auto const* node = entry.body->value_of("paused")) {
      auto value = evaluator.evaluate(*node);
      if (!value) return;
      auto const known = converted(std::move(*value), *node, Kind::boolean);
      if (known.is_bool()) {
        summary.paused = known.get_bool();
      } else {
        reporter_.error(
            node->mark, "wrong type",
            fmt::format("\"paused\" must be true or false, not {}.", describe_type(known)));
      }
    }
  }

  /// The blueprints merged, once for all tenants that have the same ones.
  NodePtr base_of(TenantEntry const& entry) {
    auto const [at, is_new] = bases_.try_emplace(entry.blueprints);
    if (is_new) {
      for (auto const* b : entry.blueprints) at->second = merge(at->second, b->body);
    }
    return at->second;
  }

  NodePtr base_values_of(TenantEntry const& entry) {
    auto const [at, is_new] = values_.try_emplace({entry.summary.region, entry.blueprints});
    if (!is_new) return at->second;
    auto const region = model_.regions.find(entry.summary.region);
    if (region != model_.regions.end() && region->second.values != nullptr) {
      at->second = merge(nullptr, region->second.values);
    }
    for (auto const* b : entry.blueprints) at->second = merge(at->second, b->values);
    return at->second;
  }

  using Blueprints = std::vector<Blueprint const*>;
  Model& model_;
  Reporter& reporter_;
  std::map<Blueprints, NodePtr> bases_;
  std::map<std::pair<std::string, Blueprints>, NodePtr> values_;
};

}  // namespace

void read_tenants(Node const& map, Model& model, Reporter& reporter) {
  TenantReader reader(model, reporter);
  for (auto const& member : map.members) {
    auto entry = reader.read(member);
    if (entry) model.tenants.push_back(std::move(*entry));
  }
  std::ranges::sort(model.tenants, {}, [](auto const& t) -> auto const& { return t.summary.key; });
}

std::optional<TenantEntry> read_tenant(Member const& member, Model& model, Reporter& reporter) {
  return TenantReader(model, reporter).read(member);
}

std::set<std::string> region_value_names(Model const& model) {
  std::set<std::string> names;
  for (auto const& [key, region] : model.regions) {
    if (region.values == nullptr) continue;
    for (auto const& member : region.values->members) names.insert(member.key);
  }
  return names;
}

}  // namespace tenantry::config
