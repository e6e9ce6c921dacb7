#include "providers/qlik/key_migration.hpp"
#include "providers/qlik/kinds.hpp"
#include "tests/unit/qlik/kind_fixture.hpp"

namespace tenantry::test {
namespace {

ResourceType const& provider() { return qlik::key_provider_type(); }

constexpr auto kArn = "arn:aws:kms:eu-west-1:123456789012:key/mrk-0123456789abcdef0123456789abcdef";
constexpr auto kProviders = "/api/v1/encryption/keyproviders";
constexpr auto kKey = "/api/v1/encryption/keyproviders/fp1";
constexpr auto kDetails = "GET /api/v1/encryption/keyproviders/migration/actions/details";
constexpr auto kReset = "POST /api/v1/encryption/keyproviders/actions/reset-to-default-provider";

std::string get_key() { return std::string("GET ") + kKey; }
std::string act(std::string_view action) {
  return "POST " + std::string(kKey) + "/actions/" + std::string(action);
}
std::string state_of(bool current) {
  return std::string(R"({"arnFingerPrint": "fp1", "name": "CMK", "keyprovider": "AWS-KMS",
      "current": )") +
         (current ? "true" : "false") + "}";
}
std::string running(int percent, std::string_view target = "fp1") {
  return R"({"id": "m1", "state": "InProgress", "progress": )" + std::to_string(percent) +
         R"(, "migratingToFingerprint": ")" + std::string(target) +
         R"(", "initiatedAt": "2026-01-02T00:00:00Z"})";
}
constexpr auto kCompleted = R"({"id": "m1", "state": "Completed", "progress": 100})";

Error api_error(int status, Errc code = Errc::rejected) {
  Error error(code, "scripted failure");
  error.api = ApiProblem{};
  error.api->status = status;
  return error;
}

struct KeyFixture : KindFixture {
  std::vector<std::string> told;
  Operation telling() {
    auto out = operation();
    out.progress = [this](std::string const& text) { told.push_back(text); };
    return out;
  }
  Object planned(std::string_view current = "") const {
    auto out = object(R"({"name": "CMK", "keyprovider": "AWS-KMS"})");
    out["arn"] = kArn;
    if (!current.empty()) out["current"] = current == "true";
    return out;
  }
  Result<Updated> set_current(bool current) {
    auto const text = current ? "true" : "false";
    auto const changed = object(std::string(R"({"current": )") + text + "}");
    return run(provider().update(telling(), RemoteId("fp1"), planned(text), changed));
  }
};

}  // namespace

TEST_SUITE("qlik key providers") {
  TEST_CASE("list: a plain array, by fingerprint; not current where that is not told") {
    KeyFixture f;
    f.session.on(std::string("GET ") + kProviders, 200,
                 R"([{"arnFingerPrint": "fp1", "name": "CMK", "arn": "a", "current": true,
                      "keyprovider": "AWS-KMS", "multiRegion": true},
                     {"arnFingerPrint": "fp2", "name": "Old", "arn": "b"}])");
    auto const live = run(provider().list(f.session));
    REQUIRE(live.has_value());
    REQUIRE(live->size() == 2);
    CHECK((*live)[0].id == RemoteId("fp1"));
    CHECK(canonical((*live)[0].attributes) ==
          R"({"arn":"a","current":true,"keyprovider":"AWS-KMS","name":"CMK"})");
    CHECK(canonical((*live)[1].attributes) == R"({"arn":"b","current":false,"name":"Old"})");
  }

  TEST_CASE("create: a key that is not to be current is registered and tested") {
    KeyFixture f;
    f.session.on(std::string("POST ") + kProviders, 201, state_of(false))
        .on(act("test"), 201, "{}");
    auto const created = run(provider().create(f.telling(), f.planned()));
    REQUIRE(created.has_value());
    CHECK(created->object.id == RemoteId("fp1"));
    CHECK_FALSE(created->incomplete.has_value());
    CHECK(f.session.body(0).find("current") == std::string::npos);
    CHECK(f.told.empty());
  }

  TEST_CASE("create: a current key is tested, migrated to and followed to the end") {
    KeyFixture f;
    f.session.on(std::string("POST ") + kProviders, 201, state_of(false))
        .on(kDetails, Errc::not_found)
        .on(act("test"), 201, "{}")
        .on(act("migrate"), 200, R"({"id": "m1", "state": "New", "progress": 0})")
        .on(kDetails, 200, running(0))
        .on(kDetails, 200, running(40))
        .on(kDetails, 200, running(40))
        .on(kDetails, 200, kCompleted)
        .on(get_key(), 200, state_of(true));
    auto const created = run(provider().create(f.telling(), f.planned("true")));
    REQUIRE(created.has_value());
    CHECK_FALSE(created->incomplete.has_value());
    CHECK(created->object.attributes.at("current") == Value(true));
    CHECK(f.told == std::vector<std::string>{"migration to CMK", "migration to CMK: 0 %",
                                             "migration to CMK: 40 %"});
    using std::chrono::milliseconds;
    CHECK(f.session.waits ==
          std::vector<milliseconds>{milliseconds(250), milliseconds(500), milliseconds(1000)});
  }

  TEST_CASE("create: a key that fails its test is registered, and the object not lost") {
    KeyFixture f;
    f.session.on(std::string("POST ") + kProviders, 201, state_of(false))
        .on(kDetails, 200, kCompleted)
        .on(act("test"), api_error(408));
    auto const created = run(provider().create(f.telling(), f.planned("true")));
    REQUIRE(created.has_value());
    CHECK(created->object.id == RemoteId("fp1"));
    CHECK(created->object.attributes.at("current") == Value(false));
    REQUIRE(created->incomplete.has_value());
    CHECK(created->incomplete->message == "the key service did not answer in time");
  }

  TEST_CASE("create: refusals of the encryption service say what to look at") {
    for (auto const& [status, word] : std::vector<std::pair<int, std::string>>{
             {403, "policy"}, {406, "enabled"}, {417, "alias"}}) {
      KeyFixture f;
      f.session.on(std::string("POST ") + kProviders, api_error(status));
      auto const created = run(provider().create(f.telling(), f.planned()));
      REQUIRE(created.has_error());
      CHECK(created.error().hint.find(word) != std::string::npos);
    }
  }

  TEST_CASE("update: name and description only are patched") {
    KeyFixture f;
    f.session.on(std::string("PATCH ") + kKey, 204);
    auto const changed = object(R"({"name": "New", "description": null})");
    REQUIRE(run(provider().update(f.telling(), RemoteId("fp1"), f.planned(), changed)).has_value());
    CHECK(f.session.body(0) == R"([{"op":"replace","path":"/name","value":"New"},)"
                               R"({"op":"replace","path":"/description","value":""}])");
  }

  TEST_CASE("update: a migration to the same key is followed, not started again") {
    KeyFixture f;
    f.session.on(kDetails, 200, running(70))
        .on(kDetails, 200, running(90))
        .on(kDetails, 200, kCompleted)
        .on(get_key(), 200, state_of(true));
    auto const updated = f.set_current(true);
    REQUIRE(updated.has_value());
    CHECK(updated->attributes.at("current") == Value(true));
  }

  TEST_CASE("update: the target is known by the guide's spelling and by the ARN as well") {
    for (auto const& details :
         {std::string(R"({"state": "New", "migratingToFingerPrint": "fp1"})"),
          std::string(R"({"state": "New", "migratingTo": ")") + kArn + "\"}"}) {
      KeyFixture f;
      f.session.on(kDetails, 200, details)
          .on(kDetails, 200, kCompleted)
          .on(get_key(), 200, state_of(true));
      CHECK(f.set_current(true).has_value());
    }
  }

  TEST_CASE("update: another migration is a clear error, before and at the start") {
    KeyFixture f;
    f.session.on(kDetails, 200, running(10, "fp2"));
    auto const before = f.set_current(true);
    REQUIRE(before.has_error());
    CHECK(before.error().code == Errc::conflict);
    CHECK(before.error().message.find("InProgress, 10 %, started 2026-01-02") != std::string::npos);
    f.session.on(kDetails, 200, kCompleted)
        .on(act("test"), 201, "{}")
        .on(act("migrate"), api_error(428))
        .on(kDetails, 200, running(10, "fp2"));
    auto const at_start = f.set_current(true);
    REQUIRE(at_start.has_error());
    CHECK(at_start.error().code == Errc::conflict);
  }

  TEST_CASE("update: a start whose answer was lost is looked up") {
    KeyFixture f;
    f.session.on(kDetails, Errc::not_found)
        .on(act("test"), 201, "{}")
        .on(act("migrate"), Errc::lost_reply)
        .on(kDetails, 200, running(1))
        .on(kDetails, 200, kCompleted)
        .on(get_key(), 200, state_of(true));
    CHECK(f.set_current(true).has_value());
  }

  TEST_CASE("update: details of an older migration are no end of this one") {
    KeyFixture f;
    f.session.on(kDetails, 200, kCompleted)
        .on(act("test"), 201, "{}")
        .on(act("migrate"), 200, R"({"id": "m2", "state": "New"})")
        .on(kDetails, 200, kCompleted)
        .on(get_key(), 200, state_of(false))
        .on(kDetails, 200, kCompleted)
        .on(get_key(), 200, state_of(true));
    CHECK(f.set_current(true).has_value());
    CHECK(f.session.waits.size() == 1);
  }

  TEST_CASE("update: a migration that does not end is given up after hours, with what is known") {
    KeyFixture f;
    f.session.on(kDetails, 200, running(12));
    for (int look = 0; look < 727; ++look) f.session.on(kDetails, 200, running(12));
    auto const updated = f.set_current(true);
    REQUIRE(updated.has_error());
    CHECK(updated.error().code == Errc::timeout);
    CHECK(updated.error().message ==
          "the migration to CMK has not ended after 6 hours (InProgress, 12 %, started "
          "2026-01-02T00:00:00Z)");
    CHECK(updated.error().hint.find("apply again to go on following it") != std::string::npos);
    std::chrono::milliseconds total{0};
    for (auto const wait : f.session.waits) total += wait;
    CHECK(total >= qlik::kMigrationMax);
    CHECK(total < qlik::kMigrationMax + std::chrono::minutes(1));
    CHECK(f.told == std::vector<std::string>{"migration to CMK: 12 %"});
  }

  TEST_CASE("update: no longer current resets to Qlik's key and waits") {
    KeyFixture f;
    f.session.on(get_key(), 200, state_of(true))
        .on(kReset, 205)
        .on(kDetails, 200, running(50, ""))
        .on(kDetails, 200, kCompleted)
        .on(get_key(), 200, state_of(false));
    auto const updated = f.set_current(false);
    REQUIRE(updated.has_value());
    CHECK(updated->attributes.at("current") == Value(false));
    CHECK(f.told == std::vector<std::string>{"migration to Qlik's own key",
                                             "migration to Qlik's own key: 50 %"});
  }

  TEST_CASE("update: nothing is reset where another key is current by now") {
    KeyFixture f;
    f.session.on(get_key(), 200, state_of(false));
    CHECK(f.set_current(false).has_value());
  }

  TEST_CASE("update: a migration to another key does what a reset would do") {
    KeyFixture f;
    f.session.on(get_key(), 200, state_of(true))
        .on(kReset, api_error(406))
        .on(kDetails, 200, running(50, "fp2"))
        .on(kDetails, 200, kCompleted)
        .on(get_key(), 200, state_of(false));
    CHECK(f.set_current(false).has_value());
    f.session.on(get_key(), 200, state_of(true))
        .on(kReset, api_error(406))
        .on(kDetails, 200, running(50, "fp1"));
    auto const refused = f.set_current(false);
    REQUIRE(refused.has_error());
    CHECK(refused.error().code == Errc::conflict);
  }

  TEST_CASE("update: a reset that is said to be needless is believed only when it is true") {
    KeyFixture f;
    f.session.on(get_key(), 200, state_of(true))
        .on(kReset, 200, "{}")
        .on(get_key(), 200, state_of(false));
    CHECK(f.set_current(false).has_value());
    f.session.on(get_key(), 200, state_of(true))
        .on(kReset, 200, "{}")
        .on(get_key(), 200, state_of(true));
    CHECK(f.set_current(false).has_error());
  }

  TEST_CASE("remove: the current key is reset, waited for and deleted; any other deleted") {
    KeyFixture f;
    f.session.on(get_key(), 200, state_of(true))
        .on(get_key(), 200, state_of(true))
        .on(kReset, 205)
        .on(kDetails, 200, kCompleted)
        .on(get_key(), 200, state_of(false))
        .on(std::string("DELETE ") + kKey, 204);
    CHECK(run(provider().remove(f.telling(), RemoteId("fp1"))).has_value());
    f.session.on(get_key(), 200, state_of(false)).on(std::string("DELETE ") + kKey, 204);
    CHECK(run(provider().remove(f.telling(), RemoteId("fp1"))).has_value());
    f.session.on(get_key(), Errc::not_found);
    CHECK(run(provider().remove(f.telling(), RemoteId("fp1"))).has_value());
    f.session.on(get_key(), 200, state_of(false)).on(std::string("DELETE ") + kKey, api_error(424));
    auto const in_use = run(provider().remove(f.telling(), RemoteId("fp1")));
    REQUIRE(in_use.has_error());
    CHECK(in_use.error().message == "the key is still in use");
  }

  TEST_CASE("consequence: giving up the current key is destructive, all else is not") {
    auto const current = object(R"({"current": true})");
    auto const other = object(R"({"current": false})");
    auto const renamed = object(R"({"name": "New"})");
    auto const deleted = provider().consequence(current, nullptr);
    REQUIRE(deleted.has_value());
    CHECK(deleted->destructive);
    CHECK(deleted->text == "resets the tenant to Qlik's own key first");
    CHECK(provider().consequence(current, &other).has_value());
    CHECK_FALSE(provider().consequence(current, &renamed).has_value());
    CHECK_FALSE(provider().consequence(other, nullptr).has_value());
    CHECK_FALSE(provider().consequence(other, &current).has_value());
    CHECK(provider().creates_before_delete());
  }

  TEST_CASE("single-region key: a warning where it is written, refused where it would be made") {
    KeyFixture f;
    auto planned = f.planned();
    CHECK_FALSE(provider().refuse_create(planned, {}).has_value());
    planned["arn"] = "arn:aws:kms:eu-west-1:123456789012:key/01234567-89ab-cdef-0123-456789abcdef";
    CHECK(provider().refuse_create(planned, {}).has_value());
    std::vector<SchemaProblem> found;
    check(provider().schema(), planned, [&](SchemaProblem p) { found.push_back(std::move(p)); });
    REQUIRE(found.size() == 1);
    CHECK(found[0].warning);
    CHECK(found[0].pointer == "/arn");
  }

  TEST_CASE("schema: the ARN must be one of a key") {
    auto const& schema = provider().schema();
    auto const written = [](std::string const& arn) {
      return R"({"name": "A", "keyprovider": "AWS-KMS", "arn": ")" + arn + "\"}";
    };
    CHECK(problems(schema, written(kArn)).empty());
    CHECK(problems(schema, written("arn:aws-us-gov:kms:us-gov-west-1:123456789012:key/mrk-1"))
              .empty());
    for (auto const* arn :
         {"", "mrk-1", "arn:aws:kms:eu-west-1:123456789012:alias/x",
          "arn:aws:kms:eu-west-1:1:key/a", "arn:aws:s3:eu-west-1:123456789012:key/mrk-1",
          "arn:aws:kms::123456789012:key/mrk-1", "arn:aws:kms:eu-west-1:123456789012:key/",
          "arn:aws:kms:eu-west-1:123456789012:key/a:b"}) {
      CHECK(problems(schema, written(arn)) == std::vector<std::string>{"/arn: wrong form"});
    }
  }
}
}  // namespace tenantry::test
