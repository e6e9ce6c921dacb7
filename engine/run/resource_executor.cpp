#include "engine/run/resource_executor.hpp"

#include <fmt/format.h>

#include "engine/run/deposed_objects.hpp"
#include "engine/run/live_tenant.hpp"
#include "engine/run/resource_creation.hpp"
#include "engine/run/secret_delivery.hpp"
#include "engine/run/secret_record.hpp"
#include "engine/run/secret_rotation.hpp"

namespace tenantry::run {
using plans::Action;
using plans::Change;
namespace {

/// Erases "name", or "name.member" of an object.
void erase_path(Object& attributes, std::string const& path) {
  auto const dot = path.find('.');
  if (dot == std::string::npos) {
    attributes.erase(path);
    return;
  }
  auto* object = attributes.if_contains(path.substr(0, dot));
  if (object != nullptr && object->is_object()) object->get_object().erase(path.substr(dot + 1));
}

class ResourceExecutor {
 public:
  ResourceExecutor(TenantRuntime& runtime, Change const& change)
      : work_(runtime, change), runtime_(runtime), change_(change), type_(work_.type()) {}

  Task<Ending> run() {
    switch (change_.action) {
      case Action::create:
        co_return co_await create();
      case Action::replace:
        co_return co_await replace();
      case Action::update:
        co_return co_await update("update");
      case Action::adopt:
        co_return co_await adopt();
      case Action::delete_:
        co_return co_await remove();
      case Action::release:
        co_return co_await release();
      case Action::forget:
        co_return co_await forget();
      default:
        co_return Error(Errc::internal, "a resource has no such action");
    }
  }

 private:
  Task<Ending> create() {
    auto operation = co_await runtime_.begin(work_.intent("create"));
    if (!operation) co_return operation.error();
    co_return co_await create_object(work_, *operation, {});
  }

  // --- replace ---

  Task<Ending> replace() {
    if (type_.creates_before_delete()) co_return co_await create_then_delete();
    auto operation = co_await runtime_.begin(work_.intent("replace"));
    if (!operation) co_return operation.error();
    auto session = runtime_.session();
    if (!session) co_return co_await runtime_.fail(*operation, session.error());
    auto removed = co_await type_.remove(work_.around(**session), change_.id);
    if (!removed) {
      auto error = removed.error();
      auto const gone = co_await is_gone(error);
      if (!gone) co_return co_await runtime_.fail(*operation, std::move(error));
    }
    co_return co_await create_object(work_, *operation, {change_.address});
  }

  /// The new object first; the row remembers the old one until it is gone, so that nothing is lost
  /// between the two.
  Task<Ending> create_then_delete() {
    auto what = work_.intent("create");
    what.context[kDeposed] = change_.id.text();
    auto operation = co_await runtime_.begin(std::move(what));
    if (!operation) co_return operation.error();
    auto created = co_await create_object(work_, *operation, {});
    if (!created || created->status != Status::done) co_return created;
    co_return co_await delete_deposed(work_);
  }

  /// After a removal whose answer is unknown: whether the object is there no more.
  boost::asio::awaitable<bool> is_gone(Error error) {
    if (!error.outcome_unknown()) co_return false;
    auto session = runtime_.session();
    if (!session) co_return false;
    auto read = co_await type_.read(**session, change_.id);
    co_return !read && read.error().code == Errc::not_found;
  }

  // --- update, adopt ---

  Task<Ending> update(std::string action) {
    auto updated = co_await update_attributes(std::move(action));
    if (!updated || updated->status != Status::done) co_return updated;
    auto deleted = co_await delete_deposed(work_);
    if (!deleted || deleted->status != Status::done) co_return deleted;
    co_return co_await carry_out_secret_steps(runtime_, change_);
  }

  Task<Ending> update_attributes(std::string action) {
    if (!change_.attributes.empty()) co_return co_await update_object(std::move(action));
    if (!change_.released.empty()) co_return co_await release();
    co_return done();
  }

  Task<Ending> update_object(std::string action) {
    auto operation = co_await runtime_.begin(work_.intent(std::move(action)));
    if (!operation) co_return operation.error();
    auto session = runtime_.session();
    if (!session) co_return co_await runtime_.fail(*operation, session.error());
    auto planned = co_await work_.whole_to_send(**session);
    if (!planned) co_return co_await runtime_.fail(*operation, planned.error());
    Object changed;
    for (auto const& attribute : change_.attributes) {
      if (auto const* value = find(*planned, attribute.name)) changed[attribute.name] = *value;
    }
    auto updated = co_await type_.update(work_.around(**session), change_.id, std::move(*planned),
                                         std::move(changed));
    if (!updated && updated.error().outcome_unknown()) {
      auto const why = updated.error();
      updated = co_await look_for_update(why);
    }
    if (!updated) co_return co_await runtime_.fail(*operation, updated.error());
    co_return co_await updated_as(*operation, std::move(*updated));
  }

  /// An update whose answer is unknown is read back.
  Task<Updated> look_for_update(Error why) {
    // A secret that it made went with its answer: recovery lists it, and the next run replaces it.
    bool const made_secret =
        type_.creates_secret(change_.after) && !type_.creates_secret(change_.before);
    if (made_secret) co_return why;
    auto session = runtime_.session();
    if (!session) co_return why;
    auto read = co_await read_whole(type_, **session, change_.id);
    if (!read) co_return why;
    auto const live = plans::comparable(work_.schema(), read->attributes, runtime_.names());
    auto const wanted = work_.kept();
    for (auto const& attribute : change_.attributes) {
      auto const* before = find(live, attribute.name);
      auto const* after = find(wanted, attribute.name);
      if (after == nullptr) continue;
      if (before == nullptr || !plans::same_but_for_form(*after, *before)) {
        if (why.code == Errc::unavailable) why.code = Errc::rejected;
        co_return why;
      }
    }
    co_return Updated{read->attributes, std::nullopt};
  }

  Task<Ending> updated_as(std::int64_t operation, Updated updated) {
    auto row = work_.base_row();
    if (updated.secret) {
      auto delivered = co_await deliver_secret(runtime_, change_, *updated.secret);
      if (!delivered) {
        // The next run makes another one, and removes this.
        note_doubtful(row, updated.secret->hint);
        if (!updated.incomplete) updated.incomplete = delivered.error();
      } else {
        note_delivered(row, *updated.secret, place_of(runtime_, change_),
                       runtime_.context().clock.wall());
      }
    }
    row.id = change_.id;
    auto const answer = plans::comparable(work_.schema(), updated.attributes, runtime_.names());
    if (updated.incomplete) {
      co_return co_await work_.commit_part(operation, std::move(row), answer, *updated.incomplete);
    }
    co_return co_await work_.commit(operation, std::move(row), answer);
  }

  Task<Ending> adopt() {
    if (!change_.attributes.empty()) co_return co_await update("adopt");
    auto operation = co_await runtime_.begin(work_.intent("adopt"));
    if (!operation) co_return operation.error();
    auto row = work_.base_row();
    row.id = change_.id;
    co_return co_await work_.commit(*operation, std::move(row), change_.before);
  }

  // --- delete, release, forget ---

  Task<Ending> remove() {
    auto deposed = co_await delete_deposed(work_);
    if (!deposed || deposed->status != Status::done) co_return deposed;
    auto operation = co_await runtime_.begin(work_.intent("delete"));
    if (!operation) co_return operation.error();
    auto session = runtime_.session();
    if (!session) co_return co_await runtime_.fail(*operation, session.error());
    auto removed = co_await type_.remove(work_.around(**session), change_.id);
    if (!removed) {
      auto error = removed.error();
      auto const gone = co_await is_gone(error);
      if (!gone) co_return co_await runtime_.fail(*operation, std::move(error));
    }
    co_return co_await removed_from_state(*operation);
  }

  Task<Ending> removed_from_state(std::int64_t operation) {
    state::Outcome outcome;
    outcome.removals = {change_.address};
    auto committed = co_await runtime_.finish(operation, std::move(outcome));
    if (!committed) co_return committed.error();
    co_return done();
  }

  Task<Ending> release() {
    auto operation = co_await runtime_.begin(work_.intent("release"));
    if (!operation) co_return operation.error();
    auto row = work_.base_row();
    for (auto const& attribute : change_.released) {
      erase_path(row.applied, attribute.name);
      erase_path(row.observed, attribute.name);
      row.secrets.erase(attribute.name);
    }
    state::Outcome outcome;
    outcome.upsert = std::move(row);
    auto committed = co_await runtime_.finish(*operation, std::move(outcome));
    if (!committed) co_return committed.error();
    co_return done();
  }

  Task<Ending> forget() {
    auto operation = co_await runtime_.begin(work_.intent("forget"));
    if (!operation) co_return operation.error();
    co_return co_await removed_from_state(*operation);
  }

  ResourceChange work_;
  TenantRuntime& runtime_;
  Change const& change_;
  ResourceType const& type_;
};

}  // namespace

Task<Ending> execute_resource(TenantRuntime& runtime, Change const& change) {
  ResourceExecutor executor(runtime, change);
  co_return co_await executor.run();
}

}  // namespace tenantry::run
