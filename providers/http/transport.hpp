// One HTTP exchange, and who can make it.
#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/core/task.hpp"

namespace tenantry::http {

enum class Method { get, post, put, patch, delete_ };
std::string_view name_of(Method method);
/// True for GET, PUT and DELETE: doing it twice leaves what doing it once leaves.
bool is_idempotent(Method method);

/// Header fields in order; names compare without regard to case.
using Headers = std::vector<std::pair<std::string, std::string>>;
/// The first value of `name`, or "".
std::string_view header(Headers const& headers, std::string_view name);

/// Where requests to a group of hosts really go. The Host header and the TLS server name stay
/// those of the host that is asked for.
struct Route {
  /// "http://127.0.0.1:8480" or "https://...": dialled in place of every host. Empty: the host
  /// itself, by HTTPS on port 443.
  std::string endpoint;
  std::string ca_file;  ///< PEM of certificates to trust besides the system's; empty: none
  bool operator==(Route const&) const = default;
};

struct Request {
  Method method = Method::get;
  std::string host;    ///< "acme.eu.qlikcloud.com"
  std::string target;  ///< path and query, already encoded: "/api/v1/groups?limit=100"
  Headers headers;     ///< Host, Content-Length and User-Agent are added
  std::string body;
  Route route;
  /// From the first byte sent to the last byte received.
  std::chrono::milliseconds timeout{std::chrono::seconds(60)};
  std::size_t response_bytes_max = std::size_t{32} << 20;

  /// "POST https://host/path" without the query: what messages show.
  std::string text() const;
};

struct Response {
  int status = 0;
  Headers headers;
  std::string body;
};

/// Makes exchanges. An answer of any status is a Response; an Error means there is none:
/// connection and unknown_host (the request never left), lost_reply, timeout, tls, protocol,
/// too_large, cancelled. Redirects are not followed and cookies not kept.
class Transport {
 public:
  virtual ~Transport() = default;
  virtual Task<Response> send(Request request) = 0;
  /// Ends every running exchange, and each that is asked for later: with Errc::cancelled where
  /// nothing was sent, else with lost_reply.
  virtual void cancel_all() {}
};

}  // namespace tenantry::http
