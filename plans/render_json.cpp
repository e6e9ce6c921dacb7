#include <fmt/format.h>

#include "engine/core/json_text.hpp"
#include "plans/plan_json.hpp"
#include "plans/render.hpp"
#include "plans/terraform_item.hpp"

namespace tenantry::plans {
namespace {

// Not Terraform, but tools that read its plans ask for the version that wrote them: 1.9 wrote the
// representation that is followed here. Our own version is under "tenantry".
constexpr std::string_view kTerraformVersion = "1.9.0";
constexpr std::string_view kFormatVersion = "1.2";
constexpr std::string_view kTenants = "tenants";

Value own_tenant(TenantPlan const& tenant) {
  Value error = nullptr;
  if (tenant.error) {
    error = Object{{"code", name_of(tenant.error->code)},
                   {"message", describe(*tenant.error)},
                   {"hint", tenant.error->hint}};
  }
  Object own{{"key", tenant.key},
             {"region", tenant.region},
             {"hostname", tenant.hostname},
             {"id", tenant.id.text()},
             {"serial", tenant.serial},
             {"config_digest", tenant.config_digest},
             {"paused", tenant.paused},
             {"refreshed", tenant.refreshed},
             {"stopped_by_guard", tenant.stopped_by_guard()},
             {"cost", encode(tenant.cost)},
             {"error", std::move(error)}};
  if (!tenant.wave.empty()) own["wave"] = tenant.wave;
  return own;
}

Array waves_of(Plan const& plan) {
  auto const shares = wave_shares(plan);
  Array waves;
  for (auto const& wave : plan.waves) {
    auto const found = shares.find(wave.name);
    auto const share = found == shares.end() ? WaveShare{} : found->second;
    Object counts;
    for (auto const& [action, count] : share.counts) counts[name_of(action)] = count;
    waves.push_back(Object{{"name", wave.name},
                           {"tenants", wave.tenants},
                           {"failures_max", wave.failures_max},
                           {"planned_tenants", share.tenants},
                           {"tenants_with_changes", share.with_changes},
                           {"counts", std::move(counts)}});
  }
  return waves;
}

Array unmanaged_of(std::vector<UnmanagedTenant> const& tenants) {
  Array out;
  for (auto const& tenant : tenants) {
    out.push_back(Object{{"id", tenant.id.text()},
                         {"hostname", tenant.hostname},
                         {"name", tenant.name},
                         {"region", tenant.region},
                         {"status", tenant.status}});
  }
  return out;
}

/// With null in place of the tenants, which come one by one.
Object own_plan(Plan const& plan) {
  Object counts;
  for (auto const& [action, count] : count_actions(plan)) counts[name_of(action)] = count;
  Cost total;
  for (auto const& tenant : plan.tenants) total += tenant.cost;
  Array warnings;
  for (auto const& item : plan.warnings.sorted()) {
    warnings.push_back(Object{{"source", encode(item.where)},
                              {"address", item.address},
                              {"summary", item.summary},
                              {"detail", item.detail},
                              {"hint", item.hint}});
  }
  Object own{{"version", plan.tool_version},   {"lineage", plan.lineage},
             {"destroy", plan.destroy},        {"refresh_only", plan.refresh_only},
             {"adopt_only", plan.adopt_only},  {"passed_over", plan.passed_over},
             {"summary", summary_line(plan)},  {"counts", std::move(counts)},
             {"cost", encode(total)},          {kTenants, nullptr},
             {"warnings", std::move(warnings)}};
  if (!plan.waves.empty()) own["waves"] = waves_of(plan);
  if (plan.shard) {
    own["shard"] = Object{{"index", plan.shard->index},
                          {"count", plan.shard->count},
                          {"fleet_size", plan.fleet_size}};
  }
  if (plan.unmanaged) own["unmanaged"] = unmanaged_of(*plan.unmanaged);
  return own;
}

/// Goes through all changes once for each list, so that none of the lists is ever in memory.
class TerraformDocument {
 public:
  TerraformDocument(Plan const& plan, UnchangedFile const* unchanged,
                    std::function<void(std::string_view)> const& write)
      : plan_(plan), unchanged_(unchanged), write_(write) {}

  Result<void> run() {
    write_("{");
    member("format_version", Value(kFormatVersion));
    member("terraform_version", Value(kTerraformVersion));
    next(1);
    write_("\"planned_values\": {\n    \"root_module\": {\n      \"resources\": ");
    auto written = list(
        kPlannedDepth, [](auto const&, Change const& c) { return planned_item(c); },
        &UnchangedFile::Entry::planned_value);
    if (!written) return written;
    write_("\n    }\n  }");
    next(1);
    write_("\"resource_drift\": ");
    written = list(
        kChangeDepth,
        [](auto const&, Change const& change) {
          auto const moved = resource_drift(change);
          return moved.is_null() ? std::string() : pretty(moved, kChangeDepth);
        },
        nullptr);
    if (!written) return written;
    next(1);
    write_("\"resource_changes\": ");
    written = list(
        kChangeDepth,
        [](TenantPlan const& tenant, Change const& change) { return with_move(tenant, change); },
        &UnchangedFile::Entry::change);
    if (!written) return written;
    bool const errored = plan_.has_errors();
    member("configuration", Object{{"root_module", Object{}}});
    member("timestamp", Value(plan_.created_at));
    member("applyable", Value(plan_.has_changes() && !errored));
    member("complete", Value(!errored));
    member("errored", Value(errored));
    written = own_part();
    if (!written) return written;
    write_("\n}\n");
    return {};
  }

 private:
  using Item = std::function<std::string(TenantPlan const&, Change const&)>;

  static std::string with_move(TenantPlan const& tenant, Change const& change) {
    for (auto const& move : tenant.moves) {
      if (move.to != change.address) continue;
      auto item = resource_change(change);
      item.get_object()["previous_address"] = move.from.text();
      return pretty(item, kChangeDepth);
    }
    return change_item(change);
  }

  void next(std::size_t depth) {
    write_(is_first_ ? "\n" : ",\n");
    is_first_ = false;
    write_(std::string(depth * 2, ' '));
  }

  void member(std::string_view name, Value const& value, std::size_t depth = 1) {
    next(depth);
    write_(fmt::format("\"{}\": {}", name, pretty(value, depth)));
  }

  /// What Terraform knows nothing of.
  Result<void> own_part() {
    next(1);
    write_("\"tenantry\": {");
    is_first_ = true;
    for (auto const& [name, value] : own_plan(plan_)) {
      if (std::string_view(name) != kTenants) {
        member(name, value, 2);
        continue;
      }
      auto const written = own_tenants();
      if (!written) return written;
    }
    write_("\n  }");
    is_first_ = false;
    return {};
  }

  Result<void> own_tenants() {
    next(2);
    write_(fmt::format("\"{}\": [", kTenants));
    is_first_ = true;
    auto const read = plan_.tenants.for_each([&](TenantPlan const& tenant) {
      next(3);
      write_(pretty(own_tenant(tenant), 3));
    });
    if (!read) return read;
    write_(is_first_ ? "]" : "\n    ]");
    is_first_ = false;
    return {};
  }

  /// A list of what `item` and `kept` say of each change, in the order of addresses; what is empty
  /// is left out.
  Result<void> list(std::size_t depth, Item const& item, std::string UnchangedFile::Entry::* kept) {
    write_("[");
    is_first_ = true;
    auto const add = [&](std::string const& text) {
      if (text.empty()) return;
      next(depth);
      write_(text);
    };
    auto const read = plan_.tenants.try_each([&](TenantPlan const& tenant) -> Result<void> {
      std::vector<UnchangedFile::Entry> unlisted;
      if (unchanged_ != nullptr && kept != nullptr) {
        auto read = unchanged_->of(tenant.key);
        if (!read) return read.error();
        unlisted = std::move(*read);
      }
      auto entry = unlisted.begin();
      for (auto const& change : tenant.changes) {
        for (; entry != unlisted.end() && entry->address < change.address; ++entry) {
          add((*entry).*kept);
        }
        add(item(tenant, change));
      }
      for (; entry != unlisted.end(); ++entry) add((*entry).*kept);
      return {};
    });
    if (!read) return read;
    if (!is_first_) write_("\n" + std::string((depth - 1) * 2, ' '));
    write_("]");
    is_first_ = false;
    return {};
  }

  Plan const& plan_;
  UnchangedFile const* unchanged_;
  std::function<void(std::string_view)> const& write_;
  bool is_first_ = true;  ///< of the object or list that is being written
};

}  // namespace

Result<void> write_terraform_json(Plan const& plan, UnchangedFile const* unchanged,
                                  std::function<void(std::string_view)> const& write) {
  return TerraformDocument(plan, unchanged, write).run();
}

Result<std::string> to_terraform_json(Plan const& plan) {
  std::string out;
  auto const written =
      write_terraform_json(plan, nullptr, [&](std::string_view text) { out += text; });
  if (!written) return written.error();
  return out;
}

}  // namespace tenantry::plans
