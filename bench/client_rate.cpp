// How many requests a second the client makes on one thread: what bench/client compares with wrk.
//
//   client_rate client|session ENDPOINT HOST PATH TOKEN CONNECTIONS SECONDS
//
// `client` is the HTTP client alone, `session` all that stands between a resource kind and the wire:
// tokens, rate limits, retries, JSON. Prints requests, seconds, and seconds of processor time.
#include <fmt/format.h>
#include <time.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <cstdlib>
#include <string>

#include "providers/http/bounded.hpp"
#include "providers/http/client.hpp"
#include "providers/qlik/platform.hpp"

namespace tenantry {
namespace asio = boost::asio;
namespace {

struct Job {
  std::string layer, endpoint, host, path, token;
  std::size_t connections = 1;
  std::chrono::duration<double> length{1};
};

struct Count {
  std::size_t requests = 0;
  bool failed = false;
};

[[noreturn]] void fail(std::string const& what) {
  fmt::print(stderr, "{}\n", what);
  std::exit(EXIT_FAILURE);
}

double processor_seconds() {
  timespec now{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

asio::awaitable<void> send_on(http::Transport& transport, Job const& job, SteadyTime end,
                              Count& count) {
  while (std::chrono::steady_clock::now() < end) {
    http::Request request;
    request.host = job.host;
    request.target = job.path;
    request.route.endpoint = job.endpoint;
    request.headers = {{"Accept", "application/json"}, {"Authorization", "Bearer " + job.token}};
    auto const response = co_await transport.send(std::move(request));
    if (!response || response->status != 200) {
      count.failed = true;
      co_return;
    }
    ++count.requests;
  }
}

asio::awaitable<void> call_on(Session& session, Job const& job, SteadyTime end, Count& count) {
  while (std::chrono::steady_clock::now() < end) {
    Call call{.path = job.path};
    auto const reply = co_await session.call(std::move(call));
    if (!reply) {
      count.failed = true;
      co_return;
    }
    ++count.requests;
  }
}

int run(Job const& job) {
  asio::io_context io{1};
  http::ClientOptions options;
  options.connections_max = options.connections_per_host_max = job.connections;
  http::Client client(io.get_executor(), options);
  http::BoundedTransport bounded(client, io.get_executor(), job.connections);
  SystemClock clock;
  SystemRandom random;
  Credential own;
  own.api_key = Secret(job.token);
  RegionAccess region;
  region.region = "eu";
  region.credential = own;
  region.endpoint = job.endpoint;
  region.rate_limits = false;
  PlatformAccess access;
  access.regions["eu"] = region;
  auto const platform = make_platform(std::move(access), bounded, clock, random);
  auto& session = platform->tenant("eu", job.host);
  Count count;
  auto const begun = std::chrono::steady_clock::now();
  auto const cpu = processor_seconds();
  auto const end =
      begun + std::chrono::duration_cast<std::chrono::steady_clock::duration>(job.length);
  for (std::size_t i = 0; i < job.connections; ++i) {
    if (job.layer == "client") {
      asio::co_spawn(io, send_on(client, job, end, count), asio::detached);
    } else {
      asio::co_spawn(io, call_on(session, job, end, count), asio::detached);
    }
  }
  io.run();
  if (count.failed) fail("a request failed");
  std::chrono::duration<double> const taken = std::chrono::steady_clock::now() - begun;
  fmt::print("{} {} {}\n", count.requests, taken.count(), processor_seconds() - cpu);
  return EXIT_SUCCESS;
}

}  // namespace
}  // namespace tenantry

int main(int argc, char** argv) {
  using namespace tenantry;
  if (argc != 8) fail("client_rate client|session ENDPOINT HOST PATH TOKEN CONNECTIONS SECONDS");
  Job job{argv[1], argv[2], argv[3], argv[4], argv[5]};
  job.connections = static_cast<std::size_t>(std::stoul(argv[6]));
  job.length = std::chrono::duration<double>(std::stod(argv[7]));
  return run(job);
}
