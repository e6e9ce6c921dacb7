// HTTP/1.1 over one open connection: a request out, an answer in.
#pragma once
#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <string>
#include <string_view>

#include "providers/http/connection.hpp"
#include "providers/http/transport.hpp"

namespace tenantry::http {

/// Refuses what would not be the one request it looks like: line ends in a header, a target that is
/// no path, a header that the client sets itself. Errors: invalid; values are not repeated in it.
Result<void> check(Request const& request);

/// Request line and headers, up to and with the empty line.
std::string head_of(Request const& request, std::string_view user_agent);

struct Exchanged {
  Result<Response> response;
  /// The connection is fit for another exchange.
  bool keep = false;
  /// The server had closed the connection: not a byte of an answer came.
  bool unanswered = false;
  std::size_t sent = 0;  ///< bytes of the request that left
};

/// `request` gives method and limits; `head` and `body` are what is sent. Interim answers (1xx) are
/// skipped. An answer that came although the request could not be sent whole counts.
/// Both references must outlive the task. Errors: those of Transport::send but tls and invalid.
boost::asio::awaitable<Exchanged> exchange(Connection& connection, Request const& request,
                                           std::string head, std::string body);

}  // namespace tenantry::http
