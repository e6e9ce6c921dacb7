// /api/v1/tenant-settings: where users start and what they see without access. A tenant has none
// until they are made [D]; a GET before that is a 404, and a second POST a 400 [A].
#include <fmt/format.h>

#include <algorithm>

#include "emulator/body.hpp"
#include "emulator/call.hpp"

namespace tenantry::emulator {
namespace {

constexpr std::string_view kTable = "tenantSettings";
constexpr std::string_view kStartPage = "preferredStartPage";
constexpr std::string_view kNoAccess = "customizeNoAccess";
constexpr std::string_view kCrossRegion = "crossRegionDataProcessing";

struct StartPage {
  std::string_view value;
  std::string_view route;
};
constexpr StartPage kStartPages[] = {{"analytics-hub", "/insights"},
                                     {"analytics-creation-hub", "/analytics"},
                                     {"data-integration-hub", "/qdi"},
                                     {"management-console", "/console"}};

Property const kPage{.name = kStartPage,
                     .values = {"analytics-hub", "data-integration-hub", "management-console",
                                "analytics-creation-hub"}};
Property const kCustomization{.name = kNoAccess, .type = Type::object};
Property const kMembers[] = {{.name = "linkEnabled", .type = Type::flag, .use = Use::required},
                             {.name = "linkUrl"},
                             {.name = "message"},
                             {.name = "linkLabel"}};

Object page_object(StartPage const& page) { return {{"route", page.route}, {"value", page.value}}; }

Row const* settings_of(Call const& call) {
  auto const& rows = call.table(kTable).rows();
  return rows.empty() ? nullptr : &rows.begin()->second;
}

Object render(Call const& call, Row const& row) {
  auto out = public_part(row.data);
  out["id"] = row.id;
  out["tenantId"] = call.tenant->id;
  if (auto const* const written = find(out, kStartPage)) {
    auto const page =
        std::ranges::find(kStartPages, std::string_view(written->as_string()), &StartPage::value);
    out[kStartPage] = page_object(*page);
  }
  return out;
}

Problem no_settings() { return missing("the tenant has no settings"); }

Refusal check_settings(Object const& body) {
  Property const properties[] = {kPage, kCustomization};
  if (auto refusal = check_object(body, properties)) return refusal;
  auto const* const customization = find(body, kNoAccess);
  if (customization == nullptr) return std::nullopt;
  return check_object(*customization, kMembers, fmt::format("/{}", kNoAccess));
}

Row const& insert(Call& call, Object data) {
  auto const time = call.world.stamp();
  data["createdAt"] = time;
  data["createdBy"] = call.token->user_id;
  data["updatedAt"] = time;
  data["updatedBy"] = call.token->user_id;
  auto& table = call.table(kTable);
  return table.insert(call.new_id(table), std::move(data));
}

void update(Call& call, Row const& row, Object data) {
  data["updatedAt"] = call.world.stamp();
  data["updatedBy"] = call.token->user_id;
  auto const id = row.id;
  call.table(kTable).update(id, std::move(data));
}

Answer get(Call& call) {
  auto const* const row = settings_of(call);
  if (row == nullptr) return no_settings();
  return json_reply(200, render(call, *row));
}

Answer create(Call& call) {
  auto const* const body = call.body.if_object();
  if (body == nullptr) return invalid("", "must be an object");
  if (auto refusal = check_settings(*body)) return *refusal;
  if (body->empty()) {
    return invalid("", fmt::format("needs {} or {}", kStartPage, kNoAccess));
  }
  if (settings_of(call) != nullptr) return invalid("", "the tenant has settings already");
  return json_reply(201, render(call, insert(call, *body)));
}

/// Where `path` leads to: the settings, or customizeNoAccess. Null where that is missing.
Object* parent_of(Object& data, std::string_view path) {
  if (!path.starts_with(fmt::format("/{}/", kNoAccess))) return &data;
  auto* const customization = data.if_contains(kNoAccess);
  return customization == nullptr ? nullptr : customization->if_object();
}

/// JSON Patch without a documented list of paths [D]: those of the two properties that a POST takes
/// and their members; `move`, `copy` and `test` are left out [A].
Answer patch(Call& call) {
  static constexpr std::string_view kOperations = "add replace remove";
  static PatchPath const kPaths[] = {{"/preferredStartPage", kOperations, kPage},
                                     {"/customizeNoAccess", kOperations, kCustomization},
                                     {"/customizeNoAccess/linkEnabled", "add replace", kMembers[0]},
                                     {"/customizeNoAccess/linkUrl", kOperations, kMembers[1]},
                                     {"/customizeNoAccess/message", kOperations, kMembers[2]},
                                     {"/customizeNoAccess/linkLabel", kOperations, kMembers[3]}};
  auto const* const row = settings_of(call);
  if (row == nullptr) return no_settings();
  auto draft = row->data;
  auto const refusal = apply_patch(call.body, kPaths, [&](PatchOperation const& op) -> Refusal {
    auto* const parent = parent_of(draft, op.path);
    auto const name = op.path.substr(op.path.rfind('/') + 1);
    bool const is_there = parent != nullptr && parent->contains(name);
    if (parent == nullptr || (op.op != "add" && !is_there)) {
      return invalid(op.pointer + "/path", fmt::format("there is no {}", op.path));
    }
    if (op.op == "remove") {
      parent->erase(name);
    } else {
      (*parent)[name] = op.value;
    }
    return std::nullopt;
  });
  if (refusal) return *refusal;
  if (auto const* const customization = find(draft, kNoAccess)) {
    auto wrong = check_object(*customization, kMembers, fmt::format("/{}", kNoAccess));
    if (wrong) return *wrong;
  }
  update(call, *row, std::move(draft));
  return json_reply(200, render(call, *settings_of(call)));
}

Answer remove(Call& call) {
  auto const* const row = settings_of(call);
  if (row == nullptr) return no_settings();
  auto const id = row->id;
  call.table(kTable).erase(id);
  return empty_reply(204);
}

/// Makes the entry where there is none, and wants a person's consent to enable [D].
Answer toggle_cross_region(Call& call) {
  Property const properties[] = {{.name = "value", .type = Type::flag, .use = Use::required}};
  if (auto refusal = check_object(call.body, properties)) return *refusal;
  auto const& value = call.body.as_object().at("value");
  auto const consent = call.request.header("x-qlik-consent-verified");
  if (value.as_bool() && consent != "true") {
    return bad_parameter("x-qlik-consent-verified", "must be true to enable it");
  }
  auto const* const row = settings_of(call);
  if (row == nullptr) return json_reply(200, render(call, insert(call, {{kCrossRegion, value}})));
  auto draft = row->data;
  draft[kCrossRegion] = value;
  update(call, *row, std::move(draft));
  return json_reply(200, render(call, *settings_of(call)));
}

Answer start_pages(Call&) {
  Array pages;  // all but the console
  for (auto const& page : kStartPages) {
    if (page.value != "management-console") pages.emplace_back(page_object(page));
  }
  return json_reply(200, {{"defaultValue", "analytics-hub"}, {"values", std::move(pages)}});
}

}  // namespace

Kind tenant_settings_kind() {
  constexpr std::string_view kOne = "/api/v1/tenant-settings",
                             kPages = "/api/v1/tenant-settings/start-pages",
                             kToggle =
                                 "/api/v1/tenant-settings/actions/toggle-cross-region-inference",
                             kOldToggle =
                                 "/api/v1/tenant-settings/actions/"
                                 "toggle-cross-region-data-processing";
  // A create has the platform's error body, all else one of its own: a code and a title.
  constexpr ErrorForm kBare{.status = StatusForm::none,
                            .trace_id = false,
                            .source = false,
                            .detail = false,
                            .code_number = true};
  Route post{"POST", kOne, create, kTier2, Access::admin, BodyKind::json};
  post.errors_400 = ErrorForm{.status = StatusForm::number, .source = false};
  return {
      .errors = kBare,
      .tables = {{kTable}},
      .routes = {post,
                 {"GET", kOne, get},
                 {"PATCH", kOne, patch, kTier2, Access::admin, BodyKind::json},
                 {"DELETE", kOne, remove, kTier2, Access::admin},
                 {"POST", kToggle, toggle_cross_region, kTier2, Access::admin, BodyKind::json},
                 {"POST", kOldToggle, toggle_cross_region, kTier2, Access::admin, BodyKind::json},
                 {"GET", kPages, start_pages}}};
}

}  // namespace tenantry::emulator
