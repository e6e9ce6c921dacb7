// Gives each file of the corpus to its target: corpus/<target>/<file>. What was found once stays
// there, so it would be found again.
#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>

#include "engine/core/file.hpp"
#include "tests/fuzz/targets.hpp"

namespace tenantry::fuzz {
namespace {
namespace fs = std::filesystem;

struct Target {
  std::string_view name;
  void (*feed)(std::string_view input);
};

constexpr std::array kTargets{Target{"address", address},
                              Target{"api_answers", api_answers},
                              Target{"configuration", configuration},
                              Target{"emulator_connection", emulator_connection},
                              Target{"emulator_request", emulator_request},
                              Target{"emulator_yaml", emulator_yaml},
                              Target{"endpoint", endpoint},
                              Target{"filter", filter},
                              Target{"fleet_rows", fleet_rows},
                              Target{"http_response", http_response},
                              Target{"json", json},
                              Target{"multipart", multipart},
                              Target{"placeholders", placeholders},
                              Target{"plan_file", plan_file},
                              Target{"state_file", state_file},
                              Target{"text", text},
                              Target{"time", time},
                              Target{"zip", zip}};

std::vector<fs::path> sorted(fs::path const& folder) {
  std::vector<fs::path> out;
  for (auto const& entry : fs::directory_iterator(folder)) out.push_back(entry.path());
  std::ranges::sort(out);
  return out;
}

/// The name is printed first: a target that stops the program cannot say what stopped it.
void replay(Target const& target, fs::path const& file) {
  std::printf("%s\n", file.c_str());
  std::fflush(stdout);
  auto const bytes = read_file(file, std::size_t{16} << 20);
  ensure(bytes.has_value(), "a file of the corpus can be read");
  target.feed(*bytes);
}

}  // namespace
}  // namespace tenantry::fuzz

int main(int argc, char** argv) {
  using namespace tenantry;
  ensure(argc == 2, "usage: fuzz_corpus FOLDER");
  std::size_t folders = 0;
  for (auto const& target : fuzz::kTargets) {
    auto const files = fuzz::sorted(fuzz::fs::path(argv[1]) / target.name);
    ensure(!files.empty(), "every target has a corpus");
    for (auto const& file : files) fuzz::replay(target, file);
    ++folders;
  }
  ensure(folders == fuzz::sorted(argv[1]).size(), "every folder of the corpus has a target");
  return 0;
}
