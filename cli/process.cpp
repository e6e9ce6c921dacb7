#include "cli/process.hpp"

#include <sys/prctl.h>
#include <sys/resource.h>

#include <algorithm>
#include <csignal>
#include <optional>

#include "engine/core/file.hpp"

// The leak checker of AddressSanitizer attaches to its own process, which a process that is not
// dumpable refuses.
#if defined(__has_feature)
#define TENANTRY_LEAK_CHECK __has_feature(address_sanitizer)
#else
#define TENANTRY_LEAK_CHECK 0
#endif

namespace tenantry::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kGitFileBytesMax = std::size_t{8} << 20;

std::string first_line(fs::path const& file) {
  auto const text = read_file(file, kGitFileBytesMax);
  return text ? text->substr(0, text->find_first_of("\r\n")) : std::string{};
}

bool is_object_id(std::string_view text) {
  return (text.size() == 40 || text.size() == 64) &&
         text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

/// The folder of git's files for the work tree around `folder`.
std::optional<fs::path> git_folder(fs::path folder) {
  std::error_code failure;
  folder = fs::absolute(folder, failure);
  for (; !failure; folder = folder.parent_path()) {
    auto const dot_git = folder / ".git";
    if (fs::is_directory(dot_git, failure)) return dot_git;
    // A linked work tree or a submodule has a file that names the folder.
    auto const line = fs::is_regular_file(dot_git, failure) ? first_line(dot_git) : std::string{};
    if (line.starts_with("gitdir: ")) return folder / line.substr(8);
    if (folder == folder.root_path()) return std::nullopt;
    failure.clear();
  }
  return std::nullopt;
}

std::string packed_reference(fs::path const& git, std::string const& name) {
  auto const packed = read_file(git / "packed-refs", kGitFileBytesMax);
  if (!packed) return {};
  auto const at = packed->find(' ' + name + '\n');
  if (at == std::string::npos) return {};
  auto const start = packed->rfind('\n', at) + 1;
  return packed->substr(start, at - start);
}

}  // namespace

void protect_process() {
#if !TENANTRY_LEAK_CHECK
  ::prctl(PR_SET_DUMPABLE, 0);
#endif
  rlimit const none{0, 0};
  ::setrlimit(RLIMIT_CORE, &none);
  std::signal(SIGPIPE, SIG_IGN);
}

std::string commit_of(fs::path const& folder) {
  auto const git = git_folder(folder);
  if (!git) return {};
  auto const head = first_line(*git / "HEAD");
  if (is_object_id(head)) return head;
  if (!head.starts_with("ref: ")) return {};
  auto const name = head.substr(5);
  if (!name.starts_with("refs/") || name.find("..") != std::string::npos) return {};
  auto const common = first_line(*git / "commondir");
  auto const shared = common.empty() ? *git : *git / common;
  for (auto const& commit :
       {first_line(*git / name), first_line(shared / name), packed_reference(shared, name)}) {
    if (is_object_id(commit)) return commit;
  }
  return {};
}

}  // namespace tenantry::cli
