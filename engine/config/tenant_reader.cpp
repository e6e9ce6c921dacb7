#include "engine/config/tenant_reader.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "engine/config/blueprint.hpp"
#include "engine/config/evaluator.hpp"
#include "engine/config/language.hpp"
#include "engine/config/layer_check.hpp"
#include "engine/config/layers.hpp"
#include "engine/config/merge.hpp"
#include "engine/config/packed_tree.hpp"
#include "engine/config/rollout_reader.hpp"
#include "engine/config/structure.hpp"
#include "engine/core/text.hpp"

namespace tenantry::config {
namespace {

constexpr std::string_view kDomain = "qlikcloud.com";

Schema const kHostname{.section = "",
                       .singular = "tenant",
                       .doc = "",
                       .attributes = {{.name = "hostname", .format = Format::hostname}},
                       .natural_key = {}};

}  // namespace

std::optional<TenantEntry> TenantReader::read(Member const& member) {
  if (!check_key(member, "tenant", reporter_)) return std::nullopt;
  auto const body = unpacked(member.value);
  if (!body->is_map()) {
    report_type(*body, fmt::format("The tenant \"{}\"", member.key), "a map", reporter_);
    return std::nullopt;
  }
  TenantEntry entry;
  entry.where = member.key_mark;
  entry.written = member.value;
  entry.body = body;
  entry.summary.key = member.key;
  entry.summary.where = member.key_mark.range();
  check_layer(*entry.body, LayerKind::tenant, model_, reporter_);
  read_own(entry);
  map_member(*entry.body, "values", reporter_);
  entry.base = base_of(entry);
  entry.base_values = base_values_of(entry);
  return entry;
}

std::optional<TenantEntry> TenantReader::read_row(FleetEntry const& fleet, std::size_t number) {
  TenantEntry entry;
  entry.row = std::make_shared<FleetRow const>(fleet.rows->row(number));
  entry.fleet = &fleet;
  reporter_.set_row(entry.row.get());
  entry.summary.fleet = fleet.fleet.key;
  if (entry.row->is_broken()) {
    Reporter unheard;  // its cells may stand in columns of others
    entry.usable = false;
    entry.body = make_map({}, {});
    return row_key(fleet, entry, unheard) ? std::optional(std::move(entry)) : std::nullopt;
  }
  if (!row_key(fleet, entry, reporter_)) return std::nullopt;
  std::vector<bool> empty;
  for (auto const& path : fleet.optional_cells) empty.push_back(is_empty(*entry.row, path));
  auto& bodies = model_.layers->bodies;
  if (bodies.size() >= SharedLayers::kShapesMax) bodies.clear();
  auto& body = bodies[{&fleet, empty}];
  if (body == nullptr) body = without_empty_cells(fleet.body, *entry.row);
  entry.body = body;
  auto const override_of = fleet.overrides.find(entry.summary.key);
  if (override_of != fleet.overrides.end()) entry.override_body = override_of->second.value;
  read_own(entry);
  share_layers(fleet, entry, std::move(empty));
  return entry;
}

/// False (reported) where the row has none.
bool TenantReader::row_key(FleetEntry const& fleet, TenantEntry& entry, Reporter& reporter) const {
  TenantScope scope;
  scope.row = entry.row.get();
  Evaluator evaluator(model_.variables, ScopeKind::row, scope, reporter);
  auto value = evaluator.evaluate(*fleet.key);
  if (!value) return false;
  entry.where = evaluator.place(*fleet.key);
  entry.summary.where = entry.where.range();
  // Ids are often numbers.
  if (value->is_int64()) value = Value(canonical(*value));
  if (is_deferred(*value) || !value->is_string()) {
    reporter.error(entry.where, "wrong type",
                   fmt::format("The key of a tenant must be a text, not {}.",
                               is_sensitive(*value) ? "a secret" : describe_type(*value)));
    return false;
  }
  entry.summary.key = std::string(std::string_view(value->get_string()));
  return check_key({entry.summary.key, entry.where, nullptr}, "tenant", reporter);
}

void TenantReader::share_layers(FleetEntry const& fleet, TenantEntry& entry,
                                std::vector<bool> empty) {
  entry.base_values = base_values_of(entry);
  auto& rows = model_.layers->rows;
  if (rows.size() >= SharedLayers::kShapesMax) rows.clear();
  auto const [at, is_new] =
      rows.try_emplace({&fleet, std::move(empty), entry.summary.region, entry.blueprints});
  if (is_new) {
    at->second.merged = merge(base_of(entry), entry.body);
    at->second.values = over_values(entry.base_values, *entry.body);
  }
  entry.shared = at->second.merged;
  entry.shared_values = at->second.values;
}

/// No credential of a region is sent to a host of another one.
void TenantReader::check_hostname(TenantEntry const& entry) {
  auto const& [hostname, region] = std::tie(entry.summary.hostname, entry.summary.region);
  if (hostname.empty()) return;
  bool good = true;
  check(kHostname, Object{{"hostname", hostname}}, [&](SchemaProblem const& p) {
    good = false;
    reporter_.error(entry.hostname_where, p.summary, p.detail, p.hint);
  });
  if (!good || !entry.usable) return;
  auto const dot = hostname.find('.');
  auto const domain = fmt::format("{}.{}", region, kDomain);
  if (dot != std::string::npos && hostname.substr(dot + 1) == domain) return;
  reporter_.error(entry.hostname_where, "host name of another region",
                  fmt::format("\"{}\" is no host of the region {}: those end in .{}.",
                              visible(hostname), region, domain),
                  "check `region` and `hostname` of the tenant");
}

/// What region and blueprints a tenant has, and the rest that it may say before it is expanded.
void TenantReader::read_own(TenantEntry& entry) {
  TenantScope scope;
  scope.key = entry.summary.key;
  scope.row = entry.row.get();
  Evaluator evaluator(model_.variables, ScopeKind::tenant_key, scope, reporter_);
  reporter_.set_tenant(entry.summary.key);
  region(entry, evaluator);
  wave(entry, evaluator);
  blueprints(entry, evaluator);
  details(entry, evaluator);
  reporter_.set_tenant({});
}

void TenantReader::report_no_region(TenantEntry const& entry) {
  report_missing(place_of_empty_cell(entry, "region").value_or(entry.where), "region",
                 "it says where the tenant lives.", reporter_);
}

void TenantReader::region(TenantEntry& entry, Evaluator& evaluator) {
  auto const* node = entry.own_value("region");
  if (node == nullptr) {
    report_no_region(entry);
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
      evaluator.place(*node),
      fmt::format("unknown region \"{}\"{}", visible(*name), did_you_mean(*name, names)),
      names.empty() ? std::string("There is no `regions`.")
                    : fmt::format("The regions are: {}.", fmt::join(names, ", ")));
}

void TenantReader::wave(TenantEntry& entry, Evaluator& evaluator) {
  auto const* node = entry.own_value("wave");
  if (node == nullptr) return;
  auto name = evaluator.plain_text(*node, "\"wave\"");
  if (!name || name->empty()) return;
  check_wave(evaluator.place(*node), *name, model_, reporter_);
  entry.summary.wave = std::move(*name);
}

void TenantReader::blueprints(TenantEntry& entry, Evaluator& evaluator) {
  auto const* node = entry.own_value("blueprint");
  if (node == nullptr) return;
  if (node->is_list()) {
    for (auto const& item : node->items) blueprint(*item, entry, evaluator);
  } else {
    blueprint(*node, entry, evaluator);
  }
}

void TenantReader::blueprint(Node const& node, TenantEntry& entry, Evaluator& evaluator) {
  auto const name = evaluator.plain_text(node, "\"blueprint\"");
  if (!name) {
    entry.usable = false;
    return;
  }
  auto const& used = pinned_blueprint(model_, entry.summary.wave, *name);
  auto const found = model_.blueprints.find(used);
  if (found != model_.blueprints.end()) {
    if (std::ranges::find(entry.blueprints, &found->second) != entry.blueprints.end()) {
      auto const pin = used == *name ? "" : fmt::format(", which its wave uses for \"{}\",", *name);
      reporter_.error(evaluator.place(node), "blueprint named twice",
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
      evaluator.place(node),
      fmt::format("unknown blueprint \"{}\"{}", visible(*name), did_you_mean(*name, names)),
      names.empty() ? std::string("There is no `blueprints`.")
                    : fmt::format("The blueprints are: {}.", fmt::join(names, ", ")));
}

void TenantReader::details(TenantEntry& entry, Evaluator& evaluator) {
  auto const& statuses = language::words(language::tenant(), "status");
  auto& summary = entry.summary;
  if (auto const* node = entry.own_value("hostname")) {
    entry.hostname_where = evaluator.place(*node);
    summary.hostname = lower(evaluator.plain_text(*node, "\"hostname\"").value_or(""));
    check_hostname(entry);
  }
  if (auto const* node = entry.own_value("status")) {
    auto const text = evaluator.plain_text(*node, "\"status\"");
    if (text == "deactivated") summary.status = TenantStatus::deactivated;
    if (text && *text != "active" && *text != "deactivated") {
      reporter_.error(
          evaluator.place(*node),
          fmt::format("invalid value \"{}\"{}", visible(*text), did_you_mean(*text, statuses)),
          "\"status\" must be one of: active, deactivated.");
    }
  }
  if (auto const* node = entry.own_value("paused")) {
    auto value = evaluator.evaluate(*node);
    if (!value) return;
    auto const known = converted(std::move(*value), *node, Kind::boolean);
    if (known.is_bool()) {
      summary.paused = known.get_bool();
    } else {
      reporter_.error(
          evaluator.place(*node), "wrong type",
          fmt::format("\"paused\" must be true or false, not {}.", describe_type(known)));
    }
  }
}

/// The blueprints merged, once for all tenants that have the same ones.
NodePtr TenantReader::base_of(TenantEntry const& entry) {
  auto const [at, is_new] = model_.layers->bases.try_emplace(entry.blueprints);
  if (is_new) {
    for (auto const* b : entry.blueprints) at->second = merge(at->second, b->body);
  }
  return at->second;
}

NodePtr TenantReader::base_values_of(TenantEntry const& entry) {
  auto const [at, is_new] =
      model_.layers->values.try_emplace({entry.summary.region, entry.blueprints});
  if (!is_new) return at->second;
  auto const region = model_.regions.find(entry.summary.region);
  if (region != model_.regions.end() && region->second.values != nullptr) {
    at->second = merge(nullptr, region->second.values);
  }
  for (auto const* b : entry.blueprints) at->second = merge(at->second, b->values);
  return at->second;
}

void read_tenants(Node const& map, Model& model, Reporter& reporter) {
  TenantReader reader(model, reporter);
  model.tenants.reserve(map.members.size());
  for (auto const& member : map.members) {
    auto entry = reader.read(member);
    if (entry) {
      entry->body = nullptr;  // until it is its turn
      model.tenants.push_back(std::move(*entry));
    } else {
      model.has_all_tenants = false;
    }
  }
  std::ranges::sort(model.tenants, {}, [](auto const& t) -> auto const& { return t.summary.key; });
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
