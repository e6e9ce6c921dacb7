#include "providers/http/bounded.hpp"

namespace tenantry::http {

Task<Response> BoundedTransport::send(Request request) {
  auto const place = co_await share_.acquire(request.host);
  if (!place) co_return Error(Errc::cancelled, "stopped before the request was sent");
  co_return co_await inner_.send(std::move(request));
}

}  // namespace tenantry::http
