#include "providers/http/proxy.hpp"

#include <doctest/doctest.h>
#include <stdlib.h>

#include "providers/http/client.hpp"

using namespace tenantry;
using namespace tenantry::http;

TEST_SUITE("http proxy") {
  TEST_CASE("parse_endpoint: scheme, host and port, with the scheme's own port as default") {
    auto const plain = parse_endpoint("http://127.0.0.1:8480");
    REQUIRE(plain.has_value());
    CHECK(plain->scheme == Scheme::http);
    CHECK(plain->authority() == "127.0.0.1:8480");
    CHECK(parse_endpoint("https://a.example")->port == 443);
    CHECK(parse_endpoint("http://a.example/")->port == 80);
    CHECK(parse_endpoint("https://[::1]:9")->host == "::1");
    CHECK(parse_endpoint("https://[::1]:9")->authority() == "[::1]:9");
  }

  TEST_CASE("parse_endpoint: anything more or less is refused") {
    for (auto const* const url : {"", "a.example", "ftp://a.example", "http://", "http://a/b",
                                  "http://a?b", "http://a#b", "http://u@a", "http://a%09b",
                                  "http://a,b", "http://a:0", "http://a:99999", "http://a:x"}) {
      CAPTURE(std::string(url));
      CHECK(parse_endpoint(url).has_error());
    }
  }

  TEST_CASE("parse_proxy: the scheme may be left out, the port is 1080 by default") {
    CHECK(parse_proxy("proxy.example:3128")->endpoint.authority() == "proxy.example:3128");
    CHECK(parse_proxy("http://proxy.example")->endpoint.port == 1080);
    CHECK(parse_proxy("http://proxy.example")->authorization.empty());
    CHECK(parse_proxy("http://a:b@proxy.example")->authorization.reveal() == "Basic YTpi");
    CHECK(parse_proxy("https://proxy.example").has_error());
    CHECK(parse_proxy("socks5://proxy.example").has_error());
  }

  TEST_CASE("bypasses_proxy: a name covers itself and all below it, whole labels only") {
    for (auto const* const list :
         {"example.com", ".example.com", "x, EXAMPLE.com.", "*.example.com", "x y,example.com"}) {
      CAPTURE(std::string(list));
      CHECK(bypasses_proxy(list, "example.com"));
      CHECK(bypasses_proxy(list, "A.example.com"));
      CHECK_FALSE(bypasses_proxy(list, "badexample.com"));
      CHECK_FALSE(bypasses_proxy(list, "example.com.evil"));
    }
    CHECK_FALSE(bypasses_proxy("", "example.com"));
    CHECK_FALSE(bypasses_proxy(" , ,.", "example.com"));
    CHECK(bypasses_proxy("*", "example.com"));
  }

  TEST_CASE("bypasses_proxy: addresses are compared as addresses, and networks cover theirs") {
    CHECK(bypasses_proxy("10.0.0.0/8", "10.1.2.3"));
    CHECK_FALSE(bypasses_proxy("10.0.0.0/8", "11.1.2.3"));
    CHECK(bypasses_proxy("192.0.2.7", "192.0.2.7"));
    CHECK(bypasses_proxy("[2001:db8::7]", "2001:db8:0::7"));
    CHECK(bypasses_proxy("2001:db8::/32", "2001:db8:1::7"));
    CHECK_FALSE(bypasses_proxy("2001:db8::/32", "10.0.0.1"));
    CHECK_FALSE(bypasses_proxy("2", "192.0.2.2"));
  }

  TEST_CASE("bypasses_proxy: loopback is never behind a proxy") {
    for (auto const* const host : {"localhost", "127.0.0.1", "127.1.2.3", "::1", "a.localhost"}) {
      CHECK(bypasses_proxy("", host));
    }
  }

  TEST_CASE("proxy_from_environment: lower case first, as curl does") {
    ::setenv("HTTPS_PROXY", "http://upper:1", 1);
    ::setenv("NO_PROXY", "upper", 1);
    ::unsetenv("https_proxy");
    ::unsetenv("no_proxy");
    ClientOptions options;
    proxy_from_environment(options);
    CHECK(options.proxy == "http://upper:1");
    CHECK(options.no_proxy == "upper");
    ::setenv("https_proxy", "http://lower:1", 1);
    proxy_from_environment(options);
    CHECK(options.proxy == "http://lower:1");
    for (auto const* const name : {"HTTPS_PROXY", "https_proxy", "NO_PROXY"}) ::unsetenv(name);
  }
}
