#include <fmt/format.h>

#include "cli/planning.hpp"
#include "cli/state_access.hpp"
#include "engine/core/text.hpp"
#include "plans/plan_file.hpp"

namespace tenantry::cli {

void declare(Options& options, ShowArguments& arguments) {
  options.positional("PLAN", Need::optional, arguments.plan_file,
                     "A plan saved by plan --out; without it, the state is shown");
  declare_format(options, arguments.format, arguments.json);
  declare(options, arguments.configuration);
  options.examples({{"tenantry show tenantry.plan", "Read a saved plan"},
                    {"tenantry show tenantry.plan --json", "Hand it to a policy checker"},
                    {"tenantry show", "Read the state"}});
}

namespace {

/// "  name: value" lines, indented below an address.
std::string attribute_lines(Object const& attributes) {
  std::string text;
  for (auto const& [name, value] : attributes) {
    text += fmt::format(
        "    {}: {}\n", visible(name),
        is_deferred(value) ? visible(describe_deferred(value)) : visible(canonical(value)));
  }
  return text;
}

std::string as_text(std::vector<state::TenantState> const& tenants) {
  std::string text;
  for (auto const& tenant : tenants) {
    if (!text.empty()) text += '\n';
    text += fmt::format("{} (serial {}{})\n", visible(tenant.key), tenant.serial,
                        tenant.applied_at.empty()
                            ? std::string(", never applied as a whole")
                            : ", applied as a whole at " + visible(tenant.applied_at));
    for (auto const& [address, record] : tenant.resources) {
      text += fmt::format("  {} [{}]\n", visible(address.text()), visible(record.id.text()));
      text += attribute_lines(address.is_tenant() ? record.extra : Object{});
      text += attribute_lines(record.applied);
    }
    for (auto const& operation : tenant.open) text += fmt::format("  {}\n", describe(operation));
  }
  return text.empty() ? "The state is empty.\n" : text;
}

Exit show_state(Invocation& invocation, ShowArguments const& arguments, PlanFormat format) {
  auto access = StateAccess::open(invocation, arguments.configuration, state::OpenMode::read_only);
  if (!access) return fail(invocation, access.error());
  auto& store = (*access)->store();
  auto const tenants = (*access)->run(load_all(store));
  if (!tenants) return fail(invocation, tenants.error());
  invocation.console.out(format == PlanFormat::json ? pretty(to_json(store.info(), *tenants)) + '\n'
                                                    : as_text(*tenants));
  return Exit::done;
}

}  // namespace

Exit run_show(Invocation& invocation, ShowArguments const& arguments) {
  auto const format = plan_format(arguments.format, arguments.json);
  if (!format) return fail(invocation, format.error());
  if (!arguments.plan_file && *format != PlanFormat::text && *format != PlanFormat::json) {
    return fail(invocation,
                Error(Errc::invalid, fmt::format("the state has no form {}", arguments.format),
                      "name a plan that plan --out saved, or use --format text or json"));
  }
  if (!arguments.plan_file) return show_state(invocation, arguments, *format);
  auto const plan = plans::read_plan(*arguments.plan_file);
  if (!plan) return fail(invocation, with_nearest_file(plan.error(), *arguments.plan_file));
  auto& console = invocation.console;
  console.err(diagnostics_text(plan->warnings, console.style().log_level));
  auto const shown = show_plan(invocation, *plan, *format);
  return shown ? Exit::done : fail(invocation, shown.error());
}

}  // namespace tenantry::cli
