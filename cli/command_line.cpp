#include "cli/command_line.hpp"

#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "cli/command_tree.hpp"
#include "cli/complete.hpp"
#include "cli/version.hpp"
#include "engine/core/text.hpp"

namespace tenantry::cli {
namespace {

/// The innermost command that was recognised.
CLI::App const& innermost(CLI::App const& root) {
  auto const* app = &root;
  while (!app->get_subcommands().empty()) app = app->get_subcommands().front();
  return *app;
}

std::string path_of(CLI::App const& app) {
  return app.get_parent() == nullptr ? app.get_name()
                                     : path_of(*app.get_parent()) + ' ' + app.get_name();
}

std::vector<std::string> flags_of(CLI::App const& app) {
  std::vector<std::string> names;
  for (auto const* at = &app; at != nullptr; at = at->get_parent()) {
    for (auto const* option : at->get_options()) {
      for (auto const& name : option->get_lnames()) names.push_back("--" + name);
    }
  }
  return names;
}

std::vector<std::string> subcommands_of(CLI::App const& app) {
  std::vector<std::string> names;
  for (auto const* sub : app.get_subcommands([](CLI::App const*) { return true; })) {
    names.push_back(sub->get_name());
  }
  return names;
}

/// What is wrong with a word that nothing took.
std::string about_unknown(CLI::App const& app, std::string const& word) {
  if (word.starts_with('-')) {
    auto const name = word.substr(0, word.find('='));
    return fmt::format("unknown flag {}{}", visible(name), did_you_mean(name, flags_of(app)));
  }
  auto const commands = subcommands_of(app);
  if (commands.empty()) return fmt::format("unexpected argument \"{}\"", visible(word));
  return fmt::format("unknown command \"{}\"{}", visible(word), did_you_mean(word, commands));
}

Usage refusal(CLI::App const& root, std::string const& problem) {
  return {fmt::format("error: {}\n  hint: {} --help tells what there is\n", problem,
                      path_of(innermost(root))),
          false};
}

Usage refusal(CLI::App const& root, CLI::ParseError const& failure) {
  auto const& app = innermost(root);
  // An unknown word first: it is often the reason for what else is missing.
  auto const unknown = root.remaining(true);
  if (!unknown.empty()) return refusal(root, about_unknown(app, unknown.front()));
  if (!subcommands_of(app).empty()) {
    auto names = subcommands_of(app);
    return refusal(root, fmt::format("{} needs a command: {}", path_of(app), join_words(names)));
  }
  return refusal(root, visible(failure.what()));
}

}  // namespace

std::variant<ParsedCommand, Usage> parse_command_line(std::vector<std::string> words) {
  CommandTree tree;
  auto& root = tree.root();
  if (words.empty()) return Usage{root.help(), false};
  try {
    std::ranges::reverse(words);
    root.parse(std::move(words));
  } catch (CLI::CallForHelp const&) {
    return Usage{root.help(), true};  // of the innermost command
  } catch (CLI::ParseError const& failure) {
    if (root.count("--version") > 0) return Usage{version_line() + '\n', true};
    return refusal(root, failure);
  }
  for (auto const& command : tree.commands()) {
    if (command.app->parsed()) {
      return ParsedCommand{tree.global(), command.name, command.arguments, command.run};
    }
  }
  return Usage{root.help(), false};
}

namespace {

ConsoleStyle style_of(GlobalOptions const& global, TerminalFacts const& facts,
                      EnvironmentReader const& environment) {
  auto const choice = global.color == "always"  ? ColorChoice::always
                      : global.color == "never" ? ColorChoice::never
                                                : ColorChoice::automatic;
  ConsoleStyle style;
  style.color_output = use_color(choice, facts.output, environment);
  style.color_error = use_color(choice, facts.error, environment);
  style.live_line = use_live_line(facts.error, environment);
  style.columns = facts.columns;
  style.log_level = global.quiet || global.log_level == "error" ? LogLevel::error
                    : global.log_level == "warning"             ? LogLevel::warning
                    : global.log_level == "debug"               ? LogLevel::debug
                                                                : LogLevel::info;
  return style;
}

/// A result that did not arrive is a failure, except where the reader had enough (`| head`).
Exit checked(Console& console, Exit exit) {
  auto const reason = console.output_error();
  if (reason == 0 || reason == EPIPE) return exit;
  console.error(Error(
      Errc::io, fmt::format("could not write to standard output: {}", std::strerror(reason))));
  return exit == Exit::done || exit == Exit::changes ? Exit::failed : exit;
}

}  // namespace

Exit run_command_line(std::vector<std::string> words, Console& console,
                      EnvironmentReader const& environment, Clock& clock, Random& random) {
  if (!words.empty() && words.front() == kCompleteCommand) {
    words.erase(words.begin());
    console.out(complete(words, console, environment, clock, random));
    return Exit::done;
  }
  auto const parsed = parse_command_line(std::move(words));
  if (auto const* usage = std::get_if<Usage>(&parsed)) {
    if (usage->help) {
      console.out(usage->text);
      return checked(console, Exit::done);
    }
    console.err(usage->text);
    return Exit::failed;
  }
  auto const& command = std::get<ParsedCommand>(parsed);
  console.set_style(style_of(*command.global, console.facts(), environment));
  Invocation invocation{*command.global, command.command, console, environment, clock, random};
  std::error_code failure;
  std::filesystem::current_path(command.global->chdir.value_or("."), failure);
  if (failure) {
    return fail(invocation,
                Error(Errc::io, fmt::format("cannot work in {}: {}", *command.global->chdir,
                                            failure.message())));
  }
  return checked(console, command.run(invocation));
}

}  // namespace tenantry::cli
