// A session that answers by a script: fails on a call that is not next, and on answers left over.
#pragma once
#include <doctest/doctest.h>

#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "providers/api/session.hpp"

namespace tenantry::test {

inline std::string_view name_of(Verb verb) {
  switch (verb) {
    case Verb::get:
      return "GET";
    case Verb::post:
      return "POST";
    case Verb::put:
      return "PUT";
    case Verb::patch:
      return "PATCH";
    case Verb::delete_:
      return "DELETE";
  }
  return "?";
}

/// "GET /api/v1/roles?limit=100": what a call asks for, query in plain text.
inline std::string line_of(Call const& call) {
  auto line = std::string(name_of(call.verb)) + ' ' + call.path;
  char separator = call.path.find('?') == std::string::npos ? '?' : '&';
  for (auto const& [name, value] : call.query) {
    line += separator + name + '=' + value;
    separator = '&';
  }
  return line;
}

inline Reply json_reply(int status, std::string_view json) {
  Reply reply;
  reply.status = status;
  reply.body = parse_json(json).value();
  return reply;
}

inline Reply empty_reply(int status) {
  Reply reply;
  reply.status = status;
  return reply;
}

/// Calls must come in the order of the script. What was called is kept in `calls`.
class ScriptedSession final : public Session {
 public:
  explicit ScriptedSession(std::string host = "acme.eu.qlikcloud.com") : host_(std::move(host)) {}
  ScriptedSession(ScriptedSession const&) = delete;
  ScriptedSession& operator=(ScriptedSession const&) = delete;
  ~ScriptedSession() override {
    for (auto const& step : script_) FAIL_CHECK("never called: ", step.line);
  }

  /// The next call is `line` ("GET /api/v1/roles?limit=100") and is answered so.
  ScriptedSession& on(std::string line, Result<Reply> answer) {
    script_.push_back({std::move(line), std::move(answer)});
    return *this;
  }
  ScriptedSession& on(std::string line, int status, std::string_view json) {
    return on(std::move(line), json_reply(status, json));
  }
  ScriptedSession& on(std::string line, int status) {
    return on(std::move(line), empty_reply(status));
  }
  ScriptedSession& on(std::string line, Errc code) {
    return on(std::move(line), Error(code, "scripted failure"));
  }

  /// Passes at once; what was waited for is kept in `waits`.
  Task<void> wait(std::chrono::milliseconds time) override {
    waits.push_back(time);
    co_return Result<void>();
  }
  std::vector<std::chrono::milliseconds> waits;

  Task<Reply> call(Call call) override {
    auto const line = line_of(call);
    calls.push_back(std::move(call));
    if (script_.empty() || script_.front().line != line) {
      FAIL_CHECK("unexpected call: ", line,
                 script_.empty() ? "" : ", expected " + script_.front().line);
      co_return Error(Errc::internal, "unexpected call: " + line);
    }
    auto answer = std::move(script_.front().answer);
    script_.pop_front();
    co_return answer;
  }
  std::string const& host() const override { return host_; }
  bool signs_in_as(std::string_view client_id) const override {
    return !own_client.empty() && own_client == client_id;
  }

  /// The body of the nth call as canonical JSON; "" when it had none.
  std::string body(std::size_t index) const {
    REQUIRE(index < calls.size());
    return calls[index].body ? canonical(*calls[index].body) : std::string();
  }
  std::string header(std::size_t index, std::string_view name) const {
    REQUIRE(index < calls.size());
    for (auto const& [key, value] : calls[index].headers) {
      if (key == name) return value;
    }
    return {};
  }

  std::vector<Call> calls;
  std::string own_client;  ///< client id that this session signs in with

 private:
  struct Step {
    std::string line;
    Result<Reply> answer;
  };
  std::string host_;
  std::deque<Step> script_;
};

}  // namespace tenantry::test
