// A PostgreSQL state on a thread of its own: writes that come together share one transaction and
// one trip to the server.
#pragma once
#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "state/batch.hpp"
#include "state/completion.hpp"
#include "state/postgres_session.hpp"

namespace tenantry::state {

/// What is said to the server, and what its answers mean. May be sent more than once; the last
/// answers count.
template <class T>
struct PostgresWork {
  std::vector<Statement> statements;
  std::function<Result<T>(std::span<Rows>)> accept;  ///< of the statements' rows, in order
  /// Tenants whose lock, where it was held, must not have been lost.
  std::vector<std::string> tenants = {};
  std::optional<Error> refused = {};  ///< found before anything is sent
};

/// The protocol of CommitQueue over a server: pieces in order, no timer makes the batches, a piece
/// that fails is undone alone, and a commit that fails fails every piece in it. One connection has
/// transactions and locks: a commit that succeeds proves that the locks were held until then.
///
/// A connection that breaks is replaced. A commit whose answer was lost is looked up by the number
/// of its batch in the session's row; what was not committed is sent again.
class PostgresQueue {
 public:
  PostgresQueue(boost::asio::any_io_executor executor, PostgresConnection connection,
                PostgresDsn dsn, PostgresOptions options, std::string lineage, std::string id);
  PostgresQueue(PostgresQueue const&) = delete;
  PostgresQueue& operator=(PostgresQueue const&) = delete;
  ~PostgresQueue();

  /// Does all that is queued. After it only unlock() is called. The executor's context may end.
  void finish();

  template <class T>
  Task<T> read(PostgresWork<T> work) {
    return run<T>(Kind::read, std::move(work));
  }
  template <class T>
  Task<T> write(PostgresWork<T> work) {
    return run<T>(Kind::write, std::move(work));
  }
  /// False when somebody has the lock, be it this session. However many locks a session has, it
  /// takes one place in the server's table of locks.
  Task<bool> try_lock(std::string tenant, LockOwner owner);
  /// After everything that was queued before. Does not wait.
  void unlock(std::string tenant);

  /// Transactions committed so far.
  std::uint64_t commits() const { return commits_.load(); }

 private:
  enum class Kind { read, write, lock, unlock };
  struct Job {
    Kind kind = Kind::read;
    PostgresWork<void> work;
    Completion done;  ///< may be empty for an unlock
    LockOwner owner = {};
    std::shared_ptr<bool> taken = {};  ///< of a lock
  };
  /// A job and where its result goes.
  struct Piece {
    Job* job;
    Result<void>* result;
  };
  using Pieces = std::vector<Piece>;
  enum class Sent {
    done,   ///< every result is there
    again,  ///< the connection is lost, or the server asks for it
    apart,  ///< one piece failed, all are undone: each is to be sent by itself
  };

  template <class T>
  Task<T> run(Kind kind, PostgresWork<T> work) {
    auto value = std::make_shared<std::optional<T>>();
    PostgresWork<void> job{std::move(work.statements), into(value, std::move(work.accept)),
                           std::move(work.tenants), std::move(work.refused)};
    auto done = co_await submit(kind, std::move(job));
    if (!done) co_return done.error();
    co_return std::move(**value);
  }

  Task<void> submit(Kind kind, PostgresWork<void> work);
  void push(Job job);
  void wake() const;
  std::vector<Job> take();
  bool is_hurrying();
  /// As PostgresSession::Pause.
  bool pause(std::chrono::milliseconds wait);
  /// Until there is work, or the end. A connection that breaks meanwhile is mended at once, so that
  /// locks are without their holder for a moment only.
  void wait_for_work();
  void serve();
  void serve_together(Pieces pieces);
  Pieces without_obstacle(Pieces const& pieces) const;
  Sent send(Pieces const& pieces);
  Sent send_reads(Pieces const& pieces);
  Sent send_writes(Pieces const& pieces);
  Sent send_locks(Pieces const& pieces);
  Sent commit(Pieces const& pieces);
  Sent failed(Error const& error, Pieces const& pieces);
  void undo();
  void give_back(std::vector<std::string> const& tenants);
  void serve_unlocks(std::vector<Job>& jobs);
  void say_goodbye();

  boost::asio::any_io_executor executor_;
  PostgresSession session_;
  std::int64_t batch_ = 0;
  bool in_doubt_ = false;  ///< whether `batch_` was committed is not known
  std::atomic<std::uint64_t> commits_{0};
  int wake_ = -1;     ///< eventfd: there is something in the queue, or the end
  std::mutex mutex_;  ///< guards the three below
  std::vector<Job> queue_;
  bool hurrying_ = false;  ///< no more waiting for a server that is away
  bool ending_ = false;
  std::thread thread_;
};

template <>
inline Task<void> PostgresQueue::run<void>(Kind kind, PostgresWork<void> work) {
  return submit(kind, std::move(work));
}

}  // namespace tenantry::state
