#include <doctest/doctest.h>

#include "engine/config/placeholders.hpp"
#include "tests/unit/config/fixture.hpp"

namespace tenantry::config {
using test::Fixture;
using test::has_resource;
using test::json;
using test::resource;
using Lines = std::vector<std::string>;

namespace {

/// The description of a role that is written as `text`, in a tenant with some values.
Value described(std::string const& text) {
  Fixture f(
      "variables: {mail: {default: a@b}, list: {default: [1, 2]}, secret: {env: SECRET}}\n"
      "regions: {eu: {values: {kms: eu-west-1, deep: {a: {b: x}, l: [1]}}}}\n"
      "tenants:\n"
      "  acme:\n"
      "    region: eu\n"
      "    name: Acme ${tenant.region}\n"
      "    values: {n: 42, yes: true, \"a.b\": dotted, deep: {c: \"${values.kms}!\"}, copy: "
      "\"${values.deep}\", empty: \"\"}\n"
      "    oauthClients:\n"
      "      c: {clientName: C, appType: spa, deliverSecret: {x: " +
      text + "}}\n");
  auto const tenant = f.expand();
  return resource(tenant, "oauthClients/c").meta.at("deliverSecret").at("x");
}

}  // namespace

TEST_SUITE("placeholders") {
  TEST_CASE("parse_template: takes a text apart") {
    std::optional<TemplateProblem> problem;
    auto const pieces = parse_template("a $${b} ${var.x:-${tenant.key}!} $c", problem);
    REQUIRE_FALSE(problem);
    REQUIRE(pieces.size() == 3);
    CHECK(pieces[0].text == "a ${b} ");
    CHECK(pieces[1].space == "var");
    CHECK(pieces[1].path == "x");
    CHECK(pieces[1].offset == 8);
    REQUIRE(pieces[1].fallback);
    CHECK((*pieces[1].fallback)[0].path == "key");
    CHECK((*pieces[1].fallback)[1].text == "!");
    CHECK(pieces[2].text == " $c");
  }

  TEST_CASE("parse_template: refuses what is no placeholder, with its offset") {
    struct Case {
      std::string text;
      std::size_t offset;
    };
    for (auto const& [text, offset] : std::vector<Case>{{"ab${", 2},
                                                        {"${}", 0},
                                                        {"${var}", 0},
                                                        {"${var.}", 0},
                                                        {"x${env.HOME}", 1},
                                                        {"${var.a b}", 0},
                                                        {"${var.a:b}", 0},
                                                        {"${var.a", 0},
                                                        {"${var.a:-b", 0},
                                                        {"${var.a:-${var.b}", 0},
                                                        {"${var.${var.b}}", 0}}) {
      CAPTURE(text);
      std::optional<TemplateProblem> problem;
      CHECK(parse_template(text, problem).empty());
      REQUIRE(problem);
      CHECK(problem->offset == offset);
    }
  }

  TEST_CASE("expand: a placeholder alone keeps its type, inside of a text it is text") {
    CHECK(described("\"${values.n}\"") == Value(42));
    CHECK(described("\"n=${values.n}, ${values.yes}\"") == Value("n=42, true"));
    CHECK(described("\"${values.yes}\"") == Value(true));
    CHECK(canonical(described("\"${var.list}\"")) == "[1,2]");
    CHECK(canonical(described("\"${values.deep}\"")) ==
          R"({"a":{"b":"x"},"c":"eu-west-1!","l":[1]})");
  }

  TEST_CASE("expand: names reach into maps, through other values too") {
    CHECK(described("\"${values.deep.a.b}\"") == Value("x"));
    CHECK(described("\"${values.deep.c}\"") == Value("eu-west-1!"));
    CHECK(described("\"${values.copy.a.b}\"") == Value("x"));
    CHECK(described("\"${values.a.b}\"") == Value("dotted"));
  }

  TEST_CASE("expand: a fallback counts where the value is unset or empty") {
    CHECK(described("\"${values.none:-f}\"") == Value("f"));
    CHECK(described("\"${values.empty:-f}\"") == Value("f"));
    CHECK(described("\"${values.empty}\"") == Value(""));
    CHECK(described("\"${values.n:-f}\"") == Value(42));
    CHECK(described("\"${values.none:-}\"") == Value(""));
    CHECK(described("\"${values.none:-${values.n}}\"") == Value(42));
    CHECK(described("\"${values.none:-a ${tenant.key} b}\"") == Value("a acme b"));
    CHECK(described("\"${values.deep.none:-f}\"") == Value("f"));
    CHECK(described("\"${var.undeclared:-f}\"") == Value("f"));
  }

  TEST_CASE("expand: $${ is a literal ${") {
    CHECK(described("\"$${var.x} ${tenant.key}\"") == Value("${var.x} acme"));
    CHECK(described("\"$${x\"") == Value("${x"));
    CHECK(described("\"$5 $ {\"") == Value("$5 $ {"));
  }

  TEST_CASE("expand: what a tenant has") {
    CHECK(described("\"${tenant.key} ${tenant.region} ${tenant.name}\"") ==
          Value("acme eu Acme eu"));
    auto const host = described("\"https://${tenant.hostname}/x\"");
    CHECK(is_unknown(host));
    CHECK(describe_deferred(host) == "https://${tenant.hostname}/x");
    CHECK(is_unknown(described("\"${tenant.id}\"")));
  }

  TEST_CASE("expand: the hostname of a tenant that exists is known") {
    Fixture const f(
        "tenants: {acme: {region: eu, hostname: Old.eu.Qlikcloud.com, roles: {r: {name: "
        "\"${tenant.hostname}\"}}}}\n");
    auto const tenant = f.expand();
    CHECK(json(resource(tenant, "roles/r").attributes) == R"({"name":"old.eu.qlikcloud.com"})");
    CHECK(tenant.summary.hostname == "old.eu.qlikcloud.com");
  }

  TEST_CASE("expand: a sensitive variable stays a name, in texts and through values") {
    auto const value = described("\"a-${var.secret}\"");
    CHECK(is_sensitive(value));
    auto const segments = segments_of(value);
    REQUIRE(segments.size() == 2);
    CHECK(segments[0].text == "a-");
    CHECK(segments[1].text == "secret");
  }

  TEST_CASE("expand: texts of variables become what the attribute needs") {
    Fixture f(
        "variables: {on: {env: FEEDBACK, sensitive: false}}\n"
        "tenants: {acme: {region: eu, paused: \"${var.on}\", settings: "
        "{enableAppOpeningFeedback: \"${var.on}\"}}}\n");
    f.environment["FEEDBACK"] = "true";
    auto const tenant = f.expand();
    CHECK(json(tenant.self.attributes) == R"({"enableAppOpeningFeedback":true})");
    CHECK(tenant.summary.paused);
    f.environment["FEEDBACK"] = "maybe";
    CHECK(f.messages() ==
          Lines{"tenantry.yaml:3:38: error: wrong type", "tenantry.yaml:3:88: error: wrong type"});
  }

  TEST_CASE("load: cycles of values end, whatever their shape") {
    for (auto const* values :
         {"{a: \"${values.a}\"}", "{a: \"x${values.b}\", b: [\"${values.a}\"]}",
          "{a: {b: \"${values.a}\"}}", "{a: {b: \"${values.a.b}\"}}"}) {
      CAPTURE(values);
      Fixture const f(std::string("tenants: {acme: {region: eu, values: ") + values + "}}\n");
      auto const messages = f.messages();
      REQUIRE(messages.size() == 1);
      CHECK(messages[0].ends_with("error: cycle of values"));
    }
    Fixture const name("tenants: {acme: {region: eu, name: \"${tenant.name}\"}}\n");
    CHECK(name.messages().size() == 1);
  }

  TEST_CASE("load: expansion is bounded in texts, values and length of chains") {
    auto const chain = [](std::size_t count, std::string const& use) {
      std::string text = "tenants:\n  acme:\n    region: eu\n    values:\n      v0: xxxxxxxxxx\n";
      for (std::size_t i = 1; i < count; ++i) {
        auto one = use;
        for (auto at = one.find('#'); at != std::string::npos; at = one.find('#')) {
          one.replace(at, 1, "${values.v" + std::to_string(i - 1) + "}");
        }
        text += fmt::format("      v{}: {}\n", i, one);
      }
      return text;
    };
    CHECK(Fixture(chain(30, "\"#\"")).messages().empty());
    auto const doubling = Fixture(chain(30, "\"##\"")).messages();
    REQUIRE(doubling.size() == 1);
    CHECK(doubling[0].ends_with("error: expansion too large"));
    // From the last one back: every value waits for the one before.
    std::string backwards = "tenants:\n  acme:\n    region: eu\n    values:\n";
    for (int i = 200; i > 0; --i)
      backwards += fmt::format("      v{}: \"${{values.v{}}}\"\n", i, i - 1);
    auto const deep = Fixture(backwards + "      v0: x\n").messages();
    REQUIRE_FALSE(deep.empty());
    CHECK(deep[0].ends_with("error: values refer to each other too deeply"));
  }
}

TEST_SUITE("parameters") {
  TEST_CASE("expand: layers of values are default, region, blueprints, tenant") {
    Fixture const f(
        "regions: {eu: {values: {a: region, b: region, c: region}}}\n"
        "blueprints:\n"
        "  one: {parameters: {a: {default: d}, b: {}, c: {}, d: {default: default}}, values: {b: "
        "one, c: one}}\n"
        "  two: {values: {c: two}}\n"
        "tenants:\n"
        "  acme:\n"
        "    region: eu\n"
        "    blueprint: [one, two]\n"
        "    roles: {r: {name: \"${values.a} ${values.b} ${values.c} ${values.d}\"}}\n"
        "  globex:\n"
        "    region: eu\n"
        "    blueprint: [one, two]\n"
        "    values: {a: mine, c: null}\n"
        "    roles: {r: {name: \"${values.a} ${values.c:-none}\"}}\n");
    CHECK(json(resource(f.expand(), "roles/r").attributes) ==
          R"({"name":"region one two default"})");
    CHECK(json(resource(f.expand("globex"), "roles/r").attributes) == R"({"name":"mine none"})");
  }

  TEST_CASE("load: each type accepts its own and nothing else") {
    struct Case {
      std::string type, good, bad;
    };
    for (auto const& [type, good, bad] : std::vector<Case>{{"string", "x", "1"},
                                                           {"text", "'1'", "[x]"},
                                                           {"number", "1.5", "x"},
                                                           {"number", "2", "'2'"},
                                                           {"integer", "2", "2.5"},
                                                           {"boolean", "true", "'true'"},
                                                           {"list", "[]", "{}"},
                                                           {"map", "{}", "[]"}}) {
      CAPTURE(type);
      auto const with = [&, kind = type](std::string const& value) {
        return Fixture("blueprints: {b: {parameters: {p: {type: " + kind +
                       "}}}}\ntenants: {acme: {region: eu, blueprint: b, values: {p: " + value +
                       "}}}\n")
            .messages();
      };
      CHECK(with(good) == Lines{});
      CHECK(with(bad) == Lines{"tenantry.yaml:3:56: error: wrong type"});
    }
  }

  TEST_CASE("load: without a blueprint values are free, and unset ones need a fallback") {
    CHECK(Fixture("tenants: {acme: {region: eu, values: {x: 1}, name: \"${values.y:-A}\"}}\n")
              .messages() == Lines{});
    CHECK(Fixture("tenants: {acme: {region: eu, values: {x: 1}, name: \"${values.y}\"}}\n")
              .messages() ==
          Lines{"tenantry.yaml:2:53: error: unknown value \"y\" (did you mean \"x\"?)"});
  }

  TEST_CASE("load: a problem of a blueprint is reported once, with how many tenants have it") {
    std::string text =
        "blueprints: {b: {roles: {r: {name: 5}}}}\n"
        "tenants:\n";
    for (int i = 0; i < 500; ++i)
      text += fmt::format("  t{:03}: {{region: eu, blueprint: b}}\n", i);
    Fixture const f(text);
    auto const diagnostics = f.load().diagnostics.sorted();
    REQUIRE(diagnostics.size() == 1);
    CHECK(diagnostics[0].where.text() == "tenantry.yaml:2:36");
    CHECK(diagnostics[0].detail ==
          "\"name\" must be a text, not a whole number.\nIn tenant t000 and 499 more.");
  }

  TEST_CASE("load: two problems at one place are two messages, whatever other tenants have") {
    Fixture const f(
        "blueprints: {b: {parameters: {n: {}}, oauthClients: {c: {}}, roles: {r: {name: "
        "\"${values.n}\"}}}}\n"
        "tenants:\n"
        "  one: {region: eu, blueprint: b, values: {n: a}}\n"
        "  two: {region: eu, blueprint: b, values: {n: b}}\n");
    auto const items = f.load().diagnostics.sorted();
    REQUIRE(items.size() == 2);
    CHECK(items[0].detail == "\"appType\" is required: Kind of client.\nIn tenant one and 1 more.");
    CHECK(items[1].detail == "\"clientName\" is required: Unique here.\nIn tenant one and 1 more.");
  }

  TEST_CASE("load: what differs only in a tenant's own words is one message") {
    Fixture const f(
        "blueprints: {b: {oauthClients: {c: {appType: spa, clientName: \"${values.n}\"}}, "
        "parameters: {n: {}}}}\ntenants:\n"
        "  one: {region: eu, blueprint: b, values: {n: " +
        std::string(513, 'x') +
        "}}\n"
        "  two: {region: eu, blueprint: b, values: {n: " +
        std::string(514, 'x') + "}}\n");
    auto const items = f.load().diagnostics.sorted();
    REQUIRE(items.size() == 1);
    CHECK(items[0].detail.ends_with("not 513.\nIn tenant one and 1 more."));
  }

  TEST_CASE("load: the number of messages is bounded") {
    std::string text = "tenants:\n";
    for (int i = 0; i < 1500; ++i) text += fmt::format("  t{:04}: {{region: eu, nme: x}}\n", i);
    CHECK(Fixture(text).load().diagnostics.items().size() == 1000);
  }
}
}  // namespace tenantry::config
