#include "engine/run/resource_executor.hpp"

#include <fmt/format.h>

#include "engine/core/text.hpp"
#include "engine/run/declared_files.hpp"
#include "engine/run/recovery.hpp"
#include "engine/run/resource_planner.hpp"
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
      : runtime_(runtime),
        change_(change),
        type_(*runtime.context().provider.find(change.address.section)),
        schema_(type_.schema()),
        files_(declared(), change.after) {}

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
  state::ResourceRecord base_row() const {
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

  /// What is wanted, for journal and row. A secret is in it by the name of its variable, or
  /// withheld.
  Object kept() const { return runtime_.with_tenant(change_.after); }

  /// As the configuration has it now; null when it is no longer declared.
  DesiredResource const* declared() const {
    if (runtime_.declared() == nullptr) return nullptr;
    auto const& all = runtime_.declared()->resources;
    auto const found = std::ranges::find(all, change_.address, &DesiredResource::address);
    return found == all.end() ? nullptr : &*found;
  }

  /// Everything that is wanted, with secrets: those that variables hold, and those that the YAML
  /// holds literally, which no plan carries.
  Result<Object> to_send() const {
    auto after = change_.after;
    if (runtime_.declared() != nullptr) {
      auto const* written = declared();
      auto restored =
          plans::restore_withheld(after, written != nullptr ? written->attributes : Object());
      if (!restored) return restored.error();
    }
    return runtime_.to_send(after);
  }

  /// to_send() once everything that it needs is known: ids of what it refers to, and the live lists
  /// of what a new tenant has from the start, of which only some elements are ours.
  Task<Object> whole_to_send(Session& session) {
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
  Task<Object> join_parts(Session& session, Object planned) {
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

  Task<RemoteObject> find_live(Session& session, std::string key) {
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

  Operation around(Session& session) {
    return {.session = session,
            .references = runtime_.names(),
            .files = &files_,
            .meta = runtime_.with_tenant(change_.meta),
            .progress = [this](std::string const& text) {
              runtime_.context().observer.change_progress(change_, text);
            }};
  }

  state::Intent intent(std::string action) const {
    auto out = runtime_.intent(change_, std::move(action));
    out.planned = kept();
    out.natural_key = natural_key(schema_, out.planned);
    if (auto sink = sink_of(runtime_, change_)) out.context["deliverSecret"] = std::move(*sink);
    return out;
  }

  // --- create ---

  Task<Ending> create() {
    auto operation = co_await runtime_.begin(intent("create"));
    if (!operation) co_return operation.error();
    co_return co_await create_within(*operation, {});
  }

  /// `removals`: rows that go in the same transaction (the old object of a replace).
  Task<Ending> create_within(std::int64_t operation, std::vector<Address> removals) {
    auto session = runtime_.session();
    if (!session) co_return co_await runtime_.fail(operation, session.error());
    auto planned = co_await whole_to_send(**session);
    if (!planned) co_return co_await runtime_.fail(operation, planned.error());
    auto created = co_await type_.create(around(**session), std::move(*planned));
    if (!created && created.error().outcome_unknown()) {
      auto const why = created.error();
      created = co_await look_for_created(why);
    }
    if (!created) co_return co_await create_failed(operation, created.error(), std::move(removals));
    co_return co_await created_as(operation, std::move(*created));
  }

  Task<Ending> create_failed(std::int64_t operation, Error error, std::vector<Address> removals) {
    if (removals.empty() || error.outcome_unknown()) {
      co_return co_await runtime_.fail(operation, std::move(error));
    }
    state::Outcome outcome;  // the old object of a replace is gone, and must not stay in state
    outcome.status = state::OutcomeStatus::failed;
    outcome.removals = std::move(removals);
    outcome.error = describe(error);
    auto committed = co_await runtime_.finish(operation, std::move(outcome));
    if (!committed) co_return committed.error();
    co_return failed(std::move(error));
  }

  /// A create that may have been done is looked up, never repeated: there, it was done; not there,
  /// it failed.
  Task<Created> look_for_created(Error why) {
    auto session = runtime_.session();
    if (!session) co_return why;
    auto live = co_await type_.list(**session);
    if (!live) co_return why;
    auto found = find_created(schema_, intent("create"), *live, runtime_.state(), runtime_.names());
    if (!found) co_return found.error();
    if (*found == nullptr) {
      // The server answered and the object is not there: this is a failure, not a doubt.
      if (why.code == Errc::unavailable) why.code = Errc::rejected;
      co_return why;
    }
    Created out{**found};
    if (type_.has_detail()) {
      auto whole = co_await type_.detail(**session, out.object);
      if (!whole) co_return why;
      out.object = std::move(*whole);
    }
    if (auto left = left_undone(out.object); !left.empty()) {
      out.incomplete = Error(why.code == Errc::unavailable ? Errc::rejected : why.code,
                             fmt::format("created as {}, but not all was done ({}): {}",
                                         out.object.id.text(), join_words(left), describe(why)),
                             "run again: the next run goes on from there");
    }
    if (type_.creates_secret(change_.after) && find(change_.meta, "deliverSecret") != nullptr) {
      auto secret = co_await type_.renew_secret(around(**session), out.object.id);
      if (!secret) co_return why;  // stays open: the next run renews the secret
      out.secret = std::move(*secret);
    }
    co_return out;
  }

  /// Attributes of which `live` does not show that they are as wanted.
  std::vector<std::string> left_undone(RemoteObject const& live) const {
    auto const wanted = kept();
    auto const shape = plans::comparable(schema_, live.attributes, runtime_.names());
    auto const row = plans::record_after_part(schema_, {}, wanted, shape, change_.parts);
    std::vector<std::string> names;
    for (auto const& member : wanted) {
      auto const* attribute = schema_.find(member.key());
      bool const compares = attribute != nullptr && attribute->use != Use::computed &&
                            attribute->use != Use::meta && !member.value().is_null() &&
                            !plans::is_secret(*attribute);
      if (compares && !row.applied.contains(member.key())) names.emplace_back(member.key());
    }
    return names;
  }

  Task<Ending> created_as(std::int64_t operation, Created created) {
    if (created.secret) {
      auto delivered = co_await deliver_secret(runtime_, change_, *created.secret);
      if (!delivered) {
        auto error = delivered.error();
        error.message = fmt::format("created as {}, but its secret could not be delivered: {}",
                                    created.object.id.text(), error.message);
        error.hint = "mend it and run again: the next run makes a new secret and delivers that";
        co_return failed(std::move(error));  // the intent stays open, so that the next run does
      }
    }
    auto row = base_row();
    bool const follows = change_.action == Action::replace && type_.creates_before_delete();
    if (follows) depose(row, change_.id);
    keep(SecretRecord(), row);  // of the object that this one replaces
    if (created.secret) note_delivered(row, *created.secret, runtime_.context().clock.wall());
    row.id = created.object.id;
    row.applied = {};
    row.observed = {};
    auto const answer = plans::comparable(schema_, created.object.attributes, runtime_.names());
    if (created.incomplete) {
      co_return co_await commit_part(operation, std::move(row), answer, *created.incomplete);
    }
    co_return co_await commit(operation, std::move(row), answer);
  }

  /// Stores what was done of a change whose later step failed.
  Task<Ending> commit_part(std::int64_t operation, state::ResourceRecord row, Object answer,
                           Error why) {
    state::Outcome outcome;
    outcome.error = describe(why);
    outcome.upsert =
        plans::record_after_part(schema_, std::move(row), kept(), answer, change_.parts);
    auto committed = co_await runtime_.finish(operation, std::move(outcome));
    if (!committed) co_return committed.error();
    co_return failed(std::move(why));
  }

  /// Stores the row; a server that changed a value makes the change a failure, but loses no id.
  Task<Ending> commit(std::int64_t operation, state::ResourceRecord row, Object answer) {
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

  // --- replace ---

  Task<Ending> replace() {
    if (type_.creates_before_delete()) co_return co_await create_then_delete();
    auto operation = co_await runtime_.begin(intent("replace"));
    if (!operation) co_return operation.error();
    auto session = runtime_.session();
    if (!session) co_return co_await runtime_.fail(*operation, session.error());
    auto removed = co_await type_.remove(around(**session), change_.id);
    if (!removed) {
      auto error = removed.error();
      auto const gone = co_await is_gone(error);
      if (!gone) co_return co_await runtime_.fail(*operation, std::move(error));
    }
    co_return co_await create_within(*operation, {change_.address});
  }

  /// The new object first; the row remembers the old one until it is gone, so that nothing is lost
  /// between the two.
  Task<Ending> create_then_delete() {
    auto what = intent("create");
    what.context[kDeposed] = change_.id.text();
    auto operation = co_await runtime_.begin(std::move(what));
    if (!operation) co_return operation.error();
    auto created = co_await create_within(*operation, {});
    if (!created || created->status != Status::done) co_return created;
    co_return co_await delete_deposed();
  }

  static void depose(state::ResourceRecord& row, RemoteId const& id) {
    auto ids = deposed_of(row);
    ids.push_back(id);
    keep_deposed(row, ids);
  }

  /// Deletes the objects that replaces put another one in place of, the latest first.
  Task<Ending> delete_deposed() {
    while (true) {
      auto const* row = runtime_.state().find(change_.address);
      auto const ids = row != nullptr ? deposed_of(*row) : std::vector<RemoteId>();
      if (ids.empty()) co_return done();
      auto ended = co_await delete_one_deposed(ids.back());
      if (!ended || ended->status != Status::done) co_return ended;
    }
  }

  Task<Ending> delete_one_deposed(RemoteId old) {
    auto what = intent("delete");
    what.id = old;
    what.context[kDeposed] = old.text();
    auto operation = co_await runtime_.begin(std::move(what));
    if (!operation) co_return operation.error();
    auto session = runtime_.session();
    if (!session) co_return co_await runtime_.fail(*operation, session.error());
    auto removed = co_await type_.remove(around(**session), old);
    if (!removed) co_return co_await runtime_.fail(*operation, removed.error());
    state::Outcome outcome;
    outcome.upsert = *runtime_.state().find(change_.address);
    auto left = deposed_of(*outcome.upsert);
    std::erase(left, old);
    keep_deposed(*outcome.upsert, left);
    auto committed = co_await runtime_.finish(*operation, std::move(outcome));
    if (!committed) co_return committed.error();
    co_return done();
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
    auto deleted = co_await delete_deposed();
    if (!deleted || deleted->status != Status::done) co_return deleted;
    co_return co_await carry_out_secret_steps(runtime_, change_);
  }

  Task<Ending> update_attributes(std::string action) {
    if (!change_.attributes.empty()) co_return co_await update_object(std::move(action));
    if (!change_.released.empty()) co_return co_await release();
    co_return done();
  }

  Task<Ending> update_object(std::string action) {
    auto operation = co_await runtime_.begin(intent(std::move(action)));
    if (!operation) co_return operation.error();
    auto session = runtime_.session();
    if (!session) co_return co_await runtime_.fail(*operation, session.error());
    auto planned = co_await whole_to_send(**session);
    if (!planned) co_return co_await runtime_.fail(*operation, planned.error());
    Object changed;
    for (auto const& attribute : change_.attributes) {
      if (auto const* value = find(*planned, attribute.name)) changed[attribute.name] = *value;
    }
    auto updated = co_await type_.update(around(**session), change_.id, std::move(*planned),
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
    auto session = runtime_.session();
    if (!session) co_return why;
    auto read = co_await read_whole(type_, **session, change_.id);
    if (!read) co_return why;
    auto const live = plans::comparable(schema_, read->attributes, runtime_.names());
    auto const wanted = kept();
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
    auto row = base_row();
    if (updated.secret) {
      auto delivered = co_await deliver_secret(runtime_, change_, *updated.secret);
      if (!delivered) {
        // The next run makes another one, and removes this.
        note_doubtful(row, updated.secret->hint);
        if (!updated.incomplete) updated.incomplete = delivered.error();
      } else {
        note_delivered(row, *updated.secret, runtime_.context().clock.wall());
      }
    }
    row.id = change_.id;
    auto const answer = plans::comparable(schema_, updated.attributes, runtime_.names());
    if (updated.incomplete) {
      co_return co_await commit_part(operation, std::move(row), answer, *updated.incomplete);
    }
    co_return co_await commit(operation, std::move(row), answer);
  }

  Task<Ending> adopt() {
    if (!change_.attributes.empty()) co_return co_await update("adopt");
    auto operation = co_await runtime_.begin(intent("adopt"));
    if (!operation) co_return operation.error();
    auto row = base_row();
    row.id = change_.id;
    co_return co_await commit(*operation, std::move(row), change_.before);
  }

  // --- delete, release, forget ---

  Task<Ending> remove() {
    auto deposed = co_await delete_deposed();
    if (!deposed || deposed->status != Status::done) co_return deposed;
    auto operation = co_await runtime_.begin(intent("delete"));
    if (!operation) co_return operation.error();
    auto session = runtime_.session();
    if (!session) co_return co_await runtime_.fail(*operation, session.error());
    auto removed = co_await type_.remove(around(**session), change_.id);
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
    auto operation = co_await runtime_.begin(intent("release"));
    if (!operation) co_return operation.error();
    auto row = base_row();
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
    auto operation = co_await runtime_.begin(intent("forget"));
    if (!operation) co_return operation.error();
    co_return co_await removed_from_state(*operation);
  }

  TenantRuntime& runtime_;
  Change const& change_;
  ResourceType const& type_;
  Schema const& schema_;
  DeclaredFiles files_;
};

}  // namespace

Task<Ending> execute_resource(TenantRuntime& runtime, Change const& change) {
  ResourceExecutor executor(runtime, change);
  co_return co_await executor.run();
}

}  // namespace tenantry::run
