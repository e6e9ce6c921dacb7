#include "tests/support/http_client.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>

#include "engine/core/text.hpp"

namespace tenantry::test {

Value HttpReply::json() const {
  auto value = parse_json(body);
  if (!value) return {};
  return std::move(*value);
}

bool HttpClient::connect() {
  if (socket_ >= 0) return true;
  socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port_);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  int const yes = 1;
  ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  timeval const limit{10, 0};  // a test that hangs must fail, not stay
  ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  ++connections_;
  return ::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
}

void HttpClient::disconnect() {
  if (socket_ >= 0) ::close(socket_);
  socket_ = -1;
  input_.clear();
}

bool HttpClient::write(std::string_view bytes) {
  while (!bytes.empty()) {
    auto const sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

HttpReply HttpClient::send(std::string_view method, std::string_view host, std::string_view target,
                           std::string_view body, std::map<std::string, std::string> headers) {
  auto text = fmt::format("{} {} HTTP/1.1\r\nHost: {}\r\n", method, target, host);
  if (!body.empty()) {
    headers.emplace("Content-Type", "application/json");
    headers.emplace("Content-Length", std::to_string(body.size()));
  }
  for (auto const& [name, value] : headers) text += fmt::format("{}: {}\r\n", name, value);
  text += "\r\n";
  text += body;
  return send_raw(text);
}

HttpReply HttpClient::send_raw(std::string_view bytes) {
  if (!connect()) return {};
  // An answer may come, and the connection end, before all is sent: read it all the same.
  (void)write(bytes);
  auto reply = read();
  if (reply.status == 0 || reply.headers["connection"] == "close") disconnect();
  return reply;
}

HttpReply HttpClient::read() {
  auto const more = [this] {
    char buffer[16 * 1024];
    auto const count = ::recv(socket_, buffer, sizeof buffer, 0);
    if (count > 0) input_.append(buffer, static_cast<std::size_t>(count));
    return count > 0;
  };
  auto end = input_.find("\r\n\r\n");
  while (end == std::string::npos) {
    if (!more()) return {};
    end = input_.find("\r\n\r\n");
  }
  HttpReply reply;
  reply.status = std::atoi(input_.c_str() + input_.find(' '));
  std::string_view head(input_.data(), end + 2);
  head.remove_prefix(head.find("\r\n") + 2);
  while (!head.empty()) {
    auto const line = head.substr(0, head.find("\r\n"));
    auto const colon = line.find(':');
    reply.headers[lower(line.substr(0, colon))] = line.substr(colon + 2);
    head.remove_prefix(line.size() + 2);
  }
  input_.erase(0, end + 4);
  auto const length = reply.headers.find("content-length");
  auto const size = length == reply.headers.end() ? 0UL : std::stoul(length->second);
  while (input_.size() < size) {
    if (!more()) return {};
  }
  reply.body = input_.substr(0, size);
  input_.erase(0, size);
  return reply;
}

}  // namespace tenantry::test
