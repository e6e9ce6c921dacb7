#include "tests/simulation/scenario.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>

#include "tests/simulation/dice.hpp"
#include "tests/simulation/resource_makers.hpp"

namespace tenantry::simulation {
namespace {

constexpr std::uint64_t kStream = 1;
constexpr std::uint64_t kRolloutStream = 4;
constexpr std::uint64_t kProjectStream = 5;

/// Grows one configuration after the other.
class Author {
 public:
  explicit Author(std::uint64_t seed)
      : dice_(seed, kStream),
        rollout_dice_(seed, kRolloutStream),
        project_dice_(seed, kProjectStream) {
    has_rollout_ = rollout_dice_.chance(500);
    failures_max_ = rollout_dice_.below(3);
  }

  Scenario write() {
    Scenario scenario;
    scenario.organization = dice_.chance(600);
    organization_ = scenario.organization;
    auto const count = dice_.chance(150) ? dice_.between(4, 6) : dice_.between(1, 3);
    for (std::uint64_t i = 0; i < count; ++i) add_tenant();
    change_projects();
    scenario.versions.push_back({whole(), {}, {}});
    auto const versions = dice_.between(2, 4);
    while (scenario.versions.size() < versions) {
      before_ = tenants_;
      moved_.clear();
      removed_.clear();
      auto const changes = dice_.between(1, 4);
      for (std::uint64_t i = 0; i < changes; ++i) change_something();
      keep_sinks();
      // Last, so that what they name stays as it is.
      if (dice_.chance(250)) let_something_go();
      if (dice_.chance(250)) move_a_resource();
      if (dice_.chance(150)) move_a_tenant();
      change_projects();
      // Past the purge of what was deactivated, sometimes.
      // The minutes keep what happens by the day from falling between two runs.
      auto const before = std::chrono::hours(dice_.chance(200) ? 24 * 40 : dice_.between(0, 30)) +
                          std::chrono::minutes(7);
      scenario.versions.push_back({whole(), before, let_go_});
    }
    return scenario;
  }

 private:
  Value whole() const {
    Object const credential{{"clientId", "emulator"}, {"clientSecret", "${var.clientSecret}"}};
    Object region = credential;
    region["licenseKey"] = "${var.licenseKey}";
    Object out{{"apiVersion", "tenantry/v1"},
               {"variables",
                {{"clientSecret", {{"env", kSecretVariable}}},
                 {"licenseKey", {{"env", kLicenseVariable}}}}},
               {"regions", {{"eu", region}, {"us", region}}}};
    if (organization_) out["organization"] = credential;
    if (has_rollout_) {
      Object rollout{{"waves", {{{"name", "canary"}}, {{"name", "middle"}}, {{"name", "rest"}}}}};
      if (failures_max_ > 0) rollout["maxFailures"] = failures_max_ == 1 ? Value("50%") : Value(1);
      out["rollout"] = std::move(rollout);
    }
    out["tenants"] = tenants_;
    for (auto& tenant : out.at("tenants").as_object()) {
      lay_projects_over(std::string(tenant.key()), tenant.value().get_object());
    }
    if (!moved_.empty()) out["moved"] = moved_;
    if (!removed_.empty()) out["removed"] = removed_;
    return out;
  }

  // --- DI projects ---

  /// What a tenant has of them. No call changes or deletes a project, none deletes the space around
  /// it: so they only grow in number, are kept beside the tenants, and are laid over them at the
  /// end. What the other dice give does not depend on them.
  struct Projects {
    std::uint64_t serial = 0;  ///< of the space
    Object declared;
  };

  void change_projects() {
    for (auto const& tenant : tenants_) {
      std::string const key(tenant.key());
      auto known = projects_.find(key);
      if (known == projects_.end()) {
        if (!project_dice_.chance(300)) continue;
        known = projects_.emplace(key, Projects{++projects_made_, {}}).first;
      } else if (!project_dice_.chance(400)) {
        continue;
      }
      auto& declared = known->second.declared;
      if (declared.empty() || project_dice_.chance(400)) {
        declared[fmt::format("p{}", ++projects_made_)] = {
            {"name", fmt::format("Project {}", projects_made_)}, {"space", "home"}};
      }
      auto const at = std::next(declared.begin(),
                                static_cast<std::ptrdiff_t>(project_dice_.below(declared.size())));
      if (project_dice_.chance(600)) {
        at->value().as_object()["bindings"] = {
            {"target", fmt::format("Warehouse {}", project_dice_.below(100))},
            {"owner", project_dice_.chance(500) ? "sales" : "finance"}};
      }
    }
  }

  void lay_projects_over(std::string const& key, Object& tenant) const {
    auto const known = projects_.find(key);
    if (known == projects_.end()) return;
    auto& spaces = tenant["spaces"];
    if (!spaces.is_object()) spaces.emplace_object();
    spaces.get_object()["home"] = {{"name", fmt::format("Home {}", known->second.serial)},
                                   {"type", "data"}};
    tenant["diProjects"] = known->second.declared;
  }

  void add_tenant() {
    auto const key = fmt::format("t{}", ++tenants_made_);
    Object tenant{{"region", dice_.chance(700) ? "eu" : "us"},
                  {"name", fmt::format("Tenant {}", key)}};
    if (dice_.chance(600)) tenant["alias"] = "sim-" + key;
    if (dice_.chance(400)) change_settings(tenant);
    if (rollout_dice_.chance(600)) {
      tenant["wave"] = rollout_dice_.chance(600) ? "canary" : "middle";
    }
    auto const resources = dice_.between(1, 5);
    for (std::uint64_t i = 0; i < resources; ++i) add_resource(tenant);
    tenants_[key] = std::move(tenant);
  }

  void change_settings(Object& tenant) {
    tenant["settings"] = {{"enableAppOpeningFeedback", dice_.chance(500)},
                          {"autoAssignCreateSharedSpacesRoleToProfessionals", dice_.chance(500)}};
  }

  void add_resource(Object& tenant) {
    auto const section = dice_.pick(sections());
    auto const serial = ++serial_;
    if (is_singleton(section)) {
      tenant[section] = make_resource(dice_, section, tenant, {}, serial);
      return;
    }
    auto const key = fmt::format("k{}", serial);
    auto resource = make_resource(dice_, section, tenant, key, serial);
    auto& map = tenant[section];
    if (!map.is_object()) map.emplace_object();
    map.get_object()[key] = std::move(resource);
  }

  void change_something() {
    auto const what = dice_.below(100);
    if (what < 8) return add_tenant();
    if (tenants_.empty()) return;
    auto const at =
        std::next(tenants_.begin(), static_cast<std::ptrdiff_t>(dice_.below(tenants_.size())));
    auto& tenant = at->value().get_object();
    if (what < 16) return change_activity(tenant);
    if (what < 19 && tenants_.size() > 1) {
      tenants_.erase(at);
      return;
    }
    if (what < 26) return change_tenant(tenant);
    if (what < 45) return add_resource(tenant);
    change_resources(tenant, what < 65);
  }

  void change_activity(Object& tenant) {
    if (tenant.erase("status") > 0) return;
    tenant["status"] = "deactivated";
  }

  void change_tenant(Object& tenant) {
    if (dice_.chance(400)) return change_settings(tenant);
    if (dice_.chance(500)) {
      tenant["name"] = fmt::format("Tenant renamed {}", ++serial_);
    } else {
      tenant["alias"] = fmt::format("sim-again-{}", ++serial_);
    }
  }

  void change_resources(Object& tenant, bool removes) {
    std::vector<std::string_view> there;
    for (auto const section : sections()) {
      if (tenant.contains(section)) there.push_back(section);
    }
    if (there.empty()) return add_resource(tenant);
    auto const section = dice_.pick(there);
    auto& block = tenant.at(section).as_object();
    if (is_singleton(section)) {
      if (removes) {
        tenant.erase(section);
      } else {
        change_resource(dice_, section, tenant, block, ++serial_);
      }
      return;
    }
    auto const at =
        std::next(block.begin(), static_cast<std::ptrdiff_t>(dice_.below(block.size())));
    if (!removes) {
      change_resource(dice_, section, tenant, at->value().as_object(), ++serial_);
      return;
    }
    block.erase(at);
    if (block.empty()) tenant.erase(section);
    drop_dangling(tenant);
  }

  // --- addresses ---

  struct Place {
    std::string tenant, section, key;
    std::string address() const { return fmt::format("{}/{}/{}", tenant, section, key); }
  };

  /// A resource that has a key of its own.
  std::optional<Place> some_resource() {
    std::vector<Place> places;
    for (auto const& tenant : tenants_) {
      for (auto const& section : tenant.value().get_object()) {
        auto const& known = sections();
        bool const is_section =
            std::ranges::find(known, std::string_view(section.key())) != known.end();
        if (!is_section || is_singleton(section.key())) continue;
        for (auto const& resource : section.value().get_object()) {
          places.push_back(
              {std::string(tenant.key()), std::string(section.key()), std::string(resource.key())});
        }
      }
    }
    if (places.empty()) return std::nullopt;
    return dice_.pick(places);
  }

  void move_a_resource() {
    auto const from = some_resource();
    if (!from) return;
    Place const to{from->tenant, from->section, fmt::format("k{}", ++serial_)};
    auto& tenant = tenants_.at(from->tenant).as_object();
    auto& block = tenant.at(from->section).as_object();
    auto resource = std::move(block.at(from->key));
    block.erase(from->key);
    block[to.key] = std::move(resource);
    rename_references(tenant, from->section, from->key, to.key);
    moved_.push_back({{"from", from->address()}, {"to", to.address()}});
  }

  /// A secret that is delivered stays where it is, also when what its sink is named by changes.
  static void fix_sinks(Object& tenant, std::string const& key) {
    auto* const clients = tenant.if_contains("oauthClients");
    if (clients == nullptr) return;
    for (auto& client : clients->as_object()) {
      auto* const sink = client.value().as_object().if_contains("deliverSecret");
      if (sink == nullptr) continue;
      std::string file(std::string_view(sink->at("file").as_string()));
      constexpr std::string_view kPlaceholder = "${tenant.key}";
      auto const at = file.find(kPlaceholder);
      if (at != std::string::npos) sink->at("file") = file.replace(at, kPlaceholder.size(), key);
    }
  }

  void move_a_tenant() {
    if (tenants_.empty()) return;
    auto const at =
        std::next(tenants_.begin(), static_cast<std::ptrdiff_t>(dice_.below(tenants_.size())));
    std::string const from(at->key());
    auto const to = fmt::format("t{}", ++tenants_made_);
    auto tenant = std::move(at->value());
    fix_sinks(tenant.get_object(), from);
    tenants_.erase(at);
    tenants_[to] = std::move(tenant);
    if (auto projects = projects_.extract(from)) {
      projects.key() = to;
      projects_.insert(std::move(projects));
    }
    for (auto& move : moved_) {
      auto& target = move.at("to").as_string();
      if (std::string_view(target).starts_with(from + '/')) {
        target = to + std::string(std::string_view(target).substr(from.size()));
        move.at("from") = target_in(to, from, move.at("from").as_string());
      }
    }
    for (auto& removal : removed_) {
      removal.at("from") = target_in(to, from, removal.at("from").as_string());
    }
    moved_.push_back({{"from", from}, {"to", to}});
  }

  /// `address` in the tenant `to` where it was in `from`.
  static std::string target_in(std::string const& to, std::string const& from,
                               std::string_view address) {
    return address.starts_with(from + '/') ? to + std::string(address.substr(from.size()))
                                           : std::string(address);
  }

  /// Of a client that was changed to another type and back again. A secret that is delivered stays
  /// where it is: no plan brings it to another sink.
  void keep_sinks() {
    for (auto& tenant : tenants_) {
      auto* const clients = tenant.value().get_object().if_contains("oauthClients");
      if (clients == nullptr) continue;
      for (auto& client : clients->as_object()) {
        Place const place{std::string(tenant.key()), "oauthClients", std::string(client.key())};
        auto const* const before = before_at(place);
        auto const* const sink =
            before != nullptr ? before->get_object().if_contains("deliverSecret") : nullptr;
        auto& now = client.value().get_object();
        if (sink != nullptr && now.contains("deliverSecret")) now["deliverSecret"] = *sink;
      }
    }
  }

  void let_something_go() {
    auto const place = some_resource();
    // A group that stays keeps its roles from being deleted: that is another story.
    if (!place || place->section == "groups") return;
    note_let_go(*place);
    removed_.push_back({{"from", place->address()}});
    auto& tenant = tenants_.at(place->tenant).as_object();
    auto& block = tenant.at(place->section).as_object();
    block.erase(place->key);
    if (block.empty()) tenant.erase(place->section);
    drop_dangling(tenant);
  }

  /// By the name that the version before gave it, which is the one that it has.
  void note_let_go(Place const& place) {
    auto const* const before = before_at(place);
    if (before == nullptr) return;
    auto const& resource = before->get_object();
    let_go_.insert(
        fmt::format("{}/{}", place.section, text_at(resource, natural_key(place.section))));
    // What it refers to is not deleted either.
    if (auto const* const assignments = find(resource, "assignments")) {
      for (auto const& one : assignments->as_array()) {
        note_let_go({place.tenant, "groups", std::string(one.at("assigneeId").as_string())});
      }
    }
    if (auto const* const roles = find(resource, "assignedRoles")) {
      for (auto const& role : roles->as_array()) {
        note_let_go({place.tenant, "roles", std::string(role.as_string())});
      }
    }
  }

  /// What the version before says of a resource; nullptr where it does not declare it.
  Value const* before_at(Place const& place) const {
    Value const* at = &before_;
    for (auto const& name : {place.tenant, place.section, place.key}) {
      at = at->get_object().if_contains(name);
      if (at == nullptr) return nullptr;
    }
    return at;
  }

  Dice dice_;
  Dice rollout_dice_;
  Dice project_dice_;
  bool has_rollout_ = false;
  std::uint64_t failures_max_ = 0;
  bool organization_ = false;
  Object tenants_;
  Value before_ = Object();  ///< the tenants of the version before
  Array moved_;
  Array removed_;
  std::set<std::string> let_go_;
  std::map<std::string, Projects> projects_;  ///< by tenant
  std::uint64_t projects_made_ = 0;
  std::uint64_t tenants_made_ = 0;
  std::uint64_t serial_ = 0;
};

}  // namespace

Scenario make_scenario(std::uint64_t seed) { return Author(seed).write(); }

}  // namespace tenantry::simulation
