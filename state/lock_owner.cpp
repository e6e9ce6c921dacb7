#include "state/lock_owner.hpp"

#include <fmt/format.h>
#include <pwd.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <string_view>

#include "engine/core/text.hpp"

namespace tenantry::state {
namespace {

std::string environment(char const* name) {
  auto const* const value = std::getenv(name);
  return value ? value : "";
}

std::string host_name() {
  std::array<char, 256> name{};
  if (::gethostname(name.data(), name.size() - 1) != 0) return "unknown host";
  return name.data();
}

std::string user_name() {
  std::array<char, 4096> buffer{};
  passwd entry{};
  passwd* found = nullptr;
  auto const user = ::geteuid();
  if (::getpwuid_r(user, &entry, buffer.data(), buffer.size(), &found) == 0 && found) {
    return found->pw_name;
  }
  return fmt::format("uid {}", user);  // usual in containers
}

std::string without_user(std::string url) {
  auto const scheme = url.find("://");
  if (scheme == std::string::npos) return url;
  auto const host = scheme + 3;
  auto const end = url.find_first_of("/?#", host);
  auto const at = url.substr(0, end).rfind('@');
  if (at != std::string::npos && at >= host) url.erase(host, at + 1 - host);
  return url;
}

}  // namespace

std::string ci_run_url() {
  auto const server = environment("GITHUB_SERVER_URL");
  auto const repository = environment("GITHUB_REPOSITORY");
  auto const run = environment("GITHUB_RUN_ID");
  if (!server.empty() && !repository.empty() && !run.empty()) {
    return without_user(fmt::format("{}/{}/actions/runs/{}", server, repository, run));
  }
  for (auto const* const name : {"CI_JOB_URL", "BUILD_URL"}) {
    if (auto url = environment(name); !url.empty()) return without_user(std::move(url));
  }
  return {};
}

std::string run_group() {
  if (auto id = environment("TENANTRY_RUN_ID"); !id.empty()) return id;
  if (auto const id = environment("GITHUB_RUN_ID"); !id.empty()) {
    // An attempt is a run of its own: what failed is done again, and counts again.
    return fmt::format("github-{}-{}", id, environment("GITHUB_RUN_ATTEMPT"));
  }
  if (auto const id = environment("CI_PIPELINE_ID"); !id.empty()) return "gitlab-" + id;
  if (auto const tag = environment("BUILD_TAG"); !tag.empty()) return tag;
  // Elsewhere JOB_NAME is the name of a project, the same for all of its runs.
  auto const job = environment("JOB_NAME");
  bool const of_kubernetes = !environment("JOB_COMPLETION_INDEX").empty() && !job.empty();
  return of_kubernetes ? "kubernetes-" + job : std::string();
}

LockOwner this_process(std::string command, Clock const& clock) {
  return {host_name(), ::getpid(), std::move(command), ci_run_url(), format_time(clock.wall())};
}

Run this_run(std::string command, std::string commit, std::string reason, Clock const& clock,
             Random& random) {
  return {.id = random.hex(8),
          .command = std::move(command),
          .started_at = format_time(clock.wall()),
          .user = user_name(),
          .host = host_name(),
          .commit = std::move(commit),
          .run_url = ci_run_url(),
          .reason = std::move(reason)};
}

std::string describe(LockOwner const& owner) {
  auto text = fmt::format("{} on {} (pid {})", owner.command, owner.host, owner.pid);
  if (!owner.since.empty()) text += " since " + owner.since;
  if (!owner.run_url.empty()) text += ", " + owner.run_url;
  return visible(text);
}

}  // namespace tenantry::state
