#include <doctest/doctest.h>

#include "emulator/service.hpp"
#include "tests/support/fake_clock.hpp"

namespace tenantry::emulator {
namespace {

Reply ask(Service& service, Request request) { return service.handle(request).reply; }

std::string token_of(Service& service) {
  Request request{"POST", "/oauth/token", {{"Host", "console.qlikcloud.com"}}, {}};
  request.headers.push_back({"Content-Type", "application/json"});
  request.body = boost::json::serialize(Value{{"client_id", kClientId},
                                              {"client_secret", kClientSecret},
                                              {"grant_type", "client_credentials"}});
  auto const answer = parse_json(ask(service, std::move(request)).body);
  REQUIRE(answer.has_value());
  return text_at(answer->as_object(), "access_token");
}

unsigned status_of_list(Service& service, std::string const& token) {
  Request request{"GET", "/api/core/tenants", {{"Host", "console.qlikcloud.com"}}, {}};
  request.headers.push_back({"Authorization", "Bearer " + token});
  return ask(service, std::move(request)).status;
}

}  // namespace

TEST_SUITE("clock") {
  TEST_CASE("the clock that is given decides when a token ends") {
    test::FakeClock clock;
    Options options;
    options.clock = &clock;
    Service service(options);
    REQUIRE(service.open().has_value());
    auto const token = token_of(service);
    clock.advance(std::chrono::hours(5));
    CHECK(status_of_list(service, token) == 200);
    clock.advance(std::chrono::hours(2));
    CHECK(status_of_list(service, token) == 401);
  }

  TEST_CASE("the clock that is given is that of the answers") {
    test::FakeClock clock;
    Options options;
    options.clock = &clock;
    Service const service(options);
    CHECK(service.now() == clock.wall());
  }
}

}  // namespace tenantry::emulator
