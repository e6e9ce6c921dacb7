#include "engine/run/declared_files.hpp"

#include <fmt/format.h>

#include "engine/core/digest.hpp"
#include "engine/core/file.hpp"
#include "engine/core/text.hpp"

namespace tenantry::run {
namespace {

/// The content moved between the check of the configuration and the call.
Error moved(DeclaredFile const& file) {
  return {Errc::stale, fmt::format("{} was changed after the plan was made", visible(file.shown)),
          "plan again"};
}

std::string digest_like(std::string_view planned, std::string_view bytes) {
  return planned.starts_with("md5:") ? "md5:" + md5_hex(bytes) : "sha256:" + sha256_hex(bytes);
}

}  // namespace

Result<Files::Content> DeclaredFiles::read(std::string_view attribute) const {
  auto const* file = static_cast<DeclaredFile const*>(nullptr);
  if (declared_ != nullptr) {
    auto const found = declared_->files.find(std::string(attribute));
    if (found != declared_->files.end()) file = &found->second;
  }
  if (file == nullptr) {
    return Error(Errc::stale,
                 fmt::format("the configuration no longer names a file in `{}`", attribute),
                 "plan again");
  }
  auto bytes = read_file(file->path, file->bytes + 1);
  if (!bytes && bytes.error().code == Errc::too_large) return moved(*file);
  if (!bytes) return bytes.error();
  auto const planned = text_at(planned_, attribute);
  if (digest_like(planned, *bytes) != planned) return moved(*file);
  return Content{std::move(*bytes), file->path.filename().string(), file->content_type};
}

}  // namespace tenantry::run
