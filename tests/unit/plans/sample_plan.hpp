// A plan with something of everything, for the renderers.
#pragma once
#include "plans/guards.hpp"
#include "plans/plan.hpp"

namespace tenantry::plans::test {

inline AttributeChange attribute(std::string name, Value before, Value after) {
  AttributeChange change;
  change.name = std::move(name);
  change.before = std::move(before);
  change.after = std::move(after);
  change.config_changed = true;
  return change;
}

inline Change change_of(Address address, Action action, Reason reason, std::string name) {
  Change change;
  change.type = address.is_tenant() ? "qlik_tenants" : "qlik_" + address.section;
  change.address = std::move(address);
  change.action = action;
  change.reason = reason;
  change.name = std::move(name);
  change.where = {"tenantry.yaml", 20, 7};
  if (action != Action::create) change.id = RemoteId("id-" + change.address.key);
  return change;
}

/// `change` with its attributes' values on both sides.
inline Change with_sides(Change change) {
  for (auto const& row : change.attributes) {
    if (row.sensitive) continue;
    if (!row.before.is_null()) change.before[row.name] = row.before;
    change.after[row.name] = row.after;
  }
  return change;
}

inline TenantPlan tenant(std::string key, std::vector<Change> changes) {
  TenantPlan out;
  out.key = std::move(key);
  out.region = "eu";
  out.hostname = out.key + ".eu.qlikcloud.com";
  out.id = RemoteId("tenant-" + out.key);
  out.serial = 7;
  out.config_digest = "c0ffee";
  out.changes = std::move(changes);
  out.cost = {6, static_cast<int>(out.changes.size()), 0};
  return out;
}

inline Value hostname_deferred() {
  return make_deferred({{Segment::Kind::text, "https://"}, {Segment::Kind::tenant, "hostname"}});
}

inline TenantPlan varied_tenant() {
  std::vector<Change> changes;
  auto made = change_of({"acme", "webIntegrations", "portal"}, Action::create, Reason::not_in_state,
                        "Portal");
  made.type = "qlik_web_integrations";
  made.attributes = {attribute("name", nullptr, "Portal"),
                     attribute("validOrigins", nullptr,
                               Array{Value("https://portal.acme.example"), hostname_deferred()})};
  made.attributes[1].unordered = true;
  changes.push_back(with_sides(made));

  auto edited = change_of({"acme", "groups", "analysts"}, Action::update, Reason::config_and_drift,
                          "acme-analysts");
  edited.updated_by = "user-1";
  edited.updated_at = "2026-02-28T09:00:00Z";
  edited.attributes = {
      attribute("description", "Old\nsame\nend", "New\nsame\nend"),
      attribute("assignedRoles", Array{"author", "Steward"}, Array{"author", "AnalyticsAdmin"}),
      attribute("limits", Object{{"low", 1}, {"high", 5}}, Object{{"low", 2}})};
  edited.attributes[0].drifted = true;
  edited.attributes[0].last_applied = "Mine";
  edited.attributes[1].unordered = true;
  edited.released = {attribute("status", "active", nullptr)};
  edited.drift_only = {attribute("color", "#fff", "#000")};
  edited.drift_only[0].last_applied = "#000";
  changes.push_back(with_sides(edited));

  auto replaced = change_of({"acme", "oauthClients", "portal"}, Action::replace,
                            Reason::attribute_cannot_change, "Portal");
  replaced.type = "qlik_oauth_clients";
  replaced.reason_detail = "`appType` cannot change";
  replaced.attributes = {attribute("appType", "spa", "web"),
                         attribute("clientKey", nullptr, nullptr)};
  replaced.attributes[0].forces_replace = true;
  replaced.attributes[1].sensitive = true;
  replaced = with_sides(replaced);
  replaced.after["clientKey"] = make_deferred({{Segment::Kind::variable, "key"}});
  replaced.secrets["clientKey"] = "salt:digest";
  changes.push_back(replaced);

  auto deleted = change_of({"acme", "spaces", "old"}, Action::delete_, Reason::no_longer_declared,
                           "Old \x1b[31mspace");
  deleted.where = {};
  deleted.prevent_destroy = true;
  deleted.before = {{"name", "Old \x1b[31mspace"}};
  changes.push_back(deleted);

  auto adopted =
      change_of({"acme", "roles", "author"}, Action::adopt, Reason::adoption, "Report author");
  adopted.attributes = {attribute("description", Value(std::string(200, 'x')), "Builds reports")};
  changes.push_back(with_sides(adopted));

  auto released = change_of({"acme", "brands", "house"}, Action::release,
                            Reason::attributes_released, "House style");
  released.released = {attribute("description", "Ours", nullptr)};
  changes.push_back(released);

  auto forgotten = change_of({"acme", "diProjects", "sales"}, Action::forget,
                             Reason::no_longer_declared, "Sales");
  changes.push_back(forgotten);

  auto same = change_of({"acme", "spaces", "pipelines"}, Action::no_op, Reason::none, "Pipelines");
  same.before = same.after = {{"name", "Pipelines"}};
  changes.push_back(same);

  auto again = change_of({"acme", "spaces", "gone"}, Action::create, Reason::gone, "Gone");
  again.attributes = {attribute("name", nullptr, "Gone")};
  again.attributes[0].last_applied = "Gone";
  changes.push_back(with_sides(again));
  return tenant("acme", std::move(changes));
}

inline Plan varied_plan() {
  Plan plan;
  plan.tool_version = "0.1.0";
  plan.created_at = "2026-03-01T12:00:00Z";
  plan.lineage = "lineage-1";
  REQUIRE(plan.tenants.add(varied_tenant()).has_value());
  auto removed =
      change_of({"globex", {}, {}}, Action::deactivate, Reason::tenant_removed, "Globex");
  removed.where = {};
  REQUIRE(plan.tenants.add(tenant("globex", {removed})).has_value());
  auto broken = tenant("hooli", {});
  broken.error = Error(Errc::connection, "cannot connect to hooli.eu.qlikcloud.com: refused",
                       "check the network, then plan again");
  REQUIRE(plan.tenants.add(broken).has_value());
  auto paused = tenant("initech", {});
  paused.paused = true;
  paused.cost = {};
  REQUIRE(plan.tenants.add(paused).has_value());
  REQUIRE(apply_guards(plan, {}).has_value());
  return plan;
}

/// `count` tenants with one edit each that is the same but for the tenant's key and host name.
inline Plan fleet_plan(int count) {
  Plan plan;
  for (int i = 0; i < count; ++i) {
    auto const key = fmt::format("c{:04}", i);
    auto group = change_of({key, "groups", "analysts"}, Action::update, Reason::config_changed,
                           key + "-analysts");
    group.attributes = {attribute("description", "Analysts", Value("Analysts of " + key))};
    auto portal = change_of({key, "webIntegrations", "portal"}, Action::update,
                            Reason::config_changed, "Portal");
    portal.attributes = {
        attribute("validOrigins", Array{}, Array{Value("https://" + key + ".eu.qlikcloud.com")})};
    portal.attributes[0].unordered = true;
    REQUIRE(plan.tenants.add(tenant(key, {with_sides(group), with_sides(portal)})).has_value());
  }
  return plan;
}

}  // namespace tenantry::plans::test
