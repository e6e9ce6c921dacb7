// /api/v1/web-integrations: origins whose pages may call the tenant.
#include <fmt/format.h>

#include <boost/url.hpp>

#include "emulator/body.hpp"
#include "emulator/listing.hpp"

namespace tenantry::emulator {
namespace {

constexpr std::string_view kSortable[] = {"name"};
ListSpec const kList{.forward = "startingAfter",
                     .backward = "endingBefore",
                     .limit_default = 10,
                     .limit_min = 0,
                     .sortable = kSortable};

Object render(Call const& call, std::string_view id, Object const& data) {
  auto out = public_part(data);
  out["id"] = id;
  out["tenantId"] = call.tenant->id;
  return out;
}

Problem no_such_integration() {
  return missing("there is no such web integration", "WEBINTEGRATIONS_NOT_FOUND");
}

/// Gives a refusal the code that this API has for it.
Refusal coded(Refusal refusal, std::string code, std::string title) {
  if (refusal) {
    refusal->code = std::move(code);
    refusal->title = std::move(title);
  }
  return refusal;
}

Refusal invalid_value(Refusal refusal) {
  return coded(std::move(refusal), "WEBINTEGRATIONS-6", "Invalid property value");
}

/// An origin is scheme://host[:port].
Refusal check_origins(Value const& origins, std::string const& pointer) {
  for (auto const& origin : origins.as_array()) {
    auto const url = boost::urls::parse_uri(std::string_view(origin.as_string()));
    auto const fits = url && (url->scheme() == "http" || url->scheme() == "https") &&
                      !url->host().empty() && !url->has_userinfo() && !url->has_query() &&
                      !url->has_fragment() && url->path().empty();
    if (!fits) return invalid(pointer, "each origin must be scheme://host[:port]");
  }
  return std::nullopt;
}

Property const kOrigins{.name = "validOrigins", .type = Type::texts, .length_max = 2048};
Property const kName{.name = "name", .use = Use::required, .length_min = 1, .length_max = 1024};

Answer list(Call& call) {
  return list_page(call, kList, items_of(call.table("webIntegrations")),
                   [&](ListItem const& item) { return render(call, item.id, *item.data); });
}

Answer get(Call& call) {
  auto const* const row = call.table("webIntegrations").find(call.id());
  if (row == nullptr) return no_such_integration();
  return json_reply(200, render(call, row->id, row->data));
}

Answer create(Call& call) {
  Property const properties[] = {kName, kOrigins};
  auto const* const body = call.body.if_object();
  if (body != nullptr && !body->contains("name")) {
    return Problem{.code = "WEBINTEGRATIONS-5",
                   .title = "Missing required fields",
                   .meta = {{"requiredFields", Array{"name"}}}};
  }
  if (auto refusal = invalid_value(check_object(call.body, properties))) return *refusal;
  auto const* const origins = find(*body, "validOrigins");
  if (origins != nullptr) {
    if (auto refusal = invalid_value(check_origins(*origins, "/validOrigins"))) return *refusal;
  }
  auto const time = call.world.stamp();
  auto& table = call.table("webIntegrations");
  auto const& row =
      table.insert(call.new_id(table), {{"name", body->at("name")},
                                        {"validOrigins", origins ? *origins : Value(Array())},
                                        {"created", time},
                                        {"lastUpdated", time},
                                        {"createdBy", call.token->user_id}});
  auto out = render(call, row.id, row.data);
  out["links"] = call.self_link(fmt::format("/api/v1/web-integrations/{}", row.id));
  return json_reply(201, out);
}

Answer patch(Call& call) {
  static PatchPath const kPaths[] = {{"/name", "replace", {.type = Type::any}},
                                     {"/validOrigins", "replace", {.type = Type::any}}};
  auto const* const row = call.table("webIntegrations").find(call.id());
  if (row == nullptr) return no_such_integration();
  auto draft = row->data;
  auto const refusal = apply_patch(call.body, kPaths, [&](PatchOperation const& op) -> Refusal {
    auto const pointer = op.pointer + "/value";
    auto const is_name = op.path == "/name";
    auto wrong = check_value(op.value, is_name ? kName : kOrigins, pointer);
    if (!wrong && !is_name) wrong = check_origins(op.value, pointer);
    if (wrong) return invalid_value(std::move(wrong));
    draft[op.path.substr(1)] = op.value;
    return std::nullopt;
  });
  if (refusal) {
    if (!refusal->code.empty()) return *refusal;
    return *coded(refusal, "WEBINTEGRATIONS-4", "Invalid PATCH request");
  }
  draft["lastUpdated"] = call.world.stamp();
  call.table("webIntegrations").update(call.id(), std::move(draft));
  return empty_reply(204);
}

Answer remove(Call& call) {
  auto& table = call.table("webIntegrations");
  if (table.find(call.id()) == nullptr) return no_such_integration();
  table.erase(call.id());
  return empty_reply(204);
}

}  // namespace

Kind web_integrations_kind() {
  constexpr std::string_view kAll = "/api/v1/web-integrations",
                             kOne = "/api/v1/web-integrations/{id}";
  return {.errors = {},
          .tables = {{"webIntegrations"}},
          .routes = {{"GET", kAll, list},
                     {"POST", kAll, create, kTier2, Access::admin, BodyKind::json},
                     {"GET", kOne, get},
                     {"PATCH", kOne, patch, kTier2, Access::admin, BodyKind::json},
                     {"DELETE", kOne, remove, kTier2, Access::admin}}};
}

}  // namespace tenantry::emulator
