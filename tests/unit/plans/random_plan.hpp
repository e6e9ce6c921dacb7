// Plans with every member set to something, for what must give them back.
#pragma once
#include <doctest/doctest.h>

#include <random>
#include <string>
#include <vector>

#include "plans/plan.hpp"

namespace tenantry::plans::test {

/// Plans with every member set to something, control characters and deferred values included.
class RandomPlan {
 public:
  explicit RandomPlan(unsigned seed) : random_(seed) {}

  Plan make() {
    Plan plan;
    plan.tool_version = text();
    plan.created_at = text();
    plan.lineage = text();
    plan.destroy = flip();
    plan.refresh_only = flip();
    plan.adopt_only = flip();
    plan.fleet_size = static_cast<std::size_t>(below(1000));
    if (flip()) plan.shard = Shard{1 + below(4), 4};
    plan.warnings.warning(where(), text(), text(), text());
    if (flip()) plan.waves = {{"canary", below(5), below(2)}, {"rest", below(900), below(20)}};
    for (int i = 0; i < below(4); ++i) {
      auto made = tenant("t" + std::to_string(i));
      if (!plan.waves.empty()) made.wave = flip() ? "canary" : "rest";
      REQUIRE(plan.tenants.add(made).has_value());
    }
    return plan;
  }

  TenantPlan tenant(std::string key) {
    TenantPlan out;
    out.key = key;
    out.region = "eu";
    out.hostname = flip() ? "" : "acme.eu.qlikcloud.com";
    out.id = RemoteId(text());
    out.serial = below(1000);
    out.config_digest = text();
    for (int i = 0; i < below(5); ++i) out.changes.push_back(change(key, i));
    if (flip()) {
      out.error =
          Error(static_cast<Errc>(below(static_cast<int>(Errc::internal) + 1)), text(), text());
      out.error->request = text();
      if (flip()) out.error->api = ApiProblem{404, text(), text(), text(), text()};
      if (flip()) out.error->retry_after = std::chrono::seconds(below(100));
    }
    out.paused = flip();
    out.refreshed = flip();
    out.cost = {below(9), below(9), below(9)};
    return out;
  }

 private:
  int below(int n) { return std::uniform_int_distribution<int>(0, n - 1)(random_); }
  bool flip() { return below(2) == 0; }
  std::string text() {
    static std::vector<std::string> const kTexts{"",
                                                 "plain",
                                                 "\x1b[31mred",
                                                 "tab\tnew\nline",
                                                 "Grüße \u202e",
                                                 std::string("nul\0", 4),
                                                 "${tenant.key}"};
    return kTexts[static_cast<std::size_t>(below(static_cast<int>(kTexts.size())))];
  }
  SourceRange where() {
    return flip() ? SourceRange{} : SourceRange{"a.yaml", below(100), below(100)};
  }
  Value value(int depth = 0) {
    switch (below(depth > 3 ? 6 : 8)) {
      case 0:
        return nullptr;
      case 1:
        return flip();
      case 2:
        return below(1000) - 500;
      case 3:
        return 0.25 * below(100);
      case 4:
        return Value(text());
      case 5:
        return make_deferred({{Segment::Kind::text, text()}, {Segment::Kind::tenant, "id"}});
      case 6: {
        Array array;
        for (int i = 0; i < below(4); ++i) array.push_back(value(depth + 1));
        return array;
      }
      default:
        return object(depth + 1);
    }
  }
  Object object(int depth = 0) {
    Object out;
    for (int i = 0; i < below(4); ++i) out["m" + std::to_string(i)] = value(depth + 1);
    return out;
  }
  std::vector<AttributeChange> attributes() {
    std::vector<AttributeChange> out;
    for (int i = 0; i < below(3); ++i) {
      AttributeChange change;
      change.name = text();
      change.sensitive = flip();
      if (!change.sensitive) {
        change.before = value();
        change.after = value();
        change.last_applied = value();
      }
      change.config_changed = flip();
      change.drifted = flip();
      change.forces_replace = flip();
      change.unordered = flip();
      change.where = where();
      out.push_back(std::move(change));
    }
    return out;
  }
  Change change(std::string const& tenant, int index) {
    Change out;
    out.address = {tenant, "groups", "g" + std::to_string(index)};
    out.type = text();
    out.action = static_cast<Action>(below(10));
    out.reason = static_cast<Reason>(below(16));
    out.reason_detail = text();
    out.name = text();
    out.id = RemoteId(text());
    out.before = object();
    out.after = object();
    out.meta = object();
    out.attributes = attributes();
    out.released = attributes();
    out.drift_only = attributes();
    out.left_alone = {text(), text()};
    out.depends_on = {{tenant, "roles", "r"}, {tenant, {}, {}}};
    out.where = where();
    out.prevent_destroy = flip();
    out.updated_at = text();
    out.updated_by = text();
    if (flip()) out.guard = GuardHit{text(), text(), text(), flip()};
    out.secrets["password"] = "salt:digest";
    return out;
  }
  std::mt19937 random_;
};

}  // namespace tenantry::plans::test
