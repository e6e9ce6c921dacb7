#include "cli/configuration_loading.hpp"

#include <fmt/format.h>

#include "engine/config/load_progress.hpp"
#include "engine/core/text.hpp"
#include "providers/qlik/provider.hpp"

namespace tenantry::cli {

void declare(Options& options, ConfigurationArguments& arguments) {
  options.list("--var", "NAME=VALUE", arguments.variables,
               "Set a variable; may be repeated. Secrets belong in the environment or in a file");
  options.list("--var-file", "FILE", arguments.variable_files,
               "Read variables from a YAML or JSON file; may be repeated, later ones win");
  options.flag("--emulated", arguments.emulated,
               "Use an emulator in this process, its data in .tenantry/, instead of Qlik Cloud");
}

Result<config::LoadOptions> load_options(Invocation const& invocation,
                                         ConfigurationArguments const& arguments) {
  config::LoadOptions options;
  options.paths.assign(invocation.global.configs.begin(), invocation.global.configs.end());
  options.connections = invocation.global.connections;
  if (!options.connections) {
    auto const named = invocation.environment("TENANTRY_CONNECTIONS");
    if (named && !named->empty()) options.connections = *named;
  }
  for (auto const& assignment : arguments.variables) {
    auto const equals = assignment.find('=');
    if (equals == std::string::npos || equals == 0) {
      // The text may be a secret whose name was forgotten: it is not shown.
      return Error(Errc::invalid, "--var needs NAME=VALUE");
    }
    options.variables[assignment.substr(0, equals)] = assignment.substr(equals + 1);
  }
  options.variable_files.assign(arguments.variable_files.begin(), arguments.variable_files.end());
  options.environment = invocation.environment;
  options.schemas = qlik_provider().schemas();
  options.target = arguments.emulated ? config::Target::emulated : config::Target::qlik_cloud;
  return options;
}

config::Loaded load_with_progress(Invocation& invocation, config::LoadOptions const& options) {
  // What is done at once is not worth a line.
  constexpr std::chrono::milliseconds kShownAfter{500};
  constexpr std::chrono::milliseconds kDrawInterval{100};
  auto& console = invocation.console;
  if (!console.style().live_line) return config::load(options);
  auto next = invocation.clock.steady() + kShownAfter;
  auto loaded = config::load(options, [&](std::size_t checked, std::size_t all) {
    auto const now = invocation.clock.steady();
    if (now < next) return;
    next = now + kDrawInterval;
    console.status({fmt::format("checking: {} of {} tenants", checked, all)});
  });
  console.status({});
  return loaded;
}

std::shared_ptr<config::Configuration const> load_configuration(
    Invocation& invocation, ConfigurationArguments const& arguments) {
  auto const options = load_options(invocation, arguments);
  if (!options) {
    invocation.console.error(options.error());
    return nullptr;
  }
  auto loaded = load_with_progress(invocation, *options);
  auto& console = invocation.console;
  console.err(diagnostics_text(loaded.diagnostics, console.style().log_level));
  if (loaded.diagnostics.has_errors()) return nullptr;
  return loaded.configuration;
}

Value to_json(Diagnostic const& d) {
  return Object{{"severity", d.severity == Severity::error ? "error" : "warning"},
                {"file", d.where.file},
                {"line", d.where.line},
                {"column", d.where.column},
                {"summary", d.summary},
                {"detail", d.detail},
                {"hint", d.hint},
                {"address", d.address}};
}

}  // namespace tenantry::cli
