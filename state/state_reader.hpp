// Reading a state without writing anything.
#pragma once
#include <sys/stat.h>

#include <chrono>
#include <cstdint>
#include <filesystem>

#include "state/commit_queue.hpp"
#include "state/sqlite.hpp"

namespace tenantry::state {

/// Opens a state for reading. A file that somebody writes has a WAL beside it, and is read with
/// SQLite's own locks. One that nobody has open has none; there SQLite would make the WAL's files
/// anew, which a read must not do and in a folder without write permission cannot. So that file is
/// opened as immutable, and is looked at again after each read: did it change, the read is
/// repeated.
class StateReader {
 public:
  /// `path` as locate_state_file gives it.
  StateReader(std::filesystem::path path, std::chrono::milliseconds busy_max)
      : path_(std::move(path)), busy_max_(busy_max) {}

  /// Errors: those of open_state_file.
  Result<Connection> open();
  /// `work` in one moment of the state, with `db` from open(), which is replaced when the file has
  /// changed. May run it several times. Errors: io when the file changes again and again.
  Result<void> read(Connection& db, CommitQueue::Work<void> const& work);

 private:
  /// What is different after every change of the file.
  struct Signature {
    dev_t device = 0;
    ino_t inode = 0;
    off_t bytes = 0;
    std::int64_t changed_ns = 0;
    off_t wal_bytes = 0;
    bool operator==(Signature const&) const = default;
  };
  Signature look() const;
  bool outdated() const { return immutable_ && look() != seen_; }

  std::filesystem::path path_;
  std::chrono::milliseconds busy_max_;
  Signature seen_;
  bool immutable_ = false;
};

}  // namespace tenantry::state
