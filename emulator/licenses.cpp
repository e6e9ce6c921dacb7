// /api/v1/licenses: overview, status and settings of the tenant's licence, and whom it is assigned.
#include <fmt/format.h>

#include <algorithm>

#include "emulator/body.hpp"
#include "emulator/listing.hpp"

namespace tenantry::emulator {
namespace {

constexpr std::string_view kValid = "2020-01-01/2099-12-31";

/// Of each type of assignment, in a licence. All tenants of the licence draw on them.
constexpr std::size_t kUnits = 1000;
constexpr std::string_view kTypes[] = {"professional", "analyzer"};

constexpr Filterable kFilterable[] = {{"subject", "eq co"}, {"type", "eq ne"}};
constexpr std::string_view kSortable[] = {"subject", "type", "created"};
ListSpec const kList{.forward = "page",
                     .backward = "page",
                     .filterable = kFilterable,
                     .sortable = kSortable,
                     .sort_default = "subject",
                     .self_link = false};

std::string license_key(Call const& call) { return text_at(call.tenant->data(), "_license"); }

/// Ids of assignments begin with the licence and the type.
std::string id_prefix(Call const& call, std::string_view type) {
  return fmt::format("{}\n{}\n", license_key(call), type);
}

std::size_t units_used(Call const& call, std::string_view type) {
  auto const prefix = id_prefix(call, type);
  auto const& rows = call.world.assignments().rows();
  return static_cast<std::size_t>(std::ranges::count_if(
      rows, [&](auto const& entry) { return entry.second.id.starts_with(prefix); }));
}

Object allotment(Call const& call, std::string_view name) {
  return {{"name", name},
          {"usageClass", ""},
          {"units", kUnits},
          {"unitsUsed", units_used(call, name)},
          {"overage", 0}};
}

Answer overview(Call& call) {
  auto const license = World::license(license_key(call));
  Array allotments;
  for (auto const type : kTypes) allotments.push_back(allotment(call, type));
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
                          {"allotments", std::move(allotments)}});
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

/// Who an assignment is of: a user by subject, who need not exist.
struct Assignment {
  std::string subject;
  std::string type;

  std::string id(Call const& call) const { return id_prefix(call, type) + subject; }
};

/// Marks an entry of a 207 answer as refused.
void refuse(Object& entry, unsigned status, std::string_view code, std::string_view title) {
  entry["status"] = status;
  entry["code"] = code;
  entry["title"] = title;
}

void refuse_unknown(Object& entry) { refuse(entry, 404, "LICENSES-016", "Assignment not found."); }

/// True when the licence has a unit of the type left; else marks the entry.
bool has_unit(Call const& call, std::string_view type, Object& entry) {
  auto const known = std::ranges::find(kTypes, type) != std::end(kTypes);
  if (known && units_used(call, type) < kUnits) return true;
  refuse(entry, 403, "LICENSES-011", "No available allotment error, No available allotment.");
  return false;
}

void insert(Call const& call, Assignment const& assignment, Value created) {
  call.world.assignments().insert(assignment.id(call), {{"subject", assignment.subject},
                                                        {"type", assignment.type},
                                                        {"created", std::move(created)},
                                                        {"excess", false},
                                                        {"_license", license_key(call)}});
}

void add(Call const& call, Object& entry) {
  Assignment const assignment{text_at(entry, "subject"), text_at(entry, "type")};
  // One that is there already takes no second unit.
  if (call.world.assignments().find(assignment.id(call)) == nullptr) {
    if (!has_unit(call, assignment.type, entry)) return;
    insert(call, assignment, Value(call.world.stamp()));
  }
  entry["status"] = 201;
}

void remove(Call const& call, Object& entry) {
  auto const id = Assignment{text_at(entry, "subject"), text_at(entry, "type")}.id(call);
  if (call.world.assignments().find(id) == nullptr) return refuse_unknown(entry);
  call.world.assignments().erase(id);
  entry["status"] = 200;
}

/// Changes the type of an assignment, or moves it to another subject, or both.
void update(Call const& call, Object& entry) {
  auto const or_else = [&](std::string_view name, std::string_view other) {
    return text_at(entry, entry.contains(name) ? name : other);
  };
  Assignment const target{text_at(entry, "subject"), or_else("type", "sourceType")};
  Assignment const source{or_else("sourceSubject", "subject"), or_else("sourceType", "type")};
  auto& assignments = call.world.assignments();
  auto const* const row = assignments.find(source.id(call));
  if (row == nullptr) return refuse_unknown(entry);
  auto const is_there = assignments.find(target.id(call)) != nullptr;
  if (!is_there && target.type != source.type && !has_unit(call, target.type, entry)) return;
  if (source.id(call) != target.id(call)) {
    auto created = row->data.at("created");
    assignments.erase(source.id(call));
    if (!is_there) insert(call, target, std::move(created));
  }
  entry["status"] = 200;
}

/// Answers a bulk call: every entry by itself, in the order in which they came.
Answer act(Call& call, std::string_view name, std::span<Property const> properties,
           void (*apply)(Call const&, Object&)) {
  Property const list[] = {{.name = name, .type = Type::objects, .use = Use::required}};
  if (auto refusal = check_object(call.body, list)) return *refusal;
  auto& entries = call.body.get_object()[name].get_array();
  for (std::size_t i = 0; i < entries.size(); ++i) {
    auto const pointer = fmt::format("/{}/{}", name, i);
    if (auto refusal = check_object(entries[i], properties, pointer)) return *refusal;
  }
  Array data;
  for (auto& entry : entries) {
    auto& object = entry.get_object();
    apply(call, object);
    data.push_back(std::move(object));
  }
  return json_reply(207, {{"data", std::move(data)}});
}

Property const kSubject{
    .name = "subject", .use = Use::required, .length_min = 1, .length_max = 1024};
Property const kType{.name = "type", .use = Use::required};

Answer add_assignments(Call& call) {
  static Property const kProperties[] = {kSubject, kType};
  return act(call, "add", kProperties, add);
}

Answer delete_assignments(Call& call) {
  static Property const kProperties[] = {kSubject, kType};
  return act(call, "delete", kProperties, remove);
}

Answer update_assignments(Call& call) {
  static Property const kProperties[] = {
      kSubject, {.name = "type"}, {.name = "sourceType"}, {.name = "sourceSubject"}};
  return act(call, "update", kProperties, update);
}

Answer list_assignments(Call& call) {
  auto const key = license_key(call);
  auto const orphans = call.parameter("orphans") == "true";
  auto items = items_of(call.world.assignments());
  std::erase_if(items, [&](ListItem const& item) {
    auto const has_user =
        call.table("users").find_by_key(text_at(*item.data, "subject")) != nullptr;
    return text_at(*item.data, "_license") != key || (orphans && has_user);
  });
  return list_page(call, kList, std::move(items),
                   [](ListItem const& item) { return public_part(*item.data); });
}

void seed(World&, Tenant& tenant) {
  tenant.table("licenseSettings")
      .insert("settings", {{"autoAssignAnalyzer", true}, {"autoAssignProfessional", false}});
}

}  // namespace

Kind licenses_kind() {
  constexpr std::string_view kSettings = "/api/v1/licenses/settings",
                             kAssignments = "/api/v1/licenses/assignments",
                             kAdd = "/api/v1/licenses/assignments/actions/add",
                             kDelete = "/api/v1/licenses/assignments/actions/delete",
                             kUpdate = "/api/v1/licenses/assignments/actions/update";
  constexpr auto kAdmin = Access::admin;
  constexpr auto kJson = BodyKind::json;
  return {
      .errors = {.status = StatusForm::none, .trace_id = false, .source = false, .legacy = true},
      .tables = {{"licenseSettings"}},
      .routes = {{"GET", "/api/v1/licenses/overview", overview, kTier1, kAdmin},
                 {"GET", "/api/v1/licenses/status", status},
                 {"GET", kSettings, get_settings},
                 {"PUT", kSettings, put_settings, kTier2, kAdmin, BodyKind::optional_json},
                 {"GET", kAssignments, list_assignments, kTier1, kAdmin},
                 {"POST", kAdd, add_assignments, kTier2, kAdmin, kJson},
                 {"POST", kDelete, delete_assignments, kTier2, kAdmin, kJson},
                 {"POST", kUpdate, update_assignments, kTier2, kAdmin, kJson}},
      .seed = seed};
}

}  // namespace tenantry::emulator
