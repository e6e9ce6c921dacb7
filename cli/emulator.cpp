#include "emulator/emulator.hpp"

#include <fmt/format.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>

#include "cli/commands.hpp"
#include "engine/core/file.hpp"
#include "engine/core/text.hpp"

namespace tenantry::cli {

void declare(Options& options, EmulatorArguments& arguments) {
  options.number("--port", "N", {0, 65'535}, arguments.port,
                 "Port to listen on (default: 0, a free one; it is printed)");
  options.text("--data", "FILE", arguments.data, "Keep the data in FILE (default: in memory)");
  options.number("--latency", "MS", {0, 600'000}, arguments.latency_ms,
                 "Milliseconds added to each answer");
  options.choice("--rate-limits", {"real", "off"}, arguments.rate_limits,
                 "Meter calls as Qlik Cloud does (default: real)");
  options.number("--rate-window", "S", {1, 86'400}, arguments.rate_window_seconds,
                 "Length of the rate window in seconds (default: 300)");
  options.number("--seed", "N", {0, INT64_MAX}, arguments.seed,
                 "Make ids and faults the same each time (default: 0, they differ)");
  options.flag("--tls", arguments.tls, "Serve HTTPS with certificates of an authority of its own");
  options.text("--ca-file", "FILE", arguments.ca_file,
               "With --tls: write the authority's certificate to FILE, for caFile of a region");
  options.text("--journal", "FILE", arguments.journal, "Append every exchange as a line of JSON");
  options.list("--client", "ID:SECRET", arguments.clients,
               "One more OAuth client; may be repeated");
  options.text("--address", "IP", arguments.address, "Address to listen on (default: 127.0.0.1)");
  options.examples({{"tenantry emulator --port 8480", "Serve on a port that a region can name"},
                    {"tenantry emulator --data emulator.db --rate-limits off",
                     "Keep the data and answer as fast as possible"}});
}

namespace {

Result<emulator::Options> options_of(EmulatorArguments const& arguments) {
  emulator::Options options;
  options.address = arguments.address.value_or(options.address);
  options.port = static_cast<std::uint16_t>(arguments.port);
  if (arguments.data) options.data_file = *arguments.data;
  options.latency = std::chrono::milliseconds(arguments.latency_ms);
  options.rate_limits =
      arguments.rate_limits == "off" ? emulator::RateLimits::off : emulator::RateLimits::real;
  options.rate_window = std::chrono::seconds(arguments.rate_window_seconds);
  options.seed = static_cast<std::uint64_t>(arguments.seed);
  options.tls = arguments.tls;
  if (arguments.journal) options.journal_file = *arguments.journal;
  for (auto const& client : arguments.clients) {
    auto const colon = client.find(':');
    if (colon == std::string::npos || colon == 0 || colon + 1 == client.size()) {
      return Error(Errc::invalid, "--client needs ID:SECRET");
    }
    options.clients.push_back({client.substr(0, colon), Secret(client.substr(colon + 1))});
  }
  if (arguments.ca_file && !arguments.tls) {
    return Error(Errc::invalid, "--ca-file needs --tls");
  }
  return options;
}

void warn_of_open_address(Console& console, std::string const& address) {
  boost::system::error_code failure;
  auto const parsed = boost::asio::ip::make_address(address, failure);
  if (failure || parsed.is_loopback()) return;
  console.warning(
      fmt::format("{} is open to the network, and the credentials below are known to "
                  "everybody",
                  visible(address)));
}

std::string greeting(emulator::Emulator const& server) {
  return fmt::format("listening on {}\nclient id: {}\nclient secret: {}\nlicense key: {}\n",
                     server.url(), emulator::kClientId, emulator::kClientSecret,
                     emulator::kLicenseKey);
}

}  // namespace

Exit run_emulator(Invocation& invocation, EmulatorArguments const& arguments) {
  auto options = options_of(arguments);
  if (!options) return fail(invocation, options.error());
  auto& console = invocation.console;
  warn_of_open_address(console, options->address);
  // Listened to from here on, so that a stop request right after the greeting is an orderly end
  // too.
  boost::asio::io_context io;
  boost::asio::signal_set signals(io, SIGINT, SIGTERM);
  signals.async_wait([](boost::system::error_code, int) {});
  auto const server = emulator::Emulator::start(std::move(*options));
  if (!server) return fail(invocation, server.error());
  if (arguments.ca_file) {
    auto const written =
        write_file_atomically(*arguments.ca_file, (*server)->ca_certificate(), FileMode::shared);
    if (!written) return fail(invocation, written.error());
  }
  console.out(greeting(**server));
  io.run();
  // Being stopped is how a server ends: that is no failure.
  (*server)->stop();
  return Exit::done;
}

}  // namespace tenantry::cli
