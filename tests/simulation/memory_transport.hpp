// The way to the cloud without sockets: it takes time, and much goes wrong on it.
#pragma once
#include "providers/http/transport.hpp"
#include "tests/simulation/cloud.hpp"
#include "tests/simulation/dice.hpp"
#include "tests/simulation/fault_rates.hpp"
#include "tests/simulation/lifeline.hpp"

namespace tenantry::simulation {

class MemoryTransport final : public http::Transport {
 public:
  /// All must outlive the transport.
  MemoryTransport(Cloud& cloud, VirtualClock& clock, Dice& dice, FaultRates const& rates,
                  Lifeline& lifeline, Trace& trace)
      : cloud_(cloud),
        clock_(clock),
        dice_(dice),
        rates_(rates),
        lifeline_(lifeline),
        trace_(trace) {}

  Task<http::Response> send(http::Request request) override;

 private:
  enum class Fault {
    none,
    refused,
    lost_before,
    lost_after,
    cut,
    timeout_before,
    timeout_after,
    status_before,
    status_after,
    throttled,
    slow,
  };
  /// What befalls one exchange, drawn at its beginning.
  struct Fate {
    Fault fault = Fault::none;
    std::chrono::microseconds there{};
    std::chrono::microseconds back{};
    std::chrono::milliseconds list_lag{};
    int status = 0;
    int retry_after_s = 0;
    bool arrives_after_death = false;  ///< on its way when the process dies, it still arrives
  };
  Fate draw();
  static std::string_view name_of(Fault fault);
  static bool is_done(Fault fault);
  Result<http::Response> answer(http::Request const& request, Fate const& fate,
                                http::Response response) const;
  void note(http::Request const& request, Fate const& fate, int status);

  Cloud& cloud_;
  VirtualClock& clock_;
  Dice& dice_;
  FaultRates const& rates_;
  Lifeline& lifeline_;
  Trace& trace_;
};

}  // namespace tenantry::simulation
