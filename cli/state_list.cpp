#include <fmt/format.h>

#include "cli/state_access.hpp"
#include "engine/core/text.hpp"

namespace tenantry::cli {

void declare(Options& options, StateListArguments& arguments) {
  options.positional("PATTERN", Need::optional, arguments.pattern,
                     "Only these addresses: acme, 'acme/groups/*'");
  options.flag("--json", arguments.json, "Give addresses and ids as JSON");
  declare(options, arguments.configuration);
  options.examples({{"tenantry state list", "List everything that is owned"},
                    {"tenantry state list '*/groups/*'", "List the groups of all tenants"}});
}

Exit run_state_list(Invocation& invocation, StateListArguments const& arguments) {
  auto access = StateAccess::open(invocation, arguments.configuration, state::OpenMode::read_only);
  if (!access) return fail(invocation, access.error());
  auto const tenants = (*access)->run(load_all((*access)->store()));
  if (!tenants) return fail(invocation, tenants.error());
  Array json;
  std::string text;
  for (auto const& tenant : *tenants) {
    for (auto const& [address, record] : tenant.resources) {
      if (arguments.pattern && !selects(*arguments.pattern, address)) continue;
      json.push_back(Object{{"address", address.text()}, {"id", record.id.text()}});
      text += visible(address.text()) + '\n';
    }
    for (auto const& operation : tenant.open) {
      invocation.console.warning(describe(operation), "the next plan or apply finds it out");
    }
  }
  invocation.console.out(arguments.json ? pretty(json) + '\n' : text);
  return Exit::done;
}

}  // namespace tenantry::cli
