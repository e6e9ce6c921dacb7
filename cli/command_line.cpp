#include "cli/command_line.hpp"

#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "cli/commands.hpp"
#include "cli/version.hpp"
#include "engine/core/text.hpp"

namespace tenantry::cli {
namespace {

constexpr char const* kFooter =
    "Examples:\n"
    "  # Try everything without an account\n"
    "  tenantry init && tenantry apply --emulated\n"
    "  # See what would change, then do exactly that\n"
    "  tenantry plan --out tenantry.plan && tenantry apply tenantry.plan\n\n"
    "tenantry COMMAND --help tells the flags of a command.";

/// All commands and the values that their flags are parsed into.
class Registry {
 public:
  explicit Registry(CLI::App& root) : root_(root) {}

  CLI::App& group(std::string const& name, std::string const& summary) {
    auto* const app = root_.add_subcommand(name, summary);
    app->require_subcommand(1, 1);
    return *app;
  }

  template <class Arguments>
  void add(CLI::App& parent, std::string const& name, std::string const& summary,
           Exit (*run)(Invocation&, Arguments const&)) {
    auto* const app = parent.add_subcommand(name, summary);
    auto arguments = std::make_shared<Arguments>();
    Options options(*app);
    declare(options, *arguments);
    auto const prefix = &parent == &root_ ? std::string{} : parent.get_name() + ' ';
    std::shared_ptr<Arguments const> const parsed = arguments;
    commands_.push_back({app, prefix + name, parsed, [parsed, run](Invocation& invocation) {
                           return run(invocation, *parsed);
                         }});
  }

  struct Command {
    CLI::App* app;
    std::string name;
    std::any arguments;
    std::function<Exit(Invocation&)> run;
  };
  std::vector<Command> const& commands() const { return commands_; }

 private:
  CLI::App& root_;
  std::vector<Command> commands_;
};

void declare_global(CLI::App& root, GlobalOptions& global) {
  Options options(root);
  options.text("--chdir", "DIR", global.chdir, "Work as if started in DIR");
  options.list("--config", "PATH", global.configs,
               "Configuration file or folder; may be repeated (default: the current folder)");
  options.text("--connections", "FILE", global.connections,
               "Regions, credentials, state and secret sinks come from FILE alone "
               "(default: $TENANTRY_CONNECTIONS)");
  options.text("--state", "PLACE", global.state,
               "State: a file, postgresql://USER@HOST/DATABASE, or env:NAME "
               "(default: tenantry.state beside the configuration)");
  options.choice("--color", {"auto", "always", "never"}, global.color, "Colour the output");
  options.choice("--log-level", {"error", "warning", "info", "debug"}, global.log_level,
                 "How much is told on standard error");
}

void declare_commands(CLI::App& root, Registry& registry) {
  registry.add(root, "init", "Write a starter configuration and a .gitignore", run_init);
  registry.add(root, "validate", "Check the configuration without any network", run_validate);
  registry.add(root, "render", "Show the merged configuration of a tenant", run_render);
  registry.add(root, "plan", "Show what apply would change", run_plan);
  registry.add(root, "apply", "Plan, ask, and carry the changes out", run_apply);
  registry.add(root, "destroy", "Delete the managed resources", run_destroy);
  registry.add(root, "drift", "Tell whether anything was changed behind your back", run_drift);
  registry.add(root, "why", "Explain what is planned for an address", run_why);
  registry.add(root, "import", "Take over a live object by its id", run_import);
  registry.add(root, "export", "Write live tenants as YAML", run_export);
  registry.add(root, "show", "Show a saved plan, or the state", run_show);
  registry.add(root, "output", "Give ids, host names and the like from the state", run_output);
  registry.add(root, "graph", "Draw what depends on what, as DOT", run_graph);
  auto& state = registry.group("state", "Look at the state and repair it");
  Options(state).examples(
      {{"tenantry state list 'acme/*'", "See what of a tenant is managed"},
       {"tenantry state show acme/groups/analysts", "See what is known of one resource"},
       {"tenantry state mv acme/groups/analysts acme/groups/readers",
        "Rename a key without a change in the tenant"},
       {"tenantry state rm 'acme/brands/*'", "Leave something to others"},
       {"tenantry state migrate --to env:STATE_DSN", "Move the state to a database"}});
  registry.add(state, "list", "List the addresses in the state", run_state_list);
  registry.add(state, "show", "Show one resource as the state knows it", run_state_show);
  registry.add(state, "mv", "Give a resource or a tenant another address", run_state_move);
  registry.add(state, "rm", "Forget resources and leave them as they are", run_state_remove);
  registry.add(state, "resolve", "Tell how an interrupted tenant creation ended",
               run_state_resolve);
  registry.add(state, "migrate", "Move the state to another file or database", run_state_migrate);
  registry.add(root, "history", "Tell what was done when, and by whom", run_history);
  registry.add(root, "emulator", "Run a Qlik Cloud emulator until Ctrl-C", run_emulator);
  registry.add(root, "schema", "Show what the resource kinds have", run_schema);
  registry.add(root, "version", "Show the version", run_version);
}

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
  auto const global = std::make_shared<GlobalOptions>();
  CLI::App root("Configure fleets of Qlik Cloud tenants from files: plan, then apply.", "tenantry");
  root.fallthrough();
  root.require_subcommand(1, 1);
  root.get_formatter()->column_width(34);
  root.footer(kFooter);
  bool show_version = false;
  root.add_flag("--version", show_version, "Show the version");
  declare_global(root, *global);
  Registry registry(root);
  declare_commands(root, registry);

  if (words.empty()) return Usage{root.help(), false};
  try {
    std::ranges::reverse(words);
    root.parse(std::move(words));
  } catch (CLI::CallForHelp const&) {
    return Usage{innermost(root).help(), true};
  } catch (CLI::ParseError const& failure) {
    if (show_version || root.count("--version") > 0) return Usage{version_line() + '\n', true};
    return refusal(root, failure);
  }
  for (auto const& command : registry.commands()) {
    if (command.app->parsed()) {
      return ParsedCommand{global, command.name, command.arguments, command.run};
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
  style.log_level = global.log_level == "error"     ? LogLevel::error
                    : global.log_level == "warning" ? LogLevel::warning
                    : global.log_level == "debug"   ? LogLevel::debug
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
