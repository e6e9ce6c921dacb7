// Each folder of tests/configs/bad is wrong in one way; its expected.txt has the first line of
// every message. The same files are given to `tenantry validate` end to end.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "engine/config/configuration.hpp"
#include "tests/unit/config/fixture.hpp"

namespace tenantry::config {
namespace {

std::vector<std::filesystem::path> bad_folders() {
  std::vector<std::filesystem::path> out;
  for (auto const& entry : std::filesystem::directory_iterator(TENANTRY_BAD_CONFIGS)) {
    if (entry.is_directory()) out.push_back(entry.path());
  }
  std::ranges::sort(out);
  return out;
}

std::string messages_of(std::filesystem::path const& folder) {
  LoadOptions options;
  options.folder = folder;
  options.schemas = test::all_schemas();
  auto const loaded = load(options);
  CHECK(loaded.configuration == nullptr);
  std::string out;
  for (auto const& line : test::Fixture::first_lines(loaded.diagnostics)) out += line + '\n';
  return out;
}

std::string contents(std::filesystem::path const& file) {
  std::ostringstream out;
  out << std::ifstream(file, std::ios::binary).rdbuf();
  return out.str();
}

}  // namespace

TEST_SUITE("bad configurations") {
  TEST_CASE("load: every kind of mistake is reported at its line and column") {
    auto const folders = bad_folders();
    CHECK(folders.size() >= 45);
    for (auto const& folder : folders) {
      CAPTURE(folder.filename().string());
      auto const messages = messages_of(folder);
      if (std::getenv("UPDATE_GOLDEN") != nullptr) {
        std::ofstream(folder / "expected.txt", std::ios::binary) << messages;
      }
      CHECK(messages == contents(folder / "expected.txt"));
    }
  }
}
}  // namespace tenantry::config
