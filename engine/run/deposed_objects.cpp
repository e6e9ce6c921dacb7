#include "engine/run/deposed_objects.hpp"

#include "engine/run/resource_change.hpp"

namespace tenantry::run {
namespace {

Task<Ending> delete_one(ResourceChange& work, RemoteId old) {
  auto what = work.intent("delete");
  what.id = old;
  what.context[kDeposed] = old.text();
  auto operation = co_await work.runtime().begin(std::move(what));
  if (!operation) co_return operation.error();
  auto session = work.runtime().session();
  if (!session) co_return co_await work.runtime().fail(*operation, session.error());
  auto removed = co_await work.type().remove(work.around(**session), old);
  if (!removed) co_return co_await work.runtime().fail(*operation, removed.error());
  state::Outcome outcome;
  outcome.upsert = *work.runtime().state().find(work.change().address);
  auto left = deposed_of(*outcome.upsert);
  std::erase(left, old);
  keep_deposed(*outcome.upsert, left);
  auto committed = co_await work.runtime().finish(*operation, std::move(outcome));
  if (!committed) co_return committed.error();
  co_return done();
}

}  // namespace

std::vector<RemoteId> deposed_of(state::ResourceRecord const& record) {
  std::vector<RemoteId> ids;
  auto const* list = find(record.extra, kDeposed);
  if (list == nullptr || !list->is_array()) return ids;
  for (auto const& id : list->get_array()) {
    if (id.is_string()) ids.emplace_back(std::string(std::string_view(id.get_string())));
  }
  return ids;
}

void keep_deposed(state::ResourceRecord& record, std::vector<RemoteId> const& ids) {
  if (ids.empty()) {
    record.extra.erase(kDeposed);
    return;
  }
  Array list;
  for (auto const& id : ids) list.emplace_back(id.text());
  record.extra[kDeposed] = std::move(list);
}

void depose(state::ResourceRecord& record, RemoteId const& id) {
  auto ids = deposed_of(record);
  ids.push_back(id);
  keep_deposed(record, ids);
}

std::optional<state::ResourceRecord> taken_back(ResourceType const& type,
                                                DesiredResource const& wanted,
                                                state::TenantState const& state,
                                                LiveTenant const& live) {
  auto const* row = state.find(wanted.address);
  if (row == nullptr || !type.creates_before_delete()) return std::nullopt;
  auto const& schema = type.schema();
  auto const key = natural_key(schema, wanted.attributes);
  auto ids = deposed_of(*row);
  auto const meant = std::ranges::find_if(ids, [&](RemoteId const& id) {
    auto const* object = live.find(schema.section, id);
    return object != nullptr && natural_key(schema, object->attributes) == key;
  });
  auto const* present = live.find(schema.section, row->id);
  bool const is_it = present != nullptr && natural_key(schema, present->attributes) == key;
  if (meant == ids.end() || is_it) return std::nullopt;
  auto out = *row;
  out.id = *meant;
  ids.erase(meant);
  if (present != nullptr) ids.push_back(row->id);
  keep_deposed(out, ids);
  // What was applied to the one that goes says nothing of this one.
  out.applied = {};
  out.observed = {};
  out.secrets = {};
  return out;
}

Task<Ending> delete_deposed(ResourceChange& work) {
  while (true) {
    auto const* row = work.runtime().state().find(work.change().address);
    auto const ids = row != nullptr ? deposed_of(*row) : std::vector<RemoteId>();
    if (ids.empty()) co_return done();
    auto ended = co_await delete_one(work, ids.back());
    if (!ended || ended->status != Status::done) co_return ended;
  }
}

}  // namespace tenantry::run
