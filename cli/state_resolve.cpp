#include <fmt/format.h>

#include "cli/configuration_loading.hpp"
#include "cli/process.hpp"
#include "cli/progress_view.hpp"
#include "cli/run_environment.hpp"
#include "engine/core/text.hpp"
#include "engine/run/state_commands.hpp"
#include "state/lock_owner.hpp"

namespace tenantry::cli {

void declare(Options& options, StateResolveArguments& arguments) {
  options.positional("ADDRESS", Need::required, arguments.address,
                     "The tenant, e.g. acme, or a resource");
  options.text("--created", "ID", arguments.created, "The tenant was created, and this is its id");
  options.flag("--not-created", arguments.not_created,
               "It was not created, or what was created is not to be ours");
  options.text("--hostname", "HOST", arguments.hostname,
               "System host name of the tenant that was created; with an organization client it "
               "is looked up");
  options.text("--reason", "TEXT", arguments.reason, "Kept in the history");
  declare(options, arguments.configuration);
  options.excludes("--created", "--not-created");
  options.excludes("--hostname", "--not-created");
  options.examples(
      {{"tenantry state resolve acme --not-created", "Let the next apply create it"},
       {"tenantry state resolve acme --created BL4tTJ4S7xrHTcq0zQxQrJ5qB1_Q6cSo",
        "Tell which tenant the lost call made"},
       {"tenantry state resolve acme/webIntegrations/portal --not-created",
        "Several objects could be what was created: import the right one afterwards"}});
}

namespace {

Result<void> check(StateResolveArguments const& arguments, Address const& address) {
  if (arguments.created && !address.is_tenant()) {
    auto const text = visible(address.text());
    return Error(Errc::invalid, fmt::format("{} is not a tenant", text),
                 fmt::format("say --not-created, and take the object over: tenantry import {} {}",
                             text, visible(*arguments.created)));
  }
  if (arguments.created || arguments.not_created) return {};
  return Error(Errc::invalid, "one of --created ID and --not-created is needed");
}

/// The system host name of tenant `id` from the organization's list.
Task<std::string> hostname_of(run::Context& context, RemoteId id) {
  auto* const organization = context.platform.organization();
  if (organization == nullptr) {
    co_return Error(Errc::invalid, "the host name of the tenant is not known",
                    "give it by --hostname, or configure an organization client");
  }
  auto const& configured = context.configuration.organization();
  auto const subscription = configured ? configured->subscription_id : std::string{};
  auto const tenants = co_await context.provider.tenant().list(*organization, subscription);
  if (!tenants) co_return tenants.error();
  for (auto const& tenant : *tenants) {
    if (tenant.id == id && !tenant.hostnames.empty()) co_return tenant.hostnames.front();
  }
  co_return Error(Errc::not_found,
                  fmt::format("the organization has no tenant {}", visible(id.text())));
}

}  // namespace

Exit run_state_resolve(Invocation& invocation, StateResolveArguments const& arguments) {
  auto const address = parse_address(*arguments.address);
  if (!address) return fail(invocation, address.error());
  auto const checked = check(arguments, *address);
  if (!checked) return fail(invocation, checked.error());
  auto const configuration = load_configuration(invocation, arguments.configuration);
  if (!configuration) return Exit::failed;

  bool const look_up = arguments.created && !arguments.hostname;
  RunRequest request;
  request.configuration = configuration;
  if (arguments.configuration.emulated) request.target = config::Target::emulated;
  request.network = look_up ? Network::used : Network::unused;
  request.state_mode = state::OpenMode::existing;
  request.selection.targets = {address->tenant};
  ProgressView progress(invocation.console, invocation.clock);
  auto environment = RunEnvironment::open(invocation, std::move(request), progress);
  if (!environment) return fail(invocation, environment.error());

  auto& self = **environment;
  RemoteId const created(arguments.created.value_or(""));
  auto hostname = arguments.hostname.value_or("");
  if (look_up) {
    auto found = self.run(hostname_of(self.context(), created));
    if (!found) return fail(invocation, found.error());
    hostname = std::move(*found);
  }
  auto owner = state::this_process("tenantry state resolve", invocation.clock);
  auto run = state::this_run("tenantry state resolve", commit_of(configuration->folder()),
                             arguments.reason.value_or(""), invocation.clock, invocation.random);
  auto const resolved = self.run(run::resolve(self.store(), *address, created, hostname,
                                              std::move(run), std::move(owner), invocation.clock));
  if (!resolved) return fail(invocation, resolved.error());
  invocation.console.out(
      fmt::format("resolved: {} {}\n", visible(address->text()),
                  arguments.created ? "is " + visible(hostname) : std::string("was not created")));
  return Exit::done;
}

}  // namespace tenantry::cli
