#include "tests/simulation/simulated_store.hpp"

#include <fmt/format.h>

#include "state/counters.hpp"
#include "state/journal.hpp"

namespace tenantry::simulation {
namespace asio = boost::asio;
namespace journal = state::journal;
using namespace std::chrono_literals;
namespace {

using Locks = std::map<std::string, Lifeline const*>;

class Lock final : public state::TenantLock {
 public:
  Lock(Locks& locks, std::string tenant, Lifeline const& holder)
      : locks_(locks), tenant_(std::move(tenant)), holder_(holder) {
    locks_[tenant_] = &holder_;
  }
  ~Lock() override {
    // Of a process that was killed, another one may have it by now.
    auto const found = locks_.find(tenant_);
    if (found != locks_.end() && found->second == &holder_) locks_.erase(found);
  }

 private:
  Locks& locks_;
  std::string tenant_;
  Lifeline const& holder_;
};

Error dead() { return {Errc::io, "the process has ended"}; }

}  // namespace

asio::awaitable<void> SimulatedStore::turn(std::chrono::microseconds takes) {
  free_at_ = std::max(free_at_, clock_.steady()) + takes;
  co_await clock_.sleep(free_at_ - clock_.steady());
}

Task<void> SimulatedStore::write(std::string what, Work work) {
  auto const takes = dice_.time_between(100us, 3ms);
  bool const refused = dice_.chance(rates_.commit_refused);
  co_await turn(takes);
  if (lifeline_.step("before the commit of " + what)) co_return dead();
  if (refused) {
    trace_.add("disk full: " + what);
    co_return Error(Errc::io, "the disk is full");
  }
  {
    auto transaction =
        state::Transaction::begin(disk_.connection(), state::Transaction::Kind::write);
    if (!transaction) co_return transaction.error();
    auto done = work(disk_.connection());
    if (done) done = transaction->commit();
    if (!done) co_return done.error();
  }
  trace_.add("commit: " + what);
  if (lifeline_.step("after the commit of " + what)) co_return dead();
  co_return Result<void>();
}

Task<std::vector<std::string>> SimulatedStore::tenants() {
  co_await turn(50us);
  co_return journal::tenants(disk_.connection());
}

Task<state::TenantState> SimulatedStore::load(std::string tenant) {
  co_await turn(50us);
  co_return journal::load(disk_.connection(), tenant);
}

Task<std::vector<state::HistoryEntry>> SimulatedStore::history(std::string tenant,
                                                               std::size_t entries_max) {
  co_await turn(50us);
  co_return journal::history(disk_.connection(), tenant, entries_max);
}

Task<std::unique_ptr<state::TenantLock>> SimulatedStore::lock(std::string tenant,
                                                              state::LockOwner owner,
                                                              std::chrono::milliseconds timeout) {
  (void)owner;
  auto const deadline = clock_.steady() + timeout;
  co_await turn(50us);
  while (true) {
    if (lifeline_.dead()) co_return dead();
    auto const found = disk_.locks().find(tenant);
    // A lock ends with its process, whatever is left of that here.
    if (found == disk_.locks().end() || found->second->dead()) break;
    if (clock_.steady() >= deadline) {
      co_return Error(Errc::locked, tenant + " is locked by another process");
    }
    co_await clock_.sleep(50ms);
  }
  co_return std::make_unique<Lock>(disk_.locks(), std::move(tenant), lifeline_);
}

Task<void> SimulatedStore::begin_run(state::Run run) {
  co_return co_await write("run " + run.id,
                           [run](state::Connection& db) { return journal::begin_run(db, run); });
}

Task<std::int64_t> SimulatedStore::begin(state::Intent intent) {
  if (plant_ == Plant::no_intent || plant_ == Plant::outcome_before_call) {
    co_return co_await begin_planted(std::move(intent));
  }
  auto const what = fmt::format("intent {} {}", intent.action, intent.address.text());
  std::int64_t number = 0;
  auto written = co_await write(what, [&](state::Connection& db) -> Result<void> {
    auto const begun = journal::begin(db, intent);
    if (!begun) return begun.error();
    number = *begun;
    return {};
  });
  if (!written) co_return written.error();
  co_return number;
}

Task<void> SimulatedStore::finish(std::int64_t operation, state::Outcome outcome) {
  if (plant_ != Plant::none) co_return co_await finish_planted(operation, std::move(outcome));
  auto const now = format_time(clock_.wall());
  co_return co_await write(fmt::format("outcome of {}", operation), [&](state::Connection& db) {
    return journal::finish(db, operation, outcome, now);
  });
}

Task<void> SimulatedStore::put(std::string tenant, std::vector<state::ResourceRecord> upserts,
                               std::vector<Address> removals) {
  co_return co_await write("rows of " + tenant, [&](state::Connection& db) {
    return journal::put(db, tenant, upserts, removals);
  });
}

Task<void> SimulatedStore::move(std::vector<state::Intent> intents,
                                std::vector<state::ResourceRecord> upserts,
                                std::vector<Address> removals) {
  auto const now = format_time(clock_.wall());
  co_return co_await write("a move", [&](state::Connection& db) {
    return journal::move(db, intents, upserts, removals, now);
  });
}

Task<void> SimulatedStore::mark_applied(std::string tenant, std::string config_digest,
                                        std::string applied_at) {
  co_return co_await write("end of " + tenant, [&](state::Connection& db) {
    return journal::mark_applied(db, tenant, config_digest, applied_at);
  });
}

Task<std::int64_t> SimulatedStore::contribute(state::Contribution contribution) {
  auto const now = clock_.wall();
  std::int64_t sum = 0;
  auto written = co_await write("share of " + contribution.counter,
                                [&](state::Connection& db) -> Result<void> {
                                  auto const total = state::contribute(db, contribution, now);
                                  if (!total) return total.error();
                                  sum = *total;
                                  return {};
                                });
  if (!written) co_return written.error();
  co_return sum;
}

Task<std::map<std::string, std::int64_t>> SimulatedStore::contributions(std::string group,
                                                                        std::string counter) {
  co_await turn(50us);
  co_return state::contributions(disk_.connection(), group, counter);
}

// --- planted bugs ---

Task<std::int64_t> SimulatedStore::begin_planted(state::Intent intent) {
  auto const number = static_cast<std::int64_t>(1'000'000 + planted_.size());
  if (plant_ == Plant::outcome_before_call) {
    auto const now = format_time(clock_.wall());
    state::Outcome early;
    if (intent.action == "delete") early.removals = {intent.address};
    auto written = co_await write("early outcome", [&](state::Connection& db) -> Result<void> {
      auto const begun = journal::begin(db, intent);
      if (!begun) return begun.error();
      return journal::finish(db, *begun, early, now);
    });
    if (!written) co_return written.error();
  }
  planted_.emplace(number, std::move(intent));
  co_return number;
}

Task<void> SimulatedStore::finish_planted(std::int64_t operation, state::Outcome outcome) {
  auto const now = format_time(clock_.wall());
  auto const known = planted_.find(operation);
  std::vector<state::ResourceRecord> upserts;
  if (outcome.upsert) upserts.push_back(*outcome.upsert);
  if (plant_ == Plant::split_outcome || known == planted_.end()) {
    auto const removals = std::exchange(outcome.removals, {});
    outcome.upsert.reset();
    std::string tenant;
    if (!upserts.empty()) tenant = upserts.front().address.tenant;
    if (!removals.empty()) tenant = removals.front().tenant;
    auto ended = co_await write("bare outcome", [&](state::Connection& db) {
      return journal::finish(db, operation, outcome, now);
    });
    if (!ended || tenant.empty()) co_return ended;
    co_return co_await put(tenant, std::move(upserts), removals);
  }
  auto const intent = known->second;
  if (plant_ == Plant::outcome_before_call) {
    co_return co_await put(intent.address.tenant, std::move(upserts), outcome.removals);
  }
  co_return co_await write("late intent", [&](state::Connection& db) -> Result<void> {
    auto const begun = journal::begin(db, intent);
    if (!begun) return begun.error();
    return journal::finish(db, *begun, outcome, now);
  });
}

}  // namespace tenantry::simulation
