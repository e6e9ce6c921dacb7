#include <fmt/format.h>

#include "providers/qlik/kinds.hpp"
#include "tests/unit/qlik/kind_fixture.hpp"

namespace tenantry::test {
namespace {
ResourceType const& portal() { return qlik::web_integration_type(); }
}  // namespace

TEST_SUITE("qlik web integrations") {
  TEST_CASE("list: pages of 100 by the links of the server") {
    KindFixture f;
    f.session
        .on("GET /api/v1/web-integrations?limit=100", 200,
            R"({"data": [{"id": "w1", "name": "A", "validOrigins": ["https://a.example"],
                "tenantId": "t", "created": "2026-01-01T00:00:00Z"}],
                "links": {"next": {"href": "/api/v1/web-integrations?startingAfter=w1"}}})")
        .on("GET /api/v1/web-integrations?startingAfter=w1", 200,
            R"({"data": [{"id": "w2", "name": "B"}], "links": {"next": {"href": null}}})");
    auto const all = run(portal().list(f.session));
    REQUIRE(all.has_value());
    REQUIRE(all->size() == 2);
    CHECK(canonical((*all)[0].attributes) ==
          R"({"name":"A","validOrigins":["https://a.example"]})");
    CHECK(canonical((*all)[1].attributes) == R"({"name":"B"})");
  }

  TEST_CASE("list: a next page that is no absolute path of the host is refused") {
    for (auto const* href : {"?startingAfter=w1", "next", "https://acme.eu.qlikcloud.com?next=1",
                             "https://acme.eu.qlikcloud.com@evil.example/x"}) {
      CAPTURE(href);
      KindFixture f;
      f.session.on("GET /api/v1/web-integrations?limit=100", 200,
                   fmt::format(R"({{"data": [], "links": {{"next": {{"href": "{}"}}}}}})", href));
      auto const all = run(portal().list(f.session));
      REQUIRE(!all.has_value());
      CHECK(all.error().code == Errc::protocol);
    }
  }

  TEST_CASE("update: origins are replaced as a whole") {
    KindFixture f;
    f.session.on("PATCH /api/v1/web-integrations/w1", 204);
    auto const changed = object(R"({"validOrigins": ["https://b.example"]})");
    REQUIRE(run(portal().update(f.operation(), RemoteId("w1"), changed, changed)).has_value());
    CHECK(f.session.body(0) ==
          R"([{"op":"replace","path":"/validOrigins","value":["https://b.example"]}])");
  }

  TEST_CASE("update: without a change no call is made") {
    KindFixture f;
    REQUIRE(run(portal().update(f.operation(), RemoteId("w1"), {}, {})).has_value());
  }

  TEST_CASE("create and remove") {
    KindFixture f;
    f.session.on("POST /api/v1/web-integrations", 201, R"({"id": "w1", "name": "Portal"})")
        .on("DELETE /api/v1/web-integrations/w1", 204);
    auto const created = run(portal().create(f.operation(), object(R"({"name": "Portal"})")));
    REQUIRE(created.has_value());
    CHECK(run(portal().remove(f.operation(), created->object.id)).has_value());
  }

  TEST_CASE("schema: an origin has no path") {
    CHECK(
        problems(portal().schema(), R"({"name": "P", "validOrigins": ["https://a.example/x"]})") ==
        std::vector<std::string>{"/validOrigins/0: wrong form"});
  }
}
}  // namespace tenantry::test
