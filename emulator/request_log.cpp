#include "emulator/request_log.hpp"

#include <fmt/format.h>

#include "engine/core/text.hpp"

namespace tenantry::emulator {

void RequestLog::add(WallTime time, std::string_view method, std::string_view host,
                     std::string_view target, unsigned status, std::size_t bytes) {
  using namespace std::chrono;
  if (entries_.size() == kEntriesMax) entries_.pop_front();
  entries_.push_back({duration_cast<milliseconds>(time.time_since_epoch()).count(),
                      number_of(method), number_of(host), status, bytes, std::string(target)});
  ++total_;
  ++by_status_[status];
}

std::uint32_t RequestLog::number_of(std::string_view name) {
  // Hosts are what clients send: a hostile one must not fill the memory with them.
  constexpr std::size_t kNamesMax = 1'000'000;
  auto const at = numbers_.find(name);
  if (at != numbers_.end()) return at->second;
  if (names_.size() == kNamesMax) return 0;
  auto const number = static_cast<std::uint32_t>(names_.size());
  names_.emplace_back(name);
  numbers_.emplace(std::string(name), number);
  return number;
}

std::string RequestLog::json(std::uint64_t since) const {
  auto const gone = total_ - entries_.size();
  std::string out = "[";
  for (auto i = since > gone ? since - gone : 0; i < entries_.size(); ++i) {
    auto const& entry = entries_[i];
    auto const mark = entry.target.find('?');
    // Made visible: bytes that are no UTF-8 are no JSON either.
    Object object{{"time", format_time_millis(WallTime(std::chrono::milliseconds(entry.time_ms)))},
                  {"method", visible(names_[entry.method])},
                  {"host", visible(names_[entry.host])},
                  {"path", visible(entry.target.substr(0, mark))},
                  {"status", entry.status},
                  {"bytes", entry.bytes}};
    if (mark != std::string::npos) object["query"] = visible(entry.target.substr(mark + 1));
    if (out.size() > 1) out += ",\n";
    out += boost::json::serialize(object);
  }
  out += ']';
  return out;
}

void RequestLog::clear() { *this = RequestLog(); }

}  // namespace tenantry::emulator
