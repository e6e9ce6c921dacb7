#include "tests/crash/crash_points.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include <charconv>
#include <deque>
#include <string>
#include <string_view>

#include "state/forwarding_store.hpp"

namespace tenantry::seams {
namespace {

/// The steps of this process. All of them are reached on the I/O thread.
class Steps {
 public:
  static Steps& of_process() {
    static Steps steps;
    return steps;
  }

  void reach(std::string_view name) {
    ++reached_;
    if (log_ >= 0) {
      auto const line = fmt::format("{} {}\n", reached_, name);
      if (::write(log_, line.data(), line.size()) < 0) ::abort();
    }
    // No handler, no destructor, no flush: what the kernel does when memory runs out.
    if (reached_ == last_) ::kill(::getpid(), SIGKILL);
  }

 private:
  Steps() {
    if (char const* const at = ::getenv("TENANTRY_CRASH_AT")) {
      std::string_view const digits(at);
      std::from_chars(digits.data(), digits.data() + digits.size(), last_);
    }
    if (char const* const file = ::getenv("TENANTRY_CRASH_LOG")) {
      log_ = ::open(file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
      if (log_ < 0) ::abort();
    }
  }

  std::size_t reached_ = 0;
  std::size_t last_ = 0;  ///< 0: none
  int log_ = -1;
};

/// A step before `work` and one after it.
template <class T>
Task<T> between(std::string name, Task<T> work) {
  Steps::of_process().reach("before " + name);
  auto result = co_await std::move(work);
  Steps::of_process().reach("after " + name);
  co_return result;
}

std::string text(state::Intent const& intent) {
  return intent.action + " " + intent.address.text();
}

/// A step before and after every call that writes.
class WatchedStore final : public state::ForwardingStore {
 public:
  using ForwardingStore::ForwardingStore;

  Task<void> begin_run(state::Run run) override {
    return between("begin_run", ForwardingStore::begin_run(std::move(run)));
  }
  Task<std::int64_t> begin(state::Intent intent) override {
    auto name = "begin " + text(intent);
    return between(std::move(name), ForwardingStore::begin(std::move(intent)));
  }
  Task<void> finish(std::int64_t operation, state::Outcome outcome) override {
    return between(fmt::format("finish {}", operation),
                   ForwardingStore::finish(operation, std::move(outcome)));
  }
  Task<void> put(std::string tenant, std::vector<state::ResourceRecord> upserts,
                 std::vector<Address> removals) override {
    auto name = "put " + tenant;
    return between(std::move(name), ForwardingStore::put(std::move(tenant), std::move(upserts),
                                                         std::move(removals)));
  }
  Task<void> move(std::vector<state::Intent> intents, std::vector<state::ResourceRecord> upserts,
                  std::vector<Address> removals) override {
    return between(
        "move", ForwardingStore::move(std::move(intents), std::move(upserts), std::move(removals)));
  }
  Task<void> mark_applied(std::string tenant, std::string config_digest,
                          std::string applied_at) override {
    auto name = "mark_applied " + tenant;
    return between(std::move(name),
                   ForwardingStore::mark_applied(std::move(tenant), std::move(config_digest),
                                                 std::move(applied_at)));
  }
  Task<std::int64_t> contribute(state::Contribution contribution) override {
    auto name = "contribute " + contribution.counter;
    return between(std::move(name), ForwardingStore::contribute(std::move(contribution)));
  }
};

class WatchedTransport final : public http::Transport {
 public:
  explicit WatchedTransport(http::Transport& inner) : inner_(inner) {}

  Task<http::Response> send(http::Request request) override {
    // A token is no change: nobody misses one that was not used.
    if (request.method == http::Method::get || request.target == "/oauth/token") {
      return inner_.send(std::move(request));
    }
    auto name = request.text();
    return between(std::move(name), inner_.send(std::move(request)));
  }
  void cancel_all() override { inner_.cancel_all(); }

 private:
  http::Transport& inner_;
};

class WatchedSinks final : public run::SecretSinks {
 public:
  explicit WatchedSinks(run::SecretSinks& inner) : inner_(inner) {}

  Result<void> check(Value const& sink) const override { return inner_.check(sink); }
  Task<std::string> deliver(Value sink, run::Delivery delivery) override {
    auto name = "deliver " + delivery.address.text();
    return between(std::move(name), inner_.deliver(std::move(sink), std::move(delivery)));
  }

 private:
  run::SecretSinks& inner_;
};

}  // namespace

std::unique_ptr<state::Store> watched(std::unique_ptr<state::Store> store) {
  return std::make_unique<WatchedStore>(std::move(store));
}

http::Transport& watched(http::Transport& transport) {
  static std::deque<WatchedTransport> all;
  return all.emplace_back(transport);
}

run::SecretSinks& watched(run::SecretSinks& sinks) {
  static std::deque<WatchedSinks> all;
  return all.emplace_back(sinks);
}

}  // namespace tenantry::seams
