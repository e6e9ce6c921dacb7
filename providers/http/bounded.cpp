#include "providers/http/bounded.hpp"

namespace tenantry::http {

Task<Response> BoundedTransport::send(Request request) {
  auto const permit = co_await permits_.acquire();
  co_return co_await inner_.send(std::move(request));
}

}  // namespace tenantry::http
