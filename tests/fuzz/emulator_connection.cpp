// The bytes of a connection to the emulator. Names in braces are those of EmulatedWorld::fill.
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include "emulator/server.hpp"
#include "tests/fuzz/emulated_world.hpp"
#include "tests/fuzz/targets.hpp"

namespace tenantry::fuzz {
namespace {
namespace asio = boost::asio;
using asio::ip::tcp;

constexpr auto kTuple = asio::as_tuple(asio::use_awaitable);

/// Writes all of `input`, then reads to the end: the server must close.
asio::awaitable<void> talk(asio::io_context& io, emulator::Server& server, std::string input,
                           std::string& answers) {
  tcp::socket socket(io);
  tcp::endpoint const endpoint(asio::ip::address_v4::loopback(), server.port());
  auto [refused] = co_await socket.async_connect(endpoint, kTuple);
  ensure(!refused, "the emulator accepts connections");
  auto [failed, written] = co_await asio::async_write(socket, asio::buffer(input), kTuple);
  // The emulator may have refused and closed before it read all.
  ensure(failed || written == input.size(), "a request is sent whole");
  boost::system::error_code ignored;
  socket.shutdown(tcp::socket::shutdown_send, ignored);
  std::string piece(4096, '\0');
  while (true) {
    auto [ec, count] = co_await socket.async_read_some(asio::buffer(piece), kTuple);
    answers.append(piece, 0, count);
    if (ec) break;
  }
  server.close();
}

}  // namespace

void emulator_connection(std::string_view input) {
  // A fault rule may ask for a delay, and a test of sockets is no place to wait.
  if (input.find("delay") != std::string_view::npos) return;
  EmulatedWorld world;
  asio::io_context io(1);
  emulator::Server server(io, world.service(), nullptr);
  ensure(server.listen("127.0.0.1", 0).has_value(), "the emulator listens");
  std::string answers;
  asio::co_spawn(io, talk(io, server, world.fill(input), answers), asio::detached);
  io.run();
  ensure(answers.empty() || answers.starts_with("HTTP/1.1 "), "an answer is HTTP");
  ensure(answers.find("defect of the emulator") == std::string::npos,
         "no request is a defect of the emulator");
}

}  // namespace tenantry::fuzz
