#include "providers/qlik/problem.hpp"

#include <doctest/doctest.h>

namespace tenantry::test {
namespace {

Error error(int status, std::string body, http::Headers headers = {}) {
  http::Request request;
  request.host = "acme.eu.qlikcloud.com";
  request.target = "/api/v1/groups?filter=x";
  return qlik::error_of(request, {status, std::move(headers), std::move(body)}, WallTime{});
}

}  // namespace

TEST_SUITE("qlik problems") {
  TEST_CASE("error_of: the status decides what callers see") {
    std::vector<std::pair<int, Errc>> const meanings{
        {400, Errc::rejected},    {401, Errc::unauthorized}, {403, Errc::forbidden},
        {404, Errc::not_found},   {405, Errc::rejected},     {409, Errc::conflict},
        {410, Errc::not_found},   {412, Errc::precondition}, {413, Errc::too_large},
        {422, Errc::rejected},    {429, Errc::throttled},    {500, Errc::unavailable},
        {503, Errc::unavailable}, {302, Errc::protocol}};
    for (auto const& [status, code] : meanings) {
      CAPTURE(status);
      auto const e = error(status, "");
      CHECK(e.code == code);
      CHECK(e.api->status == status);
      CHECK_FALSE(e.hint.empty());
      CHECK(e.request == "GET https://acme.eu.qlikcloud.com/api/v1/groups");
    }
  }

  TEST_CASE("read_problem: a code that is a number is told like any other") {
    auto const e = error(403, R"({"errors": [{"code": 403, "title": "No"}]})");
    CHECK(e.api->code == "403");
  }

  TEST_CASE("read_problem: the common form, with status as text or number") {
    for (auto const* status : {"\"409\"", "409"}) {
      auto const e = error(409, R"({"errors": [{"code": "GROUPS-9", "title": "Name taken",
          "detail": "Analysts exists", "status": )" +
                                    std::string(status) + R"(}], "traceId": "0001"})");
      CHECK(e.code == Errc::conflict);
      CHECK(describe(e) ==
            "this exists already or is in use (GET https://acme.eu.qlikcloud.com/api/v1/groups): "
            "HTTP 409 GROUPS-9 \"Name taken\": Analysts exists [trace 0001]");
    }
  }

  TEST_CASE("read_problem: explanations inside meta and the place in source") {
    auto const list = error(400, R"({"errors": [{"code": "TENANTS-10", "title": "Invalid PATCH",
        "meta": [{"code": "TENANTS-10", "title": "3 to 63 characters"}],
        "source": {"pointer": "/hostnames/1"}}]})");
    CHECK(list.api->detail == "3 to 63 characters; at /hostnames/1");
    auto const one = error(400, R"({"errors": [{"code": "T", "title": "x",
        "meta": {"title": "taken"}, "source": {"parameter": "limit"}}]})");
    CHECK(one.api->detail == "taken; at limit");
  }

  TEST_CASE("read_problem: further errors are told as well") {
    auto const e = error(400, R"({"errors": [{"code": "A", "title": "first"},
        {"code": "B", "title": "second", "detail": "because"}]})");
    CHECK(e.api->title == "first");
    CHECK(e.api->detail == "second; because");
  }

  TEST_CASE("read_problem: forms of the licence service and of OAuth") {
    auto const licence = error(404, R"({"error": "Not found", "message": "no license"})");
    CHECK(licence.api->title == "Not found");
    CHECK(licence.api->detail == "no license");
    auto const oauth =
        error(400, R"({"error": "invalid_scope", "error_description": "unknown scope"})");
    CHECK(oauth.api->title == "invalid_scope");
    CHECK(oauth.api->detail == "unknown scope");
  }

  TEST_CASE("read_problem: pages and texts give their title or first line, made harmless") {
    CHECK(error(502, "<html><head><title>502 Bad Gateway</title></head></html>").api->title ==
          "502 Bad Gateway");
    CHECK(error(500, "\nupstream \x1b[2J died\nat line 2").api->title == "upstream \\x1b[2J died");
    CHECK(error(500, std::string(10'000, 'x')).api->title.size() < 500);
    CHECK(error(500, R"(["an", "array"])").api->status == 500);
    CHECK(error(500, R"({"errors": "none"})").code == Errc::unavailable);
  }

  TEST_CASE("read_problem: of a great many errors only the first are told") {
    std::string many = R"({"errors": [{"title": "x", "detail": "yyyyyyyyyy"})";
    for (int i = 0; i < 1000; ++i) many += R"(, {"title": "x", "detail": "yyyyyyyyyy"})";
    CHECK(error(400, many + "]}").api->detail.size() < 4000);
  }

  TEST_CASE("error_of: a deactivated tenant by either code, only with 401") {
    CHECK(error(401, R"({"errors": [{"code": "TENANT_DEACTIVATED", "title": "x"}]})").code ==
          Errc::tenant_disabled);
    CHECK(error(401, R"({"errors": [{"code": "TENANT_DISABLED", "title": "x"}]})").code ==
          Errc::tenant_disabled);
    CHECK(error(403, R"({"errors": [{"code": "TENANT_DISABLED", "title": "x"}]})").code ==
          Errc::forbidden);
  }

  TEST_CASE("error_of: tells how long a 429 blocks") {
    auto const e = error(429, "", {{"retry-after", "17"}});
    CHECK(e.retry_after == std::chrono::seconds(17));
  }

  TEST_CASE("mask: finds a secret in a request that the server repeats") {
    Error e(Errc::rejected, R"({"client_secret":"a/b\"c"} or ?s=a%2Fb%22c)");
    e.api = ApiProblem{400, "", "", "", "a/b\"c"};
    qlik::mask(e, Secret("a/b\"c"));
    CHECK(e.message == R"x({"client_secret":"(sensitive)"} or ?s=(sensitive))x");
    CHECK(e.api->trace_id == "(sensitive)");
  }

  TEST_CASE("mask: removes every occurrence") {
    auto e = error(400, R"({"errors": [{"code": "x", "title": "k k", "detail": "k"}]})");
    qlik::mask(e, Secret("k"));
    CHECK(e.api->title == "(sensitive) (sensitive)");
    CHECK(e.api->detail == "(sensitive)");
  }
}
}  // namespace tenantry::test
