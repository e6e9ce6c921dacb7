// The requests that were served, for tests that count and compare them.
#pragma once
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "emulator/table.hpp"
#include "engine/core/clock.hpp"

namespace tenantry::emulator {

/// Keeps the latest requests. An entry costs some 80 bytes and its path.
class RequestLog {
 public:
  static constexpr std::size_t kEntriesMax = 1'000'000;

  void add(WallTime time, std::string_view method, std::string_view host, std::string_view target,
           unsigned status, std::size_t bytes);
  /// Number of all requests so far, those included that are not kept any more.
  std::uint64_t total() const { return total_; }
  /// A JSON array of the requests from number `since` on (0: the first).
  std::string json(std::uint64_t since) const;
  /// Number of requests by status.
  std::map<unsigned, std::uint64_t> const& by_status() const { return by_status_; }
  void clear();

 private:
  struct Entry {
    std::int64_t time_ms;
    std::uint32_t method, host;
    std::uint32_t status;
    std::uint64_t bytes;
    std::string target;
  };
  std::uint32_t number_of(std::string_view name);

  std::deque<Entry> entries_;
  std::uint64_t total_ = 0;
  std::map<unsigned, std::uint64_t> by_status_;
  ByText<std::uint32_t> numbers_;  ///< hosts and methods repeat: each text is kept once
  std::vector<std::string> names_;
};

}  // namespace tenantry::emulator
