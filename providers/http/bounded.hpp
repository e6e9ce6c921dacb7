// A bound on the exchanges that run at once.
#pragma once
#include "engine/core/concurrency.hpp"
#include "providers/http/transport.hpp"

namespace tenantry::http {

/// Lets at most `exchanges_max` run at once over all hosts, first come, first served. More
/// connections than that may be kept open: a fleet has a host per tenant, and closing one host's
/// connection to open another's would cost a handshake for every request.
class BoundedTransport final : public Transport {
 public:
  /// `inner` must outlive this transport.
  BoundedTransport(Transport& inner, boost::asio::any_io_executor executor,
                   std::size_t exchanges_max)
      : inner_(inner), permits_(std::move(executor), exchanges_max) {}

  Task<Response> send(Request request) override;
  void cancel_all() override { inner_.cancel_all(); }

 private:
  Transport& inner_;
  Semaphore permits_;
};

}  // namespace tenantry::http
