#include "providers/http/exchange.hpp"

#include <fmt/format.h>

#include <boost/asio/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include "engine/core/text.hpp"

namespace tenantry::http {
namespace asio = boost::asio;
namespace beast_http = boost::beast::http;
using boost::system::error_code;

namespace {

constexpr std::uint32_t kHeaderBytesMax = 64U << 10;
constexpr int kInterimAnswersMax = 16;

using Parser = beast_http::response_parser<beast_http::string_body>;

bool is_token(std::string_view text) {
  constexpr std::string_view kAlso = "!#$%&'*+-.^_`|~";  // RFC 9110, 5.6.2
  auto const fits = [&](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           kAlso.find(c) != std::string_view::npos;
  };
  return !text.empty() && std::ranges::all_of(text, fits);
}

bool is_host(std::string_view text) {
  auto const fits = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' ||
           c == '-' || c == '_';
  };
  return !text.empty() && text.size() <= 253 && std::ranges::all_of(text, fits);
}

bool is_value(std::string_view text) {
  return std::ranges::none_of(text, [](char c) {
    auto const byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && c != '\t') || byte == 0x7F;
  });
}

bool is_target(std::string_view text) {
  return text.starts_with('/') && std::ranges::all_of(text, [](char c) {
           auto const byte = static_cast<unsigned char>(c);
           return byte > 0x20 && byte < 0x7F && c != '#';
         });
}

/// What becomes of the parser when bytes have come.
enum class Parsed { more, whole, broken };

struct Answer {
  std::optional<Parser> parser;
  error_code error;
  int interim = 0;
  bool started = false;  // a byte of an answer came

  void begin(std::size_t body_bytes_max) {
    parser.emplace();
    parser->eager(true);
    parser->header_limit(kHeaderBytesMax);
    parser->body_limit(body_bytes_max);
  }
};

Parsed parse(Answer& answer, boost::beast::flat_buffer& input, std::size_t body_bytes_max) {
  while (input.size() > 0) {
    error_code ec;
    input.consume(answer.parser->put(input.data(), ec));
    if (ec == beast_http::error::need_more) return Parsed::more;
    answer.error = ec;
    if (ec) return Parsed::broken;
    if (!answer.parser->is_done()) continue;
    auto const status = answer.parser->get().result_int();
    if (status >= 200) return Parsed::whole;
    if (status == 101 || ++answer.interim > kInterimAnswersMax) {
      answer.error = beast_http::error::bad_status;
      return Parsed::broken;
    }
    answer.begin(body_bytes_max);
  }
  return Parsed::more;
}

Response take_response(Parser& parser) {
  Response response;
  response.status = static_cast<int>(parser.get().result_int());
  for (auto const& field : parser.get()) {
    response.headers.emplace_back(std::string(field.name_string()), std::string(field.value()));
  }
  response.body = std::move(parser.get().body());
  return response;
}

Error broken(Answer const& answer, Request const& request) {
  if (answer.error == beast_http::error::body_limit ||
      answer.error == beast_http::error::header_limit) {
    bool const is_body = answer.error == beast_http::error::body_limit;
    return Error(Errc::too_large,
                 fmt::format("the answer's {} over {} bytes", is_body ? "body is" : "headers are",
                             is_body ? request.response_bytes_max : kHeaderBytesMax));
  }
  return Error(Errc::protocol,
               fmt::format("the answer is not HTTP/1.1: {}", answer.error.message()));
}

Error lost(error_code error, bool answer_started, std::size_t sent, Request const& request) {
  if (error == asio::error::operation_aborted) {
    // What has left may have done its work, stopped or not.
    return sent == 0 ? Error(Errc::cancelled, "stopped before the request was sent")
                     : Error(Errc::lost_reply, "stopped before the answer came");
  }
  bool const is_late = error == asio::error::timed_out;
  auto const reason =
      error == asio::error::eof ? "the server closed the connection" : error.message();
  if (sent == 0) {
    return Error(Errc::connection, fmt::format("the request could not be sent: {}",
                                               is_late ? "the server does not read" : reason));
  }
  if (is_late) {
    return Error(Errc::timeout,
                 fmt::format("no whole answer within {}", format_duration(request.timeout)));
  }
  return Error(
      Errc::lost_reply,
      fmt::format("the connection broke {}: {}",
                  answer_started ? "in the middle of the answer" : "before the answer", reason));
}

}  // namespace

Result<void> check(Request const& request) {
  if (!is_host(request.host)) {
    return Error(Errc::invalid, fmt::format("\"{}\" is not a host name", visible(request.host)));
  }
  if (!is_target(request.target)) {
    return Error(Errc::invalid, "the target of the request is not an encoded path");
  }
  for (auto const& [name, value] : request.headers) {
    if (!is_token(name) || !is_value(value)) {
      return Error(
          Errc::invalid,
          fmt::format("header \"{}\" has characters that HTTP does not allow", visible(name)));
    }
    for (auto const* const own : {"host", "content-length", "transfer-encoding", "connection",
                                  "user-agent", "accept-encoding", "expect"}) {
      if (lower(name) != own) continue;
      return Error(Errc::invalid, fmt::format("header \"{}\" is set by the client alone", name));
    }
  }
  return {};
}

std::string head_of(Request const& request, std::string_view user_agent) {
  auto head = fmt::format("{} {} HTTP/1.1\r\nHost: {}\r\nUser-Agent: {}\r\n",
                          name_of(request.method), request.target, request.host, user_agent);
  for (auto const& [name, value] : request.headers) {
    head.append(name).append(": ").append(value).append("\r\n");
  }
  // RFC 9110, 8.6: a method that gives a body a meaning says its length even when there is none.
  bool const expects_body = request.method == Method::post || request.method == Method::put ||
                            request.method == Method::patch;
  if (expects_body || !request.body.empty()) {
    head += fmt::format("Content-Length: {}\r\n", request.body.size());
  }
  return head + "\r\n";
}

asio::awaitable<Exchanged> exchange(Connection& connection, Request const& request,
                                    std::string head, std::string body) {
  auto const deadline = std::chrono::steady_clock::now() + request.timeout;
  Exchanged result;
  auto const written = co_await connection.write(std::move(head), std::move(body), deadline);
  result.sent = written.bytes;
  if (written.error == asio::error::timed_out || written.error == asio::error::operation_aborted) {
    result.response = lost(written.error, false, result.sent, request);
    co_return result;
  }
  auto& input = connection.input();
  Answer answer;
  answer.begin(request.response_bytes_max);
  auto state = Parsed::more;
  while (state == Parsed::more) {
    auto const got = co_await connection.read(deadline);
    answer.started = answer.started || got.bytes > 0;
    if (got.bytes > 0) state = parse(answer, input, request.response_bytes_max);
    if (!got.error || state != Parsed::more) continue;
    // Only a proper end of the stream ends a body that has no length; over TLS a cut is no end.
    error_code ec = got.error;
    if (got.error == asio::error::eof && answer.parser->is_header_done()) {
      answer.parser->put_eof(ec);
    }
    if (!ec && answer.parser->is_done()) {
      result.response = take_response(*answer.parser);
      co_return result;
    }
    bool const by_peer =
        got.error != asio::error::timed_out && got.error != asio::error::operation_aborted;
    result.unanswered = by_peer && !answer.started;
    auto const& reason = written.error ? written.error : got.error;
    result.response = lost(by_peer ? reason : got.error, answer.started, result.sent, request);
    co_return result;
  }
  if (state == Parsed::broken) {
    result.response = broken(answer, request);
    co_return result;
  }
  result.keep = !written.error && input.size() == 0 && answer.parser->keep_alive();
  result.response = take_response(*answer.parser);
  co_return result;
}

}  // namespace tenantry::http
