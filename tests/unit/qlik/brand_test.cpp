#include "providers/qlik/kinds.hpp"
#include "tests/unit/qlik/file_fixture.hpp"

namespace tenantry::test {
namespace {

using Parts = std::vector<std::string>;

ResourceType const& brand() { return qlik::brand_type(); }

constexpr auto kMd5 = "0123456789abcdef0123456789abcdef";

/// A brand as the API tells it.
std::string answer(std::string_view files, bool active = false) {
  return R"({"id": "b1", "name": "House", "description": "", "files": [)" + std::string(files) +
         R"(], "active": )" + (active ? "true" : "false") + "}";
}
std::string file(std::string_view id, std::string_view etag) {
  return R"({"id": ")" + std::string(id) + R"(", "eTag": ")" + std::string(etag) +
         R"(", "path": "/x", "contentType": "image/png"})";
}
std::string const kLogo = file("logo", std::string(R"(\")") + kMd5 + R"(\")");

struct BrandFixture : FileFixture {
  BrandFixture() {
    files.contents["logo"] = {"png", "logo.png", "image/png"};
    files.contents["favIcon"] = {"ico", "icon.ico", "image/x-icon"};
    files.contents["styles"] = {"{}", "s.json", "application/json"};
  }
  Result<Updated> update(std::string_view changed) {
    return run(brand().update(operation(), RemoteId("b1"), object(changed), object(changed)));
  }
};

}  // namespace

TEST_SUITE("qlik brands") {
  TEST_CASE("list: a file is known by its eTag, a missing one is empty") {
    BrandFixture f;
    f.session.on("GET /api/v1/brands?limit=100", 200,
                 R"({"data": [)" + answer(kLogo + "," + file("favIcon", R"(W/\"v7\")"), true) +
                     R"(], "links": {}})");
    auto const brands = run(brand().list(f.session));
    REQUIRE(brands.has_value());
    REQUIRE(brands->size() == 1);
    CHECK(canonical((*brands)[0].attributes) ==
          R"({"active":true,"description":"","favIcon":"etag:v7",)"
          R"("logo":"md5:0123456789abcdef0123456789abcdef","name":"House","styles":""})");
  }

  TEST_CASE("create: one form with the files, inactive as it comes") {
    BrandFixture f;
    f.session.on("POST /api/v1/brands", 201, answer(kLogo));
    auto const planned =
        object(R"({"name": "House", "description": "", "logo": "md5:1", "favIcon": "md5:2",)"
               R"( "styles": "", "active": false})");
    auto const created = run(brand().create(f.operation(), planned));
    REQUIRE(created.has_value());
    CHECK(created->object.id.text() == "b1");
    CHECK(text_at(created->object.attributes, "logo") == std::string("md5:") + kMd5);
    CHECK(f.form(0) == Parts{"name: House", "logo logo.png image/png: png",
                             "favIcon icon.ico image/x-icon: ico"});
  }

  TEST_CASE("create: an active brand is activated, and the answer tells") {
    BrandFixture f;
    f.session.on("POST /api/v1/brands", 201, answer(""))
        .on("POST /api/v1/brands/b1/actions/activate", 200, answer("", true));
    auto const created =
        run(brand().create(f.operation(), object(R"({"name": "House", "active": true})")));
    REQUIRE(created.has_value());
    CHECK(created->object.attributes.at("active") == Value(true));
    CHECK_FALSE(created->incomplete);
  }

  TEST_CASE("create: a brand that could not be activated is not lost") {
    BrandFixture f;
    f.session.on("POST /api/v1/brands", 201, answer(kLogo))
        .on("POST /api/v1/brands/b1/actions/activate", Errc::unavailable);
    auto const created =
        run(brand().create(f.operation(), object(R"({"name": "House", "active": true})")));
    REQUIRE(created.has_value());
    CHECK(created->object.id.text() == "b1");
    CHECK(created->object.attributes.at("active") == Value(false));
    REQUIRE(created->incomplete);
    CHECK(created->incomplete->code == Errc::unavailable);
  }

  TEST_CASE("create: a file that changed since the plan is an error before any call") {
    BrandFixture f;
    f.files.contents.clear();
    auto const created =
        run(brand().create(f.operation(), object(R"({"name": "House", "logo": "md5:1"})")));
    REQUIRE(created.has_error());
    CHECK(created.error().code == Errc::stale);
  }

  TEST_CASE("update: texts by PATCH alone") {
    BrandFixture f;
    f.session.on("PATCH /api/v1/brands/b1", 204);
    auto const updated = f.update(R"({"name": "New", "description": ""})");
    REQUIRE(updated.has_value());
    CHECK(updated->attributes.empty());
    CHECK(f.session.body(0) == R"([{"op":"replace","path":"/name","value":"New"},)"
                               R"({"op":"replace","path":"/description","value":""}])");
  }

  TEST_CASE("update: PUT for a file that is there, POST for one that is not, DELETE for none") {
    BrandFixture f;
    f.session.on("GET /api/v1/brands/b1", 200, answer(kLogo + "," + file("styles", "x")))
        .on("PUT /api/v1/brands/b1/files/logo", 200, file("logo", "y"))
        .on("POST /api/v1/brands/b1/files/favIcon", 201, file("favIcon", "z"))
        .on("DELETE /api/v1/brands/b1/files/styles", 204)
        .on("GET /api/v1/brands/b1", 200, answer(file("logo", "y") + "," + file("favIcon", "z")));
    auto const updated = f.update(R"({"logo": "md5:1", "favIcon": "md5:2", "styles": ""})");
    REQUIRE(updated.has_value());
    CHECK(f.form(1) == Parts{"file logo.png image/png: png"});
    CHECK(f.form(2) == Parts{"file icon.ico image/x-icon: ico"});
    CHECK(text_at(updated->attributes, "logo") == "etag:y");
    CHECK(text_at(updated->attributes, "favIcon") == "etag:z");
    CHECK(text_at(updated->attributes, "styles").empty());
  }

  TEST_CASE("update: a file that an earlier attempt brought there is not sent again") {
    BrandFixture f;
    f.session.on("GET /api/v1/brands/b1", 200, answer(kLogo))
        .on("GET /api/v1/brands/b1", 200, answer(kLogo));
    auto const changed = std::string(R"({"styles": "", "logo": "md5:)") + kMd5 + "\"}";
    REQUIRE(f.update(changed).has_value());
  }

  TEST_CASE("update: activation comes last, and its answer tells the files") {
    BrandFixture f;
    f.session.on("GET /api/v1/brands/b1", 200, answer(""))
        .on("POST /api/v1/brands/b1/files/logo", 201, file("logo", kMd5))
        .on("POST /api/v1/brands/b1/actions/activate", 200, answer(kLogo, true));
    auto const updated = f.update(R"({"active": true, "logo": "md5:1"})");
    REQUIRE(updated.has_value());
    CHECK(text_at(updated->attributes, "logo") == std::string("md5:") + kMd5);
  }

  TEST_CASE("update: an active brand is deactivated") {
    BrandFixture f;
    f.session.on("POST /api/v1/brands/b1/actions/deactivate", 200, answer("", false));
    auto const updated = f.update(R"({"active": false})");
    REQUIRE(updated.has_value());
    CHECK(updated->attributes.at("active") == Value(false));
  }

  TEST_CASE("update: the first call that fails ends it") {
    BrandFixture f;
    f.session.on("GET /api/v1/brands/b1", 200, answer(""))
        .on("POST /api/v1/brands/b1/files/logo", Errc::rejected);
    auto const updated = f.update(R"({"logo": "md5:1", "favIcon": "md5:2", "active": true})");
    REQUIRE(updated.has_error());
    CHECK(updated.error().code == Errc::rejected);
  }

  TEST_CASE("consequence: without the active brand the tenant looks as Qlik made it") {
    auto const active = object(R"({"active": true})");
    auto const inactive = object(R"({"active": false})");
    CHECK(brand().consequence(active, nullptr).has_value());
    CHECK(brand().consequence(active, &inactive).has_value());
    CHECK_FALSE(brand().consequence(inactive, nullptr).has_value());
    CHECK_FALSE(brand().consequence(inactive, &active).has_value());
    CHECK_FALSE(brand().consequence(active, &active).has_value());
  }

  TEST_CASE("schema: a name is needed, and active is true or false") {
    CHECK(problems(brand().schema(), R"({"name": "", "active": "yes"})") ==
          Parts{"/name: text too short", "/active: wrong type"});
  }
}
}  // namespace tenantry::test
