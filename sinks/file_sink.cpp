#include "sinks/file_sink.hpp"

#include <fmt/format.h>
#include <git2.h>

#include "engine/core/file.hpp"
#include "sinks/document.hpp"

namespace tenantry::sinks {
namespace fs = std::filesystem;
namespace {

/// Initialises libgit2 once, at the first question: it reads certificates, which takes a while.
void start_git() {
  static int const started = git_libgit2_init();
  (void)started;
}

enum class Tracking { outside, ignored, tracked };

/// Whether git would pick up `path`, which need not exist.
Tracking tracking_of(fs::path const& path) {
  start_git();
  auto existing = fs::absolute(path).lexically_normal();
  std::error_code ec;
  while (!existing.empty() && !fs::is_directory(existing, ec) && existing != existing.root_path()) {
    existing = existing.parent_path();
  }
  git_repository* repository = nullptr;
  if (git_repository_open_ext(&repository, existing.c_str(), 0, nullptr) != 0) {
    return Tracking::outside;
  }
  auto answer = Tracking::outside;
  if (auto const* root = git_repository_workdir(repository)) {
    auto const real = fs::weakly_canonical(path, ec);
    auto const relative = real.lexically_relative(fs::weakly_canonical(root, ec));
    int ignored = 0;
    auto const known = git_ignore_path_is_ignored(&ignored, repository, relative.c_str()) == 0;
    answer = known && ignored == 1 ? Tracking::ignored : Tracking::tracked;
  }
  git_repository_free(repository);
  return answer;
}

/// Whether `path`, which seems to be in `folder`, is elsewhere: a link in the folder may be
/// somebody else's, who wants to choose where the secret goes. A link in the place of the file
/// itself is replaced.
bool leaves_by_link(fs::path const& path, fs::path const& folder) {
  auto const parent = fs::absolute(path).lexically_normal().parent_path();
  auto const root = fs::absolute(folder / ".").lexically_normal().parent_path();
  auto const relative = parent.lexically_relative(root);
  bool const seems_inside = !relative.empty() && *relative.begin() != "..";
  return seems_inside && !is_inside(parent, root);
}

}  // namespace

fs::path file_sink(Value const& written, fs::path const& folder) {
  auto const* text = written.if_string();
  if (text == nullptr || text->empty()) return {};
  fs::path const path{std::string_view(*text)};
  return path.is_absolute() ? path : folder / path;
}

Result<void> check_file_sink(fs::path const& path, fs::path const& folder) {
  if (path.empty()) {
    return Error(Errc::invalid, "`deliverSecret` names no file",
                 "write deliverSecret: {file: secrets/NAME.json}");
  }
  if (leaves_by_link(path, folder)) {
    return Error(Errc::guard,
                 fmt::format("the way to the secret's file {} leads out of the configuration's "
                             "folder by a link",
                             path.string()),
                 "remove the link, or write the absolute path of the file");
  }
  if (tracking_of(path) == Tracking::tracked) {
    return Error(
        Errc::guard,
        fmt::format("the secret's file {} is inside a git work tree that does not ignore it",
                    path.string()),
        "add it to .gitignore, or name a file outside of the work tree");
  }
  return {};
}

Result<std::string> write_file_sink(fs::path const& path, run::Delivery const& delivery) {
  std::error_code ec;
  fs::create_directories(path.parent_path(), ec);
  if (ec) {
    return Error(Errc::io,
                 fmt::format("cannot create the folder of {}: {}", path.string(), ec.message()));
  }
  Secret const text(pretty(credential_of(delivery)) + '\n');
  auto const written = write_file_atomically(path, text.reveal(), FileMode::private_);
  if (!written) return written.error();
  return path.string();
}

}  // namespace tenantry::sinks
