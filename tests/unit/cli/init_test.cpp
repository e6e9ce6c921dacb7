#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "cli/command_line.hpp"
#include "cli/starter.hpp"
#include "tests/support/captured_console.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/temp_folder.hpp"

using namespace tenantry;
namespace fs = std::filesystem;

namespace {

std::string text_of(fs::path const& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

struct Init {
  test::TempFolder folder;
  test::CapturedConsole captured;
  fs::path before = fs::current_path();
  ~Init() { fs::current_path(before); }

  cli::Exit run(std::vector<std::string> words) {
    test::FakeClock clock;
    SeededRandom random(1);
    words.insert(words.begin(), {"--chdir", folder.path().string()});
    return cli::run_command_line(
        std::move(words), captured.console, [](std::string const&) { return std::nullopt; }, clock,
        random);
  }
};

}  // namespace

TEST_SUITE("init") {
  TEST_CASE_FIXTURE(Init, "writes every file of the example") {
    CHECK(run({"init"}) == cli::Exit::done);
    for (auto const& file : cli::starter_files()) {
      if (file.example != "quickstart") continue;
      auto const written = text_of(folder.path() / file.path);
      // A page stands without what is only for the tests of the documentation.
      bool const is_page = file.path.ends_with(".md");
      CHECK((is_page ? !written.empty() : written.ends_with(file.text)));
      if (is_page) CHECK(written.find("<!--") == std::string::npos);
      bool const is_yaml = file.path == "tenantry.yaml";
      CHECK(written.starts_with("# yaml-language-server: $schema=tenantry.schema.json\n") ==
            is_yaml);
    }
    CHECK(text_of(folder.path() / "tenantry.schema.json").find("draft-07") != std::string::npos);
    CHECK(text_of(folder.path() / ".gitignore").find("secrets/\n") != std::string::npos);
  }

  TEST_CASE_FIXTURE(Init, "the quick start is valid") {
    CHECK(run({"init"}) == cli::Exit::done);
    CHECK(run({"validate"}) == cli::Exit::done);
    CHECK(captured.output.ends_with("1 tenant, 5 resources: the configuration is valid.\n"));
    CHECK(captured.error.find("warning") == std::string::npos);
  }

  TEST_CASE_FIXTURE(Init, "the fleet example is valid") {
    CHECK(run({"init", "--example", "oem"}) == cli::Exit::done);
    CHECK(run({"validate"}) == cli::Exit::done);
    CHECK(captured.output.ends_with("3 tenants, 15 resources: the configuration is valid.\n"));
    CHECK(captured.error.find("warning") == std::string::npos);
  }

  TEST_CASE_FIXTURE(Init, "an existing file is not overwritten, and nothing else is written") {
    folder.write("tenantry.yaml", "mine");
    CHECK(run({"init"}) == cli::Exit::failed);
    CHECK(text_of(folder.path() / "tenantry.yaml") == "mine");
    CHECK_FALSE(fs::exists(folder.path() / "README.md"));
    CHECK_FALSE(fs::exists(folder.path() / ".gitignore"));
  }

  TEST_CASE_FIXTURE(Init, "an existing .gitignore gets the lines that it lacks") {
    folder.write(".gitignore", "/build/\n.tenantry/");
    CHECK(run({"init"}) == cli::Exit::done);
    auto const text = text_of(folder.path() / ".gitignore");
    CHECK(text.starts_with("/build/\n.tenantry/\n"));
    CHECK(text.find("secrets/\n") != std::string::npos);
    CHECK(text.find(".tenantry/\n") == text.rfind(".tenantry/\n"));
  }

  TEST_CASE_FIXTURE(Init, "an unknown example is refused with the nearest one") {
    CHECK(run({"init", "--example", "quikstart"}) == cli::Exit::failed);
    CHECK(captured.error.find("did you mean \"quickstart\"?") != std::string::npos);
  }
}
