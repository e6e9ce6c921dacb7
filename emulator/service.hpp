// From a request to its answer: hosts, faults, tokens, rate limits, routes, log and journal.
#pragma once
#include <chrono>
#include <memory>
#include <string>

#include "emulator/call.hpp"
#include "emulator/faults.hpp"
#include "emulator/journal.hpp"
#include "emulator/request_log.hpp"
#include "emulator/router.hpp"
#include "emulator/world.hpp"

namespace tenantry::emulator {

/// What becomes of a request.
struct Outcome {
  enum class Delivery { whole, cut_body, none };
  Reply reply;
  Delivery delivery = Delivery::whole;  ///< none: the connection is closed without an answer
  std::chrono::milliseconds delay{0};   ///< before the answer
};

/// One thread. Nothing here waits.
class Service {
 public:
  explicit Service(Options const& options);

  /// Opens the data file and the journal. Errors: io, corrupt, locked.
  Result<void> open();
  /// Serves a request; what it changed is durable when this returns.
  Outcome handle(Request const& request);
  /// The answer to bytes that are no request, or too large a one.
  Reply refuse(unsigned status, std::string detail);
  WallTime now() const { return world_.now(); }

 private:
  struct Host;
  Outcome serve(Request const& request);
  static Host host_of(std::string_view header);
  Target route(Call& call);
  /// The refusal in the form of the route's API.
  Reply refused(Target const& target, Problem const& problem);
  Reply answer(Call& call, Host const& host, Target const& target);
  Refusal locate(Call& call, Host const& host);
  Refusal authorize(Call& call);
  Refusal read_body(Call& call);
  Reply control(Request const& request);
  Reply control_requests(Request const& request);
  Reply control_clock(Request const& request);
  Value snapshot() const;
  std::string trace_id() { return world_.random().hex(16); }

  Options options_;
  World world_;
  Router router_;
  Faults faults_;
  RequestLog log_;
  Journal journal_;
};

}  // namespace tenantry::emulator
