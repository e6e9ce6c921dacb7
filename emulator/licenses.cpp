// /api/v1/licenses: overview, status and settings of the tenant's licence.
#include "emulator/body.hpp"
#include "emulator/call.hpp"

namespace tenantry::emulator {
namespace {

constexpr std::string_view kValid = "2020-01-01/2099-12-31";

Object allotment(std::string_view name) {
  return {{"name", name}, {"usageClass", ""}, {"units", 1000}, {"unitsUsed", 0}, {"overage", 0}};
}

Answer overview(Call& call) {
  auto const license = World::license(text_at(call.tenant->data(), "_license"));
  return json_reply(200, {{"licenseKey", license->key},
                          {"licenseNumber", license->number},
                          {"origin", "External"},
                          {"status", "Ok"},
                          {"trial", false},
                          {"valid", kValid},
                          {"product", "Qlik Cloud"},
                          {"licenseType", "Signed"},
                          {"secondaryNumber", ""},
                          {"updated", call.tenant->data().at("created")},
                          {"parameters", Array()},
                          {"allotments", Array{allotment("professional"), allotment("analyzer")}}});
}

Answer status(Call&) {
  return json_reply(200, {{"type", "Signed"},
                          {"trial", false},
                          {"valid", kValid},
                          {"origin", "External"},
                          {"status", "Ok"},
                          {"product", "Qlik Cloud"},
                          {"deactivated", false},
                          {"extensionStatus", "Unavailable"}});
}

Answer get_settings(Call& call) {
  return json_reply(200, call.table("licenseSettings").find("settings")->data);
}

Answer put_settings(Call& call) {
  static Property const kProperties[] = {{.name = "autoAssignAnalyzer", .type = Type::flag},
                                         {.name = "autoAssignProfessional", .type = Type::flag}};
  if (call.body.is_null()) call.body = Object();
  if (auto refusal = check_object(call.body, kProperties)) return *refusal;
  Object data{{"autoAssignAnalyzer", false}, {"autoAssignProfessional", false}};
  for (auto const& member : call.body.get_object()) data[member.key()] = member.value();
  call.table("licenseSettings").update("settings", data);
  return json_reply(200, data);
}

void seed(World&, Tenant& tenant) {
  tenant.table("licenseSettings")
      .insert("settings", {{"autoAssignAnalyzer", true}, {"autoAssignProfessional", false}});
}

}  // namespace

Kind licenses_kind() {
  constexpr std::string_view kSettings = "/api/v1/licenses/settings";
  return {
      .errors = {.status = StatusForm::none, .trace_id = false, .source = false, .legacy = true},
      .tables = {{"licenseSettings"}},
      .routes = {{"GET", "/api/v1/licenses/overview", overview, kTier1, Access::admin},
                 {"GET", "/api/v1/licenses/status", status},
                 {"GET", kSettings, get_settings},
                 {"PUT", kSettings, put_settings, kTier2, Access::admin, BodyKind::optional_json}},
      .seed = seed};
}

}  // namespace tenantry::emulator
