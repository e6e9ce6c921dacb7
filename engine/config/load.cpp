// From files to a checked configuration.
#include <fmt/format.h>

#include <algorithm>
#include <type_traits>

#include "engine/config/blueprint.hpp"
#include "engine/config/configuration.hpp"
#include "engine/config/connection_reader.hpp"
#include "engine/config/fleet_reader.hpp"
#include "engine/config/language.hpp"
#include "engine/config/layers.hpp"
#include "engine/config/load_progress.hpp"
#include "engine/config/moves.hpp"
#include "engine/config/outline.hpp"
#include "engine/config/packed_tree.hpp"
#include "engine/config/policy_reader.hpp"
#include "engine/config/provenance_reader.hpp"
#include "engine/config/rollout_reader.hpp"
#include "engine/config/sources.hpp"
#include "engine/config/structure.hpp"
#include "engine/config/tenant_expander.hpp"
#include "engine/config/tenant_reader.hpp"
#include "engine/config/tenants_check.hpp"

namespace tenantry::config {
namespace {

class LoadedConfiguration final : public Configuration, public Provenance {
 public:
  LoadedConfiguration(std::unique_ptr<Model> model, std::size_t resources)
      : model_(std::move(model)), resources_(resources) {}

  std::filesystem::path const& folder() const override { return model_->folder; }
  std::map<std::string, Region> const& regions() const override { return model_->region_views; }
  std::optional<Organization> const& organization() const override { return model_->organization; }
  Policy const& policy() const override { return model_->policy; }
  std::optional<Rollout> const& rollout() const override { return model_->rollout; }
  StateSettings const& state() const override { return model_->state; }
  std::vector<Moved> const& moved() const override { return model_->moved; }
  std::vector<Removed> const& removed() const override { return model_->removed; }
  Object const& written() const override { return model_->written; }
  Variables const& variables() const override { return model_->variables; }
  std::vector<TenantSummary> const& tenants() const override { return model_->index.summaries(); }
  std::map<std::string, Fleet> const& fleets() const override { return model_->fleet_views; }
  FormerKeys const& former_keys() const override { return model_->former_keys; }

  std::size_t resource_count() const override { return resources_; }
  Tenant expand(std::string_view key) const override { return expanded(key, Detail::planned); }
  Tenant expand_rendered(std::string_view key) const override {
    return expanded(key, Detail::rendered);
  }

  Result<Tenant> expand_as(std::string const& key, Object const& body) const override {
    Reporter reporter;
    auto const entry = TenantReader(*model_, reporter).read({key, {}, from_value(body)});
    std::optional<Tenant> tenant;
    if (entry && entry->usable) {
      tenant = expand_tenant(*model_, *entry, Detail::rendered, reporter);
    }
    auto const problems = reporter.diagnostics().sorted();
    auto const wrong = std::ranges::find(problems, Severity::error, &Diagnostic::severity);
    if (wrong == problems.end() && tenant) return std::move(*tenant);
    if (wrong == problems.end()) return Error(Errc::invalid, key + " cannot be a tenant");
    return Error(Errc::invalid, fmt::format("{}: {}", wrong->summary, wrong->detail), wrong->hint);
  }

  Trace trace(std::string_view key, std::vector<std::string> const& path) const override {
    return with_entry(key,
                      [&](TenantEntry const& entry) { return trace_of(*model_, entry, path); });
  }

 private:
  Tenant expanded(std::string_view key, Detail detail) const {
    Reporter unheard;  // load has expanded it before, without an error
    return with_entry(key, [&](TenantEntry const& entry) {
      return expand_tenant(*model_, entry, detail, unheard);
    });
  }

  template <class Use>
  std::invoke_result_t<Use, TenantEntry const&> with_entry(std::string_view key,
                                                           Use const& use) const {
    auto const* place = model_->index.find(key);
    ensure(place != nullptr, "only tenants of the configuration are looked at");
    if (place->fleet == nullptr) return use(with_body(model_->tenants[place->number]));
    Reporter unheard;
    auto const entry = TenantReader(*model_, unheard).read_row(*place->fleet, place->number);
    ensure(entry.has_value(), "a row that had a key has it still");
    return use(*entry);
  }

  std::unique_ptr<Model> model_;
  std::size_t resources_;
};

/// Names of variables that are used with a fallback somewhere.
void collect_mentioned(Template const& pieces, std::vector<std::string>& names) {
  for (auto const& piece : pieces) {
    if (!piece.fallback) continue;
    if (piece.space == "var") names.push_back(piece.path);
    collect_mentioned(*piece.fallback, names);
  }
}

void collect_mentioned(NodePtr const& node, std::vector<std::string>& names);

void collect_mentioned(Node const& node, std::vector<std::string>& names) {
  if (node.has_placeholder && node.text().find("${var.") != std::string_view::npos) {
    collect_mentioned(node.parsed->pieces, names);
  }
  for (auto const& item : node.items) collect_mentioned(item, names);
  for (auto const& member : node.members) collect_mentioned(member.value, names);
}

void collect_mentioned(NodePtr const& node, std::vector<std::string>& names) {
  if (node->type != Node::Type::packed || may_contain(*node, "${var.")) {
    collect_mentioned(*unpacked(node), names);
  }
}

class Loader {
 public:
  explicit Loader(LoadOptions const& options, LoadProgress const& progress = {})
      : options_(options), progress_(progress), model_(std::make_unique<Model>(options.schemas)) {}

  Loaded run() {
    if (!read()) return finish();
    resources_ = check_tenants(*model_, reporter_, progress_);
    keep_written();
    for (auto const& [key, blueprint] : model_->blueprints) {
      if (!blueprint.used) check_unused(blueprint, *model_, reporter_);
    }
    return finish();
  }

  Outline outline() {
    read();
    Outline out;
    for (auto const& [key, blueprint] : model_->blueprints) out.blueprints.push_back(key);
    out.variables = model_->variables.names();
    index_tenants();
    for (auto const& [key, entry] : model_->regions) model_->region_views[key] = entry.region;
    out.configuration = std::make_shared<LoadedConfiguration>(std::move(model_), 0);
    return out;
  }

 private:
  /// False where so little is known that all else would follow from that.
  bool read() {
    model_->target = options_.target;
    model_->has_connections = options_.connections.has_value();
    auto const documents = read_documents(options_, model_->sources, reporter_);
    model_->folder = documents.folder;
    top_ = join_documents(documents.configuration, reporter_);
    if (documents.connections != nullptr) take_connections(*documents.connections);
    check_top_level(documents);
    // Without them nothing is known of regions and variables.
    if (options_.connections && documents.connections == nullptr) return false;
    read_variables(documents);
    read_connections();
    if (auto const* map = top_map("blueprints")) read_blueprints(*map, *model_, reporter_);
    if (auto const* map = top_map("policy")) read_policy(*map, *model_, reporter_);
    if (auto const* map = top_map("rollout")) read_rollout(*map, *model_, reporter_);
    if (auto const* map = top_map("tenants")) read_tenants(*map, *model_, reporter_);
    if (auto const* map = top_map("fleets")) read_fleets(*map, *model_, reporter_);
    if (auto const* list = top_list("moved")) read_moved(*list, *model_, reporter_);
    if (auto const* list = top_list("removed")) read_removed(*list, *model_, reporter_);
    return true;
  }

  /// As check_tenants, without expanding any.
  void index_tenants() {
    constexpr std::size_t kRowsMax = 10'000;
    for (std::size_t i = 0; i < model_->tenants.size(); ++i) {
      auto const& entry = model_->tenants[i];
      model_->index.add(entry.summary, {nullptr, i, entry.where});
    }
    TenantReader reader(*model_, reporter_);
    for (auto const& [key, fleet] : model_->fleets) {
      for (std::size_t i = 0; i < std::min(fleet->rows->size(), kRowsMax); ++i) {
        auto entry = reader.read_row(*fleet, i);
        if (entry) model_->index.add(std::move(entry->summary), {fleet.get(), i, entry->where});
        reporter_.set_row(nullptr);
      }
    }
    model_->index.finish(reporter_);
  }

  void take_connections(Node const& root) {
    static auto const kKeys = language::names(language::connections());
    check_keys(root, kKeys, reporter_);
    for (auto const& member : root.members) connections_.emplace(member.key, member);
  }

  void check_top_level(Documents const& documents) {
    static auto const kKeys = language::names(language::configuration());
    static std::vector<std::string> const kGuarded{"organization", "regions", "state"};
    auto const contains = [](auto const& list, std::string const& key) {
      return std::ranges::find(list, key) != list.end();
    };
    for (auto const& [key, member] : top_) {
      if (!contains(kKeys, key)) {
        report_unknown_key(member, kKeys, reporter_);
      } else if (model_->has_connections && contains(kGuarded, key)) {
        reporter_.error(member.key_mark, "not allowed beside a connections file",
                        fmt::format("\"{}\" is set there, not in the configuration.", key),
                        "move it into the file given by --connections");
      }
    }
    if (documents.configuration.empty() || reporter_.errors() > 0) return;
    // Written empty it is meant; left out it is an accident.
    for (auto const* key : {"tenants", "fleets"}) {
      auto const written = top_.find(key);
      if (written != top_.end() && !written->second.value->is_null()) return;
    }
    reporter_.error(Mark{documents.configuration.front()->mark.source, 1, 1}, "no tenants",
                    "The configuration has neither `tenants` nor `fleets`.",
                    "write at least one, or `tenants: {}` if there shall be none");
  }

  Member const* top(std::string const& key) const {
    bool const from_connections =
        model_->has_connections && (key == "regions" || key == "organization" || key == "state");
    auto const& map = from_connections ? connections_ : top_;
    auto const found = map.find(key);
    return found == map.end() || found->second.value->is_null() ? nullptr : &found->second;
  }

  /// The map under a top-level key; nullptr where there is none or (reported) something else.
  Node const* top_map(std::string const& key) { return map_of(top(key)); }

  /// The list under a top-level key, likewise.
  Node const* top_list(std::string const& key) {
    auto const* member = top(key);
    if (member == nullptr || member->value->is_list()) {
      return member == nullptr ? nullptr : member->value.get();
    }
    report_type(*member->value, fmt::format("\"{}\"", key), "a list", reporter_);
    return nullptr;
  }

  void keep_written() {
    for (auto const* key : {"variables", "regions", "organization", "blueprints"}) {
      auto const found = top_.find(key);
      if (found != top_.end()) model_->written[key] = to_value(*found->second.value);
    }
  }

  Node const* map_of(Member const* member) {
    if (member == nullptr || member->value->is_map()) {
      return member == nullptr ? nullptr : member->value.get();
    }
    report_type(*member->value, fmt::format("\"{}\"", member->key), "a map", reporter_);
    return nullptr;
  }

  void read_variables(Documents const& documents) {
    std::vector<std::string> mentioned;
    for (auto const& root : documents.configuration) collect_mentioned(*root, mentioned);
    if (documents.connections != nullptr) collect_mentioned(*documents.connections, mentioned);
    auto const found = connections_.find("variables");
    bool const has = found != connections_.end() && !found->second.value->is_null();
    model_->variables =
        VariableTable::read(top_map("variables"), has ? map_of(&found->second) : nullptr, mentioned,
                            options_, documents.variable_files, reporter_);
  }

  void read_connections() {
    if (auto const* map = top_map("regions")) read_regions(*map, *model_, reporter_);
    if (top_map("organization") != nullptr) {
      read_organization(*top("organization"), *model_, reporter_);
    }
    if (top_map("state") != nullptr) read_state(*top("state"), *model_, reporter_);
    auto const sinks = connections_.find("sinks");
    if (sinks == connections_.end() || sinks->second.value->is_null()) return;
    if (auto const* map = map_of(&sinks->second)) read_sinks(*map, *model_);
  }

  Loaded finish() {
    Loaded out;
    out.diagnostics = reporter_.diagnostics();
    if (reporter_.errors() > 0) return out;
    for (auto const& [key, entry] : model_->regions) model_->region_views[key] = entry.region;
    out.configuration = std::make_shared<LoadedConfiguration>(std::move(model_), resources_);
    return out;
  }

  LoadOptions const& options_;
  LoadProgress progress_;
  std::unique_ptr<Model> model_;
  Reporter reporter_;
  std::map<std::string, Member> top_;
  std::map<std::string, Member> connections_;
  std::size_t resources_ = 0;
};

}  // namespace

Loaded load(LoadOptions const& options) { return Loader(options).run(); }

Loaded load(LoadOptions const& options, LoadProgress const& progress) {
  return Loader(options, progress).run();
}

Outline outline(LoadOptions const& options) { return Loader(options).outline(); }

Result<Secret> reveal(CredentialText const& credential, Variables const& variables) {
  if (!credential.written()) return Secret();
  if (credential.text.is_string()) {
    return Secret(std::string(std::string_view(credential.text.get_string())));
  }
  ensure(is_deferred(credential.text), "a credential is a text");
  std::string text;
  for (auto const& segment : segments_of(credential.text)) {
    if (segment.kind == Segment::Kind::text) {
      text += segment.text;
      continue;
    }
    ensure(segment.kind == Segment::Kind::variable, "a credential names only variables");
    auto value = variables.reveal(segment.text);
    if (!value) return value.error();
    text += value->reveal();
  }
  return Secret(std::move(text));
}

}  // namespace tenantry::config
