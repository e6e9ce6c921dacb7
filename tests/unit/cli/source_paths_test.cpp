#include "cli/source_paths.hpp"

#include <doctest/doctest.h>

#include "cli/sarif.hpp"

namespace tenantry {
namespace {

TEST_SUITE("source_paths") {
  TEST_CASE("a path starts at the root of the repository") {
    cli::SourcePaths const paths("/srv/repository", "/srv/repository/deploy/eu");
    CHECK(paths("tenantry.yaml") == "deploy/eu/tenantry.yaml");
    CHECK(paths("../base/./a.yaml") == "deploy/base/a.yaml");
    CHECK(paths("/srv/repository/b.yaml") == "b.yaml");
  }

  TEST_CASE("what is outside of the repository, or in none, keeps its name") {
    cli::SourcePaths const paths("/srv/repository", "/srv/repository/deploy");
    CHECK(paths("../../other/a.yaml") == "../../other/a.yaml");
    CHECK(paths("/etc/a.yaml") == "/etc/a.yaml");
    CHECK(cli::SourcePaths({}, "/work")("a.yaml") == "a.yaml");
  }
}

TEST_SUITE("sarif") {
  TEST_CASE("sarif_log: rules once, results in order, paths as URIs, places only where known") {
    Diagnostics diagnostics;
    diagnostics.error({"a b.yaml", 3, 5}, "unknown key `x`", "a \x1b detail", "a hint");
    diagnostics.error({"a b.yaml", 9, 1}, "unknown key `x`", "another", "");
    diagnostics.warning({"--var", 0, 0}, "not used");
    auto const log = cli::sarif_log(diagnostics, {"/r", "/r/c"});
    auto const& run = log.at("runs").at(0).as_object();
    CHECK(run.at("tool").at("driver").at("rules").as_array().size() == 2);
    auto const& results = run.at("results").as_array();
    REQUIRE(results.size() == 3);
    CHECK_FALSE(results[0].as_object().contains("locations"));
    CHECK(results[0].at("level") == "warning");
    CHECK(results[1].at("ruleId") == "unknown-key-x");
    CHECK(results[1].at("message").at("text") == "unknown key `x`\na \\x1b detail\nhint: a hint");
    auto const& place = results[1].at("locations").at(0).at("physicalLocation");
    CHECK(place.at("artifactLocation").at("uri") == "c/a%20b.yaml");
    CHECK(place.at("region").at("startLine") == 3);
    CHECK(results[1].at("partialFingerprints") != results[2].at("partialFingerprints"));
  }

  TEST_CASE("sarif_log: equal mistakes have fingerprints of their own, which moving lines keep") {
    auto const prints = [](int first, int second) {
      Diagnostics diagnostics;
      diagnostics.error({"a.yaml", first, 1}, "same", "same");
      diagnostics.error({"a.yaml", second, 1}, "same", "same");
      Array out;
      auto const log = cli::sarif_log(diagnostics, {{}, "/r"});
      for (auto const& result : log.at("runs").at(0).at("results").as_array()) {
        out.push_back(result.at("partialFingerprints"));
      }
      return out;
    };
    auto const before = prints(1, 2);
    CHECK(before[0] != before[1]);
    CHECK(before == prints(11, 12));
  }
}
}  // namespace
}  // namespace tenantry
