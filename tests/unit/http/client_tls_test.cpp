// The client over TLS: whom it trusts, sessions, proxies.
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <openssl/ssl.h>

#include "client_fixture.hpp"
#include "engine/core/text.hpp"
#include "tests/support/temp_folder.hpp"
#include "tests/support/test_certificate.hpp"

using namespace tenantry;
using namespace tenantry::test;
using namespace std::chrono_literals;
using http::Method;
using Link = ScriptedServer::Link;

namespace {

constexpr char const* kHost = "acme.eu.example.com";

/// The system's certificates take 25 ms and more to load for each client, and play no part here.
int const without_system_certificates = ::setenv("SSL_CERT_FILE", "/dev/null", 1);

/// An authority that the client trusts by its file, and a server with a certificate of it.
struct TlsFixture : ClientFixture {
  explicit TlsFixture(http::ClientOptions options = {}) : ClientFixture(std::move(options)) {}

  http::Request request(std::string endpoint, Method method = Method::get) {
    auto made = request_to(std::move(endpoint), method);
    made.route.ca_file = ca_file.string();
    return made;
  }
  std::shared_ptr<boost::asio::ssl::context> context_for(std::string host) {
    CertificateWishes wishes;
    wishes.host = std::move(host);
    return make_server_context(make_certificate(wishes, &authority));
  }

  TempFolder folder;
  TestCertificate authority = make_authority();
  std::filesystem::path ca_file = folder.write("ca.pem", authority.certificate);
};

/// Answers every request after a handshake.
ScriptedServer::Script always_tls(std::shared_ptr<boost::asio::ssl::context> context) {
  return [context](Link& link, int) {
    if (!link.start_tls(*context)) return;
    while (!link.read_request().empty()) link.write(answer(link.server_name()));
  };
}

}  // namespace

TEST_SUITE("http client: TLS") {
  TEST_CASE("send: a certificate for the host that is asked for is accepted where it is dialled") {
    TlsFixture fixture;
    ScriptedServer server(always_tls(fixture.context_for(kHost)));
    auto response = fixture.send(fixture.request(server.url("https")));
    REQUIRE(response.has_value());
    CHECK(response->body == kHost);  // the TLS server name
    CHECK(server.requests().at(0).find(fmt::format("Host: {}\r\n", kHost)) != std::string::npos);
  }

  TEST_CASE("send: a wildcard covers one label") {
    TlsFixture fixture;
    ScriptedServer server(always_tls(fixture.context_for("*.eu.example.com")));
    CHECK(fixture.send(fixture.request(server.url("https"))).has_value());
    auto request = fixture.request(server.url("https"));
    request.host = "a.b.eu.example.com";
    CHECK(code_of(fixture.send(request)) == Errc::tls);
  }

  TEST_CASE("send: an address needs a certificate for the address and sends no server name") {
    TlsFixture fixture;
    ScriptedServer server(always_tls(fixture.context_for("127.0.0.1")));
    auto request = fixture.request(server.url("https"));
    request.host = "127.0.0.1";
    auto response = fixture.send(request);
    REQUIRE(response.has_value());
    CHECK(response->body.empty());
  }

  TEST_CASE("send: a certificate that cannot be trusted is `tls`, and nothing is sent") {
    TlsFixture fixture;
    CertificateWishes wishes;
    wishes.host = kHost;
    TestCertificate certificate;
    int version_max = 0;
    std::string reason;
    auto const stranger = make_authority();
    SUBCASE("expired") {
      wishes.not_after_seconds = -60;
      certificate = make_certificate(wishes, &fixture.authority);
      reason = "certificate has expired";
    }
    SUBCASE("not valid yet") {
      wishes.not_before_seconds = 600;
      certificate = make_certificate(wishes, &fixture.authority);
      reason = "not yet valid";
    }
    SUBCASE("for another host") {
      wishes.host = "globex.eu.example.com";
      certificate = make_certificate(wishes, &fixture.authority);
      reason = "hostname mismatch";
    }
    SUBCASE("signed by itself") {
      certificate = make_certificate(wishes, nullptr);
      reason = "self-signed certificate";
    }
    SUBCASE("of an unknown authority") {
      certificate = make_certificate(wishes, &stranger);
      reason = "unable to get local issuer certificate";
    }
    SUBCASE("over TLS 1.1") {
      certificate = make_certificate(wishes, &fixture.authority);
      version_max = TLS1_1_VERSION;
      reason = "protocol version";
    }
    ScriptedServer server(always_tls(make_server_context(certificate, version_max)));
    auto const response = fixture.send(fixture.request(server.url("https"), Method::post));
    CHECK(code_of(response) == Errc::tls);
    auto const message = lower(response.error().message);
    CHECK_MESSAGE(message.find(reason) != std::string::npos, message);
    CHECK_FALSE(response.error().hint.empty());
    CHECK(server.requests().empty());
  }

  TEST_CASE("send: TLS 1.2 is still good") {
    TlsFixture fixture;
    CertificateWishes wishes;
    wishes.host = kHost;
    auto const certificate = make_certificate(wishes, &fixture.authority);
    ScriptedServer server(always_tls(make_server_context(certificate, TLS1_2_VERSION)));
    CHECK(fixture.send(fixture.request(server.url("https"))).has_value());
  }

  TEST_CASE("send: a private authority is not trusted unless named") {
    TlsFixture fixture;
    ScriptedServer server(always_tls(fixture.context_for(kHost)));
    CHECK(code_of(fixture.send(request_to(server.url("https")))) == Errc::tls);
  }

  TEST_CASE("send: a CA file that cannot be read is `tls` and names the file") {
    TlsFixture fixture;
    auto request = fixture.request("https://127.0.0.1:1");
    SUBCASE("missing") { request.route.ca_file = "/nowhere/ca.pem"; }
    SUBCASE("no certificate in it") {
      request.route.ca_file = fixture.folder.write("empty.pem", "x").string();
    }
    auto const response = fixture.send(request);
    CHECK(code_of(response) == Errc::tls);
    CHECK(response.error().message.find(request.route.ca_file) != std::string::npos);
  }

  TEST_CASE("send: a server that speaks no TLS is an error before the request leaves") {
    TlsFixture fixture;
    ScriptedServer server([](Link& link, int) { link.write("HTTP/1.1 400 Bad\r\n\r\n"); });
    CHECK(code_of(fixture.send(fixture.request(server.url("https")))) == Errc::tls);
  }

  TEST_CASE("send: a server that closes or keeps silent in the handshake is `connection`") {
    http::ClientOptions options;
    options.connect_timeout = 30ms;
    TlsFixture fixture(options);
    ScriptedServer::Script script = [](Link&, int) {};
    SUBCASE("closes") {}
    SUBCASE("keeps silent") {
      script = [](Link& link, int) {
        while (!link.read_request().empty()) continue;
      };
    }
    ScriptedServer server(script);
    CHECK(code_of(fixture.send(fixture.request(server.url("https")))) == Errc::connection);
  }

  TEST_CASE("send: a connection is kept, and a late session ticket does not spoil it") {
    TlsFixture fixture;
    auto const context = fixture.context_for(kHost);
    std::atomic<int> tickets{0};
    ScriptedServer server([&](Link& link, int) {
      if (!link.start_tls(*context)) return;
      while (!link.read_request().empty()) {
        link.write(answer("ok"));
        link.send_ticket();
        ++tickets;
      }
    });
    for (int i = 1; i <= 5; ++i) {
      CHECK(fixture.send(fixture.request(server.url("https"), Method::post)).has_value());
      wait_until([&] { return tickets == i; });
    }
    CHECK(server.connections() == 1);
  }

  TEST_CASE("send: a kept connection that the server ended is replaced, for any method") {
    TlsFixture fixture;
    auto const context = fixture.context_for(kHost);
    std::atomic<int> ended{0};
    bool closes = false;
    SUBCASE("by a farewell of TLS") {}
    SUBCASE("by a farewell of TLS and TCP") { closes = true; }
    ScriptedServer server([&](Link& link, int) {
      if (!link.start_tls(*context)) return;
      link.read_request();
      link.write(answer("ok"));
      link.end_tls();
      ++ended;
      if (!closes) link.read_request();
    });
    for (int i = 1; i <= 3; ++i) {
      CHECK(fixture.send(fixture.request(server.url("https"), Method::post)).has_value());
      wait_until([&] { return ended == i && (!closes || server.finished() == i); });
    }
    CHECK(server.connections() == 3);
  }

  TEST_CASE("send: a second try that never left does not hide that the first one did") {
    TlsFixture fixture;
    auto const context = fixture.context_for(kHost);
    ScriptedServer server([&](Link& link, int number) {
      if (number > 0 || !link.start_tls(*context)) return;
      link.read_request();
      link.write(answer("ok"));
      link.read_request();
    });
    REQUIRE(fixture.send(fixture.request(server.url("https"))).has_value());
    auto const response = fixture.send(fixture.request(server.url("https"), Method::delete_));
    CHECK(code_of(response) == Errc::lost_reply);
    CHECK(server.connections() == 2);
  }

  TEST_CASE("send: a body that ends with the connection must end with TLS, else it was cut") {
    TlsFixture fixture;
    auto const context = fixture.context_for(kHost);
    bool proper = false;
    SUBCASE("farewell") { proper = true; }
    SUBCASE("cut") {}
    ScriptedServer server([&](Link& link, int) {
      if (!link.start_tls(*context)) return;
      link.read_request();
      link.write("HTTP/1.1 200 OK\r\n\r\nall of it");
      if (proper) link.end_tls();
    });
    auto const response = fixture.send(fixture.request(server.url("https")));
    if (proper) {
      REQUIRE(response.has_value());
      CHECK(response->body == "all of it");
    } else {
      CHECK(code_of(response) == Errc::lost_reply);
    }
  }

  TEST_CASE("send: a session is resumed on the next connection to the same host only") {
    TlsFixture fixture;
    int version_max = 0;
    SUBCASE("TLS 1.3") {}
    SUBCASE("TLS 1.2") { version_max = TLS1_2_VERSION; }
    CertificateWishes wishes;
    wishes.host = "*.eu.example.com";
    auto const certificate = make_certificate(wishes, &fixture.authority);
    auto const context = make_server_context(certificate, version_max);
    ScriptedServer server([&](Link& link, int) {
      if (!link.start_tls(*context)) return;
      link.read_request();
      link.write(answer(link.session_was_resumed() ? "resumed" : "full", "Connection: close\r\n"));
    });
    auto const body = [&](std::string host) {
      auto request = fixture.request(server.url("https"));
      request.host = std::move(host);
      auto response = fixture.send(request);
      REQUIRE(response.has_value());
      return response->body;
    };
    CHECK(body("acme.eu.example.com") == "full");
    CHECK(body("acme.eu.example.com") == "resumed");
    CHECK(body("acme.eu.example.com") == "resumed");
    CHECK(body("globex.eu.example.com") == "full");
  }

  TEST_CASE("send: a large body and a large answer pass, and the limits hold as in the clear") {
    TlsFixture fixture;
    auto const context = fixture.context_for(kHost);
    std::string const big(std::size_t{1} << 20, 'y');
    ScriptedServer server([&](Link& link, int) {
      if (!link.start_tls(*context)) return;
      while (!link.read_request().empty()) link.write(answer(big));
    });
    auto request = fixture.request(server.url("https"), Method::post);
    request.body.assign(std::size_t{1} << 20, 'x');
    auto const response = fixture.send(request);
    REQUIRE(response.has_value());
    CHECK(response->body == big);
    CHECK(server.requests().at(0).ends_with(request.body));
    request.response_bytes_max = 1000;
    CHECK(code_of(fixture.send(request)) == Errc::too_large);
  }

  TEST_CASE("send: an answer over TLS that does not come in time is `timeout`") {
    TlsFixture fixture;
    auto const context = fixture.context_for(kHost);
    ScriptedServer server([&](Link& link, int) {
      if (!link.start_tls(*context)) return;
      while (!link.read_request().empty()) continue;
    });
    auto request = fixture.request(server.url("https"));
    request.timeout = 30ms;
    CHECK(code_of(fixture.send(request)) == Errc::timeout);
  }
}

TEST_SUITE("http client: proxy") {
  /// Answers CONNECT with `reply`; a tunnel leads to a TLS server of its own.
  ScriptedServer::Script tunnel(std::shared_ptr<boost::asio::ssl::context> context,
                                std::string reply) {
    return [context, reply](Link& link, int) {
      link.read_request();
      link.write(reply);
      if (!link.start_tls(*context)) return;
      while (!link.read_request().empty()) link.write(answer("through"));
    };
  }

  http::ClientOptions by_proxy(std::uint16_t port) {
    http::ClientOptions options;
    options.proxy = fmt::format("http://joe:s%40crt@127.0.0.1:{}", port);
    options.user_agent = "tenantry/1";
    return options;
  }

  TEST_CASE("send: https goes through a tunnel, with the user's name and password") {
    std::shared_ptr<boost::asio::ssl::context> context;
    TempFolder folder;
    auto const authority = make_authority();
    CertificateWishes wishes;
    wishes.host = kHost;
    context = make_server_context(make_certificate(wishes, &authority));
    ScriptedServer proxy(tunnel(context, "HTTP/1.1 200 Connection established\r\n\r\n"));
    ClientFixture fixture(by_proxy(proxy.port()));
    auto request = request_to("");
    request.route.ca_file = folder.write("ca.pem", authority.certificate).string();
    auto const response = fixture.send(request);
    REQUIRE(response.has_value());
    CHECK(response->body == "through");
    CHECK(fixture.send(request).has_value());
    CHECK(proxy.connections() == 1);
    CHECK(proxy.requests().at(0) ==
          "CONNECT acme.eu.example.com:443 HTTP/1.1\r\nHost: acme.eu.example.com:443\r\n"
          "User-Agent: tenantry/1\r\nProxy-Authorization: Basic am9lOnNAY3J0\r\n\r\n");
    CHECK(proxy.requests().at(1).find("Proxy-Authorization") == std::string::npos);
  }

  TEST_CASE("send: a proxy that refuses is `connection`, and no secret is told") {
    std::string reply;
    SUBCASE("asks for a login") {
      reply = "HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 5\r\n\r\nno no";
    }
    SUBCASE("cannot connect") { reply = "HTTP/1.1 502 Bad Gateway\r\n\r\n"; }
    SUBCASE("is no proxy") { reply = "220 mail ready\r\n"; }
    SUBCASE("closes") {}
    ScriptedServer proxy(once(reply));
    ClientFixture fixture(by_proxy(proxy.port()));
    auto const response = fixture.send(request_to("", Method::post));
    CHECK(code_of(response) == Errc::connection);
    auto const text = describe(response.error()) + response.error().hint;
    CHECK(text.find("s@crt") == std::string::npos);
    CHECK(text.find("s%40crt") == std::string::npos);
    CHECK(text.find(fmt::format("127.0.0.1:{}", proxy.port())) != std::string::npos);
  }

  TEST_CASE("send: hosts of NO_PROXY, loopback and plain http go without the proxy") {
    ScriptedServer proxy(once(""));
    auto options = by_proxy(proxy.port());
    SUBCASE("NO_PROXY") {
      options.no_proxy = "other, .invalid";
      ClientFixture fixture(options);
      auto request = request_to("");
      request.host = "acme.invalid";
      CHECK(code_of(fixture.send(request)) == Errc::unknown_host);
    }
    SUBCASE("loopback") {
      TlsFixture fixture(options);
      ScriptedServer server(always_tls(fixture.context_for(kHost)));
      CHECK(fixture.send(fixture.request(server.url("https"))).has_value());
    }
    SUBCASE("http") {
      ClientFixture fixture(options);
      ScriptedServer server(always(answer("ok")));
      CHECK(fixture.send(request_to(server.url())).has_value());
    }
    CHECK(proxy.connections() == 0);
  }

  TEST_CASE("send: a proxy that cannot be used is `invalid`, and is not told") {
    http::ClientOptions options;
    options.proxy = "ftp://joe:secret@proxy:1";
    ClientFixture fixture(options);
    auto const response = fixture.send(request_to(""));
    CHECK(code_of(response) == Errc::invalid);
    CHECK(describe(response.error()).find("secret") == std::string::npos);
  }
}
