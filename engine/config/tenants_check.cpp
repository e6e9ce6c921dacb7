#include "engine/config/tenants_check.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "engine/config/fleet_check.hpp"
#include "engine/config/layers.hpp"
#include "engine/config/moves.hpp"
#include "engine/config/structure.hpp"
#include "engine/config/tenant_expander.hpp"
#include "engine/config/tenant_reader.hpp"
#include "engine/core/text.hpp"

namespace tenantry::config {
namespace {

class TenantsCheck {
 public:
  TenantsCheck(Model& model, Reporter& reporter, LoadProgress const& progress)
      : model_(model),
        reporter_(reporter),
        progress_(progress),
        between_(model, reporter),
        moves_(model, reporter) {}

  std::size_t run() {
    all_ = model_.tenants.size();
    for (auto const& [key, fleet] : model_.fleets) all_ += fleet->rows->size();
    for (std::size_t i = 0; i < model_.tenants.size(); ++i) {
      auto entry = with_body(model_.tenants[i]);
      expand(entry);
      model_.tenants[i].summary.alias = entry.summary.alias;
      model_.index.add(entry.summary, {nullptr, i, entry.where});
      tell();
    }
    for (auto const& [key, fleet] : model_.fleets) rows(*fleet);
    model_.index.finish(reporter_);
    check_former_keys();
    between_.finish();
    if (model_.has_all_tenants && with_unknown_keys_.empty()) {
      moves_.finish();
    } else {
      moves_.finish_without_some();
    }
    return resources_;
  }

 private:
  void expand(TenantEntry& entry) {
    if (!entry.usable) return moves_.see_broken(entry.summary.key);
    auto const errors_before = reporter_.errors();
    reporter_.set_tenant(entry.summary.key);
    auto const tenant = expand_tenant(model_, entry, Detail::checked, reporter_);
    reporter_.set_tenant({});
    entry.summary.alias = tenant.summary.alias;
    resources_ += tenant.resources.size();
    between_.see(entry, tenant);
    if (reporter_.errors() > errors_before) moves_.see_broken(entry.summary.key);
    moves_.see(tenant);
  }

  void tell() {
    ++checked_;
    if (progress_) progress_(checked_, all_);
  }

  void rows(FleetEntry const& fleet) {
    TenantReader reader(model_, reporter_);
    std::size_t overridden = 0;
    for (std::size_t i = 0; i < fleet.rows->size(); ++i) {
      auto entry = reader.read_row(fleet, i);
      bool const certain = entry && !entry->row->is_broken();
      if (!certain) with_unknown_keys_.insert(&fleet);
      if (entry) {
        expand(*entry);
        if (entry->override_body != nullptr) ++overridden;
        if (certain) former_keys(fleet, *entry);
        model_.index.add(std::move(entry->summary), {&fleet, i, entry->where, certain});
      }
      reporter_.set_row(nullptr);  // it ends with its entry
      tell();
    }
    if (overridden < fleet.overrides.size()) check_overrides(fleet);
  }

  // --- former keys ---

  /// Those that a column gives.
  void former_keys(FleetEntry const& fleet, TenantEntry const& entry) {
    if (fleet.former_keys == nullptr || fleet.former_keys->is_map()) return;
    auto const written = without_empty_cells(make_list({}, {fleet.former_keys}), *entry.row);
    if (written->items.empty()) return;
    TenantScope scope;
    scope.row = entry.row.get();
    Evaluator evaluator(model_.variables, ScopeKind::row, scope, reporter_);
    auto const value = evaluator.evaluate(*written->items.front());
    if (value) add_former(*value, entry.summary.key, evaluator.place(*fleet.former_keys));
  }

  /// What is written, a text or a list of texts.
  void add_former(Node const& node, std::string const& present) {
    if (!node.is_list()) return add_former(to_value(node), present, node.mark);
    for (auto const& item : node.items) add_former(*item, present);
  }

  void add_former(Value const& value, std::string const& present, Mark const& where) {
    if (auto const* list = value.if_array()) {
      for (auto const& element : *list) add_former(element, present, where);
      return;
    }
    if (value.is_int64()) return add_former(Value(canonical(value)), present, where);
    if (is_deferred(value) || !value.is_string()) {
      reporter_.error(where, "wrong type",
                      fmt::format("A former key must be a text or a list of texts, not {}.",
                                  is_sensitive(value) ? "a secret" : describe_type(value)));
      return;
    }
    std::string former(std::string_view(value.get_string()));
    if (former == present || !check_key({former, where, nullptr}, "tenant", reporter_)) return;
    if (model_.former_keys.add(former, present, where.range())) return;
    auto const* taken = model_.former_keys.entry(former);
    if (taken->present == present) return;
    reporter_.error(where, "former key in use",
                    fmt::format("\"{}\" is a former key of \"{}\" already ({}).", former,
                                taken->present, taken->where.text()),
                    "what the state has under it can belong to one tenant only");
  }

  /// Those that are written as a map, and what is wrong with any of them.
  void check_former_keys() {
    for (auto const& [key, fleet] : model_.fleets) {
      if (fleet->former_keys == nullptr || !fleet->former_keys->is_map()) continue;
      for (auto const& member : fleet->former_keys->members) {
        auto const* place = model_.index.find(member.key);
        if (place != nullptr && place->fleet == fleet.get()) {
          add_former(*member.value, member.key);
        } else {
          report_no_row(*fleet, member, "former keys of a tenant that has no row");
        }
      }
    }
    for (auto const& [former, entry] : model_.former_keys.all()) {
      auto const* place = model_.index.find(former);
      if (place == nullptr || !place->certain) continue;
      reporter_.error(entry.where, "former key that is still in use",
                      fmt::format("\"{}\" is a tenant of the configuration ({}).", former,
                                  place->where.range().text()),
                      "a former key is one that no tenant has any more");
    }
  }

  void check_overrides(FleetEntry const& fleet) {
    std::set<std::string, std::less<>> keys;
    for (std::size_t i = 0; i < model_.index.summaries().size(); ++i) {
      auto const& summary = model_.index.summaries()[i];
      if (summary.fleet == fleet.fleet.key && fleet.overrides.contains(summary.key)) {
        keys.insert(summary.key);
      }
    }
    for (auto const& [key, member] : fleet.overrides) {
      if (!keys.contains(key)) report_no_row(fleet, member, "override without a row");
    }
  }

  void report_no_row(FleetEntry const& fleet, Member const& member, std::string summary) {
    if (with_unknown_keys_.contains(&fleet)) return;  // it may be one of them
    std::vector<std::string> keys;
    // Only the first are told in full, and each guess compares with every row.
    if (++without_row_ <= kGuessesMax) {
      for (auto const& tenant : model_.index.summaries()) {
        if (tenant.fleet == fleet.fleet.key) keys.push_back(tenant.key);
      }
    }
    reporter_.error(member.key_mark, summary + did_you_mean(member.key, keys),
                    fmt::format("{} has no row whose key is \"{}\".", fleet.fleet.file, member.key),
                    "take it out, or mend the key");
  }

  static constexpr std::size_t kGuessesMax = 10;

  Model& model_;
  Reporter& reporter_;
  LoadProgress const& progress_;
  std::size_t checked_ = 0;
  std::size_t all_ = 0;
  std::size_t without_row_ = 0;
  std::set<FleetEntry const*> with_unknown_keys_;  ///< a row of which has no key that counts
  FleetCheck between_;
  MovesCheck moves_;
  std::size_t resources_ = 0;
};

}  // namespace

std::size_t check_tenants(Model& model, Reporter& reporter, LoadProgress const& progress) {
  return TenantsCheck(model, reporter, progress).run();
}

}  // namespace tenantry::config
