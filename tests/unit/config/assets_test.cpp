#include "engine/config/assets.hpp"

#include <doctest/doctest.h>

#include <filesystem>

#include "engine/config/render.hpp"
#include "engine/core/digest.hpp"
#include "tests/support/zip_archive.hpp"
#include "tests/unit/config/fixture.hpp"

namespace tenantry::config {
using test::Fixture;
using test::json;
using test::resource;
using Lines = std::vector<std::string>;
using namespace std::string_literals;

namespace {

std::string const kPng = "\x89PNG\r\n\x1A\nrest";
std::string const kJpeg = "\xFF\xD8\xFF\xE0rest";
std::string const kIcon = "\0\0\1\0\1\0rest"s;

/// A tenant with one brand, written on line 5.
std::string brand(std::string_view attributes) {
  return fmt::format(
      "tenants:\n  acme:\n    region: eu\n    brands: {{house: {{name: House, {}}}}}\n",
      attributes);
}

/// The first message of the brand's attributes, and its detail.
std::pair<std::string, std::string> message(Fixture const& f, std::string_view attributes) {
  f.main(brand(attributes));
  auto const messages = f.load().diagnostics.sorted();
  REQUIRE(messages.size() == 1);
  return {messages[0].where.text() + ": " + messages[0].summary,
          messages[0].detail.substr(0, messages[0].detail.find('\n'))};
}

}  // namespace

TEST_SUITE("assets") {
  TEST_CASE("expand: a file is known by its content, its path is kept beside") {
    Fixture const f(brand("logo: assets/logo.png, favIcon: icon.ico, styles: s.json"));
    f.folder.write("assets/logo.png", kPng);
    f.folder.write("icon.ico", kIcon);
    f.folder.write("s.json", "{\"a\": 1}");
    auto const expanded = f.expand();
    auto const& house = resource(expanded, "brands/house");
    CHECK(text_at(house.attributes, "logo") == "md5:" + md5_hex(kPng));
    REQUIRE(house.files.size() == 3);
    auto const& logo = house.files.at("logo");
    CHECK(logo.digest == text_at(house.attributes, "logo"));
    CHECK(logo.path == std::filesystem::absolute(f.folder.path() / "assets/logo.png"));
    CHECK(logo.shown == "assets/logo.png");
    CHECK(logo.content_type == "image/png");
    CHECK(logo.bytes == kPng.size());
    CHECK(house.files.at("favIcon").content_type == "image/x-icon");
    CHECK(house.files.at("styles").content_type == "application/json");
  }

  TEST_CASE("expand: the digest is the one that the rule names") {
    Fixture const f(
        "tenants:\n  acme:\n    region: eu\n"
        "    diProjects: {sales: {name: Sales, space: dw, package: sales.zip}}\n");
    auto const package = test::zip_archive({{"project.yaml", "name: Sales"}});
    f.folder.write("sales.zip", package);
    auto const expanded = f.expand();
    auto const& sales = resource(expanded, "diProjects/sales");
    CHECK(text_at(sales.attributes, "package") == "sha256:" + sha256_hex(package));
    CHECK(sales.files.at("package").content_type == "application/zip");
  }

  TEST_CASE("expand: an empty path means that there shall be no file") {
    Fixture const f(brand("logo: \"\""));
    auto const expanded = f.expand();
    CHECK(json(resource(expanded, "brands/house").attributes) == R"({"logo":"","name":"House"})");
    CHECK(resource(expanded, "brands/house").files.empty());
  }

  TEST_CASE("expand: a path starts at the file that names it") {
    Fixture f("tenants: {acme: {region: eu, blueprint: b}}\n");
    f.folder.write("shared/blueprints.yaml",
                   "apiVersion: tenantry/v1\nblueprints:\n  b:\n    parameters: {look: {default: "
                   "plain}}\n    brands: {house: {name: House, logo: \"${values.look}.png\"}}\n");
    f.folder.write("shared/plain.png", kPng);
    f.options.paths = {".", "shared"};
    auto const expanded = f.expand();
    CHECK(resource(expanded, "brands/house").files.at("logo").path ==
          std::filesystem::absolute(f.folder.path() / "shared/plain.png"));
  }

  TEST_CASE("expand: a path that is known only later, or secret, is an error") {
    Fixture f;
    CHECK(message(f, "logo: \"${tenant.id}.png\"").first ==
          "tenantry.yaml:5:41: value that is not known yet");
    f.main("variables: {v: {env: V}}\n" + brand("logo: \"${var.v}.png\""));
    f.environment["V"] = "logo";
    CHECK(f.messages() ==
          Lines{"tenantry.yaml:6:41: error: sensitive value in an attribute that is not secret"});
  }

  TEST_CASE("load: a file that is missing, or no file") {
    Fixture const f;
    CHECK(message(f, "logo: logo.png").first == "tenantry.yaml:5:41: missing file");
    CHECK(message(f, "logo: \"logo.png\\0\"").first == "tenantry.yaml:5:41: missing file");
    CHECK(message(f, "logo: a/b/../logo.png").second ==
          "There is no file \"a/b/../logo.png\" in the folder of tenantry.yaml.");
    std::filesystem::create_directory(f.folder.path() / "assets");
    CHECK(message(f, "logo: assets").first == "tenantry.yaml:5:41: file that cannot be read");
  }

  TEST_CASE("load: a file outside of the folder, by its path or by a link") {
    Fixture const f;
    Fixture const elsewhere;
    auto const outside = elsewhere.folder.write("logo.png", kPng);
    auto const wrong = "tenantry.yaml:5:41: file outside of the folder";
    CHECK(message(f, fmt::format("logo: {}", outside.string())).first == wrong);
    CHECK(message(f, "logo: ../logo.png").first == wrong);
    std::filesystem::create_symlink(outside, f.folder.path() / "logo.png");
    CHECK(message(f, "logo: logo.png").first == wrong);
    std::filesystem::create_directory_symlink(elsewhere.folder.path(), f.folder.path() / "assets");
    CHECK(message(f, "logo: assets/logo.png").first == wrong);
    f.folder.write("real.png", kPng);
    std::filesystem::create_symlink("real.png", f.folder.path() / "inside.png");
    f.main(brand("logo: inside.png"));
    CHECK(f.messages().empty());
  }

  TEST_CASE("load: a file that is too large") {
    Fixture const f;
    f.folder.write("logo.png", kPng + std::string(300 - kPng.size(), 'x'));
    f.main(brand("logo: logo.png"));
    CHECK(f.messages().empty());
    f.folder.write("logo.png", kPng + std::string(301 - kPng.size(), 'x'));
    CHECK(message(f, "logo: logo.png") ==
          std::pair("tenantry.yaml:5:41: file too large"s,
                    "\"logo.png\" has 301 bytes; \"logo\" may have 300 at most."s));
  }

  TEST_CASE("load: a file of another kind, whatever its name says") {
    Fixture const f;
    f.folder.write("logo.png", "GIF89a");
    CHECK(message(f, "logo: logo.png") ==
          std::pair("tenantry.yaml:5:41: wrong kind of file"s,
                    "\"logo\" must be a PNG image or a JPEG image; \"logo.png\" holds a GIF "
                    "image."s));
    f.folder.write("logo.png", "<svg/>");
    CHECK(message(f, "logo: logo.png").second.ends_with("\"logo.png\" holds something else."));
    f.folder.write("logo.png", "");
    CHECK(message(f, "logo: logo.png").second.ends_with("\"logo.png\" is empty."));
    f.folder.write("logo.png", kJpeg);
    f.main(brand("logo: logo.png"));
    CHECK(f.messages().empty());
    f.folder.write("s.json", "{\"a\": }");
    CHECK(message(f, "styles: s.json").first == "tenantry.yaml:5:43: file that is not JSON");
    f.folder.write("s.json", kPng);
    CHECK(message(f, "styles: s.json").second ==
          "\"styles\" must be a JSON document; \"s.json\" holds a PNG image.");
  }

  TEST_CASE("load: an archive that cannot be used") {
    Fixture const f(
        "tenants:\n  acme:\n    region: eu\n"
        "    diProjects: {sales: {name: Sales, space: dw, package: sales.zip}}\n");
    f.folder.write("sales.zip", test::zip_archive({{"../project.yaml", "name: Sales"}}));
    auto const messages = f.load().diagnostics.sorted();
    REQUIRE(messages.size() == 1);
    CHECK(messages[0].where.text() == "tenantry.yaml:5:59");
    CHECK(messages[0].summary == "zip archive that cannot be used");
    CHECK(
        messages[0].detail.starts_with("\"sales.zip\": the name \"../project.yaml\" in the zip "
                                       "archive leads out of the archive."));
  }

  TEST_CASE("load: many tenants share one message") {
    Fixture const f(
        "blueprints: {b: {brands: {house: {name: House, logo: logo.png}}}}\n"
        "tenants: {a: {region: eu, blueprint: b}, c: {region: eu, blueprint: b}}\n");
    auto const messages = f.load().diagnostics.sorted();
    REQUIRE(messages.size() == 1);
    CHECK(messages[0].detail.ends_with("In tenant a and 1 more."));
  }

  TEST_CASE("expand: a file is read once, so that all tenants get one content") {
    Fixture const f(
        "blueprints: {b: {brands: {house: {name: House, logo: logo.png}}}}\n"
        "tenants: {a: {region: eu, blueprint: b}, c: {region: eu, blueprint: b}}\n");
    f.folder.write("logo.png", kPng);
    auto const first = f.expand("a");
    f.folder.write("logo.png", kJpeg);
    auto const second = f.kept->expand("c");
    CHECK(resource(second, "brands/house").files.at("logo").digest == "md5:" + md5_hex(kPng));
    CHECK(resource(first, "brands/house").files.at("logo").digest == "md5:" + md5_hex(kPng));
  }

  TEST_CASE("digest: counts what a file holds, not where it is") {
    Fixture const f(brand("logo: a.png"));
    f.folder.write("a.png", kPng);
    f.folder.write("b.png", kPng);
    auto const digest = f.expand().digest;
    f.main(brand("logo: b.png"));
    CHECK(f.expand().digest == digest);
    f.folder.write("b.png", kJpeg);
    CHECK(f.expand().digest != digest);
  }

  TEST_CASE("render_yaml: shows the path as it is written") {
    Fixture const f(brand("logo: \"./assets/${values.logo}\", styles: \"\"") +
                    "    values: {logo: x.png}\n");
    f.folder.write("assets/x.png", kPng);
    CHECK(
        render_yaml(f.expand(), Origins::none) ==
        "tenants:\n  acme:\n    region: eu\n    values:\n      logo: x.png\n    brands:\n"
        "      house:\n        name: House\n        logo: ./assets/x.png\n        styles: \"\"\n");
  }
}

TEST_SUITE("flags that one resource can have") {
  TEST_CASE("load: the second one is reported") {
    Fixture const f(
        "blueprints:\n  b:\n    parameters: {on: {type: boolean}}\n    brands:\n      z: {name: Z, "
        "active: true}\n"
        "tenants:\n  acme:\n    region: eu\n    blueprint: b\n    brands:\n"
        "      y: {name: Y, active: false}\n      a: {name: A, active: \"${values.on}\"}\n"
        "    values: {on: true}\n");
    auto const messages = f.load().diagnostics.sorted();
    REQUIRE(messages.size() == 1);
    CHECK(messages[0].where.text() == "tenantry.yaml:13:28");
    CHECK(messages[0].summary == "flag in use");
    CHECK(messages[0].detail.starts_with(
        "brands/a and brands/z both have \"active\" (tenantry.yaml:6:28)."));
  }

  TEST_CASE("load: one of each tenant is fine") {
    Fixture const f(
        "blueprints: {b: {brands: {z: {name: Z, active: true}, y: {name: Y}}}}\n"
        "tenants: {a: {region: eu, blueprint: b}, c: {region: eu, blueprint: b}}\n");
    CHECK(f.messages().empty());
  }
}
}  // namespace tenantry::config
