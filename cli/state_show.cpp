#include <fmt/format.h>

#include "cli/state_access.hpp"
#include "engine/core/text.hpp"

namespace tenantry::cli {

void declare(Options& options, StateShowArguments& arguments) {
  options.positional("ADDRESS", Need::required, arguments.address, "acme or acme/groups/analysts");
  options.flag("--json", arguments.json, "The same, for a program: without colour and comments");
  declare(options, arguments.configuration);
  options.examples({{"tenantry state show acme/groups/analysts", "Show one resource"},
                    {"tenantry state show acme --json", "Show the tenant itself"}});
}

Exit run_state_show(Invocation& invocation, StateShowArguments const& arguments) {
  auto const address = parse_address(*arguments.address);
  if (!address) return fail(invocation, address.error());
  auto access = StateAccess::open(invocation, arguments.configuration, state::OpenMode::read_only);
  if (!access) return fail(invocation, access.error());
  auto const tenant = (*access)->run((*access)->store().load(address->tenant));
  if (!tenant) return fail(invocation, tenant.error());
  for (auto const& operation : tenant->open) {
    if (operation.intent.address == *address) invocation.console.warning(describe(operation));
  }
  auto const* record = tenant->find(*address);
  if (record != nullptr) {
    invocation.console.out(pretty(to_json(*record)) + '\n');
    return Exit::done;
  }
  // Of another tenant, the tenants: its key may be what is wrong.
  auto const keys = (*access)->run((*access)->store().tenants());
  auto known = keys ? *keys : std::vector<std::string>{};
  for (auto const& [owned, ignored] : tenant->resources) known.push_back(owned.text());
  return fail(invocation, Error(Errc::not_found,
                                fmt::format("{} is not in the state{}", visible(address->text()),
                                            did_you_mean(address->text(), known)),
                                "tenantry state list tells what is"));
}

}  // namespace tenantry::cli
