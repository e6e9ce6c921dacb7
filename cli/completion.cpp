// `completion`: the scripts of cli/completions, which are built into the program.
#include "cli/commands.hpp"
#include "cli/starter.hpp"

namespace tenantry::cli {

void declare(Options& options, CompletionArguments& arguments) {
  options.positional_choice("SHELL", {"bash", "zsh", "fish"}, arguments.shell,
                            "The shell that reads the script");
  options.examples({{"source <(tenantry completion bash)", "Complete in this bash"},
                    {"tenantry completion zsh > ~/.zfunc/_tenantry",
                     "Complete in every zsh with that folder "
                     "in $fpath"},
                    {"tenantry completion fish | source", "Complete in this fish"}});
}

Exit run_completion(Invocation& invocation, CompletionArguments const& arguments) {
  auto const name = arguments.shell == "zsh" ? "_tenantry" : "tenantry." + arguments.shell;
  for (auto const& file : completion_files()) {
    if (file.path == name) invocation.console.out(file.text);
  }
  return Exit::done;
}

}  // namespace tenantry::cli
