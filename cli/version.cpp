#include "cli/version.hpp"

#include <fmt/format.h>
#include <git2/common.h>
#include <libpq-fe.h>
#include <openssl/crypto.h>
#include <sqlite3.h>
#include <zip.h>

#include <CLI/Version.hpp>
#include <boost/version.hpp>

#include "cli/commands.hpp"
#include "cli/commit.hpp"
#include "engine/core/value.hpp"
#include "providers/qlik/provider.hpp"

// jemalloc's, which programs are linked with, and tests and sanitizers' builds are not.
extern "C" __attribute__((weak)) int mallctl(char const* name, void* old, std::size_t* old_bytes,
                                             void* next, std::size_t next_bytes);

namespace tenantry::cli {
namespace {

std::string allocator() {
  char const* name = nullptr;
  auto bytes = sizeof(name);
  if (mallctl == nullptr || mallctl("version", &name, &bytes, nullptr, 0) != 0) return {};
  // "5.3.0-0-g54eaed1d..."
  std::string_view const text(name);
  return std::string(text.substr(0, text.find('-')));
}

std::string libgit2() {
  int major = 0;
  int minor = 0;
  int patch = 0;
  git_libgit2_version(&major, &minor, &patch);
  return fmt::format("{}.{}.{}", major, minor, patch);
}

/// Those that were loaded; of what is compiled in, that of the build.
Object libraries() {
  Object versions{
      {"boost", fmt::format("{}.{}.{}", BOOST_VERSION / 100'000, BOOST_VERSION / 100 % 1000,
                            BOOST_VERSION % 100)},
      {"cli11", CLI11_VERSION},
      {"fmt",
       fmt::format("{}.{}.{}", FMT_VERSION / 10'000, FMT_VERSION / 100 % 100, FMT_VERSION % 100)},
      {"libgit2", libgit2()},
      {"libpq", fmt::format("{}.{}", PQlibVersion() / 10'000, PQlibVersion() % 10'000)},
      {"libzip", zip_libzip_version()},
      {"openssl", OpenSSL_version(OPENSSL_VERSION_STRING)},
      {"sqlite", sqlite3_libversion()},
      {"yaml-cpp", TENANTRY_YAML_CPP},
  };
  if (auto const jemalloc = allocator(); !jemalloc.empty()) versions["jemalloc"] = jemalloc;
  return versions;
}

}  // namespace

std::string_view version() { return TENANTRY_VERSION; }
std::string version_line() { return fmt::format("tenantry {}", version()); }

void declare(Options& options, VersionArguments& arguments) {
  options.flag("--json", arguments.json, "Give commit, build and libraries too, as JSON");
  options.examples({{"tenantry version", "Show the version"},
                    {"tenantry version --json", "Show what a bug report should contain"}});
}

Exit run_version(Invocation& invocation, VersionArguments const& arguments) {
  if (!arguments.json) {
    invocation.console.out(version_line() + '\n');
    return Exit::done;
  }
  Object const described{
      {"version", version()},
      {"commit", kCommit.empty() ? Value(nullptr) : Value(kCommit)},
      {"modified", kCommitModified},
      {"buildType", TENANTRY_BUILD_TYPE},
      {"compiler", __VERSION__},
      {"apiContract", qlik_api_contract()},
      {"libraries", libraries()},
  };
  invocation.console.out(pretty(described) + '\n');
  return Exit::done;
}

}  // namespace tenantry::cli
