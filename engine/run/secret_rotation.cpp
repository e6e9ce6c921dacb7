#include "engine/run/secret_rotation.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "engine/core/text.hpp"
#include "engine/run/secret_delivery.hpp"
#include "engine/run/secret_plan.hpp"

namespace tenantry::run {
using plans::Change;
namespace {

/// Longer than a request to make a secret can take, its waits included. What somebody else made
/// later is not taken for ours.
constexpr std::chrono::minutes kMadeWithin{15};

bool holds(SecretList const& list, std::string_view hint) {
  return std::ranges::find(list.secrets, hint, &SecretMark::hint) != list.secrets.end();
}

class Rotation {
 public:
  Rotation(TenantRuntime& runtime, Change const& change)
      : runtime_(runtime),
        change_(change),
        type_(*runtime.context().provider.find(change.address.section)) {}

  Task<Ending> run() {
    auto const steps = secret_steps(change_);
    // First those that are due already: a client holds only so many.
    for (auto const& hint : steps.retire) {
      auto retired = co_await retire(hint);
      if (!retired || retired->status != Status::done) co_return retired;
    }
    if (!steps.rotate) co_return done();
    auto rotated = co_await rotate();
    if (!rotated || rotated->status != Status::done) co_return rotated;
    co_return co_await retire_due();
  }

 private:
  Operation around(Session& session) const {
    return {.session = session, .references = runtime_.names()};
  }

  state::ResourceRecord row() const { return *runtime_.state().find(change_.address); }

  state::Intent intent(std::string action) const {
    auto out = runtime_.intent(change_, std::move(action));
    out.before = {};  // the attributes stay as they are
    out.planned = {};
    return out;
  }

  Task<Ending> rotate() {
    auto session = runtime_.session();
    if (!session) co_return failed(session.error());
    auto before = co_await type_.list_secrets(**session, change_.id);
    if (!before) co_return failed(before.error());
    auto what = intent("rotate");
    Array hints;
    for (auto const& secret : before->secrets) hints.emplace_back(secret.hint);
    what.context["secretsBefore"] = std::move(hints);
    what.context["listedAt"] =
        before->server_time ? format_time(*before->server_time) : runtime_.now();
    auto operation = co_await runtime_.begin(std::move(what));
    if (!operation) co_return operation.error();
    auto secret = co_await type_.add_secret(around(**session), change_.id);
    if (!secret) co_return co_await runtime_.fail(*operation, secret.error());
    auto delivered = co_await deliver_secret(runtime_, change_, *secret);
    if (!delivered) {
      co_return co_await not_delivered(**session, *operation, secret->hint, delivered.error());
    }
    state::Outcome outcome;
    outcome.upsert = rotated(*before, *secret);
    co_return co_await commit(*operation, std::move(outcome), done());
  }

  /// The row with the new secret as the current one.
  state::ResourceRecord rotated(SecretList const& before, DeliverableSecret const& secret) const {
    auto out = row();
    auto const prior = secret_record(out);
    note_delivered(out, secret, place_of(runtime_, change_), runtime_.context().clock.wall());
    auto record = secret_record(out);
    auto replaced = prior.hint;
    // That of an adopted object is known where it is the only one.
    bool const unknown = replaced.empty() && prior.old.empty() && prior.doubtful.empty();
    if (unknown && before.secrets.size() == 1) replaced = before.secrets.front().hint;
    if (!replaced.empty() && holds(before, replaced)) {
      auto const made = parse_time(record.made_at);
      auto const after = days_of(change_.meta, kRetireAfter).value_or(std::chrono::days(0));
      record.old.push_back(
          {std::move(replaced), made ? format_time(*made + after) : std::string()});
    }
    keep(record, out);
    return out;
  }

  Task<Ending> not_delivered(Session& session, std::int64_t operation, std::string hint,
                             Error error) {
    std::string left;
    if (!error.outcome_unknown()) {
      auto removed = co_await type_.remove_secret(around(session), change_.id, hint);
      if (!removed) left = ", but could not be removed";
    } else {
      left = ", or its arrival is not known";
    }
    state::Outcome outcome;
    outcome.status = state::OutcomeStatus::failed;
    if (!left.empty()) {
      outcome.upsert = row();
      note_doubtful(*outcome.upsert, hint);
    }
    error.message = fmt::format("the new secret was not delivered{}{}: {}",
                                left.empty() ? " and is removed again" : "", left, error.message);
    error.hint += error.hint.empty() ? "" : "; ";
    error.hint += "the old secret stays valid, and the next run makes a new one";
    outcome.error = describe(error);
    co_return co_await commit(operation, std::move(outcome), failed(std::move(error)));
  }

  Task<Ending> commit(std::int64_t operation, state::Outcome outcome, Ending ending) {
    auto committed = co_await runtime_.finish(operation, std::move(outcome));
    if (!committed) co_return committed.error();
    co_return ending;
  }

  /// After a rotation, whose secret's birth is the present time by the server's clock.
  Task<Ending> retire_due() {
    auto const record = secret_record(row());
    auto const now = parse_time(record.made_at);
    auto due = record.doubtful;
    for (auto const& old : record.old) {
      auto const at = parse_time(old.retire_at);
      if (!at || !now || *at <= *now) due.push_back(old.hint);
    }
    for (auto const& hint : due) {
      auto retired = co_await retire(hint);
      if (!retired || retired->status != Status::done) co_return retired;
    }
    co_return done();
  }

  Task<Ending> retire(std::string hint) {
    auto what = intent("retire");
    what.context["secret"] = hint;
    auto operation = co_await runtime_.begin(std::move(what));
    if (!operation) co_return operation.error();
    auto session = runtime_.session();
    if (!session) co_return co_await runtime_.fail(*operation, session.error());
    auto removed = co_await type_.remove_secret(around(**session), change_.id, hint);
    if (!removed) co_return co_await runtime_.fail(*operation, removed.error());
    state::Outcome outcome;
    outcome.upsert = row();
    note_removed(*outcome.upsert, hint);
    co_return co_await commit(*operation, std::move(outcome), done());
  }

  TenantRuntime& runtime_;
  Change const& change_;
  ResourceType const& type_;
};

}  // namespace

Task<Ending> carry_out_secret_steps(TenantRuntime& runtime, Change const& change) {
  if (!secret_steps(change).any()) co_return done();
  Rotation rotation(runtime, change);
  co_return co_await rotation.run();
}

Task<std::optional<state::ResourceRecord>> row_after_rotation(ResourceType const& type,
                                                              Session& session,
                                                              state::Intent intent,
                                                              state::ResourceRecord row) {
  auto const listed = co_await type.list_secrets(session, intent.id);
  if (!listed) co_return listed.error();
  std::vector<std::string> before;
  if (auto const* hints = find(intent.context, "secretsBefore"); hints && hints->is_array()) {
    for (auto const& hint : hints->get_array()) {
      if (auto const* text = hint.if_string()) before.emplace_back(std::string_view(*text));
    }
  }
  auto const since = parse_time(text_at(intent.context, "listedAt"));
  std::optional<state::ResourceRecord> out;
  for (auto const& secret : listed->secrets) {
    if (std::ranges::find(before, secret.hint) != before.end()) continue;
    auto const made = parse_time(secret.made_at);
    if (made && since && *made > *since + kMadeWithin) continue;
    if (!out) out = row;
    note_doubtful(*out, secret.hint);
  }
  co_return out;
}

}  // namespace tenantry::run
