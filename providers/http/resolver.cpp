#include "providers/http/resolver.hpp"

#include <netdb.h>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <chrono>
#include <cstring>
#include <deque>
#include <map>
#include <mutex>
#include <system_error>
#include <thread>

namespace tenantry::http {
namespace asio = boost::asio;
namespace {

constexpr std::size_t kThreadsMax = 8;
constexpr std::size_t kCachedMax = 4096;
constexpr std::chrono::seconds kCachedFor{30};

Lookup look_up(std::string const& name) {
  Lookup lookup;
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_ADDRCONFIG;
  addrinfo* found = nullptr;
  int const failed = ::getaddrinfo(name.c_str(), nullptr, &hints, &found);
  if (failed != 0) {
    lookup.problem = ::gai_strerror(failed);
    lookup.unknown = failed == EAI_NONAME;
    return lookup;
  }
  for (auto const* at = found; at != nullptr; at = at->ai_next) {
    asio::ip::tcp::endpoint endpoint;
    if (at->ai_addrlen > endpoint.capacity()) continue;
    endpoint.resize(at->ai_addrlen);
    std::memcpy(endpoint.data(), at->ai_addr, at->ai_addrlen);
    lookup.addresses.push_back(endpoint.address());
  }
  ::freeaddrinfo(found);
  if (lookup.addresses.empty()) lookup.problem = "the name has no address";
  return lookup;
}

}  // namespace

struct Resolver::Shared : std::enable_shared_from_this<Resolver::Shared> {
  struct Cached {
    Lookup lookup;
    std::chrono::steady_clock::time_point until;
  };

  // Of the executor's thread:
  std::map<std::string, std::vector<Done>> waiting;
  std::map<std::string, Cached> cache;

  // Of all threads, under the mutex:
  std::mutex mutex;
  asio::any_io_executor executor;
  bool closed = false;
  std::deque<std::string> queue;
  std::size_t threads = 0;

  void start(std::string const& name);
  void work();
  void deliver(std::string const& name, Lookup const& lookup);
};

void Resolver::Shared::start(std::string const& name) {
  std::scoped_lock const lock(mutex);
  queue.push_back(name);
  if (threads == kThreadsMax) return;
  try {
    std::thread([self = shared_from_this()] { self->work(); }).detach();
    ++threads;
  } catch (std::system_error const&) {
    // No thread to be had. One that runs already takes the name; without any, this thread does.
    if (threads > 0) return;
    queue.pop_back();
    asio::post(executor, [self = shared_from_this(), name] { self->deliver(name, look_up(name)); });
  }
}

void Resolver::Shared::work() {
  std::unique_lock lock(mutex);
  while (!closed && !queue.empty()) {
    auto const name = std::move(queue.front());
    queue.pop_front();
    lock.unlock();
    auto lookup = look_up(name);
    lock.lock();
    // Under the lock: close() returns only when nothing will touch the executor any more.
    if (closed) break;
    asio::post(executor, [self = shared_from_this(), name, found = std::move(lookup)] {
      self->deliver(name, found);
    });
  }
  --threads;
}

void Resolver::Shared::deliver(std::string const& name, Lookup const& lookup) {
  auto node = waiting.extract(name);
  if (!lookup.addresses.empty()) {
    if (cache.size() >= kCachedMax) cache.clear();
    cache[name] = {lookup, std::chrono::steady_clock::now() + kCachedFor};
  }
  if (node.empty()) return;
  for (auto const& done : node.mapped()) done(lookup);
}

Resolver::Resolver(asio::any_io_executor executor) : shared_(std::make_shared<Shared>()) {
  shared_->executor = std::move(executor);
}

void Resolver::resolve(std::string const& name, Done done) {
  if (shared_->closed) return;  // only this thread sets it
  boost::system::error_code ec;
  auto const address = asio::ip::make_address(name, ec);
  auto const cached = shared_->cache.find(name);
  bool const is_fresh =
      cached != shared_->cache.end() && cached->second.until > std::chrono::steady_clock::now();
  if (!ec || is_fresh) {
    auto lookup = ec ? cached->second.lookup : Lookup{{address}, {}};
    asio::post(shared_->executor,
               [done = std::move(done), lookup = std::move(lookup)] { done(lookup); });
    return;
  }
  auto& callbacks = shared_->waiting[name];
  callbacks.push_back(std::move(done));
  if (callbacks.size() == 1) shared_->start(name);
}

void Resolver::close() {
  shared_->waiting.clear();
  std::scoped_lock const lock(shared_->mutex);
  shared_->closed = true;
  shared_->queue.clear();
  shared_->executor = asio::any_io_executor();
}

}  // namespace tenantry::http
