#include "emulator/emulator.hpp"

#include <fmt/format.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <thread>

#include "emulator/certificates.hpp"
#include "emulator/server.hpp"
#include "emulator/service.hpp"

namespace tenantry::emulator {

struct Emulator::Parts {
  explicit Parts(Options o) : options(std::move(o)), service(options) {}

  Options options;
  Service service;
  std::unique_ptr<Certificates> certificates;
  std::uint16_t port = 0;
  boost::asio::io_context io{1};
  std::unique_ptr<Server> server;
  std::thread thread;
};

Emulator::Emulator(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

Result<std::unique_ptr<Emulator>> Emulator::start(Options options) {
  auto parts = std::make_unique<Parts>(std::move(options));
  auto opened = parts->service.open();
  if (!opened) return opened.error();
  if (parts->options.tls) {
    auto certificates = Certificates::create();
    if (!certificates) return certificates.error();
    parts->certificates = std::move(*certificates);
  }
  parts->server = std::make_unique<Server>(parts->io, parts->service, parts->certificates.get());
  auto listening = parts->server->listen(parts->options.address, parts->options.port);
  if (!listening) return listening.error();
  parts->port = parts->server->port();
  parts->thread = std::thread([io = &parts->io] { io->run(); });
  return std::unique_ptr<Emulator>(new Emulator(std::move(parts)));
}

std::uint16_t Emulator::port() const { return parts_->port; }

std::string Emulator::url() const {
  auto const& address = parts_->options.address;
  auto const ipv6 = address.find(':') != std::string::npos;
  return fmt::format("{}://{}{}{}:{}", parts_->options.tls ? "https" : "http", ipv6 ? "[" : "",
                     address, ipv6 ? "]" : "", parts_->port);
}

std::string Emulator::ca_certificate() const {
  return parts_->certificates ? parts_->certificates->ca_pem() : std::string();
}

void Emulator::stop() {
  if (!parts_->thread.joinable()) return;
  // Everything that waits is woken and ends, so that no coroutine outlives what it looks at.
  boost::asio::post(parts_->io, [this] { parts_->server->close(); });
  parts_->thread.join();
}

Emulator::~Emulator() { stop(); }

}  // namespace tenantry::emulator
