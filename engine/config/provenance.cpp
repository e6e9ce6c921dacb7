#include "engine/config/provenance.hpp"

#include <algorithm>
#include <set>
#include <span>

#include "engine/config/merge.hpp"
#include "engine/config/provenance_reader.hpp"

namespace tenantry::config {
namespace {

using Path = std::span<std::string const>;

/// One tree of a layer.
struct LayerTree {
  Layer layer;
  NodePtr tree;
};

/// What `tree` says at `path`, or of what stands above it, if that is no map: a null there removes
/// all below.
Member const* said_at(Node const& tree, Path path) {
  auto const* map = &tree;
  for (std::size_t i = 0; i < path.size() && map->is_map(); ++i) {
    auto const* member = map->find(path[i]);
    if (member == nullptr) return nullptr;
    if (i + 1 == path.size() || member->value->is_null()) return member;
    map = member->value.get();
  }
  return nullptr;
}

Statement statement_of(Layer const& layer, Member const& member) {
  Statement statement{.layer = layer, .where = member.key_mark.range()};
  statement.appends = is_append(*member.value);
  auto const& said = statement.appends ? *member.value->find(kAppend)->value : *member.value;
  statement.value = to_value(said);
  return statement;
}

class Tracer {
 public:
  Tracer(Model const& model, TenantEntry const& entry) : model_(model), entry_(entry) {}

  Trace run(Path path) {
    trace_.layers = layers();
    if (!path.empty()) trace_.statements = statements(bodies(), path);
    return std::move(trace_);
  }

 private:
  Layer own_layer() const {
    auto const& key = entry_.summary.key;
    if (entry_.fleet == nullptr) return {Layer::Kind::tenant, key, {}, entry_.where.range()};
    auto const& fleet = entry_.fleet->fleet;
    return {Layer::Kind::fleet, fleet.key, {}, fleet.where};
  }

  Layer override_layer() const {
    auto const found = entry_.fleet->overrides.find(entry_.summary.key);
    auto const where = found == entry_.fleet->overrides.end() ? Mark{} : found->second.key_mark;
    return {Layer::Kind::override_, entry_.summary.key, {}, where.range()};
  }

  Layer blueprint_layer(Blueprint const& blueprint) const {
    return {Layer::Kind::blueprint, blueprint.key, written_as(blueprint), blueprint.where.range()};
  }

  /// The name in whose place the tenant's wave uses the blueprint; empty where it uses its own.
  std::string written_as(Blueprint const& blueprint) const {
    if (!model_.rollout) return {};
    auto const* own = entry_.own_value("blueprint");
    if (own != nullptr && names(*own, blueprint.key)) return {};
    auto const& rollout = *model_.rollout;
    for (auto const& [written, used] :
         rollout.waves[rollout.wave_of(entry_.summary.wave)].blueprints) {
      if (used == blueprint.key) return written;
    }
    return {};
  }

  static bool names(Node const& node, std::string_view blueprint) {
    if (node.is_list()) {
      return std::ranges::any_of(node.items,
                                 [&](auto const& item) { return names(*item, blueprint); });
    }
    return node.is_text() && node.text() == blueprint;
  }

  std::vector<Layer> layers() const {
    std::vector<Layer> out;
    auto const region = model_.regions.find(entry_.summary.region);
    if (region != model_.regions.end()) {
      out.push_back({Layer::Kind::region, region->first, {}, region->second.region.where});
    }
    for (auto const* blueprint : entry_.blueprints) out.push_back(blueprint_layer(*blueprint));
    out.push_back(own_layer());
    if (entry_.override_body != nullptr) out.push_back(override_layer());
    return out;
  }

  /// Trees that resources and attributes are written in.
  std::vector<LayerTree> bodies() const {
    std::vector<LayerTree> out;
    for (auto const* blueprint : entry_.blueprints) {
      out.push_back({blueprint_layer(*blueprint), blueprint->body});
    }
    add_own(out);
    return out;
  }

  /// Trees that `values` are written in.
  std::vector<LayerTree> values() const {
    std::vector<LayerTree> out;
    for (auto const* blueprint : entry_.blueprints) {
      std::vector<Member> defaults;
      for (auto const& p : blueprint->parameters) {
        if (p.default_value != nullptr) defaults.push_back({p.name, p.where, p.default_value});
      }
      auto layer = blueprint_layer(*blueprint);
      layer.kind = Layer::Kind::parameter;
      out.push_back({std::move(layer), make_map(blueprint->where, std::move(defaults))});
    }
    auto const region = model_.regions.find(entry_.summary.region);
    if (region != model_.regions.end()) {
      Layer layer{Layer::Kind::region, region->first, {}, region->second.region.where};
      out.push_back({std::move(layer), region->second.values});
    }
    for (auto const* blueprint : entry_.blueprints) {
      out.push_back({blueprint_layer(*blueprint), blueprint->values});
    }
    std::vector<LayerTree> own;
    add_own(own);
    for (auto& [layer, body] : own) {
      auto const* written = body->find("values");
      if (written != nullptr) out.push_back({std::move(layer), written->value});
    }
    return out;
  }

  void add_own(std::vector<LayerTree>& out) const {
    out.push_back({own_layer(), entry_.body});
    if (entry_.override_body != nullptr) out.push_back({override_layer(), entry_.override_body});
  }

  std::vector<Statement> statements(std::vector<LayerTree> const& trees, Path path) {
    std::vector<Statement> out;
    std::vector<Node const*> said;
    for (auto const& [layer, tree] : trees) {
      auto const* member = tree == nullptr ? nullptr : said_at(*tree, path);
      if (member == nullptr) continue;
      out.push_back(statement_of(layer, *member));
      said.push_back(member->value.get());
    }
    // A map is merged with what is below it, and a list that is appended too.
    for (auto i = out.size(); i-- > 0;) {
      out[i].counts = true;
      use(*said[i]);
      if (!out[i].appends && !said[i]->is_map()) break;
    }
    return out;
  }

  /// What the placeholders of `node` stand for.
  void use(Node const& node) {
    if (node.has_placeholder && !node.parsed->problem) {
      for (auto const& piece : node.parsed->pieces) use(piece);
    }
    for (auto const& item : node.items) use(*item);
    for (auto const& member : node.members) use(*member.value);
  }

  void use(Piece const& piece) {
    if (piece.is_literal()) return;
    auto name = piece.space + '.' + piece.path;
    if (!used_.insert(name).second) return;
    if (piece.space == "values") return use_value(std::move(name), piece.path);
    if (piece.space == "var") return use_variable(std::move(name), piece.path);
    if (piece.space == "row" && entry_.row != nullptr) use_cell(std::move(name), piece.path);
  }

  void use_value(std::string name, std::string const& path) {
    auto const index = trace_.uses.size();
    trace_.uses.emplace_back().name = std::move(name);
    // The name of a value may have dots in it, or lead into a map: its own name is tried first.
    std::vector<std::string> whole{path};
    auto found = statements(values(), whole);
    if (found.empty() && path.find('.') != std::string::npos) {
      whole.front() = path.substr(0, path.find('.'));
      found = statements(values(), whole);
    }
    if (!found.empty()) trace_.uses[index].where = found.back().where;
    trace_.uses[index].statements = std::move(found);
  }

  void use_variable(std::string name, std::string const& path) {
    auto const* variable = model_.variables.find(path);
    if (variable == nullptr) return;
    Used used;
    used.name = std::move(name);
    used.where = variable->where.range();
    used.sensitive = variable->sensitive;
    if (!variable->sensitive) used.value = variable->value;
    trace_.uses.push_back(std::move(used));
  }

  void use_cell(std::string name, std::string const& path) {
    auto const cell = entry_.row->find(path);
    if (!cell) return;
    Used used;
    used.name = std::move(name);
    used.where = cell->cell->where.range();
    if (cell->value != nullptr) used.value = *cell->value;
    trace_.uses.push_back(std::move(used));
  }

  Model const& model_;
  TenantEntry const& entry_;
  std::set<std::string> used_;
  Trace trace_;
};

}  // namespace

std::string_view name_of(Layer::Kind kind) {
  switch (kind) {
    case Layer::Kind::parameter:
      return "parameter";
    case Layer::Kind::region:
      return "region";
    case Layer::Kind::blueprint:
      return "blueprint";
    case Layer::Kind::fleet:
      return "fleet";
    case Layer::Kind::tenant:
      return "tenant";
    case Layer::Kind::override_:
      return "override";
  }
  return "";
}

Provenance const& provenance_of(Configuration const& configuration) {
  auto const* provenance = dynamic_cast<Provenance const*>(&configuration);
  ensure(provenance != nullptr, "a configuration that was loaded knows its layers");
  return *provenance;
}

Trace trace_of(Model const& model, TenantEntry const& entry, std::vector<std::string> const& path) {
  return Tracer(model, entry).run(path);
}

}  // namespace tenantry::config
