// /api/v1/tenants: creation, deactivation and reactivation on the register host of a region;
// reading and changing on the tenant's own.
#include <fmt/format.h>

#include "emulator/body.hpp"
#include "emulator/call.hpp"
#include "engine/core/text.hpp"

namespace tenantry::emulator {
namespace {

constexpr std::int64_t kPurgeDaysDefault = 30, kPurgeDaysMin = 10, kPurgeDaysMax = 90;

Object render(Call const& call, Tenant const& tenant) {
  auto out = public_part(tenant.data());
  out["links"] = call.self_link(fmt::format("/api/v1/tenants/{}", tenant.id));
  return out;
}

Problem no_such_tenant() { return missing("there is no such tenant", "TENANTS-8"); }

/// The data centre of a region where creation names none.
std::string datacenter_of(std::string_view region) {
  static std::map<std::string_view, std::string_view> const kKnown = {
      {"us", "us-east-1"},      {"eu", "eu-west-1"},      {"uk", "eu-west-2"},
      {"de", "eu-central-1"},   {"ap", "ap-southeast-1"}, {"sg", "ap-southeast-2"},
      {"jp", "ap-northeast-1"}, {"in", "ap-south-1"},     {"se", "eu-north-1"},
      {"fr", "eu-west-3"},      {"il", "il-central-1"},   {"ae", "me-central-1"},
      {"br", "sa-east-1"},      {"ca", "ca-central-1"}};
  auto const at = kKnown.find(region);
  return std::string(at == kKnown.end() ? "us-east-1" : at->second);
}

bool is_datacenter(std::string_view text) {
  return text.size() >= 6 && text.size() <= 32 && text.back() >= '0' && text.back() <= '9' &&
         text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") ==
             std::string_view::npos &&
         text.find('-') == 2;
}

Answer create(Call& call) {
  static Property const kProperties[] = {{.name = "licenseKey"}, {.name = "datacenter"}};
  if (auto const* const body = call.body.if_object(); body && !body->contains("licenseKey")) {
    return Problem{.code = "TENANTS-21", .title = "Missing licenseKey property"};
  }
  if (auto refusal = check_object(call.body, kProperties)) return *refusal;
  auto const& body = call.body.get_object();
  auto datacenter =
      body.contains("datacenter") ? text_at(body, "datacenter") : datacenter_of(call.region);
  if (!is_datacenter(datacenter)) return invalid("/datacenter", "there is no such data centre");
  auto const license = World::license(text_at(body, "licenseKey"));
  if (!license) {
    return Problem{.status = 403, .code = "TENANTS-23", .title = "Invalid license error"};
  }
  if (license->tenants_max && call.world.tenants_of(*license) >= *license->tenants_max) {
    return Problem{.status = 403, .code = "TENANTS-22", .title = "License quota limit reached"};
  }
  auto const& tenant =
      call.world.create_tenant(call.region, std::move(datacenter), *license, call.token->client_id);
  return json_reply(201, render(call, tenant));
}

Answer me(Call& call) {
  return redirect_reply(302, fmt::format("{}/api/v1/tenants/{}", call.origin, call.tenant->id));
}

Answer get(Call& call) {
  if (call.id() != call.tenant->id) return no_such_tenant();
  return json_reply(200, render(call, *call.tenant));
}

Problem patch_problem(std::string pointer, std::string text) {
  return {.detail = std::move(text),
          .code = "TENANTS-10",
          .title = "Invalid PATCH request",
          .pointer = std::move(pointer)};
}

Refusal set_alias(Call const& call, std::string_view value, Object& draft) {
  auto const alias = lower(value);
  auto const suffix = fmt::format(".{}.qlikcloud.com", call.tenant->region);
  constexpr std::string_view kPointer = "/hostnames/1";
  if (!alias.ends_with(suffix)) {
    return patch_problem(std::string(kPointer), fmt::format("Hostname must end with {}", suffix));
  }
  std::string_view const label = std::string_view(alias).substr(0, alias.size() - suffix.size());
  if (label.size() < 3 || label.size() > 63) {
    return patch_problem(std::string(kPointer), "Subdomain should be between 3 and 63 characters");
  }
  if (label.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") != std::string_view::npos ||
      label.front() == '-' || label.back() == '-' || label == "register" || label == "console") {
    return patch_problem(std::string(kPointer), "Subdomain is not valid");
  }
  auto const* const owner = call.world.find_host(alias);
  auto& hostnames = draft["hostnames"].as_array();
  if ((owner != nullptr && owner->id != call.tenant->id) || hostnames[0].as_string() == alias) {
    return patch_problem(std::string(kPointer), "Hostname is already in use");
  }
  hostnames.resize(2);
  hostnames[1] = alias;
  return std::nullopt;
}

Answer patch(Call& call) {
  static Property const kFlag{.type = Type::flag};
  static PatchPath const kPaths[] = {
      {"/name", "replace", {.length_min = 1, .length_max = 256}},
      {"/hostnames/1", "replace", {}},
      {"/autoAssignCreateSharedSpacesRoleToProfessionals", "replace", kFlag},
      {"/autoAssignPrivateAnalyticsContentCreatorRoleToProfessionals", "replace", kFlag},
      {"/autoAssignDataServicesContributorRoleToProfessionals", "replace", kFlag},
      {"/enableAnalyticCreation", "replace", kFlag},
      {"/enableAppOpeningFeedback", "replace", kFlag}};
  if (call.id() != call.tenant->id) return no_such_tenant();
  auto draft = call.tenant->data();
  auto refusal = apply_patch(call.body, kPaths, [&](PatchOperation const& op) -> Refusal {
    if (op.path == "/hostnames/1") return set_alias(call, op.value.get_string(), draft);
    draft[op.path.substr(1)] = op.value;
    return std::nullopt;
  });
  if (refusal && refusal->code.empty()) refusal = patch_problem(refusal->pointer, refusal->detail);
  if (refusal) return *refusal;
  draft["lastUpdated"] = call.world.stamp();
  call.world.update_tenant(*call.tenant, std::move(draft));
  return empty_reply(204);
}

/// The tenant that a call to the register host names, if the confirm header names it too.
std::variant<Tenant*, Problem> confirmed_tenant(Call const& call) {
  auto* const tenant = call.world.find_tenant(call.id());
  if (tenant == nullptr || tenant->region != call.region) return no_such_tenant();
  auto const confirmed = call.world.find_host(lower(call.request.header("qlik-confirm-hostname")));
  if (confirmed != tenant) {
    return Problem{.status = 412,
                   .detail = "qlik-confirm-hostname is no host name of the tenant",
                   .parameter = "qlik-confirm-hostname"};
  }
  return tenant;
}

Answer deactivate(Call& call) {
  static Property const kProperties[] = {{.name = "purgeAfterDays", .type = Type::integer}};
  auto found = confirmed_tenant(call);
  if (auto const* const problem = std::get_if<Problem>(&found)) return *problem;
  auto& tenant = *std::get<0>(found);
  auto days = kPurgeDaysDefault;
  if (!call.body.is_null()) {
    if (auto refusal = check_object(call.body, kProperties)) return *refusal;
    if (auto const* const wanted = find(call.body.get_object(), "purgeAfterDays")) {
      days = wanted->is_int64() ? wanted->get_int64() : -1;
    }
  }
  if (days < kPurgeDaysMin || days > kPurgeDaysMax) {
    return invalid("/purgeAfterDays",
                   fmt::format("must be from {} to {}", kPurgeDaysMin, kPurgeDaysMax));
  }
  auto const purge = format_time_millis(call.world.now() + std::chrono::hours(24 * days));
  auto draft = tenant.data();
  if (tenant.active()) draft["statusLastUpdatedAt"] = call.world.stamp();
  draft["status"] = "disabled";
  draft["lastUpdated"] = call.world.stamp();
  draft["_purgeAt"] = purge;
  call.world.update_tenant(tenant, std::move(draft));
  return json_reply(200,
                    {{"id", tenant.id}, {"status", "disabled"}, {"estimatedPurgeDate", purge}});
}

Answer reactivate(Call& call) {
  if (!call.body.is_null() && !call.body.is_object()) return invalid("", "must be an object");
  auto found = confirmed_tenant(call);
  if (auto const* const problem = std::get_if<Problem>(&found)) return *problem;
  auto& tenant = *std::get<0>(found);
  if (!tenant.active()) {
    auto draft = tenant.data();
    draft["status"] = "active";
    draft["statusLastUpdatedAt"] = call.world.stamp();
    draft["lastUpdated"] = call.world.stamp();
    draft.stable_erase(draft.find("_purgeAt"));
    call.world.update_tenant(tenant, std::move(draft));
  }
  return json_reply(200, {{"id", tenant.id}, {"status", "active"}});
}

}  // namespace

Kind tenants_kind() {
  constexpr std::string_view kOne = "/api/v1/tenants/{tenantId}",
                             kDeactivate = "/api/v1/tenants/{tenantId}/actions/deactivate",
                             kReactivate = "/api/v1/tenants/{tenantId}/actions/reactivate";
  // The 400 of a patch has a schema of its own (TenantPatchErrors).
  constexpr ErrorForm kPatchForm{.status = StatusForm::none, .trace_id = false, .detail = false};
  constexpr auto kScope = Access::scope;
  constexpr auto kRegion = HostKind::region;
  Kind kind{.errors = {}, .tables = {}, .routes = {}};
  kind.routes = {{"POST", "/api/v1/tenants", create, kTier2, kScope, BodyKind::json,
                  "tenants:create", kRegion},
                 {"POST", kDeactivate, deactivate, kTier2, kScope, BodyKind::optional_json,
                  "tenants:deactivate", kRegion},
                 {"POST", kReactivate, reactivate, kTier2, kScope, BodyKind::optional_json,
                  "tenants:reactivate", kRegion},
                 {"GET", "/api/v1/tenants/me", me},
                 {"GET", kOne, get},
                 {"PATCH", kOne, patch, kTier2, Access::admin, BodyKind::json}};
  kind.routes.back().errors_400 = kPatchForm;
  return kind;
}

}  // namespace tenantry::emulator
