#include <doctest/doctest.h>
#include <fmt/format.h>

#include "tests/support/emulated_cloud.hpp"

namespace tenantry {
using test::EmulatedCloud;
using test::EmulatedTenant;

namespace {

constexpr char kInvite[] = "/api/v1/users/actions/invite";

Array invite(EmulatedCloud& cloud, EmulatedTenant const& tenant, Array invitees) {
  auto const reply = cloud.call(tenant, "POST", kInvite, Object{{"invitees", std::move(invitees)}});
  REQUIRE(reply.status == 207);
  return reply.json().at("data").as_array();
}

}  // namespace

TEST_SUITE("emulator/invites") {
  TEST_CASE("invite: makes an invited user, and finds it the next time") {
    EmulatedCloud cloud;
    auto const tenant = cloud.create_tenant();
    auto const first =
        invite(cloud, tenant, {Object{{"email", "anna@acme.com"}, {"name", "Anna"}}});
    REQUIRE(first.size() == 1);
    CHECK(first[0].at("status") == "ok");
    CHECK(first[0].at("subject").as_string().size() == 36);
    auto const path =
        fmt::format("/api/v1/users/{}", std::string(first[0].at("userId").as_string()));
    auto const user = cloud.call(tenant, "GET", path).json();
    CHECK(user.at("status") == "invited");
    CHECK(user.at("name") == "Anna");
    CHECK(user.at("email") == "anna@acme.com");
    CHECK(user.at("subject") == first[0].at("subject"));
    auto const second = invite(cloud, tenant, {Object{{"email", "Anna@acme.com"}}});
    CHECK(second[0].at("status") == "exists");
    CHECK(second[0].at("userId") == first[0].at("userId"));
  }

  TEST_CASE("invite: resend renews an invitation, and is an error for active and disabled users") {
    EmulatedCloud cloud;
    auto const tenant = cloud.create_tenant();
    auto const made = invite(cloud, tenant, {Object{{"email", "a@b.com"}}});
    auto const path =
        fmt::format("/api/v1/users/{}", std::string(made[0].at("userId").as_string()));
    auto const expiry = [&] {
      return cloud.call(tenant, "GET", path).json().at("inviteExpiry").to_number<std::int64_t>();
    };
    auto const again = [&] {
      return invite(cloud, tenant, {Object{{"email", "a@b.com"}, {"resend", true}}})[0];
    };
    auto const set_status = [&](char const* status) {
      Array const patch{{{"op", "replace"}, {"path", "/status"}, {"value", status}}};
      REQUIRE(cloud.call(tenant, "PATCH", path, patch).status == 204);
    };
    auto const before = expiry();
    cloud.control("POST", "clock", {{"advanceSeconds", 3600}});
    CHECK(again().at("status") == "ok");
    CHECK(expiry() >= before + 3600);
    set_status("active");
    CHECK(again().at("status") == "error");
    CHECK(again().at("code") == 1001);
    set_status("disabled");
    CHECK(again().at("code") == 1002);
  }

  TEST_CASE("invite: each invitee gets an answer of its own, a malformed body none") {
    EmulatedCloud cloud;
    auto const tenant = cloud.create_tenant();
    auto const both =
        invite(cloud, tenant, {Object{{"email", "nobody"}}, Object{{"email", "a@b.com"}}});
    CHECK(both[0].at("status") == "error");
    CHECK(both[0].at("email") == "nobody");
    CHECK(both[1].at("status") == "ok");
    auto const status = [&](Value const& body) {
      return cloud.call(tenant, "POST", kInvite, body).status;
    };
    CHECK(status(Object()) == 400);
    CHECK(cloud.call(tenant, "POST", kInvite, Object()).json().at("errors").at(0).at("code") ==
          400);
    auto const stranger = cloud.call(tenant.host, "none", "POST", kInvite, Object()).json();
    CHECK(stranger.at("errors").at(0).at("code") == "HTTP-401");
    CHECK(status({{"invitees", Array{Object{{"name", "x"}}}}}) == 400);
    CHECK(status({{"invitees", Array{Object{{"email", "c@b.com"}, {"resend", 1}}}}}) == 400);
  }
}
}  // namespace tenantry
