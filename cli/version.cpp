#include "cli/version.hpp"

#include <fmt/format.h>
#include <openssl/crypto.h>
#include <sqlite3.h>

#include <boost/version.hpp>

#include "cli/commands.hpp"
#include "engine/core/value.hpp"

namespace tenantry::cli {

std::string_view version() { return TENANTRY_VERSION; }
std::string version_line() { return fmt::format("tenantry {}", version()); }

void declare(Options& options, VersionArguments& arguments) {
  options.flag("--json", arguments.json, "Give the versions of the libraries too, as JSON");
  options.examples({{"tenantry version", "Show the version"},
                    {"tenantry version --json", "Show what a bug report should contain"}});
}

Exit run_version(Invocation& invocation, VersionArguments const& arguments) {
  if (!arguments.json) {
    invocation.console.out(version_line() + '\n');
    return Exit::done;
  }
  Object const versions{
      {"version", version()},
      {"compiler", __VERSION__},
      {"boost", fmt::format("{}.{}.{}", BOOST_VERSION / 100'000, BOOST_VERSION / 100 % 1000,
                            BOOST_VERSION % 100)},
      {"openssl", OpenSSL_version(OPENSSL_VERSION)},
      {"sqlite", sqlite3_libversion()},
  };
  invocation.console.out(pretty(versions) + '\n');
  return Exit::done;
}

}  // namespace tenantry::cli
