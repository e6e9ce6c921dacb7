#include "engine/core/secret.hpp"
#include "providers/qlik/kinds.hpp"
#include "providers/qlik/provider.hpp"
#include "tests/unit/qlik/kind_fixture.hpp"

namespace tenantry::test {
namespace {

TenantType const& tenant() { return qlik::tenant_type(); }
constexpr auto kId = "TiQ8GPVr8qI714Lp5ChAAFFaU24MJy69";
constexpr auto kBody = R"({"id": "TiQ8GPVr8qI714Lp5ChAAFFaU24MJy69", "name": "Acme Analytics",
    "hostnames": ["k3j2.eu.qlikcloud.com", "acme.eu.qlikcloud.com"], "status": "active",
    "region": "eu", "datacenter": "eu-west-1", "enableAppOpeningFeedback": true,
    "createdByUser": "", "links": {"self": {"href": "x"}}})";

}  // namespace

TEST_SUITE("qlik tenants") {
  TEST_CASE("create: on the register host, with key and data centre") {
    ScriptedSession session("register.eu.qlikcloud.com");
    session.on("POST /api/v1/tenants", 201,
               R"({"id": "t1", "name": "k3j2", "hostnames": ["k3j2.eu.qlikcloud.com"],
                   "status": "active", "datacenter": "eu-west-1"})");
    auto const created = run(tenant().create(session, Secret("key"), "eu-west-1"));
    REQUIRE(created.has_value());
    CHECK(created->id == RemoteId("t1"));
    CHECK(created->hostname == "k3j2.eu.qlikcloud.com");
    CHECK(created->alias.empty());
    CHECK(created->region == "eu");
    CHECK(session.body(0) == R"({"datacenter":"eu-west-1","licenseKey":"key"})");
    CHECK_FALSE(session.calls[0].repeatable);
  }

  TEST_CASE("create: without a data centre the region decides") {
    ScriptedSession session;
    session.on("POST /api/v1/tenants", 201,
               R"({"id": "t1", "name": "k", "hostnames": ["k.eu.qlikcloud.com"]})");
    REQUIRE(run(tenant().create(session, Secret("key"), "")).has_value());
    CHECK(session.body(0) == R"({"licenseKey":"key"})");
  }

  TEST_CASE("create: an answer that names no host counts as lost") {
    ScriptedSession session;
    session.on("POST /api/v1/tenants", 201, R"({"id": "t1", "name": "k"})");
    auto const created = run(tenant().create(session, Secret("key"), ""));
    REQUIRE(created.has_error());
    CHECK(created.error().outcome_unknown());
  }

  TEST_CASE("create: a licence key that the server repeats is masked") {
    ScriptedSession session;
    Error refused(Errc::forbidden, "Qlik Cloud does not allow this");
    refused.api = ApiProblem{403, "TENANTS-23", "License invalid", "key s3cret-key is bad", ""};
    session.on("POST /api/v1/tenants", refused);
    auto const created = run(tenant().create(session, Secret("s3cret-key"), ""));
    REQUIRE(created.has_error());
    CHECK(created.error().api->detail == "key (sensitive) is bad");
  }

  TEST_CASE("read: by id where it is known, else as me; the alias is its label") {
    ScriptedSession session;
    session.on(std::string("GET /api/v1/tenants/") + kId, 200, kBody)
        .on("GET /api/v1/tenants/me", 200, kBody);
    for (auto const& id : {RemoteId(kId), RemoteId()}) {
      auto const found = run(tenant().read(session, id));
      REQUIRE(found.has_value());
      CHECK(found->id == RemoteId(kId));
      CHECK(found->hostname == "k3j2.eu.qlikcloud.com");
      CHECK(found->alias == "acme");
      CHECK(found->status == "active");
      CHECK(canonical(found->attributes) ==
            R"({"alias":"acme","datacenter":"eu-west-1","enableAppOpeningFeedback":true,)"
            R"("name":"Acme Analytics"})");
    }
  }

  TEST_CASE("update: the alias is sent as a full host name") {
    ScriptedSession session;
    session.on("PATCH /api/v1/tenants/t1", 204);
    auto const changed =
        object(R"({"name": "Acme", "alias": "acme", "enableAnalyticCreation": false})");
    REQUIRE(run(tenant().update(session, RemoteId("t1"), "eu", changed)).has_value());
    CHECK(session.body(0) ==
          R"([{"op":"replace","path":"/name","value":"Acme"},)"
          R"({"op":"replace","path":"/hostnames/1","value":"acme.eu.qlikcloud.com"},)"
          R"({"op":"replace","path":"/enableAnalyticCreation","value":false}])");
    CHECK(session.calls[0].repeatable);
  }

  TEST_CASE("update: an alias cannot be removed, a data centre cannot change") {
    ScriptedSession session;
    for (auto const* changed :
         {R"({"alias": ""})", R"({"alias": null})", R"({"datacenter": "x"})"}) {
      auto const updated = run(tenant().update(session, RemoteId("t1"), "eu", object(changed)));
      REQUIRE(updated.has_error());
      CHECK(updated.error().code == Errc::invalid);
    }
  }

  TEST_CASE("deactivate: confirms the host name; a purge date only where one is asked for") {
    ScriptedSession session("register.eu.qlikcloud.com");
    auto const line = "POST /api/v1/tenants/t1/actions/deactivate";
    auto const answer =
        R"({"id": "t1", "status": "disabled", "estimatedPurgeDate": "2026-04-01T00:00:00.000Z"})";
    session.on(line, 200, answer).on(line, 200, answer);
    auto const plain =
        run(tenant().deactivate(session, RemoteId("t1"), "acme.eu.qlikcloud.com", std::nullopt));
    REQUIRE(plain.has_value());
    CHECK(plain->status == "disabled");
    CHECK(plain->purge_date == "2026-04-01T00:00:00.000Z");
    CHECK(
        run(tenant().deactivate(session, RemoteId("t1"), "acme.eu.qlikcloud.com", 30)).has_value());
    CHECK(session.header(0, "qlik-confirm-hostname") == "acme.eu.qlikcloud.com");
    CHECK(session.body(0).empty());
    CHECK(session.body(1) == R"({"purgeAfterDays":30})");
    CHECK(session.calls[0].repeatable);  // documented: it starts the countdown again
  }

  TEST_CASE("reactivate: confirms the host name, without a body") {
    ScriptedSession session("register.eu.qlikcloud.com");
    session.on("POST /api/v1/tenants/t1/actions/reactivate", 200, R"({"status": "active"})");
    CHECK(run(tenant().reactivate(session, RemoteId("t1"), "acme.eu.qlikcloud.com")).has_value());
    CHECK(session.header(0, "qlik-confirm-hostname") == "acme.eu.qlikcloud.com");
    CHECK(session.body(0).empty());
    CHECK_FALSE(session.calls[0].repeatable);
  }

  TEST_CASE("list: all pages of the organization, filtered by a quoted subscription") {
    ScriptedSession session("console.qlikcloud.com");
    session
        .on(R"(GET /api/core/tenants?filter=subscriptionId eq "a\"b"&limit=100)", 200,
            R"({"data": [{"id": "t1", "name": "Acme", "hostnames": ["k.eu.qlikcloud.com",
                "acme.eu.qlikcloud.com"], "status": "active", "regionCode": "eu-west-1",
                "createdAt": "2026-01-01T00:00:00Z", "createdBy": "c", "licenseNumber": "l"}],
                "links": {"next": {"href":
                "https://console.qlikcloud.com/api/core/tenants?offset=1"}}})")
        .on("GET /api/core/tenants?offset=1", 200, R"({"data": [], "links": {}})");
    auto const all = run(tenant().list(session, "a\"b"));
    REQUIRE(all.has_value());
    REQUIRE(all->size() == 1);
    auto const& acme = (*all)[0];
    CHECK(acme.region == "eu");
    CHECK(acme.datacenter == "eu-west-1");
    CHECK(acme.hostnames.size() == 2);
    CHECK(acme.license_number == "l");
    CHECK(acme.created_by == "c");
  }

  TEST_CASE("list: without a subscription there is no filter") {
    ScriptedSession session("console.qlikcloud.com");
    session.on("GET /api/core/tenants?limit=100", 200, R"({"data": []})");
    CHECK(run(tenant().list(session, "")).has_value());
  }

  TEST_CASE("schema: an alias is a label, settings are a block of their own") {
    auto const& schema = tenant().schema();
    CHECK(problems(schema, R"({"alias": "acme.eu.qlikcloud.com"})") ==
          std::vector<std::string>{"/alias: wrong form"});
    auto const* flag = schema.find("enableAppOpeningFeedback");
    REQUIRE(flag != nullptr);
    CHECK(flag->block == "settings");
    CHECK(flag->server_default == false);
    CHECK(schema.find("licenseKey")->sensitive);
    CHECK(schema.find("datacenter")->on_change == OnChange::refuse);
  }
}

TEST_SUITE("qlik provider") {
  TEST_CASE("types: in the order in which people list them, each with a page of docs") {
    std::vector<std::string> sections;
    for (auto const* schema : qlik_provider().schemas()) {
      sections.push_back(schema->section);
      CHECK_FALSE(schema->doc.empty());
      for (auto const& name : schema->natural_key) CHECK(schema->find(name) != nullptr);
      for (auto const& attribute : schema->attributes) {
        CAPTURE(attribute.name);
        CHECK_FALSE(attribute.doc.empty());
        CHECK((attribute.on_change != OnChange::refuse || !attribute.refusal.empty()));
      }
    }
    CHECK(sections ==
          std::vector<std::string>{"", "tenantSettings", "roles", "groups", "groupSettings",
                                   "webIntegrations", "oauthClients", "brands", "keyProviders",
                                   "spaces", "diProjects"});
    CHECK(qlik_provider().find("groups") == &qlik::group_type());
    CHECK(qlik_provider().find("nothing") == nullptr);
  }
}
}  // namespace tenantry::test
