#include "state/state_reader.hpp"

#include <fmt/format.h>

#include "state/state_file.hpp"

namespace tenantry::state {

StateReader::Signature StateReader::look() const {
  struct stat file{};
  struct stat wal{};
  Signature signature;
  if (::stat(path_.c_str(), &file) == 0) {
    signature.device = file.st_dev;
    signature.inode = file.st_ino;
    signature.bytes = file.st_size;
    signature.changed_ns = file.st_mtim.tv_sec * 1'000'000'000 + file.st_mtim.tv_nsec;
  }
  if (::stat(wal_of(path_).c_str(), &wal) == 0) signature.wal_bytes = wal.st_size;
  return signature;
}

Result<Connection> StateReader::open() {
  seen_ = look();
  immutable_ = seen_.wal_bytes == 0;
  return open_state_file(path_, immutable_ ? Access::immutable : Access::read, busy_max_);
}

Result<void> StateReader::read(Connection& db, CommitQueue::Work<void> const& work) {
  constexpr int kAttemptsMax = 5;
  for (int attempt = 0; attempt < kAttemptsMax; ++attempt) {
    if (outdated()) {
      auto fresh = open();
      if (!fresh) return fresh.error();
      db = std::move(*fresh);
    }
    auto done = read_in_transaction(db, work);
    if (!outdated()) return done;
  }
  return Error(Errc::io, fmt::format("the state {} changes while it is read", path_.string()),
               "run the command again when no other is writing the state");
}

}  // namespace tenantry::state
