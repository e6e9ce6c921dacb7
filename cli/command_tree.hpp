// All commands with their flags: what is parsed, and what help, the manual page and completions
// tell of it.
#pragma once
#include <any>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "cli/invocation.hpp"

namespace CLI {
class App;
}

namespace tenantry::cli {

/// A flag or a positional argument, as people read it.
struct ArgumentText {
  std::string name;   ///< "--target", or "ADDRESS" of a positional
  std::string value;  ///< what it takes: "FILE", "text|json"; empty: nothing
  std::string help;
  bool required = false;
  bool repeatable = false;
  /// The words of a choice; empty where it is none.
  std::vector<std::string> words() const;
};

/// A command, or a group of commands.
struct CommandText {
  std::string name;  ///< "state migrate"; empty for the program itself
  std::string summary;
  std::vector<ArgumentText> flags;  ///< its own, without --help
  std::vector<ArgumentText> positionals;
  std::vector<std::pair<std::string, std::string>> examples;  ///< command line, what it does
  std::vector<CommandText> commands;                          ///< of a group

  /// The command of this word in it; nullptr where there is none.
  CommandText const* find(std::string const& word) const;
};

class CommandTree {
 public:
  CommandTree();
  ~CommandTree();
  CommandTree(CommandTree const&) = delete;
  CommandTree& operator=(CommandTree const&) = delete;

  struct Command {
    CLI::App* app;
    std::string name;    ///< "state list"
    std::any arguments;  ///< std::shared_ptr<PlanArguments const> and the like
    std::function<Exit(Invocation&)> run;
  };

  CLI::App& root() { return *root_; }
  std::shared_ptr<GlobalOptions> const& global() const { return global_; }
  std::vector<Command> const& commands() const { return commands_; }
  /// The text that --help of this command gives; words that name none are passed over.
  std::string help(std::vector<std::string> const& command) const;
  /// Everything, as text.
  CommandText text() const;

 private:
  CLI::App& group(std::string const& name, std::string const& summary);
  template <class Arguments>
  void add(CLI::App& parent, std::string const& name, std::string const& summary,
           Exit (*run)(Invocation&, Arguments const&));
  void declare_global();
  void declare_commands();

  std::shared_ptr<GlobalOptions> global_ = std::make_shared<GlobalOptions>();
  bool show_version_ = false;  ///< only counted
  std::unique_ptr<CLI::App> root_;
  std::vector<Command> commands_;
};

}  // namespace tenantry::cli
