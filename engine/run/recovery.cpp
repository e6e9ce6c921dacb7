#include "engine/run/recovery.hpp"

#include <fmt/format.h>

#include <set>

#include "engine/core/text.hpp"
#include "engine/run/deposed_objects.hpp"
#include "engine/run/resource_planner.hpp"
#include "engine/run/secret_record.hpp"
#include "engine/run/secret_rotation.hpp"
#include "engine/run/tenant_recovery.hpp"

namespace tenantry::run {
namespace {

constexpr char const* kPlannedAgain = "is planned again from what is live";

class Recovery {
 public:
  Recovery(Context& context, OrganizationView& organization, config::Tenant const* declared,
           state::TenantState& state)
      : context_(context), organization_(organization), declared_(declared), state_(state) {}

  Task<void> run() {
    auto const operations = state_.open;
    for (auto const& operation : operations) {
      // One by one: settling a tenant's creation gives the rest its host name.
      auto settled = co_await settle_one(operation);
      if (!settled) co_return settled.error();
    }
    auto reloaded = co_await context_.store.load(state_.key);
    if (!reloaded) co_return reloaded.error();
    state_ = std::move(*reloaded);
    co_return Result<void>();
  }

 private:
  Task<void> settle_one(state::OpenOperation operation) {
    if (!operation.intent.address.is_tenant()) co_return co_await settle_resource(operation);
    auto decided =
        co_await decide_tenant(context_, organization_, declared_, state_, operation.intent);
    if (!decided) co_return decided.error();
    co_return co_await settle(operation, std::move(decided->outcome), std::move(decided->what));
  }

  /// Signed in to the tenant's own host. The tenant has a row.
  Result<Session*> session() {
    auto const* row = state_.find(Address{state_.key, {}, {}});
    return tenant_session(context_, declared_, text_at(row->extra, "region"),
                          text_at(row->extra, "hostname"));
  }

  /// Writes the outcome and tells the observer.
  Task<void> settle(state::OpenOperation const& operation, state::Outcome outcome,
                    std::string what) {
    if (outcome.upsert) {
      state_.resources[outcome.upsert->address] = *outcome.upsert;
    }
    for (auto const& address : outcome.removals) state_.resources.erase(address);
    auto finished = co_await context_.store.finish(operation.id, std::move(outcome));
    if (!finished) co_return finished.error();
    context_.observer.recovered(operation.intent.address,
                                fmt::format("{} {}", operation.intent.action, what));
    co_return Result<void>();
  }

  Task<void> settle_resource(state::OpenOperation operation) {
    auto const& intent = operation.intent;
    auto const* type = context_.provider.find(intent.address.section);
    auto const* tenant = state_.find(Address{state_.key, {}, {}});
    if (type == nullptr || tenant == nullptr) {
      co_return co_await settle(operation, dropped(), "belongs to nothing that is known");
    }
    auto live = co_await live_list(*type);
    if (!live) co_return live.error();
    TenantReferences const names(declared_ ? declared_->resources : none_, state_, live_);
    if (intent.action == "create" || intent.action == "replace") {
      co_return co_await settle_create(operation, *type, names);
    }
    if (intent.action == "delete") co_return co_await settle_delete(operation);
    if (intent.action == "rotate") co_return co_await settle_rotation(operation, *type);
    co_return co_await settle_update(operation, *type);
  }

  /// An update or adoption: the next diff sees what is live and plans what is missing. What no read
  /// tells may not have been done; a secret that it made, nobody may have.
  Task<void> settle_update(state::OpenOperation operation, ResourceType const& type) {
    auto const& intent = operation.intent;
    auto outcome = dropped();
    auto const* row = state_.find(intent.address);
    if (row == nullptr) co_return co_await settle(operation, std::move(outcome), kPlannedAgain);
    auto doubtful = *row;
    for (auto const& attribute : type.schema().attributes) {
      if (attribute.write_only && attribute.format == Format::file) {
        doubtful.applied.erase(attribute.name);
      }
    }
    bool const makes_secret = type.creates_secret(intent.planned) &&
                              !type.creates_secret(intent.before) &&
                              live_.find(intent.address.section, intent.id) != nullptr;
    if (makes_secret) {
      auto connected = session();
      if (!connected) co_return connected.error();
      auto after = co_await row_after_rotation(type, **connected, intent, doubtful);
      if (!after) co_return after.error();
      if (*after) doubtful = std::move(**after);
    }
    if (doubtful != *row) outcome.upsert = std::move(doubtful);
    co_return co_await settle(operation, std::move(outcome), kPlannedAgain);
  }

  Task<void> live_list(ResourceType const& type) {
    auto const& section = type.schema().section;
    if (live_.listed(section)) co_return Result<void>();
    auto connected = session();
    if (!connected) co_return connected.error();
    auto list = co_await type.list(**connected);
    if (!list) co_return list.error();
    live_.lists[section] = std::move(*list);
    co_return Result<void>();
  }

  Task<void> settle_create(state::OpenOperation operation, ResourceType const& type,
                           TenantReferences const& names) {
    auto const& intent = operation.intent;
    auto const& schema = type.schema();
    auto found = find_created(schema, intent, live_.lists[schema.section], state_, names);
    if (!found) co_return found.error();
    if (*found == nullptr && co_await wait_for_list(intent)) {
      live_.lists.erase(schema.section);
      auto again = co_await live_list(type);
      if (!again) co_return again.error();
      found = find_created(schema, intent, live_.lists[schema.section], state_, names);
      if (!found) co_return found.error();
    }
    if (*found == nullptr) {
      // A replace whose delete went through, but whose create did not, leaves no object.
      auto outcome = dropped();
      bool const deleted =
          intent.action == "replace" && live_.find(schema.section, intent.id) == nullptr;
      if (deleted) {
        outcome.status = state::OutcomeStatus::failed;
        outcome.removals.push_back(intent.address);
      }
      co_return co_await settle(operation, std::move(outcome), "had not happened");
    }
    auto whole = co_await complete(type, **found);
    if (!whole) co_return whole.error();
    auto const object = std::move(*whole);
    auto delivered = co_await renew_lost_secret(intent, type, names, object.id);
    if (!delivered) co_return delivered.error();
    auto row = record_of_created(schema, intent, object, names, format_time(context_.clock.wall()));
    if (auto const* before = state_.find(intent.address)) {
      auto ids = deposed_of(*before);
      for (auto& id : deposed_of(row)) ids.push_back(std::move(id));
      keep_deposed(row, ids);
    }
    if (*delivered) {
      // To where the creation had it go; another place by now is noticed by the plan.
      auto const* sink = find(intent.context, "deliverSecret");
      note_delivered(row, **delivered, sink ? sink_place(*sink) : "", context_.clock.wall());
    }
    state::Outcome outcome{.status = state::OutcomeStatus::done,
                           .upsert = std::move(row),
                           .removals = {},
                           .error = {}};
    co_return co_await settle(operation, std::move(outcome), "was done: " + object.id.text());
  }

  /// True when it had to wait, so that the list must be asked again.
  boost::asio::awaitable<bool> wait_for_list(state::Intent intent) {
    auto connected = session();
    auto const time = connected ? (*connected)->server_time() : std::nullopt;
    co_return co_await wait_for_lists(context_, std::move(intent), time);
  }

  Task<RemoteObject> complete(ResourceType const& type, RemoteObject listed) {
    if (!type.has_detail()) co_return listed;
    auto connected = session();
    if (!connected) co_return connected.error();
    co_return co_await type.detail(**connected, std::move(listed));
  }

  /// The answer with the secret is gone: a new one is made for the same client, never a second
  /// client.
  Task<std::optional<DeliverableSecret>> renew_lost_secret(state::Intent intent,
                                                           ResourceType const& type,
                                                           TenantReferences const& names,
                                                           RemoteId id) {
    auto const* sink = find(intent.context, "deliverSecret");
    if (sink == nullptr || !type.creates_secret(intent.planned))
      co_return std::optional<DeliverableSecret>();
    auto connected = session();
    if (!connected) co_return connected.error();
    Operation operation{**connected, names};
    auto secret = co_await type.renew_secret(operation, std::move(id));
    if (!secret) co_return secret.error();
    Delivery delivery{intent.address, *secret};
    auto where = co_await context_.sinks.deliver(*sink, std::move(delivery));
    if (!where) co_return where.error();
    context_.observer.secret_delivered(intent.address, *where);
    co_return std::move(*secret);
  }

  /// A secret that was made may have been delivered: it is recorded, and the next rotation, which
  /// is planned at once, ends it.
  Task<void> settle_rotation(state::OpenOperation operation, ResourceType const& type) {
    auto const* row = state_.find(operation.intent.address);
    bool const is_there =
        live_.find(operation.intent.address.section, operation.intent.id) != nullptr;
    if (row == nullptr || !is_there)
      co_return co_await settle(operation, dropped(), "has no object");
    auto connected = session();
    if (!connected) co_return connected.error();
    auto after = co_await row_after_rotation(type, **connected, operation.intent, *row);
    if (!after) co_return after.error();
    auto outcome = dropped();
    bool const made = after->has_value();
    outcome.upsert = std::move(*after);
    co_return co_await settle(operation, std::move(outcome),
                              made ? "was cut off, and is done again" : "had not happened");
  }

  Task<void> settle_delete(state::OpenOperation operation) {
    auto const& intent = operation.intent;
    if (live_.find(intent.address.section, intent.id) != nullptr) {
      co_return co_await settle(operation, dropped(), "had not happened");
    }
    auto outcome = dropped();
    outcome.status = state::OutcomeStatus::done;
    auto const* row = state_.find(intent.address);
    if (row != nullptr && intent.context.contains(kDeposed)) {
      outcome.upsert = *row;  // the object that replaced it stays
      auto left = deposed_of(*row);
      std::erase(left, intent.id);
      keep_deposed(*outcome.upsert, left);
    } else {
      outcome.removals = {intent.address};
    }
    co_return co_await settle(operation, std::move(outcome), "was done");
  }

  Context& context_;
  OrganizationView& organization_;
  config::Tenant const* declared_;
  state::TenantState& state_;
  LiveTenant live_;
  std::vector<DesiredResource> none_;
};

}  // namespace

Result<RemoteObject const*> find_created(Schema const& schema, state::Intent const& intent,
                                         std::vector<RemoteObject> const& live,
                                         state::TenantState const& state,
                                         TenantReferences const& names) {
  auto const before = ids_before(intent);
  std::set<RemoteId> owned;
  for (auto const& [address, record] : state.resources) owned.insert(record.id);
  RemoteObject const* found = nullptr;
  std::vector<std::string> candidates;
  for (auto const& object : live) {
    if (object.built_in || before.contains(object.id.text()) || owned.contains(object.id)) continue;
    if (natural_key(schema, plans::comparable(schema, object.attributes, names)) !=
        intent.natural_key) {
      continue;
    }
    found = &object;
    candidates.push_back(object.id.text());
  }
  if (candidates.size() > 1) {
    return Error(
        Errc::ambiguous,
        fmt::format("the creation of {} was interrupted, and {} objects could be its result: {}",
                    intent.address.text(), candidates.size(), fmt::join(candidates, ", ")),
        fmt::format("delete those that are not wanted; or run: tenantry state resolve {0} "
                    "--not-created, and take over the one that is meant: tenantry import {0} ID",
                    intent.address.text()));
  }
  return found;
}

state::ResourceRecord record_of_created(Schema const& schema, state::Intent const& intent,
                                        RemoteObject const& object, TenantReferences const& names,
                                        std::string const& now) {
  state::ResourceRecord base;
  base.address = intent.address;
  base.id = object.id;
  base.created_at = now;
  base.updated_at = now;
  if (auto deposed = text_at(intent.context, kDeposed); !deposed.empty()) {
    keep_deposed(base, {RemoteId(std::move(deposed))});
  }
  auto const* prevent = find(intent.context, "preventDestroy");
  base.prevent_destroy = prevent != nullptr && prevent->is_bool() && prevent->get_bool();
  if (auto const* secrets = find(intent.context, "secrets"); secrets && secrets->is_object()) {
    base.secrets = secrets->get_object();
  }
  if (auto const* list = find(intent.context, "dependsOn"); list && list->is_array()) {
    for (auto const& text : list->get_array()) {
      auto address = parse_address(std::string_view(text.get_string()));
      if (address) base.depends_on.push_back(*address);
    }
  }
  Object parts;
  if (auto const* list = find(intent.context, "parts"); list && list->is_object()) {
    parts = list->get_object();
  }
  auto const answer = plans::comparable(schema, object.attributes, names);
  auto row = plans::record_after_part(schema, base, intent.planned, answer, parts);
  // Where live differs from what was sent, it counts as the last applied: the diff shows the rest.
  for (auto const& member : intent.planned) {
    auto const* value = find(answer, member.key());
    if (value != nullptr && !row.applied.contains(member.key())) row.applied[member.key()] = *value;
  }
  return row;
}

Task<void> recover(Context& context, OrganizationView& organization, config::Tenant const* declared,
                   state::TenantState& state) {
  Recovery recovery(context, organization, declared, state);
  co_return co_await recovery.run();
}

}  // namespace tenantry::run
