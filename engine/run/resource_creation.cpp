#include "engine/run/resource_creation.hpp"

#include <fmt/format.h>

#include "engine/core/text.hpp"
#include "engine/run/deposed_objects.hpp"
#include "engine/run/recovery.hpp"
#include "engine/run/secret_delivery.hpp"
#include "engine/run/secret_record.hpp"

namespace tenantry::run {
using plans::Action;
namespace {

class Creation {
 public:
  Creation(ResourceChange& work, std::int64_t operation, std::vector<Address> removals)
      : work_(work), operation_(operation), removals_(std::move(removals)) {}

  Task<Ending> run() {
    auto session = work_.runtime().session();
    if (!session) co_return co_await work_.runtime().fail(operation_, session.error());
    auto planned = co_await work_.whole_to_send(**session);
    if (!planned) co_return co_await work_.runtime().fail(operation_, planned.error());
    auto created = co_await work_.type().create(work_.around(**session), std::move(*planned));
    if (!created && created.error().outcome_unknown()) {
      auto const why = created.error();
      created = co_await look_for_created(why);
    }
    if (!created) co_return co_await create_failed(created.error());
    co_return co_await created_as(std::move(*created));
  }

 private:
  Task<Ending> create_failed(Error error) {
    if (error.code == Errc::unavailable && not_listed_) {
      // The server failed, and what it should have made is not listed: not done, as far as one can
      // see. But a list may lag, so the intent stays open, and the next run looks again.
      co_return failed(std::move(error));
    }
    if (removals_.empty() || error.outcome_unknown()) {
      co_return co_await work_.runtime().fail(operation_, std::move(error));
    }
    state::Outcome outcome;  // the old object of a replace is gone, and must not stay in state
    outcome.status = state::OutcomeStatus::failed;
    outcome.removals = std::move(removals_);
    outcome.error = describe(error);
    auto committed = co_await work_.runtime().finish(operation_, std::move(outcome));
    if (!committed) co_return committed.error();
    co_return failed(std::move(error));
  }

  /// A create that may have been done is looked up, never repeated: there, it was done; not there,
  /// it failed.
  Task<Created> look_for_created(Error why) {
    auto session = work_.runtime().session();
    if (!session) co_return why;
    auto live = co_await work_.type().list(**session);
    if (!live) co_return why;
    auto found = find_created(work_.schema(), work_.intent("create"), *live,
                              work_.runtime().state(), work_.runtime().names());
    if (!found) co_return found.error();
    if (*found == nullptr) {
      not_listed_ = true;
      co_return why;
    }
    Created out{**found};
    if (work_.type().has_detail()) {
      auto whole = co_await work_.type().detail(**session, out.object);
      if (!whole) co_return why;
      out.object = std::move(*whole);
    }
    if (auto left = left_undone(out.object); !left.empty()) {
      out.incomplete = Error(why.code == Errc::unavailable ? Errc::rejected : why.code,
                             fmt::format("created as {}, but not all was done ({}): {}",
                                         out.object.id.text(), join_words(left), describe(why)),
                             "run again: the next run goes on from there");
    }
    if (work_.type().creates_secret(work_.change().after) &&
        find(work_.change().meta, "deliverSecret") != nullptr) {
      auto secret = co_await work_.type().renew_secret(work_.around(**session), out.object.id);
      if (!secret) co_return why;  // stays open: the next run renews the secret
      out.secret = std::move(*secret);
    }
    co_return out;
  }

  /// Attributes of which `live` does not show that they are as wanted.
  std::vector<std::string> left_undone(RemoteObject const& live) const {
    auto const wanted = work_.kept();
    auto const shape = plans::comparable(work_.schema(), live.attributes, work_.runtime().names());
    auto const row =
        plans::record_after_part(work_.schema(), {}, wanted, shape, work_.change().parts);
    std::vector<std::string> names;
    for (auto const& member : wanted) {
      auto const* attribute = work_.schema().find(member.key());
      bool const compares = attribute != nullptr && attribute->use != Use::computed &&
                            attribute->use != Use::meta && !member.value().is_null() &&
                            !plans::is_secret(*attribute);
      if (compares && !row.applied.contains(member.key())) names.emplace_back(member.key());
    }
    return names;
  }

  Task<Ending> created_as(Created created) {
    if (created.secret) {
      auto delivered = co_await deliver_secret(work_.runtime(), work_.change(), *created.secret);
      if (!delivered) {
        auto error = delivered.error();
        error.message = fmt::format("created as {}, but its secret could not be delivered: {}",
                                    created.object.id.text(), error.message);
        error.hint = "mend it and run again: the next run makes a new secret and delivers that";
        co_return failed(std::move(error));  // the intent stays open, so that the next run does
      }
    }
    auto row = work_.base_row();
    bool const follows =
        work_.change().action == Action::replace && work_.type().creates_before_delete();
    if (follows) depose(row, work_.change().id);
    keep(SecretRecord(), row);  // of the object that this one replaces
    if (created.secret) {
      note_delivered(row, *created.secret, place_of(work_.runtime(), work_.change()),
                     work_.runtime().context().clock.wall());
    }
    row.id = created.object.id;
    row.applied = {};
    row.observed = {};
    auto const answer =
        plans::comparable(work_.schema(), created.object.attributes, work_.runtime().names());
    if (created.incomplete) {
      co_return co_await work_.commit_part(operation_, std::move(row), answer, *created.incomplete);
    }
    co_return co_await work_.commit(operation_, std::move(row), answer);
  }

  ResourceChange& work_;
  std::int64_t operation_;
  std::vector<Address> removals_;
  bool not_listed_ = false;  ///< after an answer that leaves doubt: looked for, and not found
};

}  // namespace

Task<Ending> create_object(ResourceChange& work, std::int64_t operation,
                           std::vector<Address> removals) {
  Creation creation(work, operation, std::move(removals));
  co_return co_await creation.run();
}

}  // namespace tenantry::run
