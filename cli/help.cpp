// `help`: what a command does, and the manual page.
#include <fmt/format.h>

#include "cli/command_tree.hpp"
#include "cli/commands.hpp"
#include "cli/man_page.hpp"
#include "engine/core/text.hpp"

namespace tenantry::cli {
namespace {

/// Errors: invalid, with the nearest command.
Result<void> check_command(CommandText const& program, std::vector<std::string> const& words) {
  auto const* at = &program;
  for (auto const& word : words) {
    auto const* next = at->find(word);
    if (next != nullptr) {
      at = next;
      continue;
    }
    std::vector<std::string> names;
    for (auto const& command : at->commands) {
      names.push_back(command.name.substr(at->name.empty() ? 0 : at->name.size() + 1));
    }
    if (names.empty()) {
      return Error(Errc::invalid, fmt::format("{} has no command of its own", at->name),
                   fmt::format("tenantry help {} tells what it does", at->name));
    }
    return Error(Errc::invalid,
                 fmt::format("unknown command \"{}\"{}", visible(word), did_you_mean(word, names)),
                 fmt::format("the commands are: {}", join_words(names)));
  }
  return {};
}

}  // namespace

void declare(Options& options, HelpArguments& arguments) {
  options.positionals("COMMAND", Need::optional, arguments.command,
                      "The command, such as plan or state migrate");
  options.flag("--man", arguments.man, "Write the manual page of all commands instead");
  options.examples({{"tenantry help plan", "Tell what plan does, with its flags"},
                    {"tenantry help --man > tenantry.1", "Write the manual page"}});
}

Exit run_help(Invocation& invocation, HelpArguments const& arguments) {
  CommandTree const tree;
  if (arguments.man) {
    invocation.console.out(man_page(tree.text(), source_date(invocation.environment)));
    return Exit::done;
  }
  auto const known = check_command(tree.text(), arguments.command);
  if (!known) return fail(invocation, known.error());
  invocation.console.out(tree.help(arguments.command));
  return Exit::done;
}

}  // namespace tenantry::cli
