#include "engine/config/render.hpp"

#include <fmt/format.h>

#include "cli/configuration_loading.hpp"
#include "engine/core/text.hpp"

namespace tenantry::cli {

void declare(Options& options, RenderArguments& arguments) {
  options.positional("TENANT", Need::required, arguments.tenant, "Key of the tenant");
  options.flag("--origin", arguments.origin, "Tell the file and line of every value");
  declare(options, arguments.configuration);
  options.examples({{"tenantry render acme", "Show what all layers make of a tenant"},
                    {"tenantry render acme --origin", "Show which line each value comes from"}});
}

Exit run_render(Invocation& invocation, RenderArguments const& arguments) {
  auto const configuration = load_configuration(invocation, arguments.configuration);
  if (!configuration) return Exit::failed;
  std::vector<std::string> keys;
  for (auto const& tenant : configuration->tenants()) keys.push_back(tenant.key);
  auto const& wanted = *arguments.tenant;
  if (std::ranges::find(keys, wanted) == keys.end()) {
    return fail(invocation, Error(Errc::not_found,
                                  fmt::format("there is no tenant \"{}\" in the configuration{}",
                                              visible(wanted), did_you_mean(wanted, keys))));
  }
  auto const origins = arguments.origin ? config::Origins::shown : config::Origins::none;
  invocation.console.out(config::render_yaml(configuration->expand_rendered(wanted), origins));
  return Exit::done;
}

}  // namespace tenantry::cli
