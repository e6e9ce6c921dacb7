#include "plans/unchanged_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <stdlib.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <utility>

#include "plans/terraform_item.hpp"

namespace tenantry::plans {
namespace {

Error failed(std::string_view what) {
  return {Errc::io, fmt::format("cannot {} a temporary file: {}", what, std::strerror(errno)),
          "set TMPDIR to a folder with free space"};
}

/// A line says the address and how long the two texts after it are.
void append(std::string& out, UnchangedFile::Entry const& entry) {
  out += fmt::format("{} {} {}\n{}{}", entry.address.text(), entry.change.size(),
                     entry.planned_value.size(), entry.change, entry.planned_value);
}

std::size_t take_number(std::string_view& text, char end) {
  std::size_t number = 0;
  auto const at = text.find(end);
  std::from_chars(text.data(), text.data() + at, number);
  text.remove_prefix(at + 1);
  return number;
}

UnchangedFile::Entry take(std::string_view& text) {
  auto const space = text.find(' ');
  auto address = parse_address(text.substr(0, space));
  ensure(address.has_value(), "the file holds what was written to it");
  text.remove_prefix(space + 1);
  auto const change = take_number(text, ' ');
  auto const planned = take_number(text, '\n');
  UnchangedFile::Entry entry{std::move(*address), std::string(text.substr(0, change)),
                             std::string(text.substr(change, planned))};
  text.remove_prefix(change + planned);
  return entry;
}

}  // namespace

Result<UnchangedFile> UnchangedFile::create() {
  std::error_code failure;
  auto const folder = std::filesystem::temp_directory_path(failure);
  if (failure) return Error(Errc::io, "there is no folder for temporary files", "set TMPDIR");
  auto name = (folder / "tenantry-plan-XXXXXX").string();
  auto const descriptor = ::mkostemp(name.data(), O_CLOEXEC);
  if (descriptor < 0) return failed("make");
  ::unlink(name.c_str());
  return UnchangedFile(descriptor);
}

UnchangedFile::UnchangedFile(UnchangedFile&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)),
      size_(other.size_),
      parts_(std::move(other.parts_)) {}

UnchangedFile::~UnchangedFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Result<void> UnchangedFile::add(std::string const& tenant, std::vector<Change> const& unchanged) {
  if (unchanged.empty()) return {};
  std::string text;
  for (auto const& change : unchanged) {
    append(text, {change.address, change_item(change), planned_item(change)});
  }
  Part const part{size_, text.size()};
  for (std::string_view rest = text; !rest.empty();) {
    auto const written = ::pwrite(descriptor_, rest.data(), rest.size(), static_cast<off_t>(size_));
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return failed("write");
    size_ += static_cast<std::size_t>(written);
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
  parts_.emplace(tenant, part);
  return {};
}

Result<std::vector<UnchangedFile::Entry>> UnchangedFile::of(std::string const& tenant) const {
  auto const part = parts_.find(tenant);
  if (part == parts_.end()) return std::vector<Entry>();
  std::string text(part->second.size, '\0');
  for (std::size_t done = 0; done < text.size();) {
    auto const read = ::pread(descriptor_, text.data() + done, text.size() - done,
                              static_cast<off_t>(part->second.offset + done));
    if (read < 0 && errno == EINTR) continue;
    if (read <= 0) return failed("read");
    done += static_cast<std::size_t>(read);
  }
  std::vector<Entry> entries;
  for (std::string_view rest = text; !rest.empty();) entries.push_back(take(rest));
  return entries;
}

}  // namespace tenantry::plans
