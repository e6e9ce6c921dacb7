#include "state/stop_deadline.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "engine/core/error.hpp"

namespace tenantry::state {
using namespace std::chrono_literals;

StopDeadline::StopDeadline()
    : at_(Time::max().time_since_epoch().count()),
      changed_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  ensure(changed_ >= 0, "the system has a file descriptor left");
}

StopDeadline::~StopDeadline() { ::close(changed_); }

StopDeadline::Time StopDeadline::at() const { return Time(Time::duration(at_.load())); }

void StopDeadline::set(std::chrono::milliseconds from_now) {
  auto unset = Time::max().time_since_epoch().count();
  auto const then = std::chrono::steady_clock::now() + from_now;
  if (!at_.compare_exchange_strong(unset, then.time_since_epoch().count())) return;
  std::uint64_t const one = 1;
  (void)!::write(changed_, &one, sizeof one);
}

bool StopDeadline::is_over() const { return std::chrono::steady_clock::now() >= at(); }

std::chrono::milliseconds StopDeadline::at_most(std::chrono::milliseconds limit) const {
  if (at() == Time::max()) return limit;
  auto const left =
      std::chrono::ceil<std::chrono::milliseconds>(at() - std::chrono::steady_clock::now());
  return std::clamp(left, 0ms, std::max(limit, 0ms));
}

int StopDeadline::poll(std::span<pollfd> wanted, std::chrono::milliseconds limit) const {
  std::array<pollfd, 3> watched{};
  ensure(wanted.size() < watched.size(), "at most two descriptors are waited for");
  auto const until = std::chrono::steady_clock::now() + limit;
  while (true) {
    bool const is_set = at() != Time::max();
    std::ranges::copy(wanted, watched.begin());
    auto count = wanted.size();
    // Readable for ever once it is set: then the time alone counts.
    if (!is_set) watched[count++] = {changed_, POLLIN, 0};
    auto const left =
        std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
    auto const ready =
        ::poll(watched.data(), count, static_cast<int>(at_most(std::max(left, 0ms)).count()));
    std::ranges::copy_n(watched.begin(), static_cast<std::ptrdiff_t>(wanted.size()),
                        wanted.begin());
    bool const only_changed = ready == 1 && !is_set && watched[wanted.size()].revents != 0;
    if (!only_changed) return ready;
  }
}

}  // namespace tenantry::state
