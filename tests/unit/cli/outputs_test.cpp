#include "cli/outputs.hpp"

#include <doctest/doctest.h>

namespace tenantry::cli {
namespace {

state::TenantState tenant(std::string const& key, std::string const& hostname) {
  state::TenantState state;
  state.key = key;
  state::ResourceRecord self;
  self.address = {key, {}, {}};
  self.id = RemoteId("id-of-" + key);
  self.extra = {{"hostname", hostname}, {"region", "eu"}, {"status", "active"}};
  state.resources[self.address] = self;
  state::ResourceRecord client;
  client.address = {key, "oauthClients", "sales-portal"};
  client.id = RemoteId("4711");
  state.resources[client.address] = client;
  state::ResourceRecord group;
  group.address = {key, "groups", "analysts"};
  group.id = RemoteId("group");
  state.resources[group.address] = group;
  return state;
}

}  // namespace

TEST_SUITE("outputs") {
  TEST_CASE("dotenv: well-formed names that begin alike, no line for what a tenant has not") {
    auto const text = outputs_dotenv(outputs_of(tenant("0a.b", "a.eu.qlikcloud.com")));
    REQUIRE(text.has_value());
    CHECK(*text ==
          "TENANT_0A_B_ID=id-of-0a.b\n"
          "TENANT_0A_B_HOSTNAME=a.eu.qlikcloud.com\n"
          "TENANT_0A_B_REGION=eu\n"
          "TENANT_0A_B_STATUS=active\n"
          "TENANT_0A_B_OAUTH_CLIENT_SALES_PORTAL=4711\n");
  }

  TEST_CASE("dotenv: what a server could put into a shell is refused") {
    for (auto const* host : {"a b", "$(id)", "a\nPATH=x", "\"a\"", "a;b", "`id`"}) {
      CAPTURE(host);
      auto const text = outputs_dotenv(outputs_of(tenant("acme", host)));
      REQUIRE(text.has_error());
      CHECK(text.error().code == Errc::invalid);
    }
  }

  TEST_CASE("dotenv: names of two tenants that would be the same are refused") {
    auto outputs = outputs_of(tenant("a-b", "a"));
    for (auto& output : outputs_of(tenant("a.b", "b"))) outputs.push_back(output);
    auto const text = outputs_dotenv(outputs);
    REQUIRE(text.has_error());
    CHECK(text.error().code == Errc::conflict);
    CHECK(text.error().message == "a-b/id and a.b/id would both be TENANT_A_B_ID");
  }

  TEST_CASE("a tenant that is not in the state has none") {
    CHECK(outputs_of(state::TenantState{}).empty());
  }
}

}  // namespace tenantry::cli
