#include "scripted_server.hpp"

#include <fmt/format.h>
#include <sys/socket.h>

#include <array>
#include <boost/asio/write.hpp>
#include <cstdlib>

namespace tenantry::test {
namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

thread_local ScriptedServer* ScriptedServer::current_ = nullptr;

ScriptedServer::ScriptedServer(Script script)
    : script_(std::move(script)),
      acceptor_(io_, tcp::endpoint(asio::ip::address_v4::loopback(), 0)),
      port_(acceptor_.local_endpoint().port()),
      acceptor_thread_([this] { accept_all(); }) {}

ScriptedServer::~ScriptedServer() {
  ::shutdown(acceptor_.native_handle(), SHUT_RDWR);
  acceptor_thread_.join();
  {
    std::scoped_lock const lock(mutex_);
    closing_ = true;
    for (int const socket : open_) ::shutdown(socket, SHUT_RDWR);
  }
  for (auto& thread : threads_) thread.join();
}

void ScriptedServer::accept_all() {
  for (;;) {
    error_code ec;
    tcp::socket socket(io_);
    acceptor_.accept(socket, ec);
    if (ec) return;
    socket.set_option(tcp::no_delay(true), ec);
    threads_.emplace_back(
        [this, number = connections_++](tcp::socket own) { serve(std::move(own), number); },
        std::move(socket));
  }
}

void ScriptedServer::serve(tcp::socket socket, int number) {
  current_ = this;
  int const handle = socket.native_handle();
  {
    std::scoped_lock const lock(mutex_);
    if (closing_) return;
    open_.insert(handle);
  }
  Link link(std::move(socket));
  script_(link, number);
  std::scoped_lock const lock(mutex_);
  open_.erase(handle);
  error_code ignored;
  link.socket_.close(ignored);
  ++finished_;
}

std::string ScriptedServer::url(std::string_view scheme) const {
  return fmt::format("{}://127.0.0.1:{}", scheme, port_);
}

std::vector<std::string> ScriptedServer::requests() const {
  std::scoped_lock const lock(mutex_);
  return requests_;
}

std::size_t ScriptedServer::Link::read_some(char* data, std::size_t size) {
  error_code ec;
  auto const room = asio::buffer(data, size);
  auto const got = tls_ ? tls_->read_some(room, ec) : socket_.read_some(room, ec);
  return ec ? 0 : got;
}

std::string ScriptedServer::Link::read_request() {
  auto const length_of = [](std::string const& head) -> std::size_t {
    constexpr std::string_view kName = "\r\nContent-Length: ";
    auto const at = head.find(kName);
    if (at == std::string::npos) return 0;
    return std::strtoul(head.c_str() + at + kName.size(), nullptr, 10);
  };
  for (;;) {
    auto const end = pending_.find("\r\n\r\n");
    if (end != std::string::npos) {
      auto const size = end + 4 + length_of(pending_.substr(0, end + 2));
      if (pending_.size() >= size) {
        auto request = pending_.substr(0, size);
        pending_.erase(0, size);
        std::scoped_lock const lock(current_->mutex_);
        current_->requests_.push_back(request);
        return request;
      }
    }
    std::array<char, 65536> bytes;
    auto const got = read_some(bytes.data(), bytes.size());
    if (got == 0) return {};
    pending_.append(bytes.data(), got);
  }
}

bool ScriptedServer::Link::write(std::string_view bytes) {
  error_code ec;
  if (tls_) {
    asio::write(*tls_, asio::buffer(bytes), ec);
  } else {
    asio::write(socket_, asio::buffer(bytes), ec);
  }
  return !ec;
}

bool ScriptedServer::Link::start_tls(asio::ssl::context& context) {
  tls_ = std::make_unique<asio::ssl::stream<tcp::socket&>>(socket_, context);
  error_code ec;
  tls_->handshake(asio::ssl::stream_base::server, ec);
  return !ec;
}

void ScriptedServer::Link::send_ticket() {
  SSL_new_session_ticket(tls_->native_handle());
  // The ticket leaves with the next handshake step, which for a ticket is a write of nothing.
  error_code ignored;
  tls_->handshake(asio::ssl::stream_base::server, ignored);
}

void ScriptedServer::Link::end_tls() {
  error_code ignored;
  socket_.non_blocking(true, ignored);  // so that the wait for the client's farewell ends at once
  tls_->shutdown(ignored);
  socket_.non_blocking(false, ignored);
}

void ScriptedServer::Link::reset() {
  // Takes effect when the script ends and the socket is closed.
  error_code ignored;
  socket_.set_option(asio::socket_base::linger(true, 0), ignored);
}

std::string ScriptedServer::Link::server_name() const {
  char const* const name = SSL_get_servername(tls_->native_handle(), TLSEXT_NAMETYPE_host_name);
  return name == nullptr ? "" : name;
}

bool ScriptedServer::Link::session_was_resumed() const {
  return SSL_session_reused(tls_->native_handle()) == 1;
}

std::string answer(std::string_view body, std::string_view more_headers) {
  return fmt::format("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n{}\r\n{}", body.size(), more_headers,
                     body);
}

}  // namespace tenantry::test
