#include <doctest/doctest.h>
#include <fmt/format.h>

#include "tests/support/emulated_cloud.hpp"

namespace tenantry {
using test::EmulatedCloud;

namespace {

/// Path and query of an absolute link.
std::string target_of(Value const& link) {
  std::string const href(link.at("href").as_string());
  return href.substr(href.find('/', href.find("://") + 3));
}

std::vector<std::string> names_in(Value const& page) {
  std::vector<std::string> names;
  for (auto const& item : page.at("data").as_array()) {
    names.emplace_back(item.at("name").as_string());
  }
  return names;
}

}  // namespace

TEST_SUITE("emulator/lists") {
  TEST_CASE("pages: next leads through everything once, also when objects come and go") {
    EmulatedCloud cloud;
    auto const tenant = cloud.create_tenant();
    auto const create = [&](std::string const& name) {
      CHECK(cloud.call(tenant, "POST", "/api/v1/groups", {{"name", name}}).status == 201);
    };
    for (int i = 10; i < 35; ++i) create(fmt::format("g{}", i));
    std::vector<std::string> seen;
    std::string target = "/api/v1/groups?limit=10&sort=%2Bname";
    for (int page = 0; !target.empty(); ++page) {
      auto const reply = cloud.call(tenant, "GET", target);
      REQUIRE(reply.status == 200);
      auto const body = reply.json();
      std::ranges::move(names_in(body), std::back_inserter(seen));
      auto const& links = body.at("links").as_object();
      target = links.contains("next") ? target_of(links.at("next")) : "";
      if (page == 0) create("a-new-one-before");
    }
    REQUIRE(seen.size() == 25);
    CHECK(seen.front() == "g10");
    CHECK(seen.back() == "g34");
    CHECK(std::set(seen.begin(), seen.end()).size() == 25);
  }

  TEST_CASE("pages: prev goes back to the page before") {
    EmulatedCloud cloud;
    auto const tenant = cloud.create_tenant();
    for (int i = 10; i < 16; ++i) {
      cloud.call(tenant, "POST", "/api/v1/groups", {{"name", fmt::format("g{}", i)}});
    }
    auto const first = cloud.call(tenant, "GET", "/api/v1/groups?limit=2").json();
    CHECK_FALSE(first.at("links").as_object().contains("prev"));
    auto const second = cloud.call(tenant, "GET", target_of(first.at("links").at("next"))).json();
    CHECK(names_in(second) == std::vector<std::string>{"g12", "g13"});
    auto const third = cloud.call(tenant, "GET", target_of(second.at("links").at("next"))).json();
    CHECK_FALSE(third.at("links").as_object().contains("next"));
    auto const back = cloud.call(tenant, "GET", target_of(third.at("links").at("prev"))).json();
    CHECK(names_in(back) == names_in(second));
  }

  TEST_CASE("parameters: limits, cursors, sorts and filters that make no sense are refused") {
    EmulatedCloud cloud;
    auto const tenant = cloud.create_tenant();
    for (auto const* query : {"limit=0", "limit=101", "limit=x", "limit=-1",
                              "limit=99999999999999999999", "next=zz", "next=5b5d", "next=616263",
                              "sort=nothing", "filter=name", "filter=name%20gt%20%22x%22"}) {
      CAPTURE(query);
      auto const reply = cloud.call(tenant, "GET", fmt::format("/api/v1/groups?{}", query));
      CHECK(reply.status == 400);
    }
    CHECK(cloud.call(tenant, "GET", "/api/v1/web-integrations?limit=0").status == 200);
    CHECK(cloud.call(tenant, "GET", "/api/v1/groups?sort=-name&limit=100").status == 200);
  }

  TEST_CASE("web integrations: ten to a page, startingAfter and endingBefore") {
    EmulatedCloud cloud;
    auto const tenant = cloud.create_tenant();
    for (int i = 10; i < 22; ++i) {
      auto const made =
          cloud.call(tenant, "POST", "/api/v1/web-integrations",
                     {{"name", fmt::format("w{}", i)},
                      {"validOrigins", {"https://a.example", "http://b.example:81"}}});
      REQUIRE(made.status == 201);
    }
    auto const first = cloud.call(tenant, "GET", "/api/v1/web-integrations").json();
    CHECK(first.at("data").as_array().size() == 10);
    auto const next = target_of(first.at("links").at("next"));
    CHECK(next.find("startingAfter=") != std::string::npos);
    CHECK(cloud.call(tenant, "GET", next).json().at("data").as_array().size() == 2);
  }

  TEST_CASE("web integrations: origins are checked, codes are the documented ones") {
    EmulatedCloud cloud;
    auto const tenant = cloud.create_tenant();
    auto const code = [&](char const* method, std::string const& path, Value const& body) {
      auto const reply = cloud.call(tenant, method, path, body);
      return std::string(reply.json().at("errors").at(0).at("code").as_string());
    };
    std::string const path = "/api/v1/web-integrations";
    CHECK(code("POST", path, {{"validOrigins", Array{}}}) == "WEBINTEGRATIONS-5");
    for (auto const* origin : {"a.example", "https://a.example/path", "ftp://a.example",
                               "https://a.example?x", "https://", "https://u@a.example"}) {
      CAPTURE(origin);
      CHECK(code("POST", path, Object{{"name", "w"}, {"validOrigins", Array{Value(origin)}}}) ==
            "WEBINTEGRATIONS-6");
    }
    auto const made = cloud.call(tenant, "POST", path, Object{{"name", "w"}}).json();
    auto const one = path + '/' + std::string(made.at("id").as_string());
    auto const patch = [](char const* op, char const* where, Value value) {
      return Value(Array{Object{{"op", op}, {"path", where}, {"value", std::move(value)}}});
    };
    CHECK(code("PATCH", one, patch("replace", "/id", "x")) == "WEBINTEGRATIONS-4");
    CHECK(code("PATCH", one, patch("add", "/name", "x")) == "WEBINTEGRATIONS-4");
    CHECK(code("PATCH", one, patch("replace", "/validOrigins", "x")) == "WEBINTEGRATIONS-6");
    CHECK(cloud
              .call(tenant, "PATCH", one,
                    patch("replace", "/validOrigins", Array{"https://c.example"}))
              .status == 204);
    CHECK(cloud.call(tenant, "GET", one).json().at("validOrigins").at(0) == "https://c.example");
    CHECK(cloud.call(tenant, "DELETE", one).status == 204);
    CHECK(code("GET", one, {}) == "WEBINTEGRATIONS_NOT_FOUND");
  }
}
}  // namespace tenantry
