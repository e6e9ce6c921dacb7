#include "engine/core/archive.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <zip.h>

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <string>

#include "engine/core/text.hpp"

namespace tenantry {
namespace {

struct Discard {
  void operator()(zip_t* archive) const { zip_discard(archive); }
  void operator()(zip_file_t* file) const { zip_fclose(file); }
};
using Archive = std::unique_ptr<zip_t, Discard>;
using Entry = std::unique_ptr<zip_file_t, Discard>;

Error invalid(std::string text, std::string advice = {}) {
  return {Errc::invalid, std::move(text), std::move(advice)};
}

std::string reason_of(zip_error_t* error) {
  std::string out = zip_error_strerror(error);
  zip_error_fini(error);
  return out;
}

Result<Archive> open(std::string_view bytes) {
  zip_error_t error;
  zip_error_init(&error);
  auto* source = zip_source_buffer_create(bytes.data(), bytes.size(), 0, &error);
  if (source == nullptr) return invalid("no valid zip archive: " + reason_of(&error));
  auto* archive = zip_open_from_source(source, ZIP_RDONLY | ZIP_CHECKCONS, &error);
  if (archive == nullptr) {
    zip_source_free(source);
    return invalid("no valid zip archive: " + reason_of(&error));
  }
  zip_error_fini(&error);
  return Archive(archive);
}

/// The names of the directory as they are: libzip gives a space for each NUL.
/// Offsets are those of PKWARE's APPNOTE, 4.3.12 to 4.3.16.
class Names {
 public:
  explicit Names(std::string_view bytes) : bytes_(bytes) {
    constexpr std::string_view kEnd = "PK\x05\x06";
    constexpr std::string_view kEnd64 = "PK\x06\x07";
    auto const end = bytes.rfind(kEnd);
    if (end == std::string_view::npos) return;
    at_ = number(end + 16, 4);
    if (end < 20 || bytes.substr(end - 20, kEnd64.size()) != kEnd64) return;
    at_ = number(number(end - 12, 8) + 48, 8);
  }

  /// Nothing where there is no entry: libzip then read another directory than this one.
  std::optional<std::string_view> next() {
    constexpr std::string_view kEntry = "PK\x01\x02";
    constexpr std::uint64_t kFixed = 46;
    if (at_ >= bytes_.size() || !bytes_.substr(at_).starts_with(kEntry)) return std::nullopt;
    auto const length = number(at_ + 28, 2);
    if (bytes_.size() - at_ < kFixed + length) return std::nullopt;
    auto const name = bytes_.substr(at_ + kFixed, length);
    at_ += kFixed + length + number(at_ + 30, 2) + number(at_ + 32, 2);
    return name;
  }

 private:
  /// Little endian; 0 past the end.
  std::uint64_t number(std::uint64_t at, std::uint64_t size) const {
    std::uint64_t out = 0;
    if (at > bytes_.size() || bytes_.size() - at < size) return 0;
    for (auto i = size; i > 0; --i) {
      out = out << 8 | static_cast<unsigned char>(bytes_[at + i - 1]);
    }
    return out;
  }

  std::string_view bytes_;
  std::uint64_t at_ = 0;
};

/// Reads the entries one after the other, and counts.
class Checker {
 public:
  Checker(zip_t* archive, std::string_view bytes, ArchiveLimits const& limits)
      : archive_(archive), bytes_(bytes.size()), names_(bytes), limits_(limits) {}

  Result<void> run() {
    auto const count = static_cast<std::uint64_t>(zip_get_num_entries(archive_, 0));
    if (count == 0) return invalid("the zip archive is empty");
    if (count > limits_.entries_max) {
      return invalid(fmt::format("the zip archive has {} entries; at most {} are accepted", count,
                                 limits_.entries_max));
    }
    for (std::uint64_t i = 0; i < count; ++i) {
      if (auto listed = directory_entry(i); !listed) return listed;
    }
    for (std::uint64_t i = 0; i < count; ++i) {
      if (auto read = content(i); !read) return read;
    }
    return {};
  }

 private:
  /// What the directory of the archive says of the entry.
  Result<void> directory_entry(std::uint64_t index) {
    auto named = check_name(index);
    if (!named) return named;
    zip_stat_t stat;
    if (zip_stat_index(archive_, index, 0, &stat) != 0) return broken(index);
    bool const tells_encryption = (stat.valid & ZIP_STAT_ENCRYPTION_METHOD) != 0;
    if (tells_encryption && stat.encryption_method != ZIP_EM_NONE) {
      return invalid(fmt::format("\"{}\" in the zip archive is encrypted", shown(index)),
                     "pack it without a password");
    }
    if (is_link(index)) {
      return invalid(fmt::format("\"{}\" in the zip archive is a symbolic link", shown(index)),
                     "pack the file itself");
    }
    return count(said_, stat.size);
  }

  /// What really comes out: the directory may lie about sizes.
  Result<void> content(std::uint64_t index) {
    Entry const entry(zip_fopen_index(archive_, index, 0));
    if (entry == nullptr) return broken(index);
    std::array<char, 1 << 16> buffer;
    while (true) {
      auto const n = zip_fread(entry.get(), buffer.data(), buffer.size());
      if (n == 0) return {};
      if (n < 0) {
        return invalid(fmt::format("\"{}\" in the zip archive is broken: {}", shown(index),
                                   zip_file_strerror(entry.get())));
      }
      auto counted = count(unpacked_, static_cast<std::uint64_t>(n));
      if (!counted) return counted;
    }
  }

  /// Adds to `total`, unless that is a bomb.
  Result<void> count(std::uint64_t& total, std::uint64_t more) const {
    if (more > limits_.unpacked_bytes_max || total + more > limits_.unpacked_bytes_max) {
      return invalid(fmt::format("the zip archive unpacks to more than {} MiB",
                                 limits_.unpacked_bytes_max >> 20));
    }
    total += more;
    if (total >= limits_.ratio_from_bytes && total / limits_.ratio_max > bytes_) {
      return invalid(
          fmt::format("the zip archive unpacks to more than {} times its size", limits_.ratio_max));
    }
    return {};
  }

  Result<void> check_name(std::uint64_t index) {
    auto const* known = zip_get_name(archive_, index, ZIP_FL_ENC_RAW);
    auto const next = names_.next();
    std::string expected(next.value_or(""));
    std::ranges::replace(expected, '\0', ' ');
    if (known == nullptr || !next || expected != known) {
      return invalid("no valid zip archive: its directory can be read in two ways");
    }
    auto const name = *next;
    auto const refuse = [&](std::string_view why) {
      return invalid(fmt::format("the name \"{}\" in the zip archive {}", visible(name), why));
    };
    if (name.find('\0') != std::string_view::npos) return refuse("holds a NUL");
    if (name.empty()) return refuse("is empty");
    if (name.find('\\') != std::string_view::npos) return refuse("holds a backslash");
    bool const has_drive = name.size() > 1 && name[1] == ':';
    if (name.front() == '/' || has_drive) return refuse("is an absolute path");
    for (auto rest = name; !rest.empty();) {
      auto const part = rest.substr(0, rest.find('/'));
      if (part == "..") return refuse("leads out of the archive");
      rest.remove_prefix(std::min(rest.size(), part.size() + 1));
    }
    return {};
  }

  bool is_link(std::uint64_t index) const {
    zip_uint8_t system = 0;
    zip_uint32_t attributes = 0;
    if (zip_file_get_external_attributes(archive_, index, 0, &system, &attributes) != 0) {
      return false;
    }
    return S_ISLNK(attributes >> 16);  // where Unix keeps its mode; 0 elsewhere
  }

  std::string shown(std::uint64_t index) const {
    auto const* name = zip_get_name(archive_, index, ZIP_FL_ENC_GUESS);
    return visible(name == nullptr ? "" : name);
  }

  Error broken(std::uint64_t index) const {
    return invalid(fmt::format("\"{}\" in the zip archive is broken: {}", shown(index),
                               zip_strerror(archive_)));
  }

  zip_t* archive_;
  std::size_t bytes_;  ///< of the archive itself: entries may share theirs
  Names names_;
  ArchiveLimits const& limits_;
  std::uint64_t said_ = 0;
  std::uint64_t unpacked_ = 0;
};

}  // namespace

Result<void> check_archive(std::string_view bytes, ArchiveLimits const& limits) {
  auto archive = open(bytes);
  if (!archive) return archive.error();
  return Checker(archive->get(), bytes, limits).run();
}

}  // namespace tenantry
