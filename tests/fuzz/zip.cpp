// Zip archives: packages of a configuration, and what is imported into the emulator.
#include "emulator/zip.hpp"

#include "emulator/di_archive.hpp"
#include "engine/core/archive.hpp"
#include "tests/fuzz/targets.hpp"

namespace tenantry::fuzz {
namespace {

void check(std::string_view bytes) {
  // As small as the inputs are: with the real limits a bomb is unpacked for a second before it is
  // one.
  ArchiveLimits limits;
  limits.entries_max = 100;
  limits.unpacked_bytes_max = 1U << 20;
  limits.ratio_from_bytes = 1U << 16;
  auto const checked = check_archive(bytes, limits);
  if (checked) return;
  ensure(checked.error().code == Errc::invalid, "a wrong archive is invalid");
  ensure(is_plain(checked.error().message), "a wrong archive is told in visible characters");
}

void read(std::string_view bytes) {
  (void)emulator::read_archive(bytes);
  auto const entries = emulator::read_zip(bytes);
  if (!entries) return;
  auto const packed = emulator::write_zip(*entries);
  if (!packed) return;  // two files of one name, for instance
  auto const again = emulator::read_zip(*packed);
  ensure(again.has_value() && again->size() == entries->size(), "a zip is read as it was written");
  for (std::size_t i = 0; i < entries->size(); ++i) {
    ensure((*again)[i].bytes == (*entries)[i].bytes, "a file of a zip is read as it was written");
  }
}

}  // namespace

void zip(std::string_view input) {
  check(input);
  read(input);
}

}  // namespace tenantry::fuzz
