#include <doctest/doctest.h>

#include <filesystem>

#include "engine/config/configuration.hpp"
#include "tests/unit/config/fixture.hpp"

namespace tenantry::config {
using test::Fixture;
using test::json;
using test::resource;
using Lines = std::vector<std::string>;

namespace {

std::string keys(Fixture const& f) {
  auto const loaded = f.load();
  if (loaded.configuration == nullptr) {
    return fmt::format("{}", fmt::join(Fixture::first_lines(loaded.diagnostics), "\n"));
  }
  std::vector<std::string> out;
  for (auto const& t : loaded.configuration->tenants()) out.push_back(t.key);
  return fmt::format("{}", fmt::join(out, " "));
}

constexpr std::string_view kHead = "apiVersion: tenantry/v1\n";

}  // namespace

TEST_SUITE("files and folders") {
  TEST_CASE("load: every file of the folder that says it is ours is read, others are not") {
    Fixture const f("tenants: {a: {region: eu}}\n");
    f.folder.write("b.yaml", std::string(kHead) + "tenants: {b: {region: eu}}\n");
    f.folder.write("c.yml",
                   "# more\n\"apiVersion\": \"tenantry/v1\"\ntenants: {c: {region: eu}}\n");
    f.folder.write("d.yaml",
                   "{\"apiVersion\": \"tenantry/v1\", \"tenants\": {\"d\": {\"region\": "
                   "\"eu\"}}}\n");
    f.folder.write("foreign.yaml", "apiVersion: apps/v1\nkind: Deployment\n---\nkind: Service\n");
    f.folder.write("template.yaml", "{{ if .Values.x }}\nnot: [yaml\n");
    f.folder.write(".hidden.yaml", std::string(kHead) + "tenants: {h: {region: eu}}\n");
    f.folder.write("sub/e.yaml", std::string(kHead) + "tenants: {e: {region: eu}}\n");
    f.folder.write("nested.yaml", "x:\n  apiVersion: tenantry/v1\n");
    CHECK(keys(f) == "a b c d");
  }

  TEST_CASE("load: a file that says it is ours must be whole") {
    Fixture const f("tenants: {a: {region: eu}}\n");
    f.folder.write("b.yaml", std::string(kHead) + "tenants: {b: {region: eu}\n");
    CHECK(f.messages() == Lines{"b.yaml:2:10: error: not valid YAML"});
    f.folder.write("b.yaml", "apiVersion: tenantry/v9\n");
    CHECK(f.messages() == Lines{"b.yaml:1:13: error: unknown apiVersion"});
  }

  TEST_CASE("load: maps of several files are one, whatever is defined twice is an error") {
    Fixture const f("blueprints: {x: {}}\npolicy: {maxCreates: 1}\ntenants:\n  a: {region: eu}\n");
    f.folder.write("b.yaml",
                   std::string(kHead) + "policy: {maxDeletes: 2}\nblueprints: {y: {}}\ntenants:\n");
    CHECK(keys(f) == "a");
    f.folder.write("b.yaml", std::string(kHead) + "policy: {maxCreates: 2}\nblueprints: {x: {}}\n");
    auto const items = f.load().diagnostics.sorted();
    REQUIRE(items.size() == 2);
    CHECK(items[0].where.text() == "b.yaml:2:10");
    CHECK(items[0].summary == "duplicate key \"maxCreates\"");
    CHECK(items[0].detail == "It is defined already at tenantry.yaml:3:10.");
    CHECK(items[1].where.text() == "b.yaml:3:14");
  }

  TEST_CASE("load: --config names files and folders, as often as one likes") {
    Fixture f;
    f.folder.write("one/tenantry.yaml", std::string(kHead) + "tenants: {a: {region: eu}}\n");
    f.folder.write("two.yaml", std::string(kHead) + "tenants: {b: {region: eu}}\n");
    f.options.paths = {"one", "two.yaml", "one/tenantry.yaml", f.folder.path() / "two.yaml"};
    CHECK(keys(f) == "a b");
    CHECK(f.load().configuration->folder() == f.folder.path() / "one");
    f.folder.write("two.yaml", std::string(kHead) + "tenants: {b: {regon: eu}}\n");
    CHECK(f.messages() ==
          Lines{"two.yaml:2:11: error: missing attribute",
                "two.yaml:2:15: error: unknown key \"regon\" (did you mean \"region\"?)"});
    f.folder.write("one/tenantry.yaml", std::string(kHead) + "tenants: {a: eu}\n");
    f.options.paths = {"one"};
    CHECK(f.messages() == Lines{"one/tenantry.yaml:2:14: error: wrong type"});
  }

  TEST_CASE("load: no configuration is an error, and so is one that says nothing") {
    Fixture f;
    CHECK(f.messages() == Lines{"tenantry.yaml: error: no configuration"});
    f.folder.write("other.yaml", "a: 1\n");
    CHECK(f.messages() == Lines{"tenantry.yaml: error: no configuration"});
    f.main("");
    CHECK(f.messages() == Lines{"tenantry.yaml:1:1: error: no tenants"});
    f.main("tenants:\n");
    CHECK(f.messages() == Lines{"tenantry.yaml:1:1: error: no tenants"});
    f.main("tenants: {}\n");
    CHECK(f.messages() == Lines{});
    f.options.paths = {"none.yaml"};
    CHECK(f.messages() == Lines{"none.yaml: error: missing file"});
    f.options.paths = {"other.yaml"};
    CHECK(f.messages() == Lines{"other.yaml:1:1: error: missing attribute"});
  }

  TEST_CASE("load: a file past the limit is refused without being read") {
    Fixture const f("tenants: {}\n");
    std::filesystem::resize_file(f.folder.path() / "tenantry.yaml", std::uintmax_t{100} << 30);
    CHECK(f.messages() == Lines{"tenantry.yaml: error: file too large"});
    f.main("tenants: {}\n");
    auto const big = f.folder.write("big.yaml", std::string(kHead));
    std::filesystem::resize_file(big, std::uintmax_t{100} << 30);
    CHECK(f.messages() == Lines{"big.yaml: error: file too large"});
    f.folder.write("big.yaml", "a: 1\n");
    std::filesystem::resize_file(big, std::uintmax_t{100} << 30);
    CHECK(f.messages() == Lines{});
  }
}

TEST_SUITE("connections") {
  TEST_CASE("load: regions, state, sources and sinks come from the connections file") {
    Fixture f(
        "variables: {mail: {default: a@b}}\n"
        "tenants:\n"
        "  acme:\n"
        "    region: eu\n"
        "    name: ${var.mail}\n"
        "    oauthClients:\n"
        "      portal: {clientName: Portal, appType: web}\n"
        "      other: {clientName: Other, appType: web}\n");
    f.options.target = Target::qlik_cloud;
    f.options.connections = "secrets.yaml";
    f.folder.write(
        "secrets.yaml",
        "apiVersion: tenantry/v1\n"
        "variables: {key: {env: KEY}}\n"
        "regions: {eu: {clientId: oem, clientSecret: \"${var.key}\"}}\n"
        "organization: {clientId: org, clientSecret: \"${var.key}\", subscriptionId: s}\n"
        "state: {backend: postgres, dsn: \"${var.key}\"}\n"
        "sinks:\n"
        "  \"*/oauthClients/*\": {file: \"secrets/${tenant.key}.json\"}\n"
        "  \"acme/oauthClients/other\": {file: other.json}\n");
    auto const tenant = f.expand();
    CHECK(json(resource(tenant, "oauthClients/portal").meta) ==
          R"({"deliverSecret":{"file":"secrets/acme.json"}})");
    CHECK(json(resource(tenant, "oauthClients/other").meta) ==
          R"({"deliverSecret":{"file":"other.json"}})");
    CHECK(f.kept->state().backend == "postgres");
    CHECK(is_sensitive(f.kept->state().dsn.text));
    CHECK(f.kept->organization()->subscription_id == "s");
    CHECK(f.kept->tenants().size() == 1);
  }

  TEST_CASE("load: beside a connections file the configuration cannot redirect a credential") {
    struct Case {
      std::string text, message;
    };
    for (auto const& [text, message] : std::vector<Case>{
             {"regions: {us: {}}\n", "2:1: error: not allowed beside a connections file"},
             {"organization: {}\n", "2:1: error: not allowed beside a connections file"},
             {"state: {path: x}\n", "2:1: error: not allowed beside a connections file"},
             {"variables: {x: {env: AWS_KEY}}\n",
              "2:17: error: not allowed beside a connections file"},
             {"variables: {x: {file: /etc/passwd}}\n",
              "2:17: error: not allowed beside a connections file"},
             {"variables: {key: {sensitive: false}}\n",
              "2:19: error: not allowed beside a connections file"},
             {"blueprints: {b: {oauthClients: {c: {deliverSecret: {file: x}}}}}\n",
              "2:37: error: not allowed beside a connections file"}}) {
      CAPTURE(text);
      Fixture f(text + "tenants: {acme: {region: eu}}\n");
      f.options.connections = "c.yaml";
      f.folder.write("c.yaml", "variables: {key: {env: KEY}}\nregions: {eu: {}}\n");
      CHECK(f.messages() == Lines{"tenantry.yaml:" + message});
    }
  }

  TEST_CASE("load: a connections file holds connections and nothing else") {
    Fixture f("tenants: {acme: {region: eu}}\n");
    f.options.connections = "c.yaml";
    f.folder.write("c.yaml", "regions: {eu: {}}\ntenants: {globex: {region: eu}}\n");
    CHECK(f.messages() == Lines{"c.yaml:2:1: error: unknown key \"tenants\""});
    f.options.connections = "none.yaml";
    CHECK(f.messages() == Lines{"none.yaml: error: missing file"});
  }

  TEST_CASE("load: a default of the configuration counts where the connections give no value") {
    Fixture f(
        "variables: {name: {default: Acme}}\n"
        "tenants: {acme: {region: eu, name: \"${var.name}\"}}\n");
    f.options.connections = "c.yaml";
    f.folder.write("c.yaml",
                   "variables: {name: {env: NAME, sensitive: false}}\nregions: {eu: {}}\n");
    CHECK(text_at(f.expand().self.attributes, "name") == "Acme");
    f.environment["NAME"] = "Given";
    CHECK(text_at(f.expand().self.attributes, "name") == "Given");
  }
}

TEST_SUITE("regions") {
  TEST_CASE("load: a region is needed with credentials only where tenants need it") {
    Fixture f(
        "regions: {eu: {}, us: {}}\ntenants: {a: {region: eu, auth: {apiKey: k}}, "
        "b: {region: eu, paused: true}}\n");
    f.options.target = Target::qlik_cloud;
    CHECK(f.messages() == Lines{});
    auto const tenant = f.expand("a");
    REQUIRE(tenant.auth.has_value());
    CHECK(tenant.auth->api_key.text == Value("k"));
    f.main("regions: {eu: {}}\ntenants: {a: {region: eu, auth: {apiKey: k}}, b: {region: eu}}\n");
    CHECK(f.messages() == Lines{"tenantry.yaml:2:11: error: missing attribute"});
    f.main("tenants: {a: {region: eu}}\n");
    CHECK(f.messages() == Lines{"tenantry.yaml:2:23: error: unknown region \"eu\""});
  }

  TEST_CASE("load: endpoint, certificate and rate limits of a region") {
    Fixture f(
        "regions: {eu: {endpoint: \"http://127.0.0.1:8480/\", caFile: ca.pem, rateLimits: "
        "off}}\ntenants: {a: {region: eu}}\n");
    f.folder.write("ca.pem", "x");
    auto const loaded = f.load();
    REQUIRE(loaded.configuration != nullptr);
    auto const& region = loaded.configuration->regions().at("eu");
    CHECK(region.endpoint == "http://127.0.0.1:8480");
    CHECK(region.ca_file == (f.folder.path() / "ca.pem").string());
    CHECK_FALSE(region.rate_limits);
  }

  TEST_CASE("load: a region may have two clients, tried in the written order") {
    Fixture const f(
        "variables: {s: {env: S}}\n"
        "regions: {eu: {clients: [{clientId: old, clientSecret: \"${var.s}\"}, "
        "{clientId: new, clientSecret: \"${var.s}\"}]}}\ntenants: {a: {region: eu}}\n");
    auto const loaded = f.load();
    REQUIRE(loaded.configuration != nullptr);
    auto const& region = loaded.configuration->regions().at("eu");
    CHECK(region.credential.client_id.text == Value("old"));
    REQUIRE(region.fallbacks.size() == 1);
    CHECK(region.fallbacks[0].client_id.text == Value("new"));
    CHECK(is_sensitive(region.fallbacks[0].client_secret.text));
  }

  TEST_CASE("load: `clients` holds one or two maps with both halves") {
    Fixture f;
    f.main("regions: {eu: {clients: []}}\ntenants: {}\n");
    CHECK(f.messages() == Lines{"tenantry.yaml:2:25: error: wrong number of elements"});
    f.main("regions: {eu: {clients: {clientId: a}}}\ntenants: {}\n");
    CHECK(f.messages() == Lines{"tenantry.yaml:2:25: error: wrong type"});
    f.main("regions: {eu: {clients: [a, {}]}}\ntenants: {}\n");
    CHECK(f.messages() == Lines{"tenantry.yaml:2:26: error: wrong type",
                                "tenantry.yaml:2:29: error: missing attribute"});
  }

  TEST_CASE("expand: a tenant's own license key counts before its region's") {
    Fixture const f(
        "regions: {eu: {licenseKey: region}}\n"
        "tenants: {a: {region: eu}, b: {region: eu, licenseKey: own}}\n");
    CHECK(f.expand("a").license_key.text == Value("region"));
    CHECK(f.expand("b").license_key.text == Value("own"));
  }

  TEST_CASE("reveal: joins the parts of a credential") {
    Fixture f(
        "variables: {k: {env: K}}\nregions: {eu: {clientId: \"a-${var.k}-b\", clientSecret: "
        "c}}\ntenants: {}\n");
    f.environment["K"] = "key";
    auto const loaded = f.load();
    REQUIRE(loaded.configuration != nullptr);
    auto const& credential = loaded.configuration->regions().at("eu").credential;
    auto const& variables = loaded.configuration->variables();
    CHECK(reveal(credential.client_id, variables)->reveal() == "a-key-b");
    CHECK(reveal(credential.client_secret, variables)->reveal() == "c");
    CHECK(reveal(credential.api_key, variables)->empty());
    f.environment.clear();
    CHECK_FALSE(reveal(credential.client_id, variables).has_value());
  }
}
}  // namespace tenantry::config
