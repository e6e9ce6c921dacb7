// /api/core/tenants on the console host: the tenants of the organization, read only.
#include <fmt/format.h>

#include <algorithm>

#include "emulator/body.hpp"
#include "emulator/listing.hpp"

namespace tenantry::emulator {
namespace {

constexpr std::string_view kDates = "eq gt ge lt le";
constexpr Filterable kFilterable[] = {
    {"subscriptionId"},  {"regionCode", "eq ne"}, {"countryCode"},       {"name"},
    {"hostnames"},       {"createdAt", kDates},   {"updatedAt", kDates}, {"id"},
    {"status", "eq ne"}, {"originalId"}};
constexpr std::string_view kSortable[] = {"name",      "regionCode",    "countryCode",
                                          "hostnames", "createdAt",     "updatedAt",
                                          "status",    "subscriptionId"};
ListSpec const kList{.limit_min = 0,
                     .filterable = kFilterable,
                     .sortable = kSortable,
                     .sort_default = "createdAt",
                     .counts = true};

std::string_view country_of(std::string_view datacenter) {
  static std::map<std::string_view, std::string_view> const kCountries = {
      {"eu-west-1", "IE"},      {"eu-west-2", "GB"},      {"eu-west-3", "FR"},
      {"eu-north-1", "SE"},     {"eu-central-1", "DE"},   {"ap-southeast-1", "AU"},
      {"ap-southeast-2", "SG"}, {"ap-northeast-1", "JP"}, {"ap-south-1", "IN"},
      {"il-central-1", "IL"},   {"me-central-1", "AE"},   {"sa-east-1", "BR"},
      {"ca-central-1", "CA"}};
  auto const at = kCountries.find(datacenter);
  return at == kCountries.end() ? "US" : at->second;
}

Object render(Call const& call, std::string_view id, Object const& data) {
  auto const license = World::license(text_at(data, "_license"));
  auto const datacenter = text_at(data, "datacenter");
  Object out{{"id", id},
             {"name", data.at("name")},
             {"status", data.at("status")},
             {"createdAt", data.at("created")},
             {"createdBy", data.at("_createdBy")},
             {"updatedAt", data.at("lastUpdated")},
             {"hostnames", data.at("hostnames")},
             {"regionCode", datacenter},
             {"countryCode", country_of(datacenter)},
             {"licenseNumber", license->number},
             {"subscriptionId", license->subscription},
             {"licenseStartsAt", "2020-01-01"},
             {"licenseEndsAt", "2099-12-31"},
             {"links", call.self_link(fmt::format("/api/core/tenants/{}", id))}};
  if (auto const* const purge = find(data, "_purgeAt")) out["deletionStartsAt"] = *purge;
  return out;
}

/// Subscriptions of others are forbidden, not empty.
Refusal check_subscriptions(std::string_view text) {
  auto const parsed = Filter::parse(text, kFilterable);
  if (!parsed) return bad_parameter("filter", parsed.error().message);
  for (auto const& id : parsed->equal_to("subscriptionId")) {
    if (!id.starts_with("emulator-subscription")) {
      return forbidden("the subscription belongs to another organization");
    }
  }
  return std::nullopt;
}

/// The list is sorted by what it shows, which differs in names from what tenants are stored as.
struct Shown {
  std::vector<Object> objects;
  std::vector<ListItem> items;
};

Shown shown(Call const& call) {
  Shown out;
  auto const& rows = call.world.tenants().rows();
  out.objects.reserve(rows.size());
  for (auto const& [sequence, row] : rows) {
    out.objects.push_back(render(call, row.id, row.data));
    out.items.push_back({row.id, &out.objects.back()});
  }
  return out;
}

Answer page(Call& call, std::string const& filter) {
  if (!filter.empty()) {
    if (auto refusal = check_subscriptions(filter)) return *refusal;
  }
  auto all = shown(call);
  return list_page(
      call, kList, std::move(all.items), [](ListItem const& item) { return *item.data; }, filter);
}

Answer list(Call& call) { return page(call, std::string(call.parameter("filter").value_or(""))); }

Answer filter(Call& call) {
  static Property const kProperties[] = {{.name = "filter"}};
  if (auto refusal = check_object(call.body, kProperties)) return *refusal;
  return page(call, text_at(call.body.get_object(), "filter"));
}

Answer count(Call& call) {
  auto const text = call.parameter("filter");
  if (!text) return json_reply(200, {{"total", call.world.tenants().size()}});
  if (auto refusal = check_subscriptions(*text)) return *refusal;
  auto all = shown(call);
  auto kept = filtered(std::move(all.items), *text, kFilterable,
                       [](ListItem const& item) { return *item.data; });
  if (auto const* const problem = std::get_if<Problem>(&kept)) return *problem;
  return json_reply(200, {{"total", std::get<0>(kept).size()}});
}

Answer get(Call& call) {
  auto const* const row = call.world.tenants().find(call.id());
  if (row == nullptr) return missing("there is no such tenant", "TENANTS-8");
  return json_reply(200, render(call, row->id, row->data));
}

}  // namespace

Kind organization_kind() {
  constexpr std::string_view kRead = "cloud-console.tenants:read", kAll = "/api/core/tenants";
  constexpr auto kScope = Access::scope;
  constexpr auto kConsole = HostKind::console;
  return {.errors = {},
          .tables = {},
          .routes = {{"GET", kAll, list, kTier1, kScope, BodyKind::none, kRead, kConsole},
                     {"GET", "/api/core/tenants/actions/count", count, kTier1, kScope,
                      BodyKind::none, kRead, kConsole},
                     {"POST", "/api/core/tenants/actions/filter", filter, kTier2, kScope,
                      BodyKind::json, kRead, kConsole},
                     {"GET", "/api/core/tenants/{tenantId}", get, kTier1, kScope, BodyKind::none,
                      kRead, kConsole}}};
}

}  // namespace tenantry::emulator
