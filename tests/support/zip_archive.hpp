// Zip archives for tests, made by libzip.
#pragma once
#include <doctest/doctest.h>
#include <sys/stat.h>
#include <zip.h>

#include <string>
#include <string_view>
#include <vector>

namespace tenantry::test {

struct ZipEntry {
  std::string name;
  std::string bytes;
  bool encrypted = false;
  bool symbolic_link = false;
};

/// The same entries always give the same bytes.
inline std::string zip_archive(std::vector<ZipEntry> const& entries) {
  zip_error_t error;
  zip_error_init(&error);
  auto* source = zip_source_buffer_create(nullptr, 0, 0, &error);
  REQUIRE(source != nullptr);
  zip_source_keep(source);
  auto* archive = zip_open_from_source(source, ZIP_TRUNCATE, &error);
  REQUIRE(archive != nullptr);
  for (auto const& entry : entries) {
    auto* content = zip_source_buffer(archive, entry.bytes.data(), entry.bytes.size(), 0);
    auto const index = zip_file_add(archive, entry.name.c_str(), content, ZIP_FL_ENC_UTF_8);
    REQUIRE(index >= 0);
    auto const at = static_cast<zip_uint64_t>(index);
    zip_file_set_mtime(archive, at, 1'700'000'000, 0);
    auto const mode = (entry.symbolic_link ? S_IFLNK : S_IFREG) | 0644U;
    zip_file_set_external_attributes(archive, at, 0, ZIP_OPSYS_UNIX, mode << 16);
    if (entry.encrypted) zip_file_set_encryption(archive, at, ZIP_EM_AES_256, "secret");
  }
  REQUIRE(zip_close(archive) == 0);
  REQUIRE(zip_source_open(source) == 0);
  zip_source_seek(source, 0, SEEK_END);
  std::string out(static_cast<std::size_t>(zip_source_tell(source)), '\0');
  zip_source_seek(source, 0, SEEK_SET);
  REQUIRE(zip_source_read(source, out.data(), out.size()) == static_cast<zip_int64_t>(out.size()));
  zip_source_close(source);
  zip_source_free(source);
  return out;
}

/// `archive` with every occurrence of `from` changed to `to`, of the same length: names are both
/// before the content and in the directory.
inline std::string patched(std::string archive, std::string_view from, std::string_view to) {
  REQUIRE(from.size() == to.size());
  for (auto at = archive.find(from); at != std::string::npos; at = archive.find(from, at)) {
    archive.replace(at, to.size(), to);
    at += to.size();
  }
  return archive;
}

}  // namespace tenantry::test
