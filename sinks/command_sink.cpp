#include "sinks/command_sink.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>

#include "engine/core/clock.hpp"
#include "engine/core/masking.hpp"
#include "engine/core/text.hpp"
#include "sinks/document.hpp"

namespace tenantry::sinks {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t kShownMax = 1000;  ///< characters of a program's output in a message

bool is_executable(fs::path const& path) {
  std::error_code ec;
  return fs::is_regular_file(path, ec) && ::access(path.c_str(), X_OK) == 0;
}

/// As a shell looks for it; empty where there is none.
fs::path found_in_path(std::string const& program) {
  auto const* variable = std::getenv("PATH");
  std::string_view rest = variable != nullptr ? variable : "/usr/local/bin:/usr/bin:/bin";
  while (!rest.empty()) {
    auto const colon = rest.find(':');
    auto const folder = rest.substr(0, colon);
    // An empty part means the current folder: whatever lies there is not what was meant.
    if (!folder.empty() && is_executable(fs::path(folder) / program))
      return fs::path(folder) / program;
    rest = colon == std::string_view::npos ? std::string_view() : rest.substr(colon + 1);
  }
  return {};
}

Result<fs::path> program_of(std::string const& written, fs::path const& folder) {
  if (written.find('/') == std::string::npos) {
    auto found = found_in_path(written);
    if (!found.empty()) return fs::absolute(found);
    return Error(Errc::invalid,
                 fmt::format("`deliverSecret` runs {}, which is not in PATH", visible(written)),
                 "install it, or write where it is: {command: [./deliver.sh, ...]}");
  }
  fs::path const given(written);
  auto const path = fs::absolute(given.is_absolute() ? given : folder / given).lexically_normal();
  if (is_executable(path)) return path;
  std::error_code ec;
  auto const there = fs::exists(path, ec);
  return Error(Errc::invalid,
               fmt::format("`deliverSecret` runs {}, which {}", visible(path.string()),
                           there ? "is no file that may be executed" : "does not exist"),
               there ? "make it executable: chmod +x"
                     : "check the path; it is relative to the "
                       "configuration's folder");
}

/// The last of it on one line: " and printed: ...".
std::string printed(ChildEnding const& ending, Secret const& secret) {
  auto text = ending.output;
  mask(text, secret.reveal());
  while (!text.empty() && text.back() == '\n') text.pop_back();
  if (text.empty()) return {};
  bool const cut = text.size() > kShownMax;
  if (cut) text.erase(0, text.size() - kShownMax);
  std::string line;
  for (char const c : text) {
    if (c == '\n') {
      line += " | ";
    } else if (c != '\r') {
      line += c;
    }
  }
  return fmt::format("; it printed: {}{}", cut ? "..." : "", visible(line));
}

std::string how_it_ended(ChildEnding const& ending, CommandSink const& command) {
  switch (ending.kind) {
    case ChildEnding::Kind::killed_by_signal:
      return fmt::format("was ended by signal {}", ending.code);
    case ChildEnding::Kind::timed_out:
      return fmt::format("did not end within {} and was killed", format_duration(command.time_max));
    case ChildEnding::Kind::interrupted:
      return "was killed, since the run was stopped";
    case ChildEnding::Kind::exited:
      break;
  }
  if (ending.code == 0) return "ended with exit code 0, but did not read its standard input";
  return fmt::format("ended with exit code {}", ending.code);
}

}  // namespace

Result<CommandSink> command_sink(Value const& written, fs::path const& folder) {
  auto const* list = written.if_array();
  Error const wrong(Errc::invalid, "`deliverSecret` names no program",
                    "write deliverSecret: {command: [PROGRAM, ARGUMENT...]}");
  if (list == nullptr || list->empty()) return wrong;
  CommandSink out;
  for (auto const& word : *list) {
    auto const* text = word.if_string();
    // A text with a NUL would reach the program cut off.
    if (text == nullptr || text->find('\0') != boost::json::string::npos) return wrong;
    out.arguments.emplace_back(std::string_view(*text));
  }
  out.shown = out.arguments.front();
  out.arguments.erase(out.arguments.begin());
  if (out.shown.empty()) return wrong;
  auto program = program_of(out.shown, folder);
  if (!program) return program.error();
  out.program = std::move(*program);
  out.folder = fs::absolute(folder);
  return out;
}

Result<std::string> run_command_sink(CommandSink const& command, run::Delivery const& delivery,
                                     Interrupt const& interrupt) {
  Object document{{"address", delivery.address.text()}};
  for (auto& member : credential_of(delivery)) document[member.key()] = member.value();
  ChildProcess const child{.program = command.program,
                           .arguments = command.arguments,
                           .folder = command.folder,
                           .hidden = command.hidden,
                           .input = Secret(boost::json::serialize(document) + '\n'),
                           .time_max = command.time_max};
  auto const ending = run_child(child, interrupt);
  if (!ending) return ending.error();
  using Kind = ChildEnding::Kind;
  if (ending->kind == Kind::exited && ending->code == 0 && ending->read_input) {
    return fmt::format("the command {}", visible(command.shown));
  }
  bool const cut_off = ending->kind == Kind::timed_out || ending->kind == Kind::interrupted;
  return Error(cut_off ? Errc::timeout : Errc::rejected,
               fmt::format("{} {}{}", visible(command.shown), how_it_ended(*ending, command),
                           printed(*ending, delivery.secret.client_secret)),
               "it is given the secret as JSON on its standard input, and must end with exit code "
               "0 once the secret is stored");
}

}  // namespace tenantry::sinks
