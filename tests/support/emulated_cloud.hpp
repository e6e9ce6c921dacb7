// An emulator for a test, with the calls that most tests begin with.
#pragma once
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "emulator/emulator.hpp"
#include "tests/support/http_client.hpp"

namespace tenantry::test {

/// A tenant that was created in a test.
struct EmulatedTenant {
  std::string id;
  std::string host;
  std::string token;
};

/// With TENANTRY_TEST_JOURNAL in the environment every exchange is appended to the file it names,
/// to be checked against the API's documents.
class EmulatedCloud {
 public:
  explicit EmulatedCloud(emulator::Options options = {});

  emulator::Emulator& emulator() { return *emulator_; }
  HttpClient& http() { return *http_; }
  /// A token of `host` for a client, the built-in one where none is named; "" when refused.
  std::string token(std::string const& host, std::string_view client = emulator::kClientId,
                    std::string_view secret = emulator::kClientSecret);
  EmulatedTenant create_tenant(std::string const& region = "eu");
  /// A call with a token. `body` null: none is sent.
  HttpReply call(EmulatedTenant const& tenant, std::string_view method, std::string_view target,
                 Value const& body = {}, std::map<std::string, std::string> headers = {});
  HttpReply call(std::string const& host, std::string const& token, std::string_view method,
                 std::string_view target, Value const& body = {},
                 std::map<std::string, std::string> headers = {});
  /// A call below /_emulator/.
  HttpReply control(std::string_view method, std::string_view what, Value const& body = {});

 private:
  std::unique_ptr<emulator::Emulator> emulator_;
  std::unique_ptr<HttpClient> http_;
};

}  // namespace tenantry::test
