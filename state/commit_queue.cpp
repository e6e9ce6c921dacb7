#include "state/commit_queue.hpp"

#include <exception>

namespace tenantry::state {
namespace asio = boost::asio;
namespace {

/// Work with what libraries throw (JSON, memory) as an error: nothing may end the thread.
Result<void> attempt(CommitQueue::Work<void> const& work, Connection& db) {
  try {
    return work(db);
  } catch (std::exception const& e) {
    return Error(Errc::internal, std::string("work on the state failed: ") + e.what());
  }
}

/// Work inside a transaction; leaves no trace when it fails.
Result<void> attempt_alone(CommitQueue::Work<void> const& work, Connection& db) {
  auto begun = db.query("SAVEPOINT piece").run();
  if (!begun) return begun;
  auto result = attempt(work, db);
  if (!db.in_transaction()) return result;  // SQLite gave up the whole transaction
  if (!result) {
    auto undone = db.query("ROLLBACK TO piece").run();
    if (!undone) return result;
  }
  auto released = db.query("RELEASE piece").run();
  if (!released && result) return released;
  return result;
}

}  // namespace

Result<void> read_in_transaction(Connection& db, CommitQueue::Work<void> const& work) {
  auto transaction = Transaction::begin(db, Transaction::Kind::read);
  if (!transaction) return transaction.error();
  return attempt(work, db);
}

CommitQueue::CommitQueue(asio::any_io_executor executor, Connection connection, Reader reader)
    : executor_(std::move(executor)),
      connection_(std::move(connection)),
      reader_(std::move(reader)),
      thread_([this] { serve(); }) {}

CommitQueue::~CommitQueue() {
  {
    std::lock_guard const lock(mutex_);
    ending_ = true;
  }
  more_.notify_one();
  thread_.join();
}

Task<void> CommitQueue::submit(Kind kind, Work<void> work) {
  return until_completed(executor_, [this, kind, work = std::move(work)](Completion done) {
    push({kind, work, std::move(done)});
  });
}

void CommitQueue::push(Job job) {
  {
    std::lock_guard const lock(mutex_);
    queue_.push_back(std::move(job));
  }
  more_.notify_one();
}

std::vector<CommitQueue::Job> CommitQueue::take() {
  std::unique_lock lock(mutex_);
  more_.wait(lock, [this] { return ending_ || !queue_.empty(); });
  return take_batch(queue_);
}

void CommitQueue::serve() {
  while (true) {
    auto jobs = take();
    if (jobs.empty()) return;
    if (jobs.front().kind == Kind::read) {
      serve_reads(jobs);
    } else {
      serve_writes(jobs);
    }
  }
}

void CommitQueue::serve_reads(std::vector<Job>& jobs) {
  for (auto& job : jobs) {
    auto result = reader_(connection_, job.work);
    job.work = nullptr;
    job.done(std::move(result));
  }
}

void CommitQueue::serve_writes(std::vector<Job>& jobs) {
  std::vector<Result<void>> results(jobs.size());
  auto const together = write_together(jobs, results);
  if (together) ++commits_;
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    jobs[i].work = nullptr;
    jobs[i].done(together ? std::move(results[i]) : Result<void>(together.error()));
  }
}

Result<void> CommitQueue::write_together(std::vector<Job> const& jobs,
                                         std::vector<Result<void>>& results) {
  auto transaction = Transaction::begin(connection_, Transaction::Kind::write);
  if (!transaction) return transaction.error();
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    results[i] = attempt_alone(jobs[i].work, connection_);
    if (!connection_.in_transaction()) {
      ensure(!results[i].has_value(), "only a failure ends a transaction early");
      return results[i].error();
    }
  }
  return transaction->commit();
}

}  // namespace tenantry::state
