#include <doctest/doctest.h>

#include "tests/unit/qlik/fake_cloud.hpp"

namespace tenantry::test {
namespace {

http::Response redirect(int status, std::string location) {
  return {status, {{"Content-Type", "text/html"}, {"Location", std::move(location)}}, "<a/>"};
}

}  // namespace

TEST_SUITE("qlik session") {
  TEST_CASE("call: query in percent-encoding, a plus included") {
    CloudFixture f;
    Call call{.path = "/api/v1/groups"};
    call.query = {{"sort", "+name"}, {"filter", R"(name eq "a&b")"}};
    REQUIRE(f.send(std::move(call)).has_value());
    CHECK(f.cloud.calls[0].target == "/api/v1/groups?sort=%2Bname&filter=name%20eq%20%22a%26b%22");
  }

  TEST_CASE("call: reads the JSON answer, its bytes and the server's time") {
    CloudFixture f;
    auto answer = json_response(200, R"({"id": 1})");
    answer.headers.emplace_back("Date", "Sun, 06 Nov 1994 08:49:37 GMT");
    f.script({answer, http::Response{204, {}, ""}});
    auto const reply = f.get("/x");
    REQUIRE(reply.has_value());
    CHECK(canonical(reply->body) == R"({"id":1})");
    CHECK(reply->bytes == R"({"id": 1})");
    REQUIRE(reply->server_time.has_value());
    CHECK(format_time(*reply->server_time) == "1994-11-06T08:49:37Z");
    auto const empty = f.get("/x");
    REQUIRE(empty.has_value());
    CHECK(empty->status == 204);
    CHECK(empty->body.is_null());
  }

  TEST_CASE("call: an answer of another type is bytes") {
    CloudFixture f;
    f.script({http::Response{200, {{"Content-Type", "application/zip"}}, "PK\x03\x04"}});
    auto const reply = f.get("/x");
    REQUIRE(reply.has_value());
    CHECK(reply->body.is_null());
    CHECK(reply->bytes == "PK\x03\x04");
  }

  TEST_CASE("call: broken JSON is a protocol error of a read and a lost reply of a change") {
    CloudFixture f;
    f.script({json_response(200, "{"), json_response(201, "{")});
    auto const read = f.get("/x");
    REQUIRE(read.has_error());
    CHECK(read.error().code == Errc::protocol);
    Call call{.verb = Verb::post, .path = "/x", .body = Object{}};
    auto const changed = f.send(std::move(call));
    REQUIRE(changed.has_error());
    CHECK(changed.error().code == Errc::lost_reply);
  }

  TEST_CASE("call: a form is multipart with a boundary that its bytes do not have") {
    CloudFixture f;
    Call call{.verb = Verb::post, .path = "/api/v1/brands"};
    call.form = {{"name", "", "", "House"}, {"logo", "a\"b\r\n.png", "image/png", "\x89PNG"}};
    REQUIRE(f.send(std::move(call)).has_value());
    auto const& sent = f.cloud.calls[0];
    auto const type = std::string(http::header(sent.headers, "Content-Type"));
    REQUIRE(type.starts_with("multipart/form-data; boundary=tenantry-"));
    auto const boundary = type.substr(type.find('=') + 1);
    CHECK(sent.body == "--" + boundary +
                           "\r\nContent-Disposition: form-data; name=\"name\"\r\n\r\nHouse\r\n--" +
                           boundary +
                           "\r\nContent-Disposition: form-data; name=\"logo\"; "
                           "filename=\"a%22b%0D%0A.png\"\r\nContent-Type: image/png\r\n\r\n"
                           "\x89PNG\r\n--" +
                           boundary + "--\r\n");
  }

  TEST_CASE("call: JSON is asked for, unless the call asks for something else") {
    CloudFixture f;
    REQUIRE(f.get("/x").has_value());
    Call call{.verb = Verb::post, .path = "/x"};
    call.headers.emplace_back("Accept", "application/octet-stream");
    REQUIRE(f.send(std::move(call)).has_value());
    auto const accepts = [&](std::size_t index) {
      std::vector<std::string> out;
      for (auto const& [name, value] : f.cloud.calls[index].headers) {
        if (name == "Accept") out.push_back(value);
      }
      return out;
    };
    CHECK(accepts(0) == std::vector<std::string>{"application/json"});
    CHECK(accepts(1) == std::vector<std::string>{"application/octet-stream"});
  }

  TEST_CASE("redirect: a read is followed once on the same host, with the token") {
    for (int const status : {301, 302}) {
      CloudFixture f;
      f.script({redirect(status, "https://acme.eu.qlikcloud.com/api/v1/tenants/t1?a=b"),
                json_response(200, R"({"id": "t1"})")});
      auto const reply = f.get("/api/v1/tenants/me");
      REQUIRE(reply.has_value());
      CHECK(f.cloud.calls[1].target == "/api/v1/tenants/t1?a=b");
      CHECK(f.cloud.calls[1].host == "acme.eu.qlikcloud.com");
      CHECK(http::header(f.cloud.calls[1].headers, "Authorization") == "Bearer token-1");
    }
  }

  TEST_CASE("redirect: never to another host, never twice, never of a change") {
    for (auto const* location : {"https://evil.example/x", "//evil.example/x", "", "x y", "t1"}) {
      CAPTURE(location);
      CloudFixture f;
      f.script({redirect(302, location)});
      auto const reply = f.get("/api/v1/tenants/me");
      REQUIRE(reply.has_error());
      CHECK(reply.error().code == Errc::protocol);
      CHECK(f.cloud.calls.size() == 1);
    }
    CloudFixture twice;
    twice.script({redirect(302, "/a"), redirect(302, "/b")});
    CHECK(twice.get("/x").error().code == Errc::protocol);
    CloudFixture post;
    post.script({redirect(302, "/a")});
    Call call{.verb = Verb::post, .path = "/x"};
    CHECK(post.send(std::move(call)).error().code == Errc::protocol);
  }

  TEST_CASE("retry: a read is repeated after 503, a create is not") {
    CloudFixture f;
    f.script({json_response(503, ""), json_response(200, "{}"), json_response(503, "")});
    CHECK(f.get("/x").has_value());
    Call call{.verb = Verb::post, .path = "/x", .body = Object{}};
    auto const created = f.send(std::move(call));
    REQUIRE(created.has_error());
    CHECK(created.error().code == Errc::unavailable);
    CHECK(created.error().outcome_unknown());
  }

  TEST_CASE("retry: a patch of replace operations may be repeated") {
    CloudFixture f;
    f.script({Error(Errc::lost_reply, "no answer"), http::Response{204, {}, ""}});
    Object changes{{"name", "x"}};
    CHECK(run(patch_replace(f.acme, "/api/v1/roles/r1", changes)).has_value());
    CHECK(f.cloud.calls[1].body == R"([{"op":"replace","path":"/name","value":"x"}])");
  }

  TEST_CASE("errors: a transport failure names the request") {
    CloudFixture f;
    f.script({Error(Errc::tls, "the certificate is not trusted")});
    auto const reply = f.get("/api/v1/roles");
    REQUIRE(reply.has_error());
    CHECK(reply.error().code == Errc::tls);
    CHECK(reply.error().request == "GET http://acme.eu.qlikcloud.com/api/v1/roles");
  }
}
}  // namespace tenantry::test
