#include "tests/simulation/memory_transport.hpp"

#include <fmt/format.h>

#include <array>

namespace tenantry::simulation {
using namespace std::chrono_literals;
namespace {

Error dead_before() { return {Errc::cancelled, "stopped before the request was sent"}; }
Error dead_after() { return {Errc::lost_reply, "stopped before the answer came"}; }

http::Response refusal(int status, int retry_after_s) {
  http::Response response;
  response.status = status;
  response.headers.emplace_back("Content-Type", "application/json");
  if (status == 429) response.headers.emplace_back("Retry-After", std::to_string(retry_after_s));
  response.body = R"({"errors":[{"code":"SIM-1","title":"asked for by a fault"}]})";
  return response;
}

}  // namespace

MemoryTransport::Fate MemoryTransport::draw() {
  Fate fate;
  fate.there = dice_.time_between(500us, 40ms);
  fate.back = dice_.time_between(500us, 60ms);
  fate.arrives_after_death = dice_.chance(500);
  if (dice_.chance(rates_.list_lag)) {
    fate.list_lag = std::chrono::milliseconds(dice_.between(200, 6000));
  }
  std::array const rates{
      std::pair{Fault::refused, rates_.refused},
      std::pair{Fault::lost_before, rates_.lost_before},
      std::pair{Fault::lost_after, rates_.lost_after},
      std::pair{Fault::cut, rates_.cut},
      std::pair{Fault::timeout_before, rates_.timeout_before},
      std::pair{Fault::timeout_after, rates_.timeout_after},
      std::pair{Fault::status_before, rates_.status_before},
      std::pair{Fault::status_after, rates_.status_after},
      std::pair{Fault::throttled, rates_.throttled},
      std::pair{Fault::slow, rates_.slow},
  };
  auto drawn = dice_.below(1000);
  for (auto const& [fault, rate] : rates) {
    if (drawn < rate) {
      fate.fault = fault;
      break;
    }
    drawn -= rate;
  }
  constexpr std::array kStatus{500, 502, 503, 504};
  fate.status = fate.fault == Fault::throttled ? 429 : kStatus[dice_.below(kStatus.size())];
  fate.retry_after_s = static_cast<int>(dice_.between(1, 20));
  if (fate.fault == Fault::slow) {
    fate.there += dice_.time_between(0us, 20s);
    fate.back += dice_.time_between(1s, 30s);
  }
  return fate;
}

std::string_view MemoryTransport::name_of(Fault fault) {
  constexpr std::array<std::string_view, 11> kNames{"",
                                                    "refused",
                                                    "lost before work",
                                                    "lost after work",
                                                    "cut off",
                                                    "timeout before work",
                                                    "timeout after work",
                                                    "status instead of work",
                                                    "status after work",
                                                    "throttled",
                                                    "slow"};
  return kNames[static_cast<std::size_t>(fault)];
}

bool MemoryTransport::is_done(Fault fault) {
  return fault == Fault::none || fault == Fault::lost_after || fault == Fault::cut ||
         fault == Fault::timeout_after || fault == Fault::status_after || fault == Fault::slow;
}

/// What the process sees of an exchange that the cloud has answered.
Result<http::Response> MemoryTransport::answer(http::Request const& request, Fate const& fate,
                                               http::Response response) const {
  switch (fate.fault) {
    case Fault::lost_after:
    case Fault::lost_before:
      return Error(Errc::lost_reply, "the connection broke before the answer");
    case Fault::cut:
      // An answer without a body has nothing that could be cut.
      if (response.body.empty()) return response;
      return Error(Errc::lost_reply, "the connection broke in the middle of the answer");
    case Fault::timeout_before:
    case Fault::timeout_after:
      return Error(Errc::timeout,
                   fmt::format("no whole answer within {}", format_duration(request.timeout)));
    case Fault::status_before:
    case Fault::status_after:
    case Fault::throttled:
      return refusal(fate.status, fate.retry_after_s);
    default:
      return response;
  }
}

void MemoryTransport::note(http::Request const& request, Fate const& fate, int status) {
  auto const path = std::string_view(request.target).substr(0, request.target.find('?'));
  trace_.add(fmt::format("{} {}{} {}{}{}", http::name_of(request.method), request.host, path,
                         status, fate.fault == Fault::none ? "" : " but ", name_of(fate.fault)));
}

Task<http::Response> MemoryTransport::send(http::Request request) {
  if (lifeline_.step("before a request is sent")) co_return dead_before();
  auto const fate = draw();
  if (fate.fault == Fault::refused) {
    note(request, fate, 0);
    co_await clock_.sleep(fate.there);
    co_return Error(Errc::connection, "connection refused");
  }
  co_await clock_.sleep(fate.there);
  if (lifeline_.dead() && !fate.arrives_after_death) co_return dead_after();
  http::Response response;
  if (is_done(fate.fault)) response = cloud_.serve(request, fate.list_lag);
  note(request, fate, response.status);
  if (lifeline_.dead() || lifeline_.step("after the cloud has done a request")) {
    co_return dead_after();
  }
  bool const is_late = fate.fault == Fault::timeout_before || fate.fault == Fault::timeout_after;
  co_await clock_.sleep(is_late ? std::chrono::nanoseconds(request.timeout) : fate.back);
  if (lifeline_.dead()) co_return dead_after();
  co_return answer(request, fate, std::move(response));
}

}  // namespace tenantry::simulation
