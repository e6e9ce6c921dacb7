#include "engine/run/resource_change.hpp"

#include <fmt/format.h>

#include "engine/core/text.hpp"
#include "engine/run/resource_planner.hpp"
#include "engine/run/secret_delivery.hpp"

namespace tenantry::run {
using plans::Action;
using plans::Change;

ResourceChange::ResourceChange(TenantRuntime& runtime, Change const& change)
    : runtime_(runtime),
      change_(change),
      type_(*runtime.context().provider.find(change.address.section)),
      schema_(type_.schema()),
      files_(declared(), change.after) {}

state::ResourceRecord ResourceChange::base_row() const {
  state::ResourceRecord row;
  if (auto const* prior = runtime_.state().find(change_.address)) row = *prior;
  row.address = change_.address;
  row.prevent_destroy = change_.prevent_destroy;
  row.depends_on = change_.depends_on;
  for (auto const& member : change_.secrets) row.secrets[member.key()] = member.value();
  row.updated_at = runtime_.now();
  if (row.created_at.empty()) row.created_at = row.updated_at;
  return row;
}

/// As the configuration has it now; null when it is no longer declared.
DesiredResource const* ResourceChange::declared() const {
  if (runtime_.declared() == nullptr) return nullptr;
  auto const& all = runtime_.declared()->resources;
  auto const found = std::ranges::find(all, change_.address, &DesiredResource::address);
  return found == all.end() ? nullptr : &*found;
}

/// With secrets: those that variables hold, and those that the YAML holds literally, which no plan
/// carries.
Result<Object> ResourceChange::to_send() const {
  auto after = change_.after;
  if (runtime_.declared() != nullptr) {
    auto const* written = declared();
    auto restored =
        plans::restore_withheld(after, written != nullptr ? written->attributes : Object());
    if (!restored) return restored.error();
  }
  return runtime_.to_send(after);
}

Task<Object> ResourceChange::whole_to_send(Session& session) {
  auto planned = to_send();
  if (!planned) co_return planned.error();
  if (type_.refers_by_id(*planned)) {
    auto known = co_await runtime_.know_references(schema_, *planned);
    if (!known) co_return known.error();
  }
  auto joined = co_await join_parts(session, *planned);
  if (!joined) co_return joined.error();
  if (!type_.refers_by_id(*joined)) co_return joined;
  auto known = co_await runtime_.know_references(schema_, *joined);
  if (!known) co_return known.error();
  co_return joined;
}

/// Where the plan had no live list to join ours with (a new tenant, state alone), it is read now.
Task<Object> ResourceChange::join_parts(Session& session, Object planned) {
  if (change_.parts.empty()) co_return planned;
  bool const creates = change_.action == Action::create || change_.action == Action::replace;
  if (creates && !type_.is_preset(planned)) co_return planned;
  if (!creates && runtime_.refreshed()) co_return planned;
  auto key = natural_key(schema_, planned);
  auto live = creates ? co_await find_live(session, std::move(key))
                      : co_await read_whole(type_, session, change_.id);
  if (!live) co_return live.error();
  auto const there = plans::comparable(schema_, live->attributes, runtime_.names());
  auto const* row = runtime_.state().find(change_.address);
  for (auto const& part : change_.parts) {
    auto const* attribute = schema_.find(part.key());
    auto const* list = find(there, part.key());
    auto const* formerly = row != nullptr ? find(row->applied, part.key()) : nullptr;
    planned[part.key()] = plans::joined_part(*attribute, part.value(),
                                             formerly != nullptr ? *formerly : Value(nullptr),
                                             list != nullptr ? *list : Value(nullptr));
  }
  co_return planned;
}

Task<RemoteObject> ResourceChange::find_live(Session& session, std::string key) {
  auto list = co_await type_.list(session);
  if (!list) co_return list.error();
  for (auto& object : *list) {
    auto const shape = plans::comparable(schema_, object.attributes, runtime_.names());
    if (natural_key(schema_, shape) != key) continue;
    if (!type_.has_detail()) co_return object;
    co_return co_await type_.detail(session, object);
  }
  co_return Error(Errc::not_found,
                  fmt::format("there is no {} \"{}\", although every tenant has it",
                              schema_.singular, visible(key)));
}

Operation ResourceChange::around(Session& session) {
  return {.session = session,
          .references = runtime_.names(),
          .files = &files_,
          .meta = runtime_.with_tenant(change_.meta),
          .progress = [this](std::string const& text) {
            runtime_.context().observer.change_progress(change_, text);
          }};
}

state::Intent ResourceChange::intent(std::string action) const {
  auto out = runtime_.intent(change_, std::move(action));
  out.planned = kept();
  out.natural_key = natural_key(schema_, out.planned);
  if (auto session = runtime_.session()) {
    if (auto const time = (*session)->server_time()) out.context["serverTime"] = format_time(*time);
  }
  if (auto sink = sink_of(runtime_, change_)) out.context["deliverSecret"] = std::move(*sink);
  return out;
}

Task<Ending> ResourceChange::commit_part(std::int64_t operation, state::ResourceRecord row,
                                         Object answer, Error why) {
  state::Outcome outcome;
  outcome.error = describe(why);
  outcome.upsert = plans::record_after_part(schema_, std::move(row), kept(), answer, change_.parts);
  auto committed = co_await runtime_.finish(operation, std::move(outcome));
  if (!committed) co_return committed.error();
  co_return failed(std::move(why));
}

Task<Ending> ResourceChange::commit(std::int64_t operation, state::ResourceRecord row,
                                    Object answer) {
  state::Outcome outcome;
  std::optional<Error> broken;
  auto record =
      plans::record_after_write(schema_, row, kept(), answer, change_.left_alone, change_.parts);
  if (record) {
    outcome.upsert = std::move(*record);
  } else {
    broken = record.error();
    outcome.error = describe(*broken);
    row.applied = kept();
    for (auto const& attribute : schema_.attributes) {
      if (plans::is_secret(attribute)) row.applied.erase(attribute.name);
    }
    for (auto const& member : answer) {
      if (row.applied.contains(member.key())) row.applied[member.key()] = member.value();
    }
    outcome.upsert = std::move(row);
  }
  auto committed = co_await runtime_.finish(operation, std::move(outcome));
  if (!committed) co_return committed.error();
  if (broken) co_return failed(std::move(*broken));
  co_return done();
}

}  // namespace tenantry::run
