#include <fmt/format.h>

#include <filesystem>

#include "cli/commands.hpp"
#include "cli/starter.hpp"
#include "engine/core/file.hpp"
#include "engine/core/text.hpp"

namespace tenantry::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kIgnoreFile = ".gitignore";
constexpr std::size_t kIgnoreBytesMax = std::size_t{1} << 20;

std::vector<std::string> example_names() {
  std::vector<std::string> names;
  for (auto const& file : starter_files()) {
    std::string const name(file.example);
    if (std::ranges::find(names, name) == names.end()) names.push_back(name);
  }
  return names;
}

/// `text` with the lines of `wanted` that it lacks.
std::string with_lines(std::string text, std::string_view wanted) {
  if (!text.empty() && !text.ends_with('\n')) text += '\n';
  for (std::size_t start = 0; start < wanted.size();) {
    auto const end = std::min(wanted.find('\n', start), wanted.size());
    auto const line = std::string(wanted.substr(start, end - start)) + '\n';
    bool const there = text.starts_with(line) || text.find('\n' + line) != std::string::npos;
    if (!there) text += line;
    start = end + 1;
  }
  return text;
}

Result<void> write_ignore_file(std::string_view wanted) {
  std::string present;
  if (fs::exists(kIgnoreFile)) {
    auto read = read_file(kIgnoreFile, kIgnoreBytesMax);
    if (!read) return read.error();
    present = std::move(*read);
  }
  return write_file_atomically(kIgnoreFile, with_lines(std::move(present), wanted),
                               FileMode::shared);
}

Result<void> write_starter_file(StarterFile const& file) {
  if (file.path == kIgnoreFile) return write_ignore_file(file.text);
  fs::path const path(file.path);
  std::error_code failure;
  if (path.has_parent_path()) fs::create_directories(path.parent_path(), failure);
  if (failure) {
    return Error(Errc::io, fmt::format("cannot make the folder {}: {}", path.parent_path().string(),
                                       failure.message()));
  }
  return write_file_atomically(path, file.text, FileMode::shared);
}

}  // namespace

void declare(Options& options, InitArguments& arguments) {
  options.choice("--example", example_names(), arguments.example,
                 "Which starter configuration (default: quickstart)");
  options.examples({{"tenantry init", "Start with one tenant that runs on the emulator"},
                    {"tenantry init --example oem --chdir fleet",
                     "Start with a fleet of tenants of one blueprint"}});
}

Exit run_init(Invocation& invocation, InitArguments const& arguments) {
  // Everything is looked at before anything is written.
  std::vector<StarterFile> files;
  for (auto const& file : starter_files()) {
    if (file.example != arguments.example) continue;
    if (file.path != kIgnoreFile && fs::exists(fs::symlink_status(file.path))) {
      return fail(invocation,
                  Error(Errc::conflict,
                        fmt::format("{} is there already and is not overwritten", file.path),
                        "start in an empty folder: tenantry --chdir FOLDER init"));
    }
    files.push_back(file);
  }
  for (auto const& file : files) {
    auto const written = write_starter_file(file);
    if (!written) return fail(invocation, written.error());
    invocation.console.out(fmt::format("wrote {}\n", file.path));
  }
  invocation.console.note(arguments.example == "quickstart" ? "Next: tenantry apply --emulated"
                                                            : "Next: follow README.md");
  return Exit::done;
}

}  // namespace tenantry::cli
