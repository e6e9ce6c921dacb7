#include "sinks/vault_sink.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "providers/http/client.hpp"
#include "tests/support/run_task.hpp"
#include "tests/support/scripted_server.hpp"

namespace tenantry::sinks {
namespace {

run::Delivery delivery() {
  return {{"acme", "oauthClients", "portal"},
          {"client-1", Secret("s3cret-value"), "acme.eu.qlikcloud.com"}};
}

Object written(std::string const& address) {
  return {{"address", address},
          {"path", "tenants/acme/portal"},
          {"token", "hvs.t0ken"},
          {"namespace", "admin"}};
}

std::string answer(int status, std::string_view body) {
  auto const length =
      status == 204 ? std::string() : fmt::format("Content-Length: {}\r\n", body.size());
  return fmt::format("HTTP/1.1 {} X\r\nContent-Type: application/json\r\n{}\r\n{}", status, length,
                     body);
}

/// A Vault that gives answers one after the other and keeps what it was asked.
struct Vault {
  std::vector<std::string> requests;

  /// An empty answer gets lost.
  Result<std::string> deliver_to(std::vector<std::string> const& answers) {
    std::size_t next = 0;
    test::ScriptedServer const server([&](test::ScriptedServer::Link& link, int) {
      while (next < answers.size()) {
        auto request = link.read_request();
        if (request.empty()) return;
        requests.push_back(std::move(request));
        auto const& text = answers[next++];
        if (text.empty() || !link.write(text)) return;
      }
    });
    boost::asio::io_context io;
    http::Client client(io.get_executor(), {});
    SystemClock clock;
    SystemRandom random;
    run::StopFlag const stop;
    VaultSink sink(client, clock, random, stop);
    auto address = vault_address(written(server.url()), "/");
    REQUIRE(address.has_value());
    return test::run_on(io, sink.deliver(std::move(*address), delivery()));
  }
};

void check_refused(int status, std::string_view body, std::string_view message,
                   std::string_view hint) {
  Vault vault;
  auto const refused = vault.deliver_to({answer(status, body)});
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().code == Errc::rejected);
  auto const all = describe(refused.error()) + refused.error().hint;
  CAPTURE(all);
  CHECK(refused.error().message.find(message) != std::string::npos);
  CHECK(refused.error().hint.find(hint) != std::string::npos);
  CHECK(all.find("s3cret-value") == std::string::npos);
  CHECK(all.find("hvs.t0ken") == std::string::npos);
}

}  // namespace

TEST_SUITE("vault_sink") {
  TEST_CASE("deliver: a new version at the path, with token and namespace") {
    Vault vault;
    auto const where = vault.deliver_to({answer(200, R"({"data": {"version": 1}})")});
    REQUIRE(where.has_value());
    CHECK(*where == "Vault at 127.0.0.1, secret/tenants/acme/portal");
    REQUIRE(vault.requests.size() == 1);
    auto const& request = vault.requests[0];
    CHECK(request.starts_with("POST /v1/secret/data/tenants/acme/portal HTTP/1.1\r\n"));
    CHECK(request.find("X-Vault-Token: hvs.t0ken\r\n") != std::string::npos);
    CHECK(request.find("X-Vault-Namespace: admin\r\n") != std::string::npos);
    CHECK(request.ends_with(R"({"data":{"clientId":"client-1","clientSecret":"s3cret-value",)"
                            R"("host":"acme.eu.qlikcloud.com"}})"));
  }

  TEST_CASE("deliver: an answer that got lost and a sealed Vault are tried again") {
    Vault vault;
    auto const where = vault.deliver_to(
        {"", answer(503, R"({"errors": ["Vault is sealed"]})"), answer(200, "{}")});
    CHECK(where.has_value());
    CHECK(vault.requests.size() == 3);
  }

  TEST_CASE("deliver: a refusal says what to do, and repeats no secret") {
    check_refused(403, R"({"errors": ["permission denied for hvs.t0ken: s3cret-value"]})",
                  "permission denied for (sensitive): (sensitive)", "`create` and `update`");
    check_refused(404, R"({"errors": ["no handler for route"]})",
                  "no key-value engine of version 2", "`mount`");
    check_refused(400, R"({"errors": ["check-and-set parameter required"]})", "check-and-set",
                  "cas_required");
    check_refused(204, "", "version 1", "delete secret/data/tenants/acme/portal");
  }

  TEST_CASE("vault_address: the token goes in clear to this machine alone") {
    auto const refused = vault_address(written("http://vault.example:8200"), "/");
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().message.find("in clear") != std::string::npos);
    CHECK(refused.error().message.find("hvs.t0ken") == std::string::npos);
    CHECK(vault_address(written("https://vault.example:8200/"), "/").has_value());
    CHECK(vault_address(written("http://localhost:8200"), "/").has_value());
    CHECK_FALSE(vault_address(written("vault.example"), "/").has_value());
  }

  TEST_CASE("vault_address: what cannot be sent as meant is refused") {
    for (auto const& [name, value] : {std::pair<char const*, char const*>{"token", ""},
                                      {"token", "two\nlines"},
                                      {"path", "a/../../sys/x"},
                                      {"path", "/"},
                                      {"caFile", "missing.pem"}}) {
      CAPTURE(name);
      auto sink = written("https://vault.example");
      sink[name] = value;
      CHECK_FALSE(vault_address(sink, "/").has_value());
    }
  }
}
}  // namespace tenantry::sinks
