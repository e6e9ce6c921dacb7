#include "engine/core/error.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>
#include <stdexcept>

namespace tenantry {

std::string_view name_of(Errc code) {
  switch (code) {
    case Errc::invalid:
      return "invalid";
    case Errc::not_found:
      return "not_found";
    case Errc::conflict:
      return "conflict";
    case Errc::rejected:
      return "rejected";
    case Errc::unauthorized:
      return "unauthorized";
    case Errc::tenant_disabled:
      return "tenant_disabled";
    case Errc::forbidden:
      return "forbidden";
    case Errc::precondition:
      return "precondition";
    case Errc::throttled:
      return "throttled";
    case Errc::unavailable:
      return "unavailable";
    case Errc::connection:
      return "connection";
    case Errc::unknown_host:
      return "unknown_host";
    case Errc::lost_reply:
      return "lost_reply";
    case Errc::timeout:
      return "timeout";
    case Errc::tls:
      return "tls";
    case Errc::protocol:
      return "protocol";
    case Errc::too_large:
      return "too_large";
    case Errc::cancelled:
      return "cancelled";
    case Errc::io:
      return "io";
    case Errc::locked:
      return "locked";
    case Errc::corrupt:
      return "corrupt";
    case Errc::stale:
      return "stale";
    case Errc::guard:
      return "guard";
    case Errc::ambiguous:
      return "ambiguous";
    case Errc::internal:
      return "internal";
  }
  return "internal";
}

std::string describe(Error const& error) {
  std::string text = error.message;
  if (!error.request.empty()) text += fmt::format(" ({})", error.request);
  if (error.api) {
    auto const& api = *error.api;
    text += fmt::format(": HTTP {}", api.status);
    if (!api.code.empty()) text += ' ' + api.code;
    if (!api.title.empty()) text += fmt::format(" \"{}\"", api.title);
    if (!api.detail.empty()) text += ": " + api.detail;
    if (!api.trace_id.empty()) text += fmt::format(" [trace {}]", api.trace_id);
  }
  return text;
}

void throw_exception_from_error(Error const& error, boost::source_location const&) {
  throw std::runtime_error(describe(error));
}

void ensure(bool condition, std::string_view promise) {
  if (condition) return;
  std::fprintf(stderr, "tenantry: internal error: %.*s\n", static_cast<int>(promise.size()),
               promise.data());
  std::abort();
}

}  // namespace tenantry
