#include <doctest/doctest.h>
#include <fmt/format.h>

#include "engine/core/digest.hpp"
#include "tests/support/emulated_cloud.hpp"
#include "tests/support/temp_folder.hpp"

namespace tenantry {
using test::EmulatedCloud;
using test::EmulatedTenant;

namespace {

constexpr char kAll[] = "/api/v1/brands";
std::string const kPng = std::string("\x89PNG\r\n\x1a\n", 8) + std::string("\0\xff\r\n--", 6);
std::string const kJpeg = "\xff\xd8\xff\xe0 a photo";
std::string const kIcon("\0\0\1\0 an icon", 12);

struct FormPart {
  std::string name;
  std::string bytes;
  std::string content_type = {};
  std::string file_name = {};
};

FormPart file(std::string name, std::string bytes, std::string content_type) {
  return {std::move(name), std::move(bytes), std::move(content_type), "a file"};
}

test::HttpReply send_form(EmulatedCloud& cloud, EmulatedTenant const& tenant, char const* method,
                          std::string const& path, std::vector<FormPart> const& parts) {
  std::string body;
  for (auto const& part : parts) {
    body += fmt::format("--x-y\r\nContent-Disposition: form-data; name=\"{}\"", part.name);
    if (!part.file_name.empty()) body += fmt::format("; filename=\"{}\"", part.file_name);
    if (!part.content_type.empty()) body += "\r\nContent-Type: " + part.content_type;
    body += "\r\n\r\n" + part.bytes + "\r\n";
  }
  body += "--x-y--\r\n";
  return cloud.http().send(method, tenant.host, path, body,
                           {{"Authorization", "Bearer " + tenant.token},
                            {"Content-Type", "multipart/form-data; boundary=x-y"}});
}

std::string create_brand(EmulatedCloud& cloud, EmulatedTenant const& tenant,
                         std::vector<FormPart> parts = {{"name", "House"}}) {
  auto const reply = send_form(cloud, tenant, "POST", kAll, parts);
  REQUIRE(reply.status == 201);
  return fmt::format("{}/{}", kAll, std::string(reply.json().at("id").as_string()));
}

}  // namespace

TEST_SUITE("emulator/brands") {
  TEST_CASE("create: a brand is inactive and tells of its files") {
    EmulatedCloud cloud;
    auto const tenant = cloud.create_tenant();
    auto const reply = send_form(cloud, tenant, "POST", kAll,
                                 {{"name", "House"},
                                  {"description", "Ours"},
                                  file("styles", "{\"a\": 1}", "application/json"),
                                  file("logo", kPng, "image/png"),
                                  file("favIcon", kIcon, "image/vnd.microsoft.icon")});
    REQUIRE(reply.status == 201);
    auto const brand = reply.json();
    CHECK(brand.at("name") == "House");
    CHECK(brand.at("description") == "Ours");
    CHECK(brand.at("active") == false);
    CHECK(brand.at("id").as_string().size() == 24);
    auto const& files = brand.at("files").as_array();
    REQUIRE(files.size() == 3);
    CHECK(files[0].at("id") == "logo");
    CHECK(files[0].at("contentType") == "image/png");
    CHECK(files[0].at("eTag") == Value(fmt::format("\"{}\"", md5_hex(kPng))));
    CHECK(files[1].at("contentType") == "image/vnd.microsoft.icon");
    auto const path = fmt::format("{}/{}", kAll, std::string(brand.at("id").as_string()));
    CHECK(files[2].at("path") == Value(path + "/files/styles"));
    CHECK(cloud.call(tenant, "GET", path).json() == brand);
    CHECK(brand.as_object().find("_files") == brand.as_object().end());
  }

  TEST_CASE("create: only the documented parts, a name is required but need not be unique") {
    EmulatedCloud cloud;
    auto const tenant = cloud.create_tenant();
    auto const status = [&](std::vector<FormPart> parts) {
      return send_form(cloud, tenant, "POST", kAll, parts).status;
    };
    CHECK(status({{"name", "House"}}) == 201);
    CHECK(status({{"name", "House"}}) == 201);
    CHECK(status({{"description", "no name"}}) == 400);
    CHECK(status({{"name", ""}}) == 400);
    CHECK(status({{"name", "a"}, {"name", "b"}}) == 400);
    CHECK(status({{"name", "\xff"}}) == 400);
    CHECK(status({{"name", "a"}, {"icon", "b"}}) == 400);
    CHECK(status({{"name", "a"}, {"logo", kPng, "image/png"}}) == 400);  // no file name
    CHECK(status({file("name", "a", "text/plain")}) == 400);
    CHECK(cloud.call(tenant, "POST", kAll, {{"name", "House"}}).status == 415);
  }

  TEST_CASE("files: types and sizes are those of the documents") {
    EmulatedCloud cloud;
    auto const tenant = cloud.create_tenant();
    auto const status = [&](char const* name, std::string bytes, char const* type) {
      return send_form(cloud, tenant, "POST", kAll,
                       {{"name", "a"}, file(name, std::move(bytes), type)})
          .status;
    };
    auto const sized = [](std::string bytes, std::size_t kilobytes, std::size_t more) {
      bytes.resize(kilobytes * 1024 + more, ' ');
      return bytes;
    };
    CHECK(status("logo", sized(kPng, 300, 0), "image/png") == 201);
    CHECK(status("logo", sized(kPng, 300, 1), "image/png") == 400);
    CHECK(status("favIcon", sized(kIcon, 100, 0), "image/x-icon") == 201);
    CHECK(status("favIcon", sized(kIcon, 100, 1), "image/x-icon") == 400);
    CHECK(status("styles", sized("{}", 100, 0), "application/json") == 201);
    CHECK(status("styles", sized("{}", 100, 1), "application/json") == 400);
    CHECK(status("logo", kJpeg, "image/jpeg") == 201);
    CHECK(status("logo", kJpeg, "application/octet-stream") == 201);
    CHECK(status("logo", kIcon, "image/x-icon") == 400);
    CHECK(status("logo", "text", "image/png") == 400);
    CHECK(status("logo", kPng, "image/gif") == 400);
    CHECK(status("favIcon", kPng, "image/png") == 400);
    CHECK(status("styles", "{", "application/json") == 400);
  }

  TEST_CASE("list: five a page unless told otherwise, the newest id first") {
    EmulatedCloud cloud;
    auto const tenant = cloud.create_tenant();
    for (int i = 0; i < 6; ++i) create_brand(cloud, tenant);
    auto const first = cloud.call(tenant, "GET", kAll).json();
    REQUIRE(first.at("data").as_array().size() == 5);
    CHECK(first.at("data").at(0).at("id").as_string() >
          first.at("data").at(1).at("id").as_string());
    std::string const next(first.at("links").at("next").at("href").as_string());
    CHECK(next.find("startingAfter=") != std::string::npos);
    auto const rest =
        cloud.call(tenant, "GET", next.substr(next.find("/api/"))).json().at("data").as_array();
    CHECK(rest.size() == 1);
    CHECK(cloud.call(tenant, "GET", "/api/v1/brands?limit=0").status == 400);
    CHECK(cloud.call(tenant, "GET", "/api/v1/brands?limit=101").status == 400);
    CHECK(cloud.call(tenant, "GET", "/api/v1/brands?sort=name").status == 400);
    CHECK(cloud.call(tenant, "GET", "/api/v1/brands?sort=%2BcreatedAt").status == 200);
  }

  TEST_CASE("patch: name and description, all or nothing") {
    EmulatedCloud cloud;
    auto const tenant = cloud.create_tenant();
    auto const path = create_brand(cloud, tenant, {{"name", "House"}, {"description", "Ours"}});
    auto const patch = [&](Array operations) {
      return cloud.call(tenant, "PATCH", path, std::move(operations)).status;
    };
    CHECK(patch({{{"op", "replace"}, {"path", "/name"}, {"value", "Home"}},
                 {{"op", "remove"}, {"path", "/description"}}}) == 204);
    auto const changed = cloud.call(tenant, "GET", path).json();
    CHECK(changed.at("name") == "Home");
    CHECK(changed.at("description") == "");
    CHECK(patch({{{"op", "replace"}, {"path", "/description"}, {"value", "x"}},
                 {{"op", "replace"}, {"path", "/active"}, {"value", true}}}) == 400);
    CHECK(patch({{{"op", "remove"}, {"path", "/name"}}}) == 400);
    CHECK(cloud.call(tenant, "GET", path).json().at("description") == "");
    CHECK(cloud.call(tenant, "PATCH", "/api/v1/brands/none", Array{}).status == 404);
  }

  TEST_CASE("activate: at most one brand is active, and /active leads to it") {
    EmulatedCloud cloud;
    auto const tenant = cloud.create_tenant();
    auto const first = create_brand(cloud, tenant);
    auto const second = create_brand(cloud, tenant);
    auto const active = [&](std::string const& path) {
      return cloud.call(tenant, "GET", path).json().at("active").as_bool();
    };
    auto const none = cloud.call(tenant, "GET", "/api/v1/brands/active");
    CHECK(none.status == 200);
    CHECK(none.json() == Object());
    CHECK(cloud.call(tenant, "POST", first + "/actions/activate").status == 200);
    auto const done = cloud.call(tenant, "POST", second + "/actions/activate", Object());
    REQUIRE(done.status == 200);
    CHECK(done.json().at("active") == true);
    CHECK_FALSE(active(first));
    auto const again = cloud.call(tenant, "POST", second + "/actions/activate");
    CHECK(again.json() == done.json());  // nothing to do
    auto const redirect = cloud.call(tenant, "GET", "/api/v1/brands/active");
    CHECK(redirect.status == 302);
    CHECK(redirect.headers.at("location") == fmt::format("http://{}{}", tenant.host, second));
    CHECK(cloud.call(tenant, "POST", first + "/actions/deactivate").status == 200);
    CHECK(active(second));
    auto const off = cloud.call(tenant, "POST", second + "/actions/deactivate");
    CHECK(off.json().at("active") == false);
    CHECK(cloud.call(tenant, "POST", "/api/v1/brands/none/actions/activate").status == 404);
    CHECK(cloud.call(tenant, "POST", "/api/v1/brands/none/actions/deactivate").status == 404);
  }

  TEST_CASE("delete: without the active brand the default is back, a second delete finds nothing") {
    EmulatedCloud cloud;
    auto const tenant = cloud.create_tenant();
    auto const path = create_brand(cloud, tenant);
    CHECK(cloud.call(tenant, "POST", path + "/actions/activate").status == 200);
    CHECK(cloud.call(tenant, "DELETE", path).status == 204);
    CHECK(cloud.call(tenant, "GET", "/api/v1/brands/active").json() == Object());
    CHECK(cloud.call(tenant, "GET", path).status == 404);
    CHECK(cloud.call(tenant, "DELETE", path).status == 404);
  }

  TEST_CASE("files: POST adds a missing one, PUT replaces, GET gives the bytes, DELETE removes") {
    EmulatedCloud cloud;
    auto const tenant = cloud.create_tenant();
    auto const brand = create_brand(cloud, tenant);
    auto const path = brand + "/files/logo";
    auto const put = [&](char const* method, std::vector<FormPart> parts) {
      return send_form(cloud, tenant, method, path, parts);
    };
    auto const png = file("file", kPng, "image/png");
    CHECK(put("PUT", {png}).status == 404);
    CHECK(put("POST", {file("logo", kPng, "image/png")}).status == 400);
    CHECK(put("POST", {}).status == 400);
    auto const added = put("POST", {png});
    REQUIRE(added.status == 201);
    CHECK(added.json().at("id") == "logo");
    CHECK(put("POST", {png}).status == 400);
    auto const bytes = cloud.call(tenant, "GET", path);
    CHECK(bytes.status == 200);
    CHECK(bytes.headers.at("content-type") == "image/png");
    CHECK(bytes.body == kPng);
    auto const replaced = put("PUT", {file("file", kJpeg, "image/jpeg")});
    CHECK(replaced.status == 200);
    CHECK(replaced.json().at("eTag") == Value(fmt::format("\"{}\"", md5_hex(kJpeg))));
    CHECK(replaced.json().at("contentType") == "image/jpeg");
    CHECK(cloud.call(tenant, "GET", path).body == kJpeg);
    CHECK(put("PUT", {file("file", kIcon, "image/x-icon")}).status == 400);
    CHECK(cloud.call(tenant, "DELETE", path).status == 204);
    CHECK(cloud.call(tenant, "DELETE", path).status == 404);
    CHECK(cloud.call(tenant, "GET", path).status == 404);
    CHECK(cloud.call(tenant, "GET", brand).json().at("files") == Array());
    CHECK(cloud.call(tenant, "GET", brand + "/files/banner").status == 400);
    CHECK(cloud.call(tenant, "GET", "/api/v1/brands/none/files/logo").status == 404);
  }

  TEST_CASE("access: anybody reads, administrators change") {
    EmulatedCloud cloud;
    auto const tenant = cloud.create_tenant();
    auto const brand = create_brand(cloud, tenant);
    auto const made = cloud
                          .call(tenant, "POST", "/api/v1/oauth-clients",
                                {{"appType", "web"},
                                 {"clientName", "Reader"},
                                 {"allowedScopes", {"user_default"}},
                                 {"allowedGrantTypes", {"client_credentials"}},
                                 {"connectionConfig", {{"consentMethod", "trusted"}}}})
                          .json();
    auto reader = tenant;
    reader.token = cloud.token(tenant.host, made.at("clientId").as_string(),
                               made.at("clientSecret").as_string());
    REQUIRE_FALSE(reader.token.empty());
    CHECK(cloud.call(reader, "GET", brand).status == 200);
    CHECK(cloud.call(reader, "GET", "/api/v1/brands/active").status == 200);
    CHECK(send_form(cloud, reader, "POST", kAll, {{"name", "Mine"}}).status == 403);
    CHECK(cloud.call(reader, "POST", brand + "/actions/activate").status == 403);
    CHECK(cloud.call(reader, "DELETE", brand).status == 403);
  }

  TEST_CASE("data file: a brand's files are there again after a restart") {
    test::TempFolder const folder;
    emulator::Options options;
    options.data_file = folder.path() / "emulator.db";
    EmulatedTenant tenant;
    std::string path;
    {
      EmulatedCloud cloud(options);
      tenant = cloud.create_tenant();
      path = create_brand(cloud, tenant, {{"name", "House"}, file("logo", kPng, "image/png")});
    }
    EmulatedCloud cloud(options);
    CHECK(cloud.call(tenant, "GET", path + "/files/logo").body == kPng);
  }

  TEST_CASE("snapshot: brands are shown with the eTags of their files, not with the bytes") {
    EmulatedCloud cloud;
    auto const tenant = cloud.create_tenant();
    create_brand(cloud, tenant, {{"name", "House"}, file("logo", kPng, "image/png")});
    auto const shown = cloud.control("GET", "snapshot").json().at("tenants").at(0).at("brands");
    REQUIRE(shown.as_array().size() == 1);
    CHECK(shown.at(0).at("files").at(0).at("eTag") == Value(fmt::format("\"{}\"", md5_hex(kPng))));
    CHECK(shown.at(0).at("files").at(0).as_object().size() == 4);
  }
}
}  // namespace tenantry
