#include "providers/http/pool.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace tenantry::http {
namespace asio = boost::asio;
using std::chrono::steady_clock;

/// One coroutine in the queue; leaves it when its frame goes, however that happens.
struct Pool::Waiter {
  Waiter(Pool& p, Bucket& b, Peer const& wanted)
      : pool(p), bucket(b), peer(wanted), arrival(++p.arrivals_), wake(p.executor_) {
    place = bucket.waiters.insert(bucket.waiters.end(), this);
    is_queued = true;
    ++pool.waiting_;
  }
  Waiter(Waiter const&) = delete;
  Waiter& operator=(Waiter const&) = delete;
  ~Waiter() {
    leave();
    if (granted) pool.give_back(std::move(granted), false);
    pool.forget_if_unused(peer.key);
  }
  void leave() {
    if (!is_queued) return;
    bucket.waiters.erase(place);
    is_queued = false;
    --pool.waiting_;
  }

  Pool& pool;
  Bucket& bucket;
  Peer peer;
  std::uint64_t arrival;
  asio::steady_timer wake;
  std::list<Waiter*>::iterator place;
  bool is_queued = false;
  std::shared_ptr<Connection> granted;
};

Pool::Lease& Pool::Lease::operator=(Lease&& other) noexcept {
  release();
  pool_ = std::move(other.pool_);
  connection_ = std::move(other.connection_);
  keep_ = other.keep_;
  return *this;
}

void Pool::Lease::release() {
  if (connection_) pool_->give_back(std::move(connection_), keep_);
  connection_ = nullptr;
  pool_ = nullptr;
}

void Pool::Lease::renew() {
  connection_->close();
  pool_->leased_.erase(connection_.get());
  connection_ = pool_->make(connection_->peer());
}

Task<Pool::Lease> Pool::take(Peer peer) {
  auto const self = shared_from_this();
  Error const stopped(Errc::cancelled, "stopped before the request was sent");
  if (cancelled_) co_return stopped;
  close_expired();
  auto& bucket = buckets_[peer.key];
  if (bucket.waiters.empty() && can_serve(bucket)) co_return Lease(self, pick(bucket, peer));
  Waiter waiter(*this, bucket, peer);
  while (!waiter.granted && !cancelled_) {
    waiter.wake.expires_at(SteadyTime::max());
    auto [ec] = co_await waiter.wake.async_wait(asio::as_tuple(asio::use_awaitable));
    (void)ec;
    auto const state = co_await asio::this_coro::cancellation_state;
    if (state.cancelled() != asio::cancellation_type::none) co_return stopped;
  }
  if (cancelled_) co_return stopped;
  co_return Lease(self, std::move(waiter.granted));
}

bool Pool::can_serve(Bucket const& bucket) const {
  if (!bucket.idle.empty()) return true;
  return bucket.open < limits_.connections_per_key_max &&
         (open_ < limits_.connections_max || !idle_.empty());
}

std::shared_ptr<Connection> Pool::pick(Bucket& bucket, Peer const& peer) {
  if (!bucket.idle.empty()) {
    auto const newest = bucket.idle.back();
    bucket.idle.pop_back();
    auto connection = std::move(newest->connection);
    idle_.erase(newest);
    leased_.insert(connection.get());
    return connection;
  }
  if (open_ >= limits_.connections_max) evict_oldest();
  ++bucket.open;
  ++open_;
  return make(peer);
}

std::shared_ptr<Connection> Pool::make(Peer peer) {
  auto connection = std::make_shared<Connection>(executor_, std::move(peer));
  if (cancelled_) connection->cancel();
  leased_.insert(connection.get());
  return connection;
}

void Pool::evict_oldest() {
  auto const connection = std::move(idle_.front().connection);
  idle_.pop_front();
  auto const bucket = buckets_.find(connection->peer().key);
  bucket->second.idle.pop_front();  // the oldest of all is the oldest of its own
  --bucket->second.open;
  --open_;
  connection->close();
  forget_if_unused(connection->peer().key);
}

void Pool::close_expired() {
  auto const now = steady_clock::now();
  while (!idle_.empty() && idle_.front().since + limits_.idle_max <= now) evict_oldest();
}

void Pool::give_back(std::shared_ptr<Connection> connection, bool keep) {
  leased_.erase(connection.get());
  auto const& key = connection->peer().key;
  auto& bucket = buckets_[key];
  if (keep && !cancelled_ && connection->is_open()) {
    idle_.push_back({connection, steady_clock::now()});
    bucket.idle.push_back(std::prev(idle_.end()));
  } else {
    connection->close();
    --bucket.open;
    --open_;
  }
  close_expired();
  serve();
  forget_if_unused(key);
}

void Pool::serve() {
  while (waiting_ > 0 && !cancelled_) {
    Waiter* first = nullptr;
    for (auto& [key, bucket] : buckets_) {
      if (bucket.waiters.empty() || !can_serve(bucket)) continue;
      auto* const head = bucket.waiters.front();
      if (first == nullptr || head->arrival < first->arrival) first = head;
    }
    if (first == nullptr) return;
    first->leave();
    first->granted = pick(first->bucket, first->peer);
    first->wake.cancel();
  }
}

void Pool::forget_if_unused(std::string const& key) {
  auto const found = buckets_.find(key);
  if (found == buckets_.end()) return;
  if (found->second.open == 0 && found->second.waiters.empty()) buckets_.erase(found);
}

void Pool::cancel_all() {
  cancelled_ = true;
  for (auto* const connection : leased_) connection->cancel();
  while (!idle_.empty()) evict_oldest();
  for (auto& [key, bucket] : buckets_) {
    for (auto* const waiter : bucket.waiters) waiter->wake.cancel();
  }
}

}  // namespace tenantry::http
