// `init`: a folder to start in, from one of the examples.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "cli/commands.hpp"
#include "cli/prompt.hpp"
#include "cli/starter.hpp"
#include "cli/starter_text.hpp"
#include "engine/config/json_schema.hpp"
#include "engine/core/file.hpp"
#include "engine/core/text.hpp"
#include "providers/qlik/provider.hpp"

namespace tenantry::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kIgnoreFile = ".gitignore";
constexpr std::string_view kSchemaFile = "tenantry.schema.json";
constexpr std::string_view kPage = "README.md";
constexpr std::string_view kDefaultExample = "quickstart";
constexpr std::size_t kIgnoreBytesMax = std::size_t{1} << 20;

/// A file that is going to be written.
struct NewFile {
  std::string path;
  std::string text;
};

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

Result<void> write_new_file(NewFile const& file) {
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

// --- what is asked for ---

struct Choices {
  std::string example;
  StarterNames names;
};

Result<std::string> ask_example(Console& console) {
  auto const names = example_names();
  console.err("Examples to start with:\n");
  for (auto const& name : names) {
    console.err(fmt::format("  {:<12} {}\n", name, summary_of_example(name)));
  }
  auto answer = ask(console, "Example", std::string(kDefaultExample));
  if (!answer) return answer;
  if (std::ranges::find(names, *answer) != names.end()) return answer;
  return Error(
      Errc::invalid,
      fmt::format("there is no example \"{}\"{}", visible(*answer), did_you_mean(*answer, names)),
      fmt::format("the examples are: {}", join_words(names)));
}

/// From the flags, and from a person where there is one who can answer.
Result<Choices> choose(Invocation& invocation, InitArguments const& arguments) {
  auto& console = invocation.console;
  bool const asks = can_ask(console.facts());
  Choices out{arguments.example, {arguments.region.value_or(""), arguments.tenant.value_or("")}};
  if (out.example.empty() && asks) {
    auto answer = ask_example(console);
    if (!answer) return answer.error();
    out.example = std::move(*answer);
  }
  if (out.example.empty()) out.example = kDefaultExample;
  auto const own = names_in_example(out.example);
  if (!own) {
    if (!arguments.region && !arguments.tenant) return out;
    return Error(Errc::invalid,
                 fmt::format("the example {} has regions and tenants of its own", out.example),
                 "leave --region and --tenant out, and change its files afterwards");
  }
  auto const complete = [&](std::string& name, std::string_view question,
                            std::string const& usual) -> Result<void> {
    if (!name.empty()) return {};
    name = usual;
    if (!asks) return {};
    auto answer = ask(console, question, usual);
    if (!answer) return answer.error();
    name = std::move(*answer);
    return {};
  };
  auto const region = complete(out.names.region, "Region of Qlik Cloud", own->region);
  if (!region) return region.error();
  auto const tenant = complete(out.names.tenant, "First tenant", own->tenant);
  if (!tenant) return tenant.error();
  auto const usable = check_names(out.names);
  if (!usable) return usable.error();
  return out;
}

std::vector<NewFile> files_of(Choices const& choices) {
  std::vector<NewFile> files;
  for (auto const& file : starter_files()) {
    if (file.example != choices.example) continue;
    files.push_back({std::string(file.path), starter_text(file, choices.names, kSchemaFile)});
  }
  auto const schema =
      config::json_schema(config::DocumentKind::configuration, qlik_provider().schemas());
  files.push_back({std::string(kSchemaFile), pretty(schema) + '\n'});
  return files;
}

std::string next_step(std::string_view example, bool has_page) {
  if (example != "oem") return "Next: tenantry apply --emulated";
  return has_page ? "Next: follow the page of examples/oem" : "Next: follow README.md";
}

}  // namespace

void declare(Options& options, InitArguments& arguments) {
  options.choice("--example", example_names(), arguments.example,
                 "Which starter configuration; asked for on a terminal (default: quickstart)");
  options.text("--region", "REGION", arguments.region,
               "Region of Qlik Cloud where the tenant lives (default: eu)");
  options.text("--tenant", "TENANT", arguments.tenant,
               "Key and alias of the first tenant (default: acme)");
  options.examples({{"tenantry init", "Start with one tenant that runs on the emulator"},
                    {"tenantry init --example customer --region us --tenant globex",
                     "Start with all that a customer's tenant can have"},
                    {"mkdir fleet && tenantry --chdir fleet init --example fleet",
                     "Start with tenants from a file, in a new folder"}});
}

Exit run_init(Invocation& invocation, InitArguments const& arguments) {
  auto const choices = choose(invocation, arguments);
  if (!choices) return fail(invocation, choices.error());
  // Everything is looked at before anything is written.
  auto files = files_of(*choices);
  // A repository that was just made has a page of its own, and needs none of an example's.
  bool const has_page = fs::exists(fs::symlink_status(kPage));
  if (has_page) std::erase_if(files, [](NewFile const& file) { return file.path == kPage; });
  for (auto const& file : files) {
    if (file.path == kIgnoreFile || !fs::exists(fs::symlink_status(file.path))) continue;
    return fail(
        invocation,
        Error(Errc::conflict, fmt::format("{} is there already and is not overwritten", file.path),
              "start in an empty folder: mkdir FOLDER && tenantry --chdir FOLDER init"));
  }
  for (auto const& file : files) {
    auto const written = write_new_file(file);
    if (!written) return fail(invocation, written.error());
    invocation.console.out(fmt::format("wrote {}\n", file.path));
  }
  if (has_page) invocation.console.out(fmt::format("kept {}\n", kPage));
  invocation.console.note(next_step(choices->example, has_page));
  return Exit::done;
}

}  // namespace tenantry::cli
