// A small blocking HTTP client for tests: plain TCP, one connection, Host header of one's choice.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "engine/core/error.hpp"
#include "engine/core/value.hpp"

namespace tenantry::test {

struct HttpReply {
  int status = 0;                              ///< 0: the connection ended before a whole answer
  std::map<std::string, std::string> headers;  ///< names in lower case
  std::string body;
  Value json() const;  ///< null where the body is no JSON
};

class HttpClient {
 public:
  /// Connects to 127.0.0.1 at the first request.
  explicit HttpClient(std::uint16_t port) : port_(port) {}
  HttpClient(HttpClient const&) = delete;
  HttpClient& operator=(HttpClient const&) = delete;
  ~HttpClient() { disconnect(); }

  /// Sends one request over a connection that is kept. Content-Length is added; Content-Type is
  /// application/json where there is a body and `headers` has none.
  HttpReply send(std::string_view method, std::string_view host, std::string_view target,
                 std::string_view body = {}, std::map<std::string, std::string> headers = {});
  /// Sends bytes as they are and reads one answer.
  HttpReply send_raw(std::string_view bytes);
  void disconnect();
  /// How many connections were made so far.
  int connections() const { return connections_; }

 private:
  bool connect();
  bool write(std::string_view bytes);
  HttpReply read();

  std::uint16_t port_;
  int socket_ = -1;
  int connections_ = 0;
  std::string input_;
};

}  // namespace tenantry::test
