#include <fmt/format.h>

#include <algorithm>

#include "cli/configuration_loading.hpp"
#include "cli/export_files.hpp"
#include "cli/progress_view.hpp"
#include "cli/run_environment.hpp"
#include "engine/core/file.hpp"
#include "engine/core/text.hpp"

namespace tenantry::cli {

void declare(Options& options, ExportArguments& arguments) {
  options.positional("ADDRESS", Need::optional, arguments.address,
                     "A managed resource that has a package: writes that to --out");
  options.text("--region", "REGION", arguments.region, "Region of the tenant");
  options.text("--hostname", "HOST", arguments.hostname, "A host name of the tenant");
  options.text("--key", "KEY", arguments.key, "Its key in the YAML (default: from its name)");
  options.flag("--all", arguments.all, "Every active tenant of the organization");
  options.text("--against", "BLUEPRINT", arguments.against,
               "With --all: write only what differs from this blueprint");
  options.text("--out", "PATH", arguments.out,
               "Folder for tenantry.yaml, or the file of a package; nothing is overwritten");
  options.number("--parallelism", "N", {1, 1024}, arguments.parallelism,
                 "Calls in flight at the same time (default: 64)");
  declare(options, arguments.configuration);
  options.examples({{"tenantry export --region eu --hostname acme.eu.qlikcloud.com --out acme",
                     "Write one live tenant as YAML"},
                    {"tenantry export --all --against standard --out fleet",
                     "Write how all tenants differ from a blueprint"},
                    {"tenantry export acme/diProjects/sales --out sales.zip",
                     "Write the package of a data integration project"}});
}

namespace {

Error usage(std::string_view what) {
  return {Errc::invalid, std::string(what), "tenantry export --help tells what there is"};
}

Result<void> check(ExportArguments const& arguments) {
  if (!arguments.out) return usage("--out is needed: where to write");
  bool const one = arguments.region || arguments.hostname || arguments.key;
  int const ways = int{arguments.address.has_value()} + int{arguments.all} + int{one};
  if (ways != 1) return usage("one is needed: ADDRESS, --all, or --region with --hostname");
  if (arguments.against && !arguments.all) return usage("--against goes with --all");
  if (one && (!arguments.region || !arguments.hostname)) {
    return usage("--region and --hostname are both needed");
  }
  if (arguments.key && !is_key(*arguments.key)) {
    return Error(Errc::invalid, fmt::format("\"{}\" cannot be a key", visible(*arguments.key)),
                 "use letters, digits, \"_\", \".\" and \"-\"");
  }
  return {};
}

/// Of a region that no declared tenant is in, nobody has asked for the credential yet.
Result<void> check_region(config::Configuration const& configuration, std::string const& name) {
  std::vector<std::string> names;
  for (auto const& [key, region] : configuration.regions()) names.push_back(key);
  auto const found = configuration.regions().find(name);
  if (found == configuration.regions().end()) {
    return Error(Errc::not_found,
                 fmt::format("there is no region \"{}\" in the configuration{}", visible(name),
                             did_you_mean(name, names)),
                 "write its client under `regions`");
  }
  auto const& credential = found->second.credential;
  for (auto const* text : {&credential.client_id, &credential.client_secret}) {
    auto revealed = config::reveal(*text, configuration.variables());
    if (!revealed) return revealed.error();
  }
  return {};
}

RunRequest run_request(std::shared_ptr<config::Configuration const> configuration,
                       ExportArguments const& arguments) {
  RunRequest request;
  request.configuration = std::move(configuration);
  if (arguments.configuration.emulated) request.target = config::Target::emulated;
  request.calls_max = static_cast<std::size_t>(arguments.parallelism);
  request.scratch_state = true;
  return request;
}

Exit write_package(Invocation& invocation, ExportArguments const& arguments,
                   std::shared_ptr<config::Configuration const> configuration) {
  auto const address = parse_address(*arguments.address);
  if (!address) return fail(invocation, address.error());
  std::error_code ignored;
  if (std::filesystem::exists(std::filesystem::symlink_status(*arguments.out, ignored))) {
    return fail(invocation, Error(Errc::conflict, fmt::format("{} is there already and is not "
                                                              "overwritten",
                                                              *arguments.out)));
  }
  auto request = run_request(std::move(configuration), arguments);
  request.scratch_state = false;
  request.state_mode = state::OpenMode::existing;
  request.selection.targets = {address->tenant};
  ProgressView progress(invocation.console, invocation.clock);
  auto environment = RunEnvironment::open(invocation, std::move(request), progress);
  if (!environment) return fail(invocation, environment.error());
  auto& self = **environment;
  auto const package = self.run(run::export_package(self.context(), *address));
  progress.finish();
  if (!package) return fail(invocation, package.error());
  auto const written = write_file_atomically(*arguments.out, *package, FileMode::shared);
  if (!written) return fail(invocation, written.error());
  invocation.console.out(
      fmt::format("wrote {}: the package of {}\n", *arguments.out, address->text()));
  return Exit::done;
}

/// The tenants to export. Those of a region that is not configured are told, and left out.
Result<std::vector<run::ExportRequest>> requests_of(Invocation& invocation,
                                                    RunEnvironment& environment,
                                                    ExportArguments const& arguments,
                                                    bool& some_failed) {
  if (!arguments.all) {
    return std::vector<run::ExportRequest>{{.key = arguments.key.value_or(""),
                                            .region = *arguments.region,
                                            .hostname = *arguments.hostname}};
  }
  auto all = environment.run(
      run::whole_organization(environment.context(), arguments.against.value_or("")));
  if (!all || arguments.configuration.emulated) return all;
  auto const& configuration = environment.context().configuration;
  std::erase_if(*all, [&](auto const& request) {
    auto const usable = check_region(configuration, request.region);
    if (usable) return false;
    some_failed = true;
    auto error = usable.error();
    error.message = fmt::format("{}: {}", visible(request.hostname), error.message);
    invocation.console.error(error);
    return true;
  });
  return all;
}

/// On a terminal in place; elsewhere each tenth of many.
void tell_exported(Console& console, std::size_t ended, std::size_t all) {
  constexpr std::size_t kTenantsWorthTelling = 20;
  if (console.style().live_line) {
    console.status({fmt::format("exporting: {} of {} tenants", ended, all)});
  } else if (all >= kTenantsWorthTelling && ended * 10 / all > (ended - 1) * 10 / all) {
    console.note(fmt::format("exported {} of {} tenants", ended, all));
  }
}

}  // namespace

Exit run_export(Invocation& invocation, ExportArguments const& arguments) {
  auto const checked = check(arguments);
  if (!checked) return fail(invocation, checked.error());
  auto const configuration = load_configuration(invocation, arguments.configuration);
  if (!configuration) return Exit::failed;
  if (arguments.address) return write_package(invocation, arguments, configuration);
  auto const target = export_target(*arguments.out);
  if (!target) return fail(invocation, target.error());

  auto request = run_request(configuration, arguments);
  if (arguments.region) {
    request.regions.insert(*arguments.region);
    auto const usable = arguments.configuration.emulated
                            ? Result<void>()
                            : check_region(*configuration, *arguments.region);
    if (!usable) return fail(invocation, usable.error());
  }
  ProgressView progress(invocation.console, invocation.clock);
  auto environment = RunEnvironment::open(invocation, std::move(request), progress);
  if (!environment) return fail(invocation, environment.error());
  auto& self = **environment;
  bool some_failed = false;
  auto requests = requests_of(invocation, self, arguments, some_failed);
  if (!requests) return fail(invocation, requests.error());
  std::function<void(std::size_t)> const ended = [&](std::size_t count) {
    tell_exported(invocation.console, count, requests->size());
  };
  auto results = self.run(run::export_tenants(
      self.context(), *requests, static_cast<std::size_t>(arguments.parallelism), ended));
  progress.finish();
  if (!results) return fail(invocation, results.error());
  std::vector<run::ExportedTenant> tenants;
  for (std::size_t i = 0; i < results->size(); ++i) {
    if (auto& result = (*results)[i]; result) {
      tenants.push_back(std::move(*result));
      continue;
    }
    some_failed = true;
    auto error = (*results)[i].error();
    error.message = fmt::format("{}: {}", visible((*requests)[i].hostname), error.message);
    invocation.console.error(error);
  }
  if (tenants.empty() && some_failed) return Exit::failed;
  auto const blueprints = arguments.against ? Blueprints::written : Blueprints::left_out;
  auto const written = write_export(*configuration, blueprints, tenants, *target);
  if (!written) return fail(invocation, written.error());
  invocation.console.out(
      fmt::format("wrote {}: {}\n", target->string(), counted(tenants.size(), "tenant")));
  return some_failed ? Exit::partial : Exit::done;
}

}  // namespace tenantry::cli
