#include "tests/simulation/simulated_sinks.hpp"

namespace tenantry::simulation {
using namespace std::chrono_literals;

Result<void> SimulatedSinks::check(Value const& sink) const {
  (void)sink;
  return {};
}

Task<std::string> SimulatedSinks::deliver(Value sink, run::Delivery delivery) {
  auto const address = delivery.address.text();
  bool const fails = dice_.chance(rates_.delivery_failed);
  bool const doubt = dice_.chance(rates_.delivery_doubt);
  co_await clock_.sleep(dice_.time_between(100us, 20ms));
  if (lifeline_.step("before a secret is delivered")) {
    co_return Error(Errc::cancelled, "stopped before the secret was delivered");
  }
  if (fails) {
    trace_.add("not delivered: the secret of " + address);
    co_return Error(Errc::io, "the sink takes nothing");
  }
  auto& secret = delivery.secret;
  vault_[canonical(sink)] = {secret.client_id, secret.client_secret, secret.host};
  trace_.add("delivered: the secret of " + address);
  if (lifeline_.step("after a secret is delivered")) {
    co_return Error(Errc::lost_reply, "stopped while the secret was delivered");
  }
  if (doubt) co_return Error(Errc::lost_reply, "the sink did not say whether it has the secret");
  co_return "the vault";
}

}  // namespace tenantry::simulation
