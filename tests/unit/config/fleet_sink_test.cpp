// Where the cells of a fleet may lead a secret.
#include <doctest/doctest.h>

#include "engine/config/configuration.hpp"
#include "tests/unit/config/fixture.hpp"

namespace tenantry::config {
using test::Fixture;
using test::json;
using test::resource;
using Lines = std::vector<std::string>;

namespace {

/// A fleet of one row: `cells` as JSON, `sink` as written under deliverSecret.
struct SinkFixture : Fixture {
  SinkFixture(std::string_view cells, std::string_view sink, std::string_view more = {})
      : Fixture(fmt::format(R"(
blueprints:
  standard:
    parameters: {{part: {{}}, options: {{type: list}}, all: {{type: map}}}}
    oauthClients: {{c: {{clientName: C, appType: web, deliverSecret: {}}}}}
fleets:
  f:
    from: rows.json
    region: eu
    blueprint: standard
    name: ${{row.name:-Acme}}
    columns: {{part: text, options: list, all: {{}}, name: text}}
    values: {{part: "${{row.part}}", options: "${{row.options}}", all: "${{row.all}}"}}
{})",
                            sink, more)) {
    folder.write("rows.json", fmt::format("[{{\"key\": \"acme\", {}}}]", cells));
  }
};

std::string summary_of(Fixture const& fixture) {
  std::string out;
  for (auto const& d : fixture.load().diagnostics.sorted()) out += d.summary + '\n';
  return out;
}

constexpr std::string_view kRedirected = "sink that a cell would redirect\n";

}  // namespace

TEST_SUITE("sinks of fleets") {
  TEST_CASE("load: a cell may be one part of a path") {
    auto const sink = R"({file: "secrets/${values.part}/${tenant.key}.json"})";
    SinkFixture const fixture(R"("part": "north..west")", sink);
    CHECK(json(resource(fixture.expand(), "oauthClients/c").meta) ==
          R"({"deliverSecret":{"file":"secrets/north..west/acme.json"}})");
    for (auto const* part : {"..", ".", "a/b", "/", "../x", "a/../.."}) {
      CAPTURE(part);
      SinkFixture const hostile(fmt::format("\"part\": \"{}\"", part), sink);
      CHECK(summary_of(hostile) == kRedirected);
      CHECK(hostile.messages().front().starts_with("rows.json:1:26: error: "));
    }
  }

  TEST_CASE("load: a cell leads out of the folder by no detour") {
    CHECK(summary_of(SinkFixture(R"("part": ".")", "{file: 'secrets/.${values.part}/x'}")) ==
          kRedirected);
    CHECK(summary_of(SinkFixture(R"("part": "..")", "{file: 'a/${values.part:-b}/x'}")) ==
          kRedirected);
    CHECK(summary_of(SinkFixture(R"("name": "../../x")", "{file: 'secrets/${tenant.name}'}")) ==
          kRedirected);
    CHECK(summary_of(SinkFixture(R"("part": "/etc/x")", "{file: '${values.part}'}")) ==
          kRedirected);
    CHECK(summary_of(SinkFixture(R"("part": "a/b")",
                                 "{vault: {address: 'https://v.example', "
                                 "mount: kv, path: 'x/${values.part}'}}")) == kRedirected);
  }

  TEST_CASE("load: what the configuration itself writes may have parts") {
    SinkFixture const fixture(R"("part": "x")", R"({file: "${values.part}.json"})",
                              "    overrides: {acme: {values: {part: a/../b}}}\n");
    CHECK(summary_of(fixture).empty());
    CHECK(summary_of(SinkFixture(R"("part": null)", "{file: 'secrets/${values.part:-a/b}.json'}"))
              .empty());
  }

  TEST_CASE("load: a cell is no option of a program, and no program of another folder") {
    auto const argument = R"({command: [deliver, "${values.part}"]})";
    CHECK(summary_of(SinkFixture(R"("part": "--exec=x")", argument)) == kRedirected);
    CHECK(summary_of(SinkFixture(R"("part": "a/b--c")", argument)).empty());
    CHECK(summary_of(
              SinkFixture(R"("part": "--exec=x")", R"({command: [deliver, "-n${values.part}"]})"))
              .empty());
    CHECK(summary_of(SinkFixture(R"("part": "../evil")", R"({command: ["${values.part}"]})")) ==
          kRedirected);
  }

  TEST_CASE("load: a cell is no host and no whole sink") {
    CHECK(summary_of(SinkFixture(
              R"("part": "v.example@evil.example")",
              "{vault: {address: 'https://${values.part}', mount: kv, path: x}}")) == kRedirected);
    CHECK(summary_of(SinkFixture(R"("all": {"command": ["rm"]})", R"("${values.all}")")) ==
          kRedirected);
    CHECK(summary_of(SinkFixture(R"("options": ["rm", "-rf"])",
                                 R"({command: "${values.options}"})")) == kRedirected);
  }

  TEST_CASE("load: a secret replaces no file of the configuration and none of the state") {
    for (auto const* name :
         {"rows.json", "tenantry.yaml", "tenantry.state", "tenantry.state-wal"}) {
      CAPTURE(name);
      SinkFixture const fixture(fmt::format("\"part\": \"{}\"", name),
                                R"({file: "${values.part}"})");
      CHECK(summary_of(fixture) == "sink in use\n");
      SinkFixture const detour(R"("part": "x")", fmt::format("{{file: 'x/.././{}'}}", name));
      CHECK(summary_of(detour) == "sink in use\n");
      SinkFixture const whole(R"("part": "x")", "{file: secrets/x}");
      whole.main(
          fmt::format("tenants: {{acme: {{region: eu, oauthClients: {{c: {{clientName: C, "
                      "appType: web, deliverSecret: {{file: '{}'}}}}}}}}}}\n",
                      (whole.folder.path() / name).string()));
      CHECK((summary_of(whole) == "sink in use\n") == (std::string_view(name) != "rows.json"));
    }
    CHECK(summary_of(SinkFixture(R"("part": "tenantry.yml")", R"({file: "${values.part}"})"))
              .empty());
  }

  TEST_CASE("load: two rows deliver to no common file") {
    SinkFixture const fixture(R"("part": "x"}, {"key": "globex", "part": "./x/../x")",
                              R"({file: "secrets/${values.part}"})");
    CHECK(summary_of(fixture).find("sink that a cell would redirect") != std::string::npos);
    SinkFixture const same(R"("part": "x"}, {"key": "globex", "part": "x")",
                           R"({file: "secrets/${values.part}"})");
    CHECK(summary_of(same) == "sink in use\n");
  }
}
}  // namespace tenantry::config
