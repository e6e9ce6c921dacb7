#include <fmt/format.h>

#include <algorithm>

#include "cli/outputs.hpp"
#include "cli/state_access.hpp"
#include "engine/core/text.hpp"

namespace tenantry::cli {

void declare(Options& options, OutputArguments& arguments) {
  options.positional("NAME", Need::optional, arguments.name,
                     "One value, alone: acme/hostname, acme/oauthClients/portal");
  options.list("--target", "ADDRESS", arguments.targets,
               "Only this address or glob ('*/oauthClients/*'); may be repeated");
  options.choice("--format", {"text", "json", "dotenv"}, arguments.format,
                 "Form of the result; dotenv has a NAME=value a line");
  options.flag("--json", arguments.json, "The same as --format json");
  declare(options, arguments.configuration);
  options.examples({{"tenantry output acme/hostname", "Give one value, for a script"},
                    {"tenantry output --target acme --format dotenv > acme.env",
                     "Hand a tenant's values to the next job of a pipeline"}});
}

namespace {

/// Of every tenant; only one at a time is in memory as a whole.
Task<std::vector<Output>> all_outputs(state::Store& store) {
  auto const keys = co_await store.tenants();
  if (!keys) co_return keys.error();
  std::vector<Output> all;
  for (auto const& key : *keys) {
    auto tenant = co_await store.load(key);
    if (!tenant) co_return tenant.error();
    auto outputs = outputs_of(*tenant);
    std::ranges::move(outputs, std::back_inserter(all));
  }
  co_return all;
}

/// Those that a pattern of --target selects. Errors: not_found for one that selects none.
Result<std::vector<Output>> targeted(std::vector<Output> all,
                                     std::vector<std::string> const& targets) {
  if (targets.empty()) return all;
  for (auto const& target : targets) {
    auto const meant = [&](Output const& output) { return selects(target, output.subject); };
    if (std::ranges::any_of(all, meant)) continue;
    std::vector<std::string> known;
    for (auto const& output : all) known.push_back(output.subject.text());
    return Error(
        Errc::not_found,
        fmt::format("--target {} fits no output{}", visible(target), did_you_mean(target, known)),
        "tenantry output shows all of them");
  }
  std::erase_if(all, [&](Output const& output) {
    return std::ranges::none_of(targets, [&](auto const& t) { return selects(t, output.subject); });
  });
  return all;
}

Result<Output> named(std::vector<Output> const& all, std::string const& name) {
  auto const found = std::ranges::find_if(
      all, [&](auto const& output) { return output.label() == name && !output.value.empty(); });
  if (found != all.end()) return *found;
  std::vector<std::string> known;
  for (auto const& output : all) {
    if (!output.value.empty()) known.push_back(output.label());
  }
  return Error(Errc::not_found,
               fmt::format("there is no output {}{}", visible(name), did_you_mean(name, known)),
               "a name is TENANT/id, hostname, region, status or purgeDate, or "
               "TENANT/oauthClients/KEY");
}

}  // namespace

Exit run_output(Invocation& invocation, OutputArguments const& arguments) {
  auto const format = arguments.json ? std::string("json") : arguments.format;
  if (arguments.json && arguments.format == "dotenv") {
    return fail(invocation,
                Error(Errc::invalid, "--json and --format dotenv contradict each other"));
  }
  auto access = StateAccess::open(invocation, arguments.configuration, state::OpenMode::read_only);
  if (!access) return fail(invocation, access.error());
  auto all = (*access)->run(all_outputs((*access)->store()));
  if (!all) return fail(invocation, all.error());
  auto outputs = targeted(std::move(*all), arguments.targets);
  if (!outputs) return fail(invocation, outputs.error());
  if (arguments.name) {
    auto one = named(*outputs, *arguments.name);
    if (!one) return fail(invocation, one.error());
    if (format != "dotenv") {
      invocation.console.out((format == "json" ? pretty(Value(one->value)) : visible(one->value)) +
                             '\n');
      return Exit::done;
    }
    *outputs = {std::move(*one)};
  }
  if (format == "dotenv") {
    auto const text = outputs_dotenv(*outputs);
    if (!text) return fail(invocation, text.error());
    invocation.console.out(*text);
    return Exit::done;
  }
  invocation.console.out(format == "json" ? pretty(outputs_json(*outputs)) + '\n'
                                          : outputs_text(*outputs));
  return Exit::done;
}

}  // namespace tenantry::cli
