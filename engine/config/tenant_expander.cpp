#include "engine/config/tenant_expander.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "engine/config/blueprint.hpp"
#include "engine/config/connection_reader.hpp"
#include "engine/config/dependencies.hpp"
#include "engine/config/language.hpp"
#include "engine/config/layers.hpp"
#include "engine/config/merge.hpp"
#include "engine/config/rendering.hpp"
#include "engine/config/structure.hpp"
#include "engine/core/text.hpp"

namespace tenantry::config {
namespace {

TenantScope make_scope(Model const& model, TenantEntry const& entry, NodePtr const& merged) {
  TenantScope scope;
  scope.key = entry.summary.key;
  scope.region = entry.summary.region;
  scope.hostname = entry.summary.hostname;
  scope.values = with_defaults(merged_values(entry), entry);
  scope.row = entry.row.get();
  scope.known = region_value_names(model);
  for (auto const* blueprint : entry.blueprints) {
    for (auto const& p : blueprint->parameters) scope.known.insert(p.name);
  }
  for (auto const& [p, blueprint] : missing_values(entry, scope.values)) {
    scope.missing.insert(p->name);
  }
  scope.any_value = entry.blueprints.empty();
  if (auto const* name = merged->find("name"); name != nullptr && !name->value->is_null()) {
    scope.name = name->value;
  }
  return scope;
}

class Expander {
 public:
  Expander(Model const& model, TenantEntry const& entry, Detail detail, Reporter& reporter)
      : model_(model),
        detail_(detail),
        entry_(entry),
        reporter_(reporter),
        merged_(merged_body(entry)),
        scope_(make_scope(model, entry, merged_)),
        evaluator_(model.variables, ScopeKind::tenant, scope_, reporter),
        reader_(model, evaluator_, is_checked() ? Checks::all : Checks::passed, reporter) {}

  Tenant run() {
    Tenant tenant;
    tenant.summary = entry_.summary;
    check_values(entry_, scope_, evaluator_, reporter_);
    auto self =
        reader_.read(model_.schemas.tenant(), {entry_.summary.key, "", ""}, merged_, entry_.where);
    for (auto const* schema : model_.schemas.sections()) section(*schema);
    resolve_dependencies(resources_, left_out_, reporter_);
    if (is_checked()) {
      check_cycles(resources_, reporter_);
      check_natural_keys(resources_, reporter_);
      check_exclusive(resources_, reporter_);
    }
    own_keys(tenant, self.desired);
    if (detail_ == Detail::rendered) render(tenant, self);
    if (detail_ != Detail::checked) {
      tenant.digest = digest_of_tenant(tenant, self.desired, resources_);
    }
    tenant.self = std::move(self.desired);
    for (auto& resource : resources_) tenant.resources.push_back(std::move(resource.desired));
    std::ranges::sort(tenant.resources, {}, &DesiredResource::address);
    return tenant;
  }

 private:
  bool is_checked() const { return detail_ != Detail::planned; }

  void section(Schema const& schema) {
    auto const* written = merged_->find(schema.section);
    if (written == nullptr || !written->value->is_map()) return;
    if (schema.singleton) return resource(schema, "", *written);
    for (auto const& member : written->value->members) {
      if (member.value->is_map()) resource(schema, member.key, member);  // else reported already
    }
  }

  void resource(Schema const& schema, std::string const& key, Member const& written) {
    Address address{entry_.summary.key, schema.section, key};
    auto const wanted = reader_.wanted(*written.value);
    if (wanted != ResourceReader::Wanted::yes) {
      auto& names = wanted == ResourceReader::Wanted::no ? left_out_.by_when : left_out_.unclear;
      names.insert(local_name(address));
      evaluator_.check_names(*written.value);
      return;
    }
    resources_.push_back(reader_.read(schema, std::move(address), written.value, written.key_mark));
  }

  void own_keys(Tenant& tenant, DesiredResource const& self) {
    auto const alias = self.attributes.if_contains("alias");
    if (alias != nullptr && alias->is_string()) {
      tenant.summary.alias = std::string(std::string_view(alias->get_string()));
    }
    purge(tenant);
    hold(tenant);
    if (auto const* auth = merged_->find("auth")) {
      tenant.auth = read_auth(*auth, evaluator_, reporter_);
    }
    tenant.license_key = read_credential_text(*merged_, "licenseKey", evaluator_, reporter_);
    auto const region = model_.regions.find(entry_.summary.region);
    if (!tenant.license_key.written() && region != model_.regions.end()) {
      tenant.license_key = region->second.region.license_key;
    }
  }

  void purge(Tenant& tenant) {
    constexpr std::int64_t kDaysMin = 10;
    constexpr std::int64_t kDaysMax = 90;
    auto const* node = merged_->value_of("purgeAfterDays");
    if (node == nullptr) return;
    auto value = evaluator_.evaluate(*node);
    if (!value) return;
    auto const days = converted(std::move(*value), *node, Kind::integer);
    if (!days.is_int64()) {
      reporter_.error(
          evaluator_.place(*node), "wrong type",
          fmt::format("\"purgeAfterDays\" must be a whole number, not {}.", describe_type(days)));
    } else if (days.get_int64() < kDaysMin || days.get_int64() > kDaysMax) {
      reporter_.error(evaluator_.place(*node), "number out of range",
                      fmt::format("\"purgeAfterDays\" must be from {} to {}, not {}.", kDaysMin,
                                  kDaysMax, days.get_int64()));
    } else {
      tenant.purge_after_days = static_cast<int>(days.get_int64());
    }
  }

  void hold(Tenant& tenant) {
    auto const* node = merged_->value_of("hold");
    if (node == nullptr) return;
    if (!node->is_map()) return report_type(*node, "\"hold\"", "a map", reporter_);
    static auto const kKeys = language::names(language::hold());
    check_keys(*node, kKeys, reporter_);
    auto const* until = node->value_of("until");
    if (until == nullptr) {
      reporter_.error(node->mark, "missing attribute", "\"hold\" needs \"until\": a date.");
      return;
    }
    auto text = evaluator_.plain_text(*until, "\"until\"");
    if (!text) return;
    constexpr std::size_t kDateLength = 10;
    auto const time = parse_time(text->size() == kDateLength ? *text + "T00:00:00Z" : *text);
    if (!time) {
      reporter_.error(
          evaluator_.place(*until), "wrong form",
          fmt::format("\"until\" must be a date such as 2030-01-31, not \"{}\".", visible(*text)));
      return;
    }
    Hold out{*time, {}, node->mark.range()};
    if (auto const* reason = node->value_of("reason")) {
      auto words = evaluator_.plain_text(*reason, "\"reason\"");
      if (!words) return;
      out.reason = std::move(*words);
    }
    tenant.hold = std::move(out);
  }

  void render(Tenant& tenant, ReadResource const& self) {
    Rendering rendering(tenant.rendered, tenant.rendered_origins);
    rendering.own_keys(tenant, entry_, evaluator_);
    if (tenant.purge_after_days) {
      rendering.add("purgeAfterDays", *tenant.purge_after_days,
                    merged_->value_of("purgeAfterDays")->mark);
    }
    if (auto const* node = merged_->value_of("hold"); node != nullptr && tenant.hold) {
      Places origins;
      auto written = evaluator_.evaluate(*node, "/hold", &origins);
      if (written) rendering.add_tree("hold", std::move(*written), origins);
    }
    if (scope_.values != nullptr) {
      Places origins;
      auto values = evaluator_.evaluate(*scope_.values, "/values", &origins);
      if (values) rendering.add_tree("values", std::move(*values), origins);
    }
    rendering.add_tenant(self);
    for (auto const& resource : resources_) rendering.add_resource(resource);
  }

  Model const& model_;
  Detail detail_;
  TenantEntry const& entry_;
  Reporter& reporter_;
  NodePtr merged_;
  TenantScope scope_;
  Evaluator evaluator_;
  ResourceReader reader_;
  std::vector<ReadResource> resources_;
  LeftOut left_out_;
};

}  // namespace

Tenant expand_tenant(Model const& model, TenantEntry const& entry, Detail detail,
                     Reporter& reporter) {
  return Expander(model, entry, detail, reporter).run();
}

}  // namespace tenantry::config
