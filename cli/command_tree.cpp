#include "cli/command_tree.hpp"

#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>

#include "cli/commands.hpp"

namespace tenantry::cli {
namespace {

constexpr char const* kFooter =
    "Examples:\n"
    "  # Try everything without an account\n"
    "  tenantry init && tenantry apply --emulated\n"
    "  # See what would change, then do exactly that\n"
    "  tenantry plan --out tenantry.plan && tenantry apply tenantry.plan\n\n"
    "tenantry help COMMAND tells the flags of a command.";

/// The examples of a footer that Options::examples has made.
std::vector<std::pair<std::string, std::string>> examples_in(std::string const& footer) {
  constexpr std::string_view kPurpose = "  # ";
  std::vector<std::pair<std::string, std::string>> out;
  std::string purpose;
  for (std::size_t start = 0; start < footer.size();) {
    auto const end = std::min(footer.find('\n', start), footer.size());
    auto const line = footer.substr(start, end - start);
    if (line.starts_with(kPurpose)) {
      purpose = line.substr(kPurpose.size());
    } else if (!purpose.empty() && line.starts_with("  ")) {
      out.emplace_back(line.substr(2), std::exchange(purpose, {}));
    }
    start = end + 1;
  }
  return out;
}

ArgumentText text_of(CLI::Option const& option) {
  ArgumentText out;
  bool const is_flag = !option.get_lnames().empty();
  out.name = is_flag ? "--" + option.get_lnames().front() : option.get_name();
  out.value = option.get_type_name();
  out.help = option.get_description();
  out.required = option.get_required();
  out.repeatable = option.get_multi_option_policy() == CLI::MultiOptionPolicy::TakeAll ||
                   (!is_flag && option.get_items_expected_max() > 1);
  return out;
}

CommandText text_of(CLI::App const& app, std::string const& prefix) {
  CommandText out;
  out.name = prefix;
  out.summary = app.get_description();
  for (auto const* option : app.get_options()) {
    if (option == app.get_help_ptr()) continue;
    (option->get_positional() ? out.positionals : out.flags).push_back(text_of(*option));
  }
  out.examples = examples_in(app.get_footer());
  for (auto const* sub : app.get_subcommands([](CLI::App const*) { return true; })) {
    auto const name = prefix.empty() ? sub->get_name() : prefix + ' ' + sub->get_name();
    out.commands.push_back(text_of(*sub, name));
  }
  return out;
}

}  // namespace

std::vector<std::string> ArgumentText::words() const {
  std::vector<std::string> out;
  if (value.find('|') == std::string::npos) return out;
  for (std::size_t start = 0; start <= value.size();) {
    auto const end = std::min(value.find('|', start), value.size());
    auto const word = value.substr(start, end - start);
    // In capitals it stands for something else: "I/N|auto".
    bool const literal =
        !word.empty() && std::ranges::none_of(word, [](char c) { return c >= 'A' && c <= 'Z'; });
    if (literal) out.push_back(word);
    start = end + 1;
  }
  return out;
}

CommandText const* CommandText::find(std::string const& word) const {
  auto const full = name.empty() ? word : name + ' ' + word;
  auto const found = std::ranges::find(commands, full, &CommandText::name);
  return found == commands.end() ? nullptr : &*found;
}

CommandTree::CommandTree()
    : root_(std::make_unique<CLI::App>(
          "Configure fleets of Qlik Cloud tenants from files: plan, then apply.", "tenantry")) {
  root_->fallthrough();
  root_->require_subcommand(1, 1);
  root_->get_formatter()->column_width(34);
  root_->footer(kFooter);
  root_->add_flag("--version", show_version_, "Show the version");
  declare_global();
  declare_commands();
}

CommandTree::~CommandTree() = default;

CLI::App& CommandTree::group(std::string const& name, std::string const& summary) {
  auto* const app = root_->add_subcommand(name, summary);
  app->require_subcommand(1, 1);
  return *app;
}

template <class Arguments>
void CommandTree::add(CLI::App& parent, std::string const& name, std::string const& summary,
                      Exit (*run)(Invocation&, Arguments const&)) {
  auto* const app = parent.add_subcommand(name, summary);
  auto arguments = std::make_shared<Arguments>();
  Options options(*app);
  declare(options, *arguments);
  auto const prefix = &parent == root_.get() ? std::string{} : parent.get_name() + ' ';
  std::shared_ptr<Arguments const> const parsed = arguments;
  commands_.push_back({app, prefix + name, parsed,
                       [parsed, run](Invocation& invocation) { return run(invocation, *parsed); }});
}

void CommandTree::declare_global() {
  auto& global = *global_;
  Options options(*root_);
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
  options.flag("--quiet", global.quiet, "Tell results and errors alone");
  options.excludes("--quiet", "--log-level");
}

void CommandTree::declare_commands() {
  auto& root = *root_;
  add(root, "init", "Write a starter configuration and a .gitignore", run_init);
  add(root, "validate", "Check the configuration without any network", run_validate);
  add(root, "render", "Show the merged configuration of a tenant", run_render);
  add(root, "plan", "Show what apply would change", run_plan);
  add(root, "apply", "Plan, ask, and carry the changes out", run_apply);
  add(root, "destroy", "Delete the managed resources", run_destroy);
  add(root, "drift", "Tell whether anything was changed behind your back", run_drift);
  add(root, "why", "Explain what is planned for an address", run_why);
  add(root, "import", "Take over a live object by its id", run_import);
  add(root, "export", "Write live tenants as YAML", run_export);
  add(root, "show", "Show a saved plan, or the state", run_show);
  add(root, "output", "Give ids, host names and the like from the state", run_output);
  add(root, "graph", "Draw what depends on what, as DOT", run_graph);
  auto& state = group("state", "Look at the state and repair it");
  Options(state).examples(
      {{"tenantry state list 'acme/*'", "See what of a tenant is managed"},
       {"tenantry state show acme/groups/analysts", "See what is known of one resource"},
       {"tenantry state mv acme/groups/analysts acme/groups/readers",
        "Rename a key without a change in the tenant"},
       {"tenantry state rm 'acme/brands/*'", "Leave something to others"},
       {"tenantry state migrate --to env:STATE_DSN", "Move the state to a database"}});
  add(state, "list", "List the addresses in the state", run_state_list);
  add(state, "show", "Show one resource as the state knows it", run_state_show);
  add(state, "mv", "Give a resource or a tenant another address", run_state_move);
  add(state, "rm", "Forget resources and leave them as they are", run_state_remove);
  add(state, "resolve", "Tell how an interrupted creation ended", run_state_resolve);
  add(state, "migrate", "Move the state to another file or database", run_state_migrate);
  add(root, "history", "Tell what was done when, and by whom", run_history);
  add(root, "emulator", "Run a Qlik Cloud emulator until Ctrl-C", run_emulator);
  add(root, "schema", "Show the JSON Schema of the configuration", run_schema);
  add(root, "help", "Tell what a command does, with examples", run_help);
  add(root, "completion", "Write what completes words on the command line", run_completion);
  add(root, "version", "Show the version", run_version);
}

std::string CommandTree::help(std::vector<std::string> const& command) const {
  CLI::App const* app = root_.get();
  std::string path;
  for (auto const& word : command) {
    auto const named = app->get_subcommands(
        [&](CLI::App const* candidate) { return candidate->get_name() == word; });
    if (named.empty()) break;
    path += (path.empty() ? "" : " ") + app->get_name();
    app = named.front();
  }
  return app->help(path);
}

CommandText CommandTree::text() const { return text_of(*root_, {}); }

}  // namespace tenantry::cli
