// What is wrong with a fleet, each told once and at the place where a person mends it.
#include <doctest/doctest.h>

#include "engine/config/configuration.hpp"
#include "engine/config/render.hpp"
#include "tests/unit/config/fixture.hpp"

namespace tenantry::config {
using test::Fixture;
using Lines = std::vector<std::string>;

namespace {

/// A fleet of the file `name` with these bytes; `more` are members of the fleet.
struct FleetOf : Fixture {
  FleetOf(std::string_view name, std::string_view bytes, std::string_view more = {},
          std::string_view sections = {})
      : Fixture(fmt::format("fleets: {{f: {{from: {}, region: eu{}{}}}}}\n{}", name,
                            more.empty() ? "" : ", ", more, sections)) {
    folder.write(std::string(name), bytes);
  }
};

std::string text_of(FleetOf const& fixture) {
  std::string text;
  for (auto const& d : fixture.load().diagnostics.sorted()) text += format(d);
  return text;
}

bool contains(std::string const& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_SUITE("errors of fleets") {
  TEST_CASE("load: a row with a bad cell is known by its key") {
    FleetOf const fixture(
        "c.csv", "key,seats,was\nc1,many,old\nc2,1,\n",
        "columns: {seats: integer}, values: {seats: '${row.seats}'}, formerKeys: {c1: old}, "
        "overrides: {c1: {name: One}}, groups: {g: {name: 'For ${values.seats}'}}",
        "moved: [{from: c0, to: c1}, {from: c1/groups/h, to: c1/groups/g}]\n");
    CHECK(fixture.messages() == Lines{"c.csv:2:4: error: wrong type"});
  }

  TEST_CASE("load: what is right in a row with a bad cell is still checked") {
    FleetOf const fixture("c.csv", "key,seats,alias\nc1,many,x\nc2,1,also wrong\nc3,some,x\n",
                          "columns: {seats: integer}, alias: '${row.alias}'");
    CHECK(fixture.messages() ==
          Lines{"c.csv:2:4: error: wrong type", "c.csv:2:9: error: wrong form",
                "c.csv:3:6: error: wrong form", "c.csv:4:4: error: wrong type",
                "c.csv:4:9: error: alias in use", "c.csv:4:9: error: wrong form"});
  }

  TEST_CASE("load: a row that does not fit its header is known by its key") {
    std::string_view const more =
        "name: '${row.name}', alias: '${row.alias}', formerKeys: {c1: old}, "
        "overrides: {c1: {paused: true}, c9: {paused: true}}";
    FleetOf const fixture("c.csv", "key,name,alias\nc1,Acme, Inc,acme-1\nc2,Two,two-2\n", more,
                          "moved: [{from: c0, to: c1}]\n");
    CHECK(fixture.messages() == Lines{"c.csv:2:14: error: more cells than columns"});
    // Its cells may stand in other columns: a key in them is none that another row cannot have.
    FleetOf const late("c.csv", "name,key\nAcme, Inc,c1\nInc,c2,c3\nThree,Inc\n");
    CHECK(late.messages() == Lines{"c.csv:2:11: error: more cells than columns",
                                   "c.csv:3:8: error: more cells than columns"});
    FleetOf const short_row("c.csv", "key,name,alias\nc1\n", more);
    CHECK(short_row.messages() == Lines{"c.csv:2:3: error: missing cells"});
  }

  TEST_CASE("load: without a key of its own a row may be the one that is named elsewhere") {
    auto const more = "overrides: {c1: {paused: true}}, formerKeys: {c1: old}";
    CHECK(FleetOf("c.csv", "key,name\nc 1,One\n", more).messages() ==
          Lines{"c.csv:2:1: error: invalid key"});
    CHECK(FleetOf("c.csv", "key,name\n,One\n", more).messages() ==
          Lines{"c.csv:2:1: error: empty cell"});
    CHECK(FleetOf("r.json", R"([{"key": "c2"}, 5])", more).messages() ==
          Lines{"r.json:1:17: error: wrong type"});
    CHECK(FleetOf("r.yaml", "c1: 5\nc2: {key: c3}\n", more).messages() ==
          Lines{"r.yaml:1:5: error: wrong type", "r.yaml:2:6: error: key of a row written twice"});
    CHECK(FleetOf("c.csv", "key,name\nc2,One\n", more).messages().size() == 2);
  }

  TEST_CASE("load: what a file that cannot be read would hold is not missed") {
    FleetOf const fixture("c.csv", "key\nc1\n\"c2\n", "overrides: {c1: {paused: true}}",
                          "moved: [{from: c0, to: c1}]\n");
    CHECK(fixture.messages() == Lines{"c.csv:3:1: error: quote that is never closed"});
  }

  TEST_CASE("load: a `when` that is broken leaves nothing out") {
    FleetOf const fixture("c.csv", "key,on\nc1,perhaps\n",
                          "columns: {on: boolean}, "
                          "groups: {g: {name: G, when: '${row.on}'}, "
                          "h: {name: H, dependsOn: [groups/g]}}");
    CHECK(fixture.messages() == Lines{"c.csv:2:4: error: wrong type"});
  }

  TEST_CASE("load: a secret beside a cell is told where the secret is written") {
    auto const variables = "variables: {s: {env: S}}\n";
    FleetOf const group("c.csv", "key,n\nc1,One\n",
                        "groups: {g: {name: '${row.n}', description: '${row.n} ${var.s}'}}",
                        variables);
    CHECK(group.messages() ==
          Lines{"tenantry.yaml:2:83: error: sensitive value in an attribute that is not secret"});
    FleetOf const host("c.csv", "key,n\nc1,One\n", "hostname: '${row.n}${var.s}'", variables);
    CHECK(host.messages() ==
          Lines{"tenantry.yaml:2:49: error: sensitive value where it would be seen"});
  }

  TEST_CASE("load: only a column of maps has parts") {
    FleetOf const csv("c.csv", "key,name\nc1,One\n", "name: '${row.name.first}'");
    CHECK(csv.messages() == Lines{"tenantry.yaml:2:46: error: unknown column \"name.first\""});
    CHECK(contains(text_of(csv), "write ${row.name}"));
    CHECK(
        FleetOf("r.yaml", "- {key: c1, name: [a]}\n", "name: '${row.name.first:-x}'").messages() ==
        Lines{"tenantry.yaml:2:47: error: unknown column \"name.first\""});
    FleetOf const mixed(
        "r.yaml",
        "- {key: c1, name: One}\n- {key: c2, name: {first: Two}}\n- {key: c3, name: {}}\n",
        "name: '${row.name.first:-x}'");
    CHECK(mixed.messages() == Lines{"r.yaml:1:19: error: wrong type"});
    CHECK(FleetOf("r.yaml", "- {key: c1}\n- {key: c2, name: null}\n", "name: '${row.name.first}'")
              .messages()
              .empty());
  }

  TEST_CASE("load: a file of rows without one has no unknown columns") {
    for (std::string_view const bytes : {"[]", "{}", "[{}]"}) {
      CAPTURE(bytes);
      CHECK(FleetOf("r.json", bytes, "name: '${row.name}', columns: {seats: integer}")
                .messages()
                .empty());
    }
    CHECK(FleetOf("c.csv", "key\n", "name: '${row.name}'").messages().size() == 1);
  }

  TEST_CASE("load: UTF-16 is told apart from other bytes that are not UTF-8") {
    using namespace std::string_view_literals;
    for (auto const* name : {"c.csv", "r.yaml", "r.json"}) {
      CAPTURE(name);
      for (auto const bytes : {"\xFF\xFEk\0e\0y\0"sv, "\xFE\xFF\0k\0e\0y"sv, "k\0e\0y\0\n\0"sv}) {
        auto const text = text_of(FleetOf(name, bytes));
        CHECK(contains(text, "save the file as UTF-8"));
        CHECK(contains(text, "UTF-16") == !bytes.starts_with('k'));
      }
    }
  }

  TEST_CASE("load: a message quotes a part of a huge cell") {
    std::string const huge(900'000, 'x');
    auto const text = text_of(FleetOf("c.csv", "key,seats,a\nc1," + huge + ",\nc2,," + huge + "\n",
                                      "columns: {seats: integer}, alias: '${row.a}', "
                                      "groups: {g: {name: g, providerType: '${row.a:-idp}'}}"));
    CHECK(contains(text, "c.csv:2:4: error: wrong type"));
    CHECK(contains(text, "xxx [...] xxx"));
    CHECK(text.size() < 20'000);
  }

  TEST_CASE("load: columns of one name are told with what makes them one") {
    CHECK(contains(text_of(FleetOf("c.csv", "key,a,a\n")),
                   "Another cell of the header has this name"));
    auto const renamed = text_of(FleetOf("c.csv", "key,a,b\n", "columns: {a: {header: b}}"));
    CHECK(contains(renamed, "c.csv:1:7: error: duplicate column \"a\""));
    CHECK(contains(renamed, "By `columns` \"b\" is the column \"a\""));
    CHECK(FleetOf("c.csv", "key,x\n", "columns: {a: {header: x}, b: {header: x}}")
              .messages()
              .front() == "tenantry.yaml:2:65: error: two columns of one header");
  }

  TEST_CASE("load: a key without a column is the same for all rows") {
    for (auto const* key : {"c1", "5", "'${var.x}'", "'${var.y:-c1}'"}) {
      CAPTURE(key);
      FleetOf const fixture("c.csv", "key\nc1\nc2\n", fmt::format("key: {}", key),
                            "variables: {x: {default: c1}}\n");
      CHECK(fixture.messages() == Lines{"tenantry.yaml:2:44: error: the same key for all rows"});
    }
    CHECK(FleetOf("c.csv", "key\nc1\n", "key: ['${row.key}']").messages() ==
          Lines{"tenantry.yaml:2:44: error: wrong type"});
    CHECK(FleetOf("c.csv", "key\nc1\n", "key: '${var.x:-${row.key}}'").messages().empty());
  }

  TEST_CASE("load: a former key in a list has a place of its own") {
    FleetOf const fixture("c.csv", "key\nc1\nc2\n",
                          "formerKeys: {c1: [ok, 'not ok', c2, true, 17]}");
    CHECK(fixture.messages() == Lines{"tenantry.yaml:2:61: error: invalid key",
                                      "tenantry.yaml:2:71: error: former key that is still in use",
                                      "tenantry.yaml:2:75: error: wrong type"});
  }

  TEST_CASE("load: ids that are numbers are keys of rows, as they are written") {
    FleetOf const fixture("r.yaml", "1001: {name: One}\n0815: {name: Two}\n",
                          "name: '${row.name}'");
    CHECK(text_at(fixture.expand("1001").self.attributes, "name") == "One");
    CHECK(text_at(fixture.expand("0815").self.attributes, "name") == "Two");
    FleetOf const list("r.yaml",
                       "- {key: 0815, name: 007, seats: 007}\n- {key: 0, name: a, seats: -0}\n",
                       "name: '${row.name}', columns: {seats: integer}, "
                       "values: {seats: '${row.seats}'}");
    auto const tenant = list.expand("0815");
    CHECK(text_at(tenant.self.attributes, "name") == "007");
    CHECK(*find(find(tenant.rendered, "values")->get_object(), "seats") == Value(7));
    CHECK(list.expand("0").summary.key == "0");
    CHECK(FleetOf("r.yaml", "1001: {}\n\"1001\": {}\n").messages() ==
          Lines{"r.yaml:2:1: error: duplicate key \"1001\""});
    CHECK(FleetOf("r.yaml", "1.5: {name: One}\n").messages() ==
          Lines{"r.yaml:1:1: error: key that is not a text"});
  }

  TEST_CASE("load: what says how a file is read is no placeholder") {
    for (auto const* more : {"separator: '${var.x}'", "onMissingRow: '${var.x}'",
                             "columns: {a: {type: list, separator: '${var.x}'}}",
                             "columns: {a: {header: '${var.x}'}}"}) {
      CAPTURE(more);
      FleetOf const fixture("c.csv", "key,a\nc1,\n", more, "variables: {x: {default: ';'}}\n");
      CHECK(contains(fixture.messages().front(), "placeholder that is not known here"));
    }
  }

  TEST_CASE("load: a host name is one of its region") {
    FleetOf const fixture("c.csv",
                          "key,h\nc1,a.eu.qlikcloud.com\nc2,b.us.qlikcloud.com\n"
                          "c3,eu.qlikcloud.com\nc4,x.y.eu.qlikcloud.com\n",
                          "hostname: '${row.h}'");
    CHECK(fixture.messages() == Lines{"c.csv:3:4: error: host name of another region",
                                      "c.csv:4:4: error: host name of another region",
                                      "c.csv:5:4: error: host name of another region"});
  }

  TEST_CASE("load: without the connections file nothing is said of what it would hold") {
    FleetOf fixture("c.csv", "key\nc1\n", "name: '${var.name}'");
    fixture.options.target = Target::qlik_cloud;
    fixture.options.connections = "none.yaml";
    CHECK(fixture.messages() == Lines{"none.yaml: error: missing file"});
  }

  TEST_CASE("render: an element of a list has the place of its list") {
    FleetOf const fixture("c.csv", "key,o\nc1,https://a.example;https://b.example\n",
                          "columns: {o: list}, "
                          "webIntegrations: {w: {name: W, validOrigins: '${row.o}'}}");
    auto const text = render_yaml(fixture.expand("c1"), Origins::shown);
    CHECK(contains(text, "- https://b.example  # c.csv:2\n"));
  }
}
}  // namespace tenantry::config
