// A bound on the exchanges that run at once.
#pragma once
#include "providers/http/fair_share.hpp"
#include "providers/http/transport.hpp"

namespace tenantry::http {

/// Lets at most `exchanges_max` run at once over all hosts, shared fairly between the hosts: a
/// tenant with thousands of changes does not hold up those with a few. A tenant that gets one place
/// at a time also keeps to one connection, where a burst would pay for a handshake each. More
/// connections than places may be kept open, since a fleet has a host per tenant.
class BoundedTransport final : public Transport {
 public:
  /// `inner` must outlive this transport.
  BoundedTransport(Transport& inner, boost::asio::any_io_executor executor,
                   std::size_t exchanges_max)
      : inner_(inner), share_(std::move(executor), exchanges_max) {}

  Task<Response> send(Request request) override;
  void cancel_all() override { inner_.cancel_all(); }
  /// Exchanges that could run at once, were there any more.
  std::size_t idle() const { return share_.idle(); }

 private:
  Transport& inner_;
  FairShare share_;
};

}  // namespace tenantry::http
