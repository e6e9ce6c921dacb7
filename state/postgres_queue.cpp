#include "state/postgres_queue.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <future>

namespace tenantry::state {
namespace asio = boost::asio;
namespace {

/// Each costs a new connection, or is a deadlock that the server has dissolved.
constexpr int kRepeatsMax = 10;

}  // namespace

PostgresQueue::PostgresQueue(asio::any_io_executor executor, PostgresConnection connection,
                             PostgresDsn dsn, PostgresOptions options, std::string lineage,
                             std::string id)
    : executor_(std::move(executor)),
      session_(std::move(connection), std::move(dsn), options, std::move(lineage), std::move(id),
               [this](std::chrono::milliseconds wait) { return pause(wait); }),
      wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      thread_([this] { serve(); }) {
  ensure(wake_ >= 0, "the system has a file descriptor left");
}

PostgresQueue::~PostgresQueue() {
  {
    std::lock_guard const lock(mutex_);
    hurrying_ = ending_ = true;
  }
  wake();
  thread_.join();
  ::close(wake_);
}

void PostgresQueue::finish() {
  {
    std::lock_guard const lock(mutex_);
    hurrying_ = true;
  }
  std::promise<void> reached;
  push({Kind::unlock, {}, [&reached](Result<void>) { reached.set_value(); }});
  reached.get_future().wait();
}

Task<void> PostgresQueue::submit(Kind kind, PostgresWork<void> work) {
  return until_completed(
      executor_,
      [this, job = std::make_shared<Job>(Job{kind, std::move(work), {}})](Completion done) {
        job->done = std::move(done);
        push(std::move(*job));
      });
}

Task<bool> PostgresQueue::try_lock(std::string tenant, LockOwner owner) {
  auto taken = std::make_shared<bool>(false);
  auto job = std::make_shared<Job>();
  job->kind = Kind::lock;
  job->work.tenants.push_back(std::move(tenant));
  job->owner = std::move(owner);
  job->taken = taken;
  auto start = [this, job](Completion done) {
    job->done = std::move(done);
    push(std::move(*job));
  };
  auto done = co_await until_completed(executor_, std::move(start));
  if (!done) co_return done.error();
  co_return *taken;
}

void PostgresQueue::unlock(std::string tenant) {
  Job job;
  job.kind = Kind::unlock;
  job.work.tenants.push_back(std::move(tenant));
  push(std::move(job));
}

void PostgresQueue::push(Job job) {
  {
    std::lock_guard const lock(mutex_);
    queue_.push_back(std::move(job));
  }
  wake();
}

void PostgresQueue::wake() const {
  std::uint64_t const one = 1;
  (void)!::write(wake_, &one, sizeof one);
}

bool PostgresQueue::is_hurrying() {
  std::lock_guard const lock(mutex_);
  return hurrying_;
}

bool PostgresQueue::pause(std::chrono::milliseconds wait) {
  if (is_hurrying()) return true;
  pollfd news{wake_, POLLIN, 0};
  if (session_.stop().poll(std::span(&news, 1), wait) > 0) {
    std::uint64_t count = 0;
    (void)!::read(wake_, &count, sizeof count);
  }
  return is_hurrying() || session_.stop().is_over();
}

void PostgresQueue::wait_for_work() {
  constexpr int kLookAgainMs = 2'000;
  while (true) {
    {
      std::lock_guard const lock(mutex_);
      if (ending_ || !queue_.empty()) return;
    }
    bool const lost = session_.connection().is_lost();
    pollfd news[2] = {{wake_, POLLIN, 0}, {lost ? -1 : session_.connection().socket(), POLLIN, 0}};
    if (::poll(news, 2, lost ? kLookAgainMs : -1) > 0 && news[0].revents != 0) {
      std::uint64_t count = 0;
      (void)!::read(wake_, &count, sizeof count);
      continue;
    }
    if (session_.connection().is_lost()) (void)session_.ensure_connected();
  }
}

std::vector<PostgresQueue::Job> PostgresQueue::take() {
  wait_for_work();
  std::lock_guard const lock(mutex_);
  bool const leaves = hurrying_ && !queue_.empty() && queue_.front().kind == Kind::unlock;
  return take_batch(queue_, leaves ? queue_.size() : kBatchMax);
}

void PostgresQueue::serve() {
  for (auto jobs = take(); !jobs.empty(); jobs = take()) {
    if (jobs.front().kind == Kind::unlock) {
      serve_unlocks(jobs);
      continue;
    }
    std::vector<Result<void>> results(jobs.size());
    Pieces pieces;
    for (std::size_t i = 0; i < jobs.size(); ++i) pieces.push_back({&jobs[i], &results[i]});
    serve_together(std::move(pieces));
    for (std::size_t i = 0; i < jobs.size(); ++i) {
      jobs[i].work = {};
      jobs[i].done(std::move(results[i]));
    }
  }
  say_goodbye();
}

/// Pieces that may be sent; the others get their result.
PostgresQueue::Pieces PostgresQueue::without_obstacle(Pieces const& pieces) const {
  Pieces ready;
  for (auto const& piece : pieces) {
    auto obstacle = piece.job->work.refused;
    for (auto const& tenant : piece.job->work.tenants) {
      if (!obstacle) obstacle = session_.lost_lock(tenant);
    }
    if (obstacle) {
      *piece.result = *obstacle;
    } else {
      ready.push_back(piece);
    }
  }
  return ready;
}

void PostgresQueue::serve_together(Pieces pieces) {
  auto const fail_all = [](Pieces const& all, Error const& why) {
    for (auto const& piece : all) *piece.result = why;
  };
  Pieces ready = without_obstacle(pieces);
  for (int repeats = 0; !ready.empty(); ++repeats) {
    auto connected = session_.ensure_connected();
    if (connected && in_doubt_) {
      auto const committed = session_.was_committed(batch_);
      if (!committed && session_.connection().is_lost() && repeats < kRepeatsMax) continue;
      in_doubt_ = false;
      if (!committed) return fail_all(ready, committed.error());
      if (*committed) {
        ++commits_;
        return;  // the results were taken before the commit
      }
    }
    if (!connected) {
      in_doubt_ = false;
      return fail_all(ready, connected.error());
    }
    ready = without_obstacle(ready);  // a lock may have been lost with the connection
    if (ready.empty()) return;
    auto const sent = send(ready);
    if (sent == Sent::done) return;
    if (sent == Sent::apart) {
      for (auto const& piece : ready) serve_together({piece});
      return;
    }
    if (repeats >= kRepeatsMax) {
      in_doubt_ = false;
      return fail_all(ready,
                      Error(Errc::io, fmt::format("the connection to the state {} broke {} "
                                                  "times in a row",
                                                  session_.connection().location(), repeats + 1)));
    }
  }
}

void PostgresQueue::serve_unlocks(std::vector<Job>& jobs) {
  std::vector<std::string> tenants;
  for (auto const& job : jobs) {
    for (auto const& tenant : job.work.tenants) {
      if (session_.drop_lock(tenant)) tenants.push_back(tenant);
    }
  }
  if (is_hurrying() && !session_.has_locks()) {
    // The last ones, of which there may be many: all are free once the session is not there.
    if (!tenants.empty() && !session_.connection().is_lost()) {
      (void)declare_dead(session_.connection(), session_.id());
    }
  } else {
    std::ranges::sort(tenants);
    give_back(tenants);
  }
  for (auto const& job : jobs) {
    if (job.done) job.done({});
  }
}

void PostgresQueue::say_goodbye() {
  if (session_.mode() == OpenMode::read_only || session_.connection().is_lost()) return;
  (void)session_.connection().run({"DELETE FROM tenantry.sessions WHERE id = $1", {session_.id()}});
}

}  // namespace tenantry::state
