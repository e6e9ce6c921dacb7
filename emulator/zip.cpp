#include "emulator/zip.hpp"

#include <fmt/format.h>
#include <zip.h>

#include <memory>

namespace tenantry::emulator {
namespace {

constexpr zip_int64_t kEntriesMax = 1000;
constexpr std::uint64_t kUnpackedMax = 16U << 20;
/// 1980-01-01, the first day of the format: an archive does not tell when it was made.
constexpr zip_uint16_t kDosDate = (1U << 5) | 1U;

struct Discard {
  void operator()(zip_t* archive) const { zip_discard(archive); }
};
using Archive = std::unique_ptr<zip_t, Discard>;

struct Close {
  void operator()(zip_file_t* file) const { zip_fclose(file); }
};
using File = std::unique_ptr<zip_file_t, Close>;

/// A source that outlives the archive that is written into it.
struct Free {
  void operator()(zip_source_t* source) const { zip_source_free(source); }
};
using Source = std::unique_ptr<zip_source_t, Free>;

Error broken(std::string_view what) {
  return {Errc::invalid, fmt::format("the bytes are no zip archive, or a damaged one: {}", what)};
}

Archive open(std::string_view bytes, zip_error_t& error) {
  auto* const source = zip_source_buffer_create(bytes.data(), bytes.size(), 0, &error);
  if (source == nullptr) return nullptr;
  Archive archive(zip_open_from_source(source, ZIP_RDONLY | ZIP_CHECKCONS, &error));
  if (!archive) zip_source_free(source);
  return archive;
}

Result<std::string> read_entry(zip_t* archive, zip_uint64_t index, std::uint64_t bytes_max) {
  zip_stat_t stat;
  if (zip_stat_index(archive, index, 0, &stat) != 0 || (stat.valid & ZIP_STAT_SIZE) == 0) {
    return broken("a file of it has no size");
  }
  if (stat.size > bytes_max) {
    return Error(Errc::too_large,
                 fmt::format("the archive has more than {} bytes unpacked", kUnpackedMax));
  }
  File const file(zip_fopen_index(archive, index, 0));
  if (!file) return broken(zip_strerror(archive));
  std::string bytes(stat.size, '\0');
  auto const size = zip_fread(file.get(), bytes.data(), bytes.size());
  // The checksum is compared where the file ends: only one read more tells.
  char beyond = 0;
  if (size != static_cast<zip_int64_t>(bytes.size()) || zip_fread(file.get(), &beyond, 1) != 0) {
    return broken("a file of it is not as long as it says, or not what was packed");
  }
  return bytes;
}

Error defect(zip_t* archive) {
  return {Errc::internal, fmt::format("cannot write a zip archive: {}", zip_strerror(archive))};
}

bool add(zip_t* archive, ZipEntry const& entry) {
  auto* const source = zip_source_buffer(archive, entry.bytes.data(), entry.bytes.size(), 0);
  if (source == nullptr) return false;
  auto const index = zip_file_add(archive, entry.name.c_str(), source, ZIP_FL_ENC_UTF_8);
  if (index < 0) {
    zip_source_free(source);
    return false;
  }
  return zip_file_set_dostime(archive, static_cast<zip_uint64_t>(index), 0, kDosDate, 0) == 0;
}

}  // namespace

Result<std::vector<ZipEntry>> read_zip(std::string_view bytes) {
  if (bytes.empty()) return broken("there are none");
  zip_error_t error;
  zip_error_init(&error);
  auto const archive = open(bytes, error);
  auto const reason = std::string(zip_error_strerror(&error));
  zip_error_fini(&error);
  if (!archive) return broken(reason);
  auto const count = zip_get_num_entries(archive.get(), 0);
  if (count > kEntriesMax) {
    return Error(Errc::too_large, fmt::format("the archive has more than {} files", kEntriesMax));
  }
  std::vector<ZipEntry> entries;
  auto left = kUnpackedMax;
  for (zip_uint64_t index = 0; index < static_cast<zip_uint64_t>(count); ++index) {
    auto const* const name = zip_get_name(archive.get(), index, ZIP_FL_ENC_GUESS);
    if (name == nullptr) return broken("a file of it has no name");
    if (std::string_view(name).ends_with('/')) continue;
    auto read = read_entry(archive.get(), index, left);
    if (!read) return read.error();
    left -= read->size();
    entries.push_back({name, std::move(*read)});
  }
  return entries;
}

Result<std::string> write_zip(std::span<ZipEntry const> entries) {
  zip_error_t error;
  zip_error_init(&error);
  Source const target(zip_source_buffer_create(nullptr, 0, 0, &error));
  Archive archive(target ? zip_open_from_source(target.get(), ZIP_TRUNCATE, &error) : nullptr);
  auto const reason = std::string(zip_error_strerror(&error));
  zip_error_fini(&error);
  if (!archive) {
    return Error(Errc::internal, fmt::format("cannot make a zip archive: {}", reason));
  }
  zip_source_keep(target.get());
  for (auto const& entry : entries) {
    if (!add(archive.get(), entry)) return defect(archive.get());
  }
  if (zip_close(archive.get()) != 0) return defect(archive.get());
  static_cast<void>(archive.release());
  zip_stat_t stat;
  if (zip_source_stat(target.get(), &stat) != 0 || zip_source_open(target.get()) != 0) {
    return Error(Errc::internal, "cannot read a zip archive that was just written");
  }
  std::string bytes(stat.size, '\0');
  auto const size = zip_source_read(target.get(), bytes.data(), bytes.size());
  zip_source_close(target.get());
  if (size != static_cast<zip_int64_t>(bytes.size())) {
    return Error(Errc::internal, "cannot read a zip archive that was just written");
  }
  return bytes;
}

}  // namespace tenantry::emulator
