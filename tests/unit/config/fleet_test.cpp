#include <doctest/doctest.h>

#include "engine/config/configuration.hpp"
#include "engine/config/render.hpp"
#include "tests/unit/config/fixture.hpp"

namespace tenantry::config {
using test::Fixture;
using test::json;
using test::resource;
using Lines = std::vector<std::string>;

namespace {

constexpr std::string_view kFleet = R"(
regions:
  eu: {values: {mail: help@example.com}}
  us: {values: {mail: ""}}
blueprints:
  standard:
    parameters:
      origins: {type: list}
      seats: {type: integer, default: 5}
      mail: {type: string}
    groups:
      analysts: {name: "${tenant.key}-analysts", description: "${values.seats} seats, ${values.mail}"}
    webIntegrations:
      portal: {when: "${values.origins:-}", name: Portal, validOrigins: "${values.origins}"}
  premium:
    name: Premium
    groups:
      analysts: {assignedRoles: [Steward]}
fleets:
  customers:
    from: customers.csv
    columns: {origins: {type: list, separator: ";"}, seats: integer, paused: boolean}
    key: ${row.id}
    region: ${row.region}
    blueprint: [standard, "${row.edition}"]
    name: ${row.name}
    alias: ${row.id}-x
    paused: ${row.paused}
    wave: ${row.wave}
    values: {origins: "${row.origins}", seats: "${row.seats}"}
    overrides:
      c2: {name: Two AG, groups: {analysts: {assignedRoles: {$append: [Author]}}}}
)";

constexpr std::string_view kRows =
    "id,name,region,edition,origins,seats,paused,wave\n"
    "c1,One,eu,,https://a.example;https://b.example,10,,canary\n"
    "c2,Two,eu,premium,,,,\n"
    "c3,,us,premium,https://c.example,,TRUE,\n";

/// A fixture whose fleet has these rows.
struct FleetFixture : Fixture {
  explicit FleetFixture(std::string_view rows = kRows, std::string_view configuration = kFleet)
      : Fixture(configuration) {
    folder.write("customers.csv", rows);
  }
};

std::string text_of(Loaded const& loaded) {
  std::string text;
  for (auto const& d : loaded.diagnostics.sorted()) text += format(d);
  return text;
}

}  // namespace

TEST_SUITE("fleets") {
  TEST_CASE("load: a row is a tenant, with what its cells say") {
    FleetFixture const fixture;
    auto const c1 = fixture.expand("c1");
    CHECK(c1.summary.region == "eu");
    CHECK(c1.summary.wave == "canary");
    CHECK(c1.summary.fleet == "customers");
    CHECK(c1.summary.alias == "c1-x");
    CHECK(json(c1.self.attributes) == R"({"alias":"c1-x","name":"One"})");
    CHECK(json(resource(c1, "webIntegrations/portal").attributes) ==
          R"({"name":"Portal","validOrigins":["https://a.example","https://b.example"]})");
    CHECK(json(resource(c1, "groups/analysts").attributes) ==
          R"({"description":"10 seats, help@example.com","name":"c1-analysts"})");
    auto const& configuration = *fixture.kept;
    REQUIRE(configuration.tenants().size() == 3);
    CHECK(configuration.tenants()[2].paused);
    CHECK(configuration.tenants()[2].region == "us");
    CHECK(configuration.resource_count() == 5);
    CHECK(configuration.fleets().at("customers").rows == 3);
    CHECK(configuration.fleets().at("customers").on_missing_row == MissingRow::error);
  }

  TEST_CASE("load: an empty cell is as if nothing were written") {
    FleetFixture const fixture;
    // Left out of a list, so that only `standard` counts.
    CHECK_FALSE(
        resource(fixture.expand("c1"), "groups/analysts").attributes.contains("assignedRoles"));
    // The name of the blueprint counts, the default of a parameter, and `when` sees no value.
    auto const c3 = fixture.expand("c3");
    CHECK(text_at(c3.self.attributes, "name") == "Premium");
    CHECK(text_at(resource(c3, "groups/analysts").attributes, "description") == "5 seats, ");
    CHECK_FALSE(test::has_resource(fixture.expand("c2"), "webIntegrations/portal"));
  }

  TEST_CASE("load: an override is over the row, and joins lists of the blueprints") {
    FleetFixture const fixture;
    auto const c2 = fixture.expand("c2");
    CHECK(text_at(c2.self.attributes, "name") == "Two AG");
    CHECK(json(resource(c2, "groups/analysts").attributes) ==
          R"({"assignedRoles":["Steward","Author"],"description":"5 seats, help@example.com",)"
          R"("name":"c2-analysts"})");
  }

  TEST_CASE("load: a null of an override removes what row and blueprint say") {
    FleetFixture fixture(
        kRows, std::string(kFleet) + "      c1: {name: null, webIntegrations: {portal: null}}\n");
    auto const c1 = fixture.expand("c1");
    CHECK_FALSE(c1.self.attributes.contains("name"));
    CHECK_FALSE(test::has_resource(c1, "webIntegrations/portal"));
  }

  TEST_CASE("load: what a cell holds is data, no placeholder") {
    FleetFixture fixture(
        "id,name,region,edition,origins,seats,paused,wave\n"
        "c1,${var.secret} $${x},eu,,,,,\n",
        std::string("variables: {secret: {env: SECRET}}") +
            std::string(kFleet.substr(0, kFleet.find("    overrides"))));
    fixture.environment["SECRET"] = "s3cr3t";
    auto const c1 = fixture.expand("c1");
    CHECK(text_at(c1.self.attributes, "name") == "${var.secret} $${x}");
    CHECK(fixture.asked.empty());
    CHECK(render_yaml(fixture.kept->expand_rendered("c1"), Origins::none)
              .find("name: $${var.secret} $$${x}") != std::string::npos);
  }

  TEST_CASE("render: a value from a cell has the row as its place") {
    FleetFixture const fixture;
    fixture.expand("c1");
    auto const text = render_yaml(fixture.kept->expand_rendered("c1"), Origins::shown);
    auto const has = [&](std::string_view line) { return text.find(line) != std::string::npos; };
    CAPTURE(text);
    CHECK(has("  c1:  # customers.csv:2\n"));
    CHECK(has("    region: eu  # customers.csv:2\n"));
    CHECK(has("    name: One  # customers.csv:2\n"));
    CHECK(has("      seats: 10  # customers.csv:2\n"));
    CHECK(has("        validOrigins:  # customers.csv:2\n"));
    CHECK(has("        name: c1-analysts  # tenantry.yaml:"));
  }

  TEST_CASE("load: the other files say the same") {
    std::string yaml(kFleet);
    auto const put = [&](std::string_view name) {
      auto text = yaml;
      text.replace(text.find("customers.csv"), std::string_view("customers.csv").size(), name);
      return text;
    };
    FleetFixture const csv;
    Fixture list(put("customers.yaml"));
    list.folder.write("customers.yaml", R"(
- {id: c1, name: One, region: eu, origins: ["https://a.example", "https://b.example"], seats: 10, wave: canary}
- {id: c2, name: Two, region: eu, edition: premium, seats: null, paused: ~}
- {id: c3, name: "", region: us, edition: premium, origins: https://c.example, paused: true}
)");
    Fixture map(put("customers.json"));
    map.folder.write("customers.json", R"({
  "x": {"id": "c1", "name": "One", "region": "eu", "seats": "10", "wave": "canary",
        "origins": "https://a.example;https://b.example"},
  "y": {"id": "c2", "name": "Two", "region": "eu", "edition": "premium"},
  "z": {"id": "c3", "region": "us", "edition": "premium", "origins": ["https://c.example"], "paused": "true"}
})");
    for (std::string_view const key : {"c1", "c2", "c3"}) {
      CAPTURE(key);
      auto const wanted = csv.expand(key).digest;
      CHECK(list.expand(key).digest == wanted);
      CHECK(map.expand(key).digest == wanted);
    }
  }

  TEST_CASE("load: without `key` it is the column of this name, or the key of a map of rows") {
    Fixture fixture("fleets: {f: {from: rows.yaml, region: eu, name: '${row.name}'}}");
    fixture.folder.write("rows.yaml", "acme: {name: Acme}\nglobex: {name: Globex}\n");
    CHECK(text_at(fixture.expand("globex").self.attributes, "name") == "Globex");
    fixture.folder.write("rows.yaml", "- {key: acme, name: Acme}\n- {key: 42, name: Answer}\n");
    CHECK(text_at(fixture.expand("42").self.attributes, "name") == "Answer");
  }

  TEST_CASE("load: a header that is no name gets one") {
    Fixture fixture(R"(
fleets:
  f:
    from: rows.csv
    separator: ";"
    columns: {company: {header: Company Name}}
    region: eu
    name: ${row.company} (${row.seats:-none})
)");
    fixture.folder.write("rows.csv",
                         "\xEF\xBB\xBFkey;Company Name;seats\r\nacme;\"Acme; Inc.\";\r\n");
    CHECK(text_at(fixture.expand().self.attributes, "name") == "Acme; Inc. (none)");
  }

  TEST_CASE("load: members of a row that is a map can be named") {
    Fixture fixture("fleets: {f: {from: rows.json, region: eu, name: '${row.address.city}'}}");
    fixture.folder.write("rows.json", R"([{"key": "acme", "address": {"city": "Lund"}}])");
    CHECK(text_at(fixture.expand().self.attributes, "name") == "Lund");
  }

  TEST_CASE("load: what is wrong with a row is told at its cell") {
    FleetFixture const fixture(
        "id,name,region,edition,origins,seats,paused,wave\n"
        "c1,One,mars,,,,,\n"
        "c2,Two,eu,premum,,,,\n"
        "c3,Three,eu,,not an origin,,,\n"
        "c4,Four,eu,,,many,,\n"
        "c5,Five,,,,,,\n"
        "c 6,Six,eu,,,,,\n"
        "c2,Again,eu,,,,,\n"
        ",,,,,,,\n"
        "c8,Short\n"
        "c9,Long,eu,,,,,,,\n");
    auto options = fixture.options;
    options.target = Target::qlik_cloud;
    auto const loaded = load(options);
    CHECK(loaded.configuration == nullptr);
    auto const messages = Fixture::first_lines(loaded.diagnostics);
    CHECK(
        messages ==
        Lines{"customers.csv:2:8: error: unknown region \"mars\"",
              "customers.csv:3:11: error: unknown blueprint \"premum\" (did you mean \"premium\"?)",
              "customers.csv:4:14: error: wrong form", "customers.csv:5:14: error: wrong type",
              "customers.csv:6:9: error: missing attribute",
              "customers.csv:7:1: error: invalid key",
              "customers.csv:8:1: error: duplicate tenant \"c2\"",
              "customers.csv:10:9: error: missing cells",
              "customers.csv:11:17: error: more cells than columns",
              "tenantry.yaml:4:3: error: missing attribute"});
    auto const text = text_of(loaded);
    CHECK(text.find("In tenant c1, column \"region\".") != std::string::npos);
  }

  TEST_CASE("load: a key of two tenants is told with both places") {
    FleetFixture fixture(kRows, std::string(kFleet) + "tenants:\n  c1: {region: eu}\n");
    auto const loaded = fixture.load();
    CHECK(Fixture::first_lines(loaded.diagnostics) ==
          Lines{"customers.csv:2:1: error: duplicate tenant \"c1\""});
    CHECK(text_of(loaded).find("The key is in use already at tenantry.yaml:") != std::string::npos);
  }

  TEST_CASE("load: an alias that two rows claim is told at the later one") {
    FleetFixture fixture("id,alias\na,same\nb,same\n", R"(
fleets: {f: {from: customers.csv, key: "${row.id}", region: eu, alias: "${row.alias}"}}
)");
    CHECK(fixture.messages() == Lines{"customers.csv:3:3: error: alias in use"});
  }

  TEST_CASE("load: a value that a blueprint requires is missing at its cell") {
    FleetFixture fixture("id,arn\na,x\nb,\n", R"(
blueprints: {b: {parameters: {arn: {required: true}}}}
fleets: {f: {from: customers.csv, key: "${row.id}", region: eu, blueprint: b, values: {arn: "${row.arn}"}}}
)");
    CHECK(fixture.messages() == Lines{"customers.csv:3:3: error: missing attribute"});
  }

  TEST_CASE("load: an empty cell inside of a text needs a fallback") {
    FleetFixture fixture("id,n\na,1\nb,\n", R"(
fleets: {f: {from: customers.csv, key: "${row.id}", region: eu, name: "No. ${row.n}"}}
)");
    auto const loaded = fixture.load();
    CHECK(Fixture::first_lines(loaded.diagnostics) ==
          Lines{"customers.csv:3:3: error: empty cell"});
    CHECK(text_of(loaded).find("${row.n} at tenantry.yaml:3:") != std::string::npos);
  }

  TEST_CASE("load: a problem of a blueprint is told once, however many rows have it") {
    std::string rows = "id\n";
    for (int i = 0; i < 2000; ++i) rows += fmt::format("c{}\n", i);
    FleetFixture fixture(rows, R"(
blueprints: {b: {groups: {g: {name: "${tenant.kee}"}}}}
fleets: {f: {from: customers.csv, key: "${row.id}", region: eu, blueprint: b, name: "${row.nam}"}}
)");
    auto const loaded = fixture.load();
    CHECK(
        Fixture::first_lines(loaded.diagnostics) ==
        Lines{
            "tenantry.yaml:3:38: error: unknown placeholder \"tenant.kee\" (did you mean \"key\"?)",
            "tenantry.yaml:4:86: error: unknown column \"nam\""});
    CHECK(text_of(loaded).find("In tenant c0 and 1999 more.") != std::string::npos);
  }

  TEST_CASE("load: of many rows with a problem in one column the first are shown") {
    std::string rows = "id,region\n";
    for (int i = 0; i < 2000; ++i) rows += fmt::format("c{},mars{}\n", i, i);
    FleetFixture fixture(rows, R"(
regions: {eu: {clientId: a, clientSecret: "${var.s}"}}
variables: {s: {env: S}}
fleets: {f: {from: customers.csv, key: "${row.id}", region: "${row.region}"}}
)");
    fixture.options.target = Target::qlik_cloud;
    auto const loaded = fixture.load();
    CHECK(loaded.diagnostics.sorted().size() == 10);
    CHECK(text_of(loaded).find("1990 rows more with the same problem.") != std::string::npos);
  }

  TEST_CASE("load: former keys come from a column or from a map") {
    FleetFixture fixture("id,was\nc1,old1\nc2,\nc3,c3\n", R"(
fleets: {f: {from: customers.csv, key: "${row.id}", region: eu, formerKeys: "${row.was}"}}
)");
    fixture.expand("c1");
    auto const& former = fixture.kept->former_keys();
    CHECK(former.all().size() == 1);
    REQUIRE(former.entry("old1") != nullptr);
    CHECK(former.entry("old1")->present == "c1");
    CHECK(former.entry("old1")->where.text() == "customers.csv:2:4");

    FleetFixture map("id\nc1\nc2\n", R"(
fleets: {f: {from: customers.csv, key: "${row.id}", region: eu, formerKeys: {c2: [a, b], c1: c}}}
)");
    map.expand("c1");
    CHECK(map.kept->former_keys().of("c2") == Lines{"a", "b"});
    CHECK(map.kept->former_keys().of("c1") == Lines{"c"});
  }

  TEST_CASE("load: a former key is of one tenant, and of none that is there") {
    FleetFixture fixture("id,was\nc1,old\nc2,old\nc3,c1\n", R"(
fleets: {f: {from: customers.csv, key: "${row.id}", region: eu, formerKeys: "${row.was}"}}
)");
    CHECK(fixture.messages() == Lines{"customers.csv:3:4: error: former key in use",
                                      "customers.csv:4:4: error: former key that is still in use"});
  }

  TEST_CASE("load: a file that is no link out of its folder may be named") {
    Fixture fixture("fleets: {f: {from: ../rows.csv, region: eu}}");
    CHECK(fixture.messages() == Lines{"tenantry.yaml:2:20: error: file outside of the folder"});
    std::filesystem::create_symlink("/etc/hostname", fixture.folder.path() / "rows.csv");
    fixture.main("fleets: {f: {from: rows.csv, region: eu}}");
    CHECK(fixture.messages() == Lines{"tenantry.yaml:2:20: error: file outside of the folder"});
  }

  TEST_CASE("load: a file without rows gives no tenants, one without a header is an error") {
    FleetFixture empty("id\n", "fleets: {f: {from: customers.csv, key: '${row.id}', region: eu}}");
    auto const loaded = empty.load();
    REQUIRE(loaded.configuration != nullptr);
    CHECK(loaded.configuration->tenants().empty());
    empty.folder.write("customers.csv", "");
    CHECK(empty.messages() == Lines{"customers.csv:1:1: error: empty file"});
  }

  TEST_CASE("load: `${row...}` means nothing outside of fleets, also in a blueprint of rows") {
    FleetFixture fixture("id\nc1\n", R"(
blueprints: {b: {name: "${row.id}"}}
fleets: {f: {from: customers.csv, key: "${row.id}", region: eu, blueprint: b}}
)");
    CHECK(fixture.messages() ==
          Lines{"tenantry.yaml:3:25: error: placeholder that is not known here"});
  }

  TEST_CASE("load: a row is of the wave that its cell names, with the blueprints of that wave") {
    FleetFixture fixture("id,wave\nc1,canary\nc2,\n", R"(
blueprints: {standard: {name: Version 1}, standard-v2: {name: Version 2}}
rollout: {waves: [{name: canary, blueprints: {standard: standard-v2}}, {name: rest}]}
fleets:
  f: {from: customers.csv, key: "${row.id}", region: eu, blueprint: standard, wave: "${row.wave}"}
)");
    CHECK(text_at(fixture.expand("c1").self.attributes, "name") == "Version 2");
    CHECK(text_at(fixture.expand("c2").self.attributes, "name") == "Version 1");
    fixture.folder.write("customers.csv", "id,wave\nc1,canry\n");
    CHECK(fixture.messages() ==
          Lines{"customers.csv:2:4: error: unknown wave \"canry\" (did you mean \"canary\"?)"});
  }

  TEST_CASE("load: connections of their own leave the fleet to the configuration") {
    FleetFixture fixture("id\nc1\n", R"(
fleets: {f: {from: customers.csv, key: "${row.id}", region: eu}}
)");
    fixture.folder.write("connections.yml", "regions: {eu: {clientId: a, clientSecret: b}}\n");
    fixture.options.connections = "connections.yml";
    CHECK(fixture.load().configuration != nullptr);
  }
}
}  // namespace tenantry::config
