#include <fmt/format.h>

#include "cli/configuration_loading.hpp"
#include "cli/sarif.hpp"
#include "engine/core/characters.hpp"
#include "engine/core/text.hpp"

namespace tenantry::cli {

void declare(Options& options, ValidateArguments& arguments) {
  options.choice("--format", {"text", "json", "sarif"}, arguments.format,
                 "Form of the result; sarif is what code hosts take");
  options.flag("--json", arguments.json, "The same as --format json");
  declare(options, arguments.configuration);
  options.examples({{"tenantry validate", "Check the configuration in this folder"},
                    {"tenantry validate --config fleet --json", "Check another one, in CI"},
                    {"tenantry validate --format sarif > tenantry.sarif",
                     "Show mistakes on their lines, in a pull request"}});
}

namespace {

Value as_json(config::Loaded const& loaded) {
  Array diagnostics;
  for (auto const& diagnostic : loaded.diagnostics.sorted()) {
    diagnostics.push_back(to_json(diagnostic));
  }
  Object result{{"formatVersion", 1}, {"valid", !loaded.diagnostics.has_errors()}};
  if (loaded.configuration) {
    result["tenants"] = loaded.configuration->tenants().size();
    result["resources"] = loaded.configuration->resource_count();
  }
  result["diagnostics"] = std::move(diagnostics);
  return result;
}

}  // namespace

Exit run_validate(Invocation& invocation, ValidateArguments const& arguments) {
  if (arguments.json && arguments.format == "sarif") {
    return fail(invocation,
                Error(Errc::invalid, "--json and --format sarif contradict each other"));
  }
  auto const options = load_options(invocation, arguments.configuration);
  if (!options) return fail(invocation, options.error());
  auto const loaded = load_with_progress(invocation, *options);
  auto& console = invocation.console;
  auto const exit = loaded.diagnostics.has_errors() ? Exit::failed : Exit::done;
  if (arguments.format == "sarif") {
    auto const paths = SourcePaths::of(invocation.environment);
    console.out(with_visible_strings(pretty(sarif_log(loaded.diagnostics, paths))) + '\n');
    return exit;
  }
  if (arguments.json || arguments.format == "json") {
    console.out(pretty(as_json(loaded)) + '\n');
    return exit;
  }
  console.err(diagnostics_text(loaded.diagnostics, console.style().log_level));
  if (exit == Exit::done && loaded.configuration) {
    auto const& configuration = *loaded.configuration;
    console.out(fmt::format("{}, {}: the configuration is valid.\n",
                            counted(configuration.tenants().size(), "tenant"),
                            counted(configuration.resource_count(), "resource")));
  }
  return exit;
}

}  // namespace tenantry::cli
