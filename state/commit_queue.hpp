// A database on a thread of its own: writes that come together share one durable commit.
#pragma once
#include <atomic>
#include <boost/asio/any_io_executor.hpp>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "engine/core/task.hpp"
#include "state/batch.hpp"
#include "state/completion.hpp"
#include "state/sqlite.hpp"

namespace tenantry::state {

/// Takes work in order, one piece after the other. No timer makes the batches: while one commit
/// waits for the disk, the next batch piles up. Reads go through the same thread, so that each
/// sees everything that was queued before it.
///
/// A piece of writing that fails is undone alone; a commit that fails, fails every piece in it.
/// Results arrive on the executor of the waiting coroutine. The queue must be destroyed before
/// that executor's context; its destructor does all that is queued, then ends the thread.
class CommitQueue {
 public:
  /// Runs on the queue's thread; may run more than once, the last run counts.
  template <class T>
  using Work = std::function<Result<T>(Connection&)>;
  /// How a read sees one moment of the database.
  using Reader = std::function<Result<void>(Connection&, Work<void> const&)>;

  CommitQueue(boost::asio::any_io_executor executor, Connection connection, Reader reader);
  CommitQueue(CommitQueue const&) = delete;
  CommitQueue& operator=(CommitQueue const&) = delete;
  ~CommitQueue();

  template <class T>
  Task<T> read(Work<T> work) {
    return run<T>(Kind::read, std::move(work));
  }
  template <class T>
  Task<T> write(Work<T> work) {
    return run<T>(Kind::write, std::move(work));
  }

  /// Durable commits so far.
  std::uint64_t commits() const { return commits_.load(); }

 private:
  enum class Kind { read, write };
  struct Job {
    Kind kind = Kind::read;
    Work<void> work;
    Completion done;
  };

  template <class T>
  Task<T> run(Kind kind, Work<T> work) {
    auto value = std::make_shared<std::optional<T>>();
    auto job = into(value, std::move(work));
    auto done = co_await submit(kind, std::move(job));
    if (!done) co_return done.error();
    co_return std::move(**value);
  }

  Task<void> submit(Kind kind, Work<void> work);
  void push(Job job);
  void serve();
  void serve_reads(std::vector<Job>& jobs);
  void serve_writes(std::vector<Job>& jobs);
  Result<void> write_together(std::vector<Job> const& jobs, std::vector<Result<void>>& results);
  /// The next jobs of one kind, at most kBatchMax; none when the queue ends.
  std::vector<Job> take();

  boost::asio::any_io_executor executor_;
  Connection connection_;  ///< of the thread alone
  Reader reader_;
  std::atomic<std::uint64_t> commits_{0};
  std::mutex mutex_;  ///< guards the two below
  std::vector<Job> queue_;
  bool ending_ = false;
  std::condition_variable more_;
  std::thread thread_;
};

template <>
inline Task<void> CommitQueue::run<void>(Kind kind, Work<void> work) {
  return submit(kind, std::move(work));
}

/// The Reader of a file that other processes may change: one transaction.
Result<void> read_in_transaction(Connection& db, CommitQueue::Work<void> const& work);

}  // namespace tenantry::state
