// Kept-alive connections, and who may have one.
#pragma once
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <deque>
#include <list>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "engine/core/task.hpp"
#include "providers/http/connection.hpp"

namespace tenantry::http {

struct PoolLimits {
  std::size_t connections_max = 256;
  std::size_t connections_per_key_max = 32;
  std::chrono::nanoseconds idle_max{std::chrono::seconds(60)};
};

/// At most so many connections in all and per key; who comes first is served first. An idle
/// connection of another key makes room when the pool is full. Idle connections have no operation
/// and no timer pending, so they do not keep an io_context running; old ones are closed when the
/// pool is used next.
class Pool : public std::enable_shared_from_this<Pool> {
 public:
  /// The right to one connection, given back at the end of its life.
  class Lease {
   public:
    Lease() = default;
    Lease(std::shared_ptr<Pool> pool, std::shared_ptr<Connection> connection)
        : pool_(std::move(pool)), connection_(std::move(connection)) {}
    Lease(Lease&&) noexcept = default;
    Lease& operator=(Lease&& other) noexcept;
    ~Lease() { release(); }

    Connection& connection() const { return *connection_; }
    /// The connection is fit for another exchange; without this call it is closed.
    void keep() { keep_ = true; }
    /// Puts a fresh, unopened connection in place of this one.
    void renew();

   private:
    void release();
    std::shared_ptr<Pool> pool_;
    std::shared_ptr<Connection> connection_;
    bool keep_ = false;
  };

  Pool(boost::asio::any_io_executor executor, PoolLimits limits)
      : executor_(std::move(executor)), limits_(limits) {}

  /// An idle connection (open) or a fresh one (not open yet), as soon as the limits allow.
  /// Errors: cancelled.
  Task<Lease> take(Peer peer);
  /// Closes every connection and ends every wait, now and from now on.
  void cancel_all();

 private:
  struct Waiter;
  struct Idle {
    std::shared_ptr<Connection> connection;
    SteadyTime since;
  };
  struct Bucket {
    std::size_t open = 0;  // leased and idle
    std::deque<std::list<Idle>::iterator> idle;
    std::list<Waiter*> waiters;
  };

  bool can_serve(Bucket const& bucket) const;
  std::shared_ptr<Connection> pick(Bucket& bucket, Peer const& peer);
  std::shared_ptr<Connection> make(Peer peer);
  void evict_oldest();
  void close_expired();
  void give_back(std::shared_ptr<Connection> connection, bool keep);
  void serve();
  void forget_if_unused(std::string const& key);

  boost::asio::any_io_executor executor_;
  PoolLimits limits_;
  std::map<std::string, Bucket> buckets_;
  std::list<Idle> idle_;  // of all keys, oldest first
  std::set<Connection*> leased_;
  std::size_t open_ = 0;
  std::size_t waiting_ = 0;
  std::uint64_t arrivals_ = 0;
  bool cancelled_ = false;
};

}  // namespace tenantry::http
