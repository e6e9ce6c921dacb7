#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <set>

#include "engine/core/text.hpp"
#include "plans/plan_json.hpp"

namespace tenantry::plans {
namespace {

/// Reads members of one object. What is wrong is noted, and an empty value stands in.
class Reader {
 public:
  Reader(Value const& value, std::string pointer, Problem& problem)
      : object_(value.if_object()), pointer_(std::move(pointer)), problem_(problem) {
    if (object_ == nullptr) problem_.note(pointer_, "must be an object");
  }

  bool has(std::string_view name) const { return member(name) != nullptr; }

  std::string text(std::string_view name) const {
    auto const* value = member(name);
    if (value != nullptr && value->is_string()) {
      return std::string(std::string_view(value->get_string()));
    }
    fail(name, "must be a text");
    return {};
  }

  bool boolean(std::string_view name) const {
    auto const* value = member(name);
    if (value != nullptr && value->is_bool()) return value->get_bool();
    fail(name, "must be true or false");
    return false;
  }

  std::int64_t integer(std::string_view name, std::int64_t max) const {
    auto const* value = member(name);
    if (value != nullptr && value->is_int64()) {
      auto const number = value->get_int64();
      if (number >= 0 && number <= max) return number;
    }
    fail(name, fmt::format("must be a whole number from 0 to {}", max));
    return 0;
  }
  int small(std::string_view name) const {
    return static_cast<int>(integer(name, std::numeric_limits<int>::max()));
  }

  Value value(std::string_view name) const {
    auto const* found = member(name);
    if (found == nullptr) fail(name, "is missing");
    return found != nullptr ? *found : Value(nullptr);
  }

  Object object(std::string_view name) const {
    auto const* found = member(name);
    if (found != nullptr && found->is_object()) return found->get_object();
    fail(name, "must be an object");
    return {};
  }

  /// Null: nothing is done.
  template <class Read>
  void maybe(std::string_view name, Read read) const {
    auto const* found = member(name);
    if (found == nullptr) return fail(name, "is missing");
    if (!found->is_null()) read(Reader(*found, path(name), problem_));
  }

  template <class Read>
  void each(std::string_view name, Read read) const {
    auto const* found = member(name);
    if (found == nullptr || !found->is_array()) return fail(name, "must be a list");
    std::size_t index = 0;
    for (auto const& item : found->get_array()) {
      read(Reader(item, fmt::format("{}/{}", path(name), index++), problem_));
    }
  }

  std::vector<std::string> texts(std::string_view name) const {
    std::vector<std::string> out;
    auto const* found = member(name);
    if (found == nullptr || !found->is_array()) {
      fail(name, "must be a list of texts");
      return out;
    }
    for (auto const& item : found->get_array()) {
      if (!item.is_string()) {
        fail(name, "must be a list of texts");
        return {};
      }
      out.emplace_back(std::string_view(item.get_string()));
    }
    return out;
  }

  void fail(std::string_view name, std::string_view what) const { problem_.note(path(name), what); }

 private:
  Value const* member(std::string_view name) const {
    return object_ != nullptr ? find(*object_, name) : nullptr;
  }
  std::string path(std::string_view name) const { return fmt::format("{}/{}", pointer_, name); }

  Object const* object_;
  std::string pointer_;
  Problem& problem_;
};

SourceRange read_where(Reader const& in) {
  SourceRange where;
  in.maybe("where", [&](Reader const& place) {
    where = {place.text("file"), place.small("line"), place.small("column")};
    if (where.file.empty()) place.fail("file", "must not be empty");
  });
  return where;
}

Address read_address(Reader const& in, std::string_view name, std::string const& text,
                     std::string const& tenant) {
  auto address = parse_address(text);
  if (!address || address->tenant != tenant) {
    in.fail(name, fmt::format("must be an address in \"{}\"", visible(tenant)));
    return {};
  }
  return std::move(*address);
}

AttributeChange read_attribute(Reader const& in) {
  AttributeChange change;
  change.name = in.text("name");
  change.before = in.value("before");
  change.after = in.value("after");
  change.last_applied = in.value("lastApplied");
  change.config_changed = in.boolean("configChanged");
  change.drifted = in.boolean("drifted");
  change.sensitive = in.boolean("sensitive");
  change.forces_replace = in.boolean("forcesReplace");
  change.unordered = in.boolean("unordered");
  change.where = read_where(in);
  return change;
}

std::vector<AttributeChange> read_attributes(Reader const& in, std::string_view name) {
  std::vector<AttributeChange> out;
  in.each(name, [&](Reader const& item) { out.push_back(read_attribute(item)); });
  return out;
}

void check_secrets(Reader const& in, Object const& secrets) {
  for (auto const& member : secrets) {
    if (!member.value().is_string()) in.fail("secrets", "must hold texts");
  }
}

Change read_change(Reader const& in, std::string const& tenant) {
  Change change;
  change.address = read_address(in, "address", in.text("address"), tenant);
  change.type = in.text("type");
  auto const action = parse_action(in.text("action"));
  if (action) change.action = *action;
  if (!action) in.fail("action", "is unknown");
  auto const reason = parse_reason(in.text("reason"));
  if (reason) change.reason = *reason;
  if (!reason) in.fail("reason", "is unknown");
  change.reason_detail = in.text("reasonDetail");
  change.name = in.text("name");
  change.id = RemoteId(in.text("id"));
  change.before = in.object("before");
  change.after = in.object("after");
  change.meta = in.object("meta");
  change.attributes = read_attributes(in, "attributes");
  change.released = read_attributes(in, "released");
  change.drift_only = read_attributes(in, "driftOnly");
  change.left_alone = in.texts("leftAlone");
  change.parts = in.object("parts");
  change.notes = in.texts("notes");
  change.destructive = in.boolean("destructive");
  for (auto const& text : in.texts("dependsOn")) {
    change.depends_on.push_back(read_address(in, "dependsOn", text, tenant));
  }
  change.where = read_where(in);
  change.prevent_destroy = in.boolean("preventDestroy");
  change.updated_at = in.text("updatedAt");
  change.updated_by = in.text("updatedBy");
  in.maybe("guard", [&](Reader const& guard) {
    change.guard = GuardHit{guard.text("rule"), guard.text("message"), guard.text("hint"),
                            guard.boolean("acknowledged")};
  });
  change.secrets = in.object("secrets");
  check_secrets(in, change.secrets);
  return change;
}

Errc read_code(Reader const& in) {
  auto const name = in.text("code");
  for (int i = 0; i <= static_cast<int>(Errc::internal); ++i) {
    if (name_of(static_cast<Errc>(i)) == name) return static_cast<Errc>(i);
  }
  in.fail("code", "is unknown");
  return Errc::internal;
}

Error read_error(Reader const& in) {
  Error error(read_code(in), in.text("message"), in.text("hint"));
  error.request = in.text("request");
  in.maybe("api", [&](Reader const& api) {
    error.api = ApiProblem{api.small("status"), api.text("code"), api.text("title"),
                           api.text("detail"), api.text("traceId")};
  });
  if (!in.value("retryAfterSeconds").is_null()) {
    error.retry_after = std::chrono::seconds(in.small("retryAfterSeconds"));
  }
  return error;
}

Cost read_cost(Reader const& in) {
  Cost cost;
  in.maybe("cost", [&](Reader const& c) {
    cost = {c.small("reads"), c.small("writes"), c.small("registerWrites")};
  });
  return cost;
}

/// Host names of a plan must not be able to lead a token astray by their form alone.
bool is_plain_hostname(std::string_view text) {
  return std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '-';
  });
}

Address read_any_address(Reader const& in, std::string_view name) {
  auto address = parse_address(in.text(name));
  if (address) return std::move(*address);
  in.fail(name, "is not an address");
  return {};
}

Move read_move(Reader const& in, std::string const& tenant) {
  Move move{read_any_address(in, "from"), read_any_address(in, "to")};
  bool const fits = move.to.tenant == tenant && move.from.section == move.to.section &&
                    (move.from.is_tenant() || move.from.tenant == tenant);
  if (!fits) in.fail("to", "is no place for it");
  return move;
}

/// Of resources and tenants: far more than a file can describe.
constexpr std::int64_t kCountMax = 1'000'000'000;

TenantPlan read_tenant(Reader const& in) {
  TenantPlan tenant;
  tenant.key = in.text("key");
  if (!is_key(tenant.key)) in.fail("key", "is not a tenant's key");
  if (in.has("wave")) tenant.wave = in.text("wave");
  tenant.region = in.text("region");
  if (!tenant.region.empty() && !is_key(tenant.region)) in.fail("region", "is not a region");
  tenant.hostname = in.text("hostname");
  if (!is_plain_hostname(tenant.hostname)) in.fail("hostname", "is not a host name");
  tenant.id = RemoteId(in.text("id"));
  tenant.serial = in.integer("serial", std::numeric_limits<std::int64_t>::max());
  tenant.config_digest = in.text("configDigest");
  tenant.paused = in.boolean("paused");
  tenant.refreshed = in.boolean("refreshed");
  tenant.unchanged = static_cast<std::size_t>(in.integer("unchanged", kCountMax));
  tenant.is_itself_unchanged = in.boolean("itselfUnchanged");
  tenant.cost = read_cost(in);
  in.each("moves",
          [&](Reader const& item) { tenant.moves.push_back(read_move(item, tenant.key)); });
  in.maybe("error", [&](Reader const& error) { tenant.error = read_error(error); });
  std::set<Address> seen;
  in.each("changes", [&](Reader const& item) {
    tenant.changes.push_back(read_change(item, tenant.key));
    if (!seen.insert(tenant.changes.back().address).second) {
      item.fail("address", "occurs twice");
    }
  });
  return tenant;
}

Wave read_wave(Reader const& in) {
  constexpr auto kMax = std::numeric_limits<std::int64_t>::max();
  Wave wave{in.text("name"), in.integer("tenants", kMax), in.integer("failuresMax", kMax)};
  if (!is_key(wave.name)) in.fail("name", "is not a wave's name");
  return wave;
}

/// A tenant of no wave would be carried out last; a plan that was written never has one.
void check_waves(Plan const& plan, Problem& problem) {
  for (std::size_t i = 0; i < plan.tenants.size(); ++i) {
    auto const wave = plan.tenants[i].wave;
    bool const known = plan.waves.empty()
                           ? wave.empty()
                           : std::ranges::find(plan.waves, wave, &Wave::name) != plan.waves.end();
    if (!known) problem.note(fmt::format("/tenants/{}/wave", i), "is no wave of the plan");
  }
}

Diagnostic read_diagnostic(Reader const& in) {
  Diagnostic diagnostic;
  auto const severity = in.text("severity");
  if (severity != "error" && severity != "warning") in.fail("severity", "is unknown");
  diagnostic.severity = severity == "error" ? Severity::error : Severity::warning;
  diagnostic.where = read_where(in);
  diagnostic.address = in.text("address");
  diagnostic.summary = in.text("summary");
  diagnostic.detail = in.text("detail");
  diagnostic.hint = in.text("hint");
  return diagnostic;
}

/// A file that tells nothing of shards is a plan of the whole fleet.
void read_shard(Reader const& in, Plan& plan) {
  if (in.has("fleetSize")) plan.fleet_size = static_cast<std::size_t>(in.small("fleetSize"));
  if (!in.has("shard")) return;
  auto const shard = parse_shard(in.text("shard"));
  if (shard) {
    plan.shard = *shard;
  } else {
    in.fail("shard", "is no shard");
  }
}

}  // namespace

void Problem::note(std::string const& pointer, std::string_view what) {
  if (text.empty()) text = fmt::format("{}: {}", pointer, what);
}

void PlanDecoder::add(Value const& tenant) {
  if (!problem_.text.empty() || failure_) return;  // nothing of it is used any more
  auto& tenants = plan_.tenants;
  Reader const in(tenant, fmt::format("/tenants/{}", tenants.size()), problem_);
  auto const read = read_tenant(in);
  if (!tenants.empty() && tenants[tenants.size() - 1].key >= read.key) {
    in.fail("key", "is not in order, or occurs twice");
  }
  auto const added = tenants.add(read);
  if (!added) failure_ = added.error();
}

Result<Plan> PlanDecoder::finish(Value const& rest, std::size_t lists) {
  if (failure_) return *failure_;
  Reader const in(rest, "", problem_);
  auto& plan = plan_;
  plan.tool_version = in.text("toolVersion");
  plan.created_at = in.text("createdAt");
  plan.lineage = in.text("lineage");
  plan.destroy = in.boolean("destroy");
  plan.refresh_only = in.boolean("refreshOnly");
  plan.adopt_only = in.boolean("adoptOnly");
  plan.passed_over = static_cast<std::size_t>(in.integer("passedOver", kCountMax));
  read_shard(in, plan);
  if (in.has("flags")) plan.flags = in.texts("flags");
  in.each("warnings", [&](Reader const& item) { plan.warnings.add(read_diagnostic(item)); });
  if (in.has("waves")) {
    in.each("waves", [&](Reader const& item) { plan.waves.push_back(read_wave(item)); });
  }
  if (lists != 1 || in.has("tenants")) in.fail("tenants", "must be one list");
  check_waves(plan, problem_);
  if (!problem_.text.empty()) return Error(Errc::corrupt, problem_.text);
  return std::move(plan_);
}

}  // namespace tenantry::plans
