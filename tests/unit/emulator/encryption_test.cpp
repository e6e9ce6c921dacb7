#include <doctest/doctest.h>
#include <fmt/format.h>

#include "engine/core/digest.hpp"
#include "tests/support/emulated_cloud.hpp"
#include "tests/support/temp_folder.hpp"

namespace tenantry {
using test::EmulatedCloud;
using test::EmulatedTenant;

namespace {

constexpr char kAll[] = "/api/v1/encryption/keyproviders";
constexpr char kList[] = "/api/v1/encryption/keyproviders/actions/list";
constexpr char kReset[] = "/api/v1/encryption/keyproviders/actions/reset-to-default-provider";
constexpr char kDetails[] = "/api/v1/encryption/keyproviders/migration/actions/details";
constexpr char kNever[] = "0001-01-01T00:00:00Z";

std::string arn_of(std::string_view account, std::string_view key = "mrk-1237c011a37e4f67") {
  return fmt::format("arn:aws:kms:eu-west-1:{}:key/{}", account, key);
}

Object key(std::string const& arn) {
  return {{"arn", arn}, {"name", "Ours"}, {"keyprovider", "AWS-KMS"}};
}

/// A tenant with key providers.
struct Fixture {
  EmulatedCloud cloud;
  EmulatedTenant tenant = cloud.create_tenant();

  test::HttpReply call(std::string_view method, std::string const& path, Value const& body = {}) {
    return cloud.call(tenant, method, path, body);
  }
  /// Path of a new provider.
  std::string create(std::string_view account = "111122223333") {
    auto const reply = call("POST", kAll, key(arn_of(account)));
    REQUIRE(reply.status == 201);
    return fmt::format("{}/{}", kAll, std::string(reply.json().at("arnFingerPrint").as_string()));
  }
  std::string qlik() const { return fmt::format("{}/{}", kAll, tenant.id); }
  int migrate(std::string const& path) { return call("POST", path + "/actions/migrate").status; }
  std::string poll() { return std::string(call("GET", kDetails).json().at("state").as_string()); }
  void finish() {
    for (int i = 0; i < 10 && poll() != "Completed"; ++i) {
    }
    REQUIRE(poll() == "Completed");
  }
  bool is_current(std::string const& path) {
    auto const provider = call("GET", path).json();
    auto const* const current = find(provider.as_object(), "current");
    return current != nullptr && current->as_bool();
  }
};

}  // namespace

TEST_SUITE("emulator/encryption") {
  TEST_CASE("list: a new tenant has the provider of Qlik alone, which only actions/list shows") {
    Fixture f;
    CHECK(f.call("GET", kAll).json() == Array());
    auto const all = f.call("GET", kList).json().as_array();
    REQUIRE(all.size() == 1);
    CHECK(all[0].at("arn") == "#QLIK_MANAGED_KEY_PROVIDER#");
    CHECK(all[0].at("createdAt") == "Qlik managed");
    CHECK(all[0].at("keyprovider") == "Qlik");
    CHECK(all[0].at("current") == true);
    auto const path = f.create();
    CHECK(f.call("GET", kAll).json().as_array().size() == 1);
    CHECK(f.call("GET", kList).json().as_array().size() == 2);
    CHECK(f.call("GET", path).json() == f.call("GET", kAll).json().at(0));
  }

  TEST_CASE("create: the provider is addressed by a fingerprint of the ARN and is not current") {
    Fixture f;
    auto const arn = arn_of("111122223333");
    auto body = key(arn);
    body["description"] = "of the customer";
    auto const reply = f.call("POST", kAll, body);
    REQUIRE(reply.status == 201);
    auto const provider = reply.json();
    CHECK(provider.at("arnFingerPrint") == Value(md5_hex(arn)));
    CHECK(provider.at("arn") == Value(arn));
    CHECK(provider.at("description") == "of the customer");
    CHECK(provider.at("promotedToCurrentAt") == kNever);
    CHECK(provider.at("demotedFromCurrentAt") == kNever);
    CHECK_FALSE(provider.as_object().contains("current"));
  }

  TEST_CASE("create: a known ARN is 409, a malformed one 417, anything else amiss 400") {
    Fixture f;
    f.create();
    CHECK(f.call("POST", kAll, key(arn_of("111122223333"))).status == 409);
    for (auto const* arn :
         {"", "arn", "arn:aws:kms:eu-west-1:111122223333",
          "arn:aws:s3:eu-west-1:111122223333:key/mrk-1", "arn:aws:kms::111122223333:key/mrk-1",
          "arn:aws:kms:eu-west-1:11112222333:key/mrk-1",
          "arn:aws:kms:eu-west-1:11112222333x:key/mrk-1", "arn:aws:kms:eu-west-1:111122223333:key/",
          "arn:aws:kms:eu-west-1:111122223333:alias/mine",
          "xrn:aws:kms:eu-west-1:111122223333:key/mrk-1",
          "arn:gcp:kms:eu-west-1:111122223333:key/mrk-1",
          "arn:aws:kms:eu-west-1:111122223333:key/mrk-1:2"}) {
      CAPTURE(arn);
      CHECK(f.call("POST", kAll, key(arn)).status == 417);
    }
    CHECK(f.call("POST", kAll, {{"arn", arn_of("111122223334")}, {"name", "x"}}).status == 400);
    auto other = key(arn_of("111122223334"));
    other["keyprovider"] = "Qlik";
    CHECK(f.call("POST", kAll, other).status == 400);
    other = key(arn_of("111122223334"));
    other["current"] = true;
    CHECK(f.call("POST", kAll, other).status == 400);
  }

  TEST_CASE("create: a key that Qlik cannot use is refused and not remembered") {
    Fixture f;
    auto const single = arn_of("111122223333", "0f4c1a52-9b1d-4b7e-a1b2-0123456789ab");
    CHECK(f.call("POST", kAll, key(single)).status == 406);
    auto const denied = f.call("POST", kAll, key(arn_of("000000000403")));
    CHECK(denied.status == 403);
    CHECK(denied.json().at("errors").at(0).at("code") == "Encryption-88");
    CHECK(f.call("POST", kAll, key(arn_of("000000000408"))).status == 408);
    CHECK(f.call("GET", kAll).json() == Array());
  }

  TEST_CASE("patch: name and description only") {
    Fixture f;
    auto const path = f.create();
    auto const patch = [&](char const* where, Value const& value) {
      return f.call("PATCH", path, Array{{{"op", "replace"}, {"path", where}, {"value", value}}})
          .status;
    };
    CHECK(patch("/name", "Theirs") == 204);
    CHECK(patch("/description", "x") == 204);
    CHECK(f.call("GET", path).json().at("name") == "Theirs");
    CHECK(f.call("GET", path).json().at("description") == "x");
    CHECK(patch("/description", "") == 204);
    CHECK_FALSE(f.call("GET", path).json().as_object().contains("description"));
    CHECK(patch("/name", "") == 400);
    CHECK(patch("/name", 1) == 400);
    CHECK(patch("/arn", Value(arn_of("111122223334"))) == 400);
    CHECK(f.call("PATCH", f.qlik(), Array{}).status == 400);
    CHECK(f.call("PATCH", std::string(kAll) + "/none", Array{}).status == 404);
  }

  TEST_CASE("test: answers with the provider, 408 when the key service is silent") {
    Fixture f;
    auto const path = f.create();
    auto const tested = f.call("POST", path + "/actions/test");
    CHECK(tested.status == 201);
    CHECK(tested.json() == f.call("GET", path).json());
    CHECK(f.call("POST", std::string(kAll) + "/none/actions/test").status == 404);
    f.cloud.control("POST", "faults",
                    Array{{{"path", "/actions/test$"}, {"status", 408}, {"times", 1}}});
    CHECK(f.call("POST", path + "/actions/test").status == 408);
  }

  TEST_CASE("migrate: runs in the background, and the target is current when it is done") {
    Fixture f;
    CHECK(f.call("GET", kDetails).status == 404);
    auto const path = f.create();
    auto const started = f.call("POST", path + "/actions/migrate");
    REQUIRE(started.status == 200);
    auto const migration = started.json();
    CHECK(migration.at("state") == "New");
    CHECK(migration.at("progress") == 0);
    CHECK(migration.at("completedAt") == kNever);
    CHECK(migration.at("migratingTo") == Value(arn_of("111122223333")));
    CHECK(migration.at("migratingFrom") == "#QLIK_MANAGED_KEY_PROVIDER#");
    std::vector<std::pair<std::string, std::int64_t>> seen;
    for (int i = 0; i < 3; ++i) {
      CHECK(f.is_current(f.qlik()));
      CHECK_FALSE(f.is_current(path));
      auto const now = f.call("GET", kDetails).json();
      CHECK(now.at("id") == migration.at("id"));
      seen.emplace_back(now.at("state").as_string(), now.at("progress").to_number<std::int64_t>());
    }
    CHECK(seen == decltype(seen){{"InProgress", 40}, {"InProgress", 80}, {"Completed", 100}});
    CHECK(f.is_current(path));
    CHECK_FALSE(f.is_current(f.qlik()));
    CHECK(f.call("GET", path).json().at("promotedToCurrentAt") != kNever);
    CHECK(f.call("GET", f.qlik()).json().at("demotedFromCurrentAt") != kNever);
    auto const last = f.call("GET", kDetails).json();
    CHECK(last.at("state") == "Completed");
    CHECK(last.at("completedAt") != kNever);
    CHECK(f.call("GET", kList).json().as_array().size() == 2);
  }

  TEST_CASE("migrate: one at a time, not to the current one, not to an unknown one") {
    Fixture f;
    auto const first = f.create();
    auto const second = f.create("111122223334");
    CHECK(f.migrate(std::string(kAll) + "/none") == 404);
    CHECK(f.migrate(first) == 200);
    CHECK(f.migrate(second) == 428);
    CHECK(f.migrate(first) == 428);
    CHECK(f.call("POST", kReset).status == 406);
    f.finish();
    CHECK(f.migrate(first) == 412);
    CHECK(f.migrate(f.qlik()) == 412);
    CHECK(f.migrate(second) == 200);
    CHECK(f.call("GET", kDetails).json().at("migratingFrom") == Value(arn_of("111122223333")));
  }

  TEST_CASE("migrate: keys of some accounts cannot be started, prepared, or completed") {
    Fixture f;
    CHECK(f.migrate(f.create("000000000412")) == 412);
    CHECK(f.migrate(f.create("000000000424")) == 424);
    CHECK(f.call("GET", kDetails).status == 404);
    auto const endless = f.create("000000000102");
    CHECK(f.migrate(endless) == 200);
    for (int i = 0; i < 10; ++i) f.poll();
    f.cloud.control("POST", "clock", {{"advanceSeconds", 3600}});
    CHECK(f.poll() == "InProgress");
    CHECK_FALSE(f.is_current(endless));
  }

  TEST_CASE("migrate: one that nobody polls is done after ten minutes") {
    Fixture f;
    auto const path = f.create();
    CHECK(f.migrate(path) == 200);
    f.cloud.control("POST", "clock", {{"advanceSeconds", 590}});
    CHECK_FALSE(f.is_current(path));
    f.cloud.control("POST", "clock", {{"advanceSeconds", 10}});
    CHECK(f.is_current(path));
  }

  TEST_CASE("reset: a migration back to Qlik, nothing when its provider is current") {
    Fixture f;
    auto const idle = f.call("POST", kReset);
    CHECK(idle.status == 200);
    CHECK(idle.json().as_object().contains("message"));
    CHECK(f.call("GET", kDetails).status == 404);
    auto const path = f.create();
    CHECK(f.migrate(path) == 200);
    f.finish();
    auto const started = f.call("POST", kReset);
    CHECK(started.status == 205);
    CHECK(started.body.empty());
    CHECK(f.call("POST", kReset).status == 406);
    CHECK(f.is_current(path));
    f.finish();
    CHECK(f.is_current(f.qlik()));
    CHECK_FALSE(f.is_current(path));
    CHECK(f.call("GET", path).json().at("demotedFromCurrentAt") != kNever);
    CHECK(f.call("POST", kReset).status == 200);
  }

  TEST_CASE("delete: neither the provider of Qlik, nor the current one, nor a target") {
    Fixture f;
    auto const path = f.create();
    CHECK(f.call("DELETE", f.qlik()).status == 424);
    CHECK(f.migrate(path) == 200);
    CHECK(f.call("DELETE", path).status == 424);
    f.finish();
    CHECK(f.call("DELETE", path).status == 424);
    CHECK(f.call("DELETE", f.qlik()).status == 424);
    CHECK(f.call("POST", kReset).status == 205);
    f.finish();
    CHECK(f.call("DELETE", path).status == 204);
    CHECK(f.call("DELETE", path).status == 404);
    CHECK(f.call("GET", path).status == 404);
    CHECK(f.call("GET", kDetails).json().at("state") == "Completed");
  }

  TEST_CASE("access: everything is for administrators") {
    Fixture f;
    auto const made = f.call("POST", "/api/v1/oauth-clients",
                             {{"appType", "web"},
                              {"clientName", "Reader"},
                              {"allowedScopes", {"user_default"}},
                              {"allowedGrantTypes", {"client_credentials"}},
                              {"connectionConfig", {{"consentMethod", "trusted"}}}})
                          .json();
    auto const token = f.cloud.token(f.tenant.host, made.at("clientId").as_string(),
                                     made.at("clientSecret").as_string());
    REQUIRE_FALSE(token.empty());
    for (auto const* path : {kAll, kList, kDetails}) {
      CAPTURE(path);
      CHECK(f.cloud.call(f.tenant.host, token, "GET", path).status == 403);
    }
    CHECK(f.cloud.call(f.tenant.host, token, "POST", kReset).status == 403);
  }

  TEST_CASE("data file: a running migration goes on after a restart") {
    test::TempFolder const folder;
    emulator::Options options;
    options.data_file = folder.path() / "emulator.db";
    EmulatedTenant tenant;
    auto const arn = arn_of("111122223333");
    auto const path = fmt::format("{}/{}", kAll, md5_hex(arn));
    {
      EmulatedCloud cloud(options);
      tenant = cloud.create_tenant();
      cloud.call(tenant, "POST", kAll, key(arn));
      CHECK(cloud.call(tenant, "POST", path + "/actions/migrate").status == 200);
      CHECK(cloud.call(tenant, "GET", kDetails).json().at("progress") == 40);
    }
    EmulatedCloud cloud(options);
    CHECK(cloud.call(tenant, "GET", kDetails).json().at("progress") == 80);
    CHECK(cloud.call(tenant, "GET", kDetails).json().at("progress") == 100);
    CHECK(cloud.call(tenant, "GET", path).json().at("current") == true);
  }
}
}  // namespace tenantry
