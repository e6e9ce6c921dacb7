#include "engine/config/variables.hpp"

#include <doctest/doctest.h>

#include <filesystem>

#include "tests/unit/config/fixture.hpp"

namespace tenantry::config {
using test::Fixture;
using Lines = std::vector<std::string>;

namespace {

/// The display name of the tenant, which is `${var.x}`.
std::string name_of(Fixture const& f) { return text_at(f.expand().self.attributes, "name"); }

std::string revealed(Fixture const& f, std::string const& name) {
  auto const loaded = f.load();
  REQUIRE(loaded.configuration != nullptr);
  auto const secret = loaded.configuration->variables().reveal(name);
  return secret ? std::string(secret->reveal()) : secret.error().message;
}

constexpr std::string_view kTenant = "tenants: {acme: {region: eu, name: \"${var.x}\"}}\n";

}  // namespace

TEST_SUITE("variables") {
  TEST_CASE("load: --var wins over --var-file, TENANTRY_VAR_x, the source and the default") {
    Fixture f("variables: {x: {env: NAME, sensitive: false, default: default}}\n" +
              std::string(kTenant));
    CHECK(name_of(f) == "default");
    f.environment["NAME"] = "source";
    CHECK(name_of(f) == "source");
    f.environment["TENANTRY_VAR_x"] = "prefixed";
    CHECK(name_of(f) == "prefixed");
    f.folder.write("a.vars", "x: file a\n");
    f.folder.write("b.vars", R"({"x": "file b"})");
    f.options.variable_files = {"a.vars"};
    CHECK(name_of(f) == "file a");
    f.options.variable_files = {"a.vars", "b.vars"};
    CHECK(name_of(f) == "file b");
    f.options.variables["x"] = "flag";
    CHECK(name_of(f) == "flag");
  }

  TEST_CASE("reveal: a sensitive variable follows the same order, at its first use") {
    Fixture f("variables: {s: {env: SECRET, default: default}}\ntenants: {}\n");
    CHECK(revealed(f, "s") == "default");
    f.environment["SECRET"] = "source";
    CHECK(revealed(f, "s") == "source");
    f.environment["TENANTRY_VAR_s"] = "prefixed";
    CHECK(revealed(f, "s") == "prefixed");
    f.options.variables["s"] = "flag";
    CHECK(revealed(f, "s") == "flag");
  }

  TEST_CASE("reveal: says which variable of the environment is missing, and where it is named") {
    Fixture const f("variables:\n  s: {env: SECRET}\ntenants: {}\n");
    auto const loaded = f.load();
    REQUIRE(loaded.configuration != nullptr);
    auto const secret = loaded.configuration->variables().reveal("s");
    REQUIRE_FALSE(secret.has_value());
    CHECK(secret.error().message ==
          "tenantry.yaml:3:3: variable \"s\" has no value: the environment variable SECRET is not "
          "set");
    CHECK(secret.error().hint == "set SECRET, or give --var s=... or TENANTRY_VAR_s");
    CHECK(loaded.configuration->variables().where("s").text() == "tenantry.yaml:3:3");
  }

  TEST_CASE("load: what is read from outside is sensitive unless it says otherwise") {
    struct Case {
      std::string definition;
      bool sensitive;
    };
    for (auto const& [definition, sensitive] :
         std::vector<Case>{{"{env: E}", true},
                           {"{file: f}", true},
                           {"{env: E, sensitive: false}", false},
                           {"{file: f, sensitive: false}", false},
                           {"{default: d}", false},
                           {"{default: d, sensitive: true}", true}}) {
      CAPTURE(definition);
      Fixture f("variables: {x: " + definition +
                "}\ntenants: {acme: {region: eu, licenseKey: \"${var.x}\"}}\n");
      f.environment["E"] = "from env";
      f.folder.write("f", "from file\n");
      CHECK(is_sensitive(f.expand().license_key.text) == sensitive);
    }
  }

  TEST_CASE("load: a file gives its text without the last newline, and is read beside its YAML") {
    Fixture f("variables: {x: {file: sub/name, sensitive: false}}\n" + std::string(kTenant));
    f.folder.write("sub/name", "Acme\n");
    CHECK(name_of(f) == "Acme");
    f.folder.write("sub/name", "Acme\r\n");
    CHECK(name_of(f) == "Acme");
    auto const absolute = f.folder.write("other", "Absolute\n\n");
    f.main("variables: {x: {file: " + absolute.string() + ", sensitive: false}}\n" +
           std::string(kTenant));
    CHECK(name_of(f) == "Absolute\n");
  }

  TEST_CASE("load: a relative file cannot leave the folder, by dots or by a link") {
    test::TempFolder const outside;
    auto const target = outside.write("secret", "x");
    Fixture f;
    std::filesystem::create_symlink(target, f.folder.path() / "link");
    f.main("variables: {x: {file: link}}\ntenants: {}\n");
    CHECK(f.messages() == Lines{"tenantry.yaml:2:23: error: file outside of the folder"});
    f.main("variables: {x: {file: a/../../secret}}\ntenants: {}\n");
    CHECK(f.messages() == Lines{"tenantry.yaml:2:23: error: file outside of the folder"});
  }

  TEST_CASE("load: a variable without a value is an error where it is defined, if it is used") {
    std::string const definition = "variables:\n  x: {env: NAME, sensitive: false}\n";
    CHECK(Fixture(definition + "tenants: {}\n").messages() == Lines{});
    CHECK(Fixture(definition + "tenants: {acme: {region: eu, name: \"${var.x:-Acme}\"}}\n")
              .messages() == Lines{});
    Fixture const f(definition + std::string(kTenant));
    auto const items = f.load().diagnostics.sorted();
    REQUIRE(items.size() == 1);
    CHECK(items[0].where.text() == "tenantry.yaml:3:3");
    CHECK(items[0].summary == "variable \"x\" has no value");
    CHECK(items[0].detail ==
          "The environment variable NAME is not set. It is used at tenantry.yaml:4:37.\n"
          "In tenant acme.");
  }

  TEST_CASE("load: a value that is no text is refused") {
    Fixture f("variables: {x: {env: NAME, sensitive: false}}\n" + std::string(kTenant));
    f.environment["NAME"] = "\xFF";
    CHECK(f.messages() == Lines{"tenantry.yaml:2:13: error: variable \"x\" has no value"});
  }

  TEST_CASE("load: names given from outside must be declared, or used with a fallback") {
    Fixture f(
        "variables: {mail: {default: a}}\ntenants: {acme: {region: eu, name: "
        "\"${var.other:-A}\"}}\n");
    f.options.variables = {{"mial", "x"}};
    CHECK(f.messages() ==
          Lines{"--var: error: unknown variable \"mial\" (did you mean \"mail\"?)"});
    f.options.variables = {{"other", "B"}};
    CHECK(text_at(f.expand().self.attributes, "name") == "B");
    f.options.variables.clear();
    f.folder.write("v.vars", "# values\nmial: x\n");
    f.options.variable_files = {"v.vars"};
    CHECK(f.messages() ==
          Lines{"v.vars:2:1: error: unknown variable \"mial\" (did you mean \"mail\"?)"});
    f.options.variable_files = {"none.vars"};
    CHECK(f.messages() == Lines{"none.vars: error: missing file"});
  }

  TEST_CASE("load: what cannot be a variable is reported at its place") {
    struct Case {
      std::string definition, message;
    };
    for (auto const& [definition, message] :
         std::vector<Case>{{"plain", "2:16: error: wrong type"},
                           {"{env: A, file: b}", "2:25: error: two sources for a variable"},
                           {"{env: [A]}", "2:22: error: wrong type"},
                           {"{sensitive: maybe}", "2:28: error: wrong type"},
                           {"{sensitive: true, default: [a]}", "2:43: error: wrong type"},
                           {"{default: \"${var.y}\"}",
                            "2:26: error: placeholder in a value that must be written out"}}) {
      CAPTURE(definition);
      CHECK(Fixture("variables: {x: " + definition + "}\n" + std::string(kTenant)).messages() ==
            Lines{"tenantry.yaml:" + message});
    }
  }

  TEST_CASE("load: a value from a file keeps its type, a sensitive one must be a text") {
    Fixture f(
        "variables: {o: {default: []}, s: {sensitive: true}}\ntenants: {acme: {region: eu, "
        "webIntegrations: {w: {name: W, validOrigins: \"${var.o}\"}}}}\n");
    f.folder.write("v.vars", "o: [\"https://a.example\"]\n");
    f.options.variable_files = {"v.vars"};
    CHECK(test::json(test::resource(f.expand(), "webIntegrations/w").attributes) ==
          R"({"name":"W","validOrigins":["https://a.example"]})");
    f.folder.write("v.vars", "s: [a]\n");
    CHECK(f.messages() == Lines{"v.vars:1:4: error: wrong type"});
  }
}
}  // namespace tenantry::config
