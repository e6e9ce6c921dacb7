#include "state/state_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "state/tombstone.hpp"

namespace tenantry::state {
namespace fs = std::filesystem;
namespace {

constexpr std::uint32_t kApplicationId = 0x544e5259;  // "TNRY"; migrations/0001_initial.sql sets it
constexpr std::string_view kMagic("SQLite format 3\0", 16);

Error io_error(std::string_view what, fs::path const& path, int number, std::string hint = {}) {
  return {Errc::io, fmt::format("cannot {} {}: {}", what, path.string(), std::strerror(number)),
          std::move(hint)};
}

/// The big-endian number at `offset` of SQLite's header (sqlite.org/fileformat2.html, 1.3).
std::uint32_t number_at(std::string_view header, std::size_t offset) {
  std::uint32_t number = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    number = number << 8 | static_cast<unsigned char>(header[offset + i]);
  }
  return number;
}

/// What a file is that does not begin like a state.
std::string kind_of(std::string_view head) {
  if (head.starts_with(kMagic)) return "a SQLite database of another program";
  if (kMagic.starts_with(head.substr(0, kMagic.size()))) return "cut off";
  auto const first = head.find_first_not_of(" \t\r\n");
  if (first != std::string_view::npos && (head[first] == '{' || head[first] == '[')) {
    bool const terraform = head.find("\"terraform_version\"") != std::string_view::npos ||
                           head.find("\"lineage\"") != std::string_view::npos;
    return terraform ? "a state of Terraform, which Tenantry cannot read" : "a JSON file";
  }
  return "not a state of Tenantry";
}

/// Whether the last page is not whole. SQLite would read what is missing as zeroes. Beside a WAL it
/// may be so: then the page is written again from there.
bool ends_inside_a_page(std::string_view header, fs::path const& path) {
  struct stat file{};
  struct stat wal{};
  if (::stat(path.c_str(), &file) != 0) return false;
  if (::stat(wal_of(path).c_str(), &wal) == 0 && wal.st_size > 0) return false;
  auto const size = number_at(header, 16) >> 16;  // two bytes; 1 stands for 65,536
  return file.st_size % (size <= 1 ? 65'536 : static_cast<off_t>(size)) != 0;
}

Result<void> check_header(Connection const& db) {
  auto const head = db.bytes(0, 4096);
  if (!head) return head.error();
  bool const ours =
      head->size() >= 100 && head->starts_with(kMagic) && number_at(*head, 68) == kApplicationId;
  if (ours && !ends_inside_a_page(*head, db.location())) return {};
  return corrupt_error(fmt::format("{} is {}", db.location(), ours ? "cut off" : kind_of(*head)),
                       db.location());
}

Result<int> schema_version(Connection& db) {
  auto rows = db.query("SELECT schema_version FROM meta");
  auto const row = rows.next();
  if (row && *row) return static_cast<int>(rows.integer(0));
  if (!row && row.error().code != Errc::internal) return row.error();  // internal: no such table
  return corrupt_error(fmt::format("the state {} has lost its head", db.location()), db.location());
}

Result<void> quick_check(Connection& db) {
  auto rows = db.query("PRAGMA quick_check(1)");
  auto const row = rows.next();
  if (!row) return row.error();
  auto const verdict = *row ? rows.text(0) : "no answer";
  if (verdict == "ok") return {};
  return corrupt_error(fmt::format("the state {} is damaged: {}", db.location(), verdict),
                       db.location());
}

/// The bytes of a new state.
Result<std::string> new_image(Clock const& clock, Random& random) {
  auto db = Connection::open_in_memory();
  if (!db) return db.error();
  auto const steps = migrations();
  for (auto const& step : steps) {
    auto done = db->execute(step.sql);
    if (!done) return done.error();
  }
  auto written =
      db->query(
            "INSERT INTO meta (one, lineage, salt, schema_version, created_at)"
            " VALUES (1, ?, ?, ?, ?)")
          .with(random.hex(16), random.hex(32), steps.back().version, format_time(clock.wall()))
          .run();
  if (!written) return written.error();
  auto image = db->image();
  // Write and read version 2 (fileformat2.html, 1.3.3): the file is in WAL mode from birth, where
  // two processes that both switched it on would wait for each other.
  if (image) (*image)[18] = (*image)[19] = 2;
  return image;
}

/// Closed, and the file removed, unless it was given its real name.
class TemporaryFile {
 public:
  explicit TemporaryFile(fs::path const& beside)
      : name_((beside.parent_path() / ("." + beside.filename().string() + ".XXXXXX")).string()),
        fd_(::mkostemp(name_.data(), O_CLOEXEC)) {}
  TemporaryFile(TemporaryFile const&) = delete;
  TemporaryFile& operator=(TemporaryFile const&) = delete;
  ~TemporaryFile() {
    if (fd_ < 0) return;
    ::close(fd_);
    if (!renamed_) ::unlink(name_.c_str());
  }
  int fd() const { return fd_; }

  /// False, with errno, when it could not be written whole.
  bool write(std::string_view bytes) const {
    while (!bytes.empty()) {
      auto const n = ::write(fd_, bytes.data(), bytes.size());
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(n));
    }
    return ::fchmod(fd_, 0600) == 0 && ::fsync(fd_) == 0;
  }

  /// False, with errno (EEXIST: the name is taken), when it could not be renamed.
  bool rename_to(fs::path const& name) {
    if (::renameat2(AT_FDCWD, name_.c_str(), AT_FDCWD, name.c_str(), RENAME_NOREPLACE) == 0) {
      renamed_ = true;
      return true;
    }
    if (errno != EINVAL && errno != ENOSYS) return false;
    return ::link(name_.c_str(), name.c_str()) == 0;  // a file system that cannot do the above
  }

 private:
  std::string name_;
  int fd_;
  bool renamed_ = false;
};

Result<void> sync_folder(fs::path const& folder) {
  int const fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return io_error("open the folder", folder, errno);
  int const failure = ::fsync(fd) == 0 ? 0 : errno;
  ::close(fd);
  if (failure != 0) return io_error("sync the folder", folder, failure);
  return {};
}

Error missing_error(fs::path const& path) {
  struct stat info{};
  if (::lstat(path.c_str(), &info) == 0 && S_ISLNK(info.st_mode)) {
    return {Errc::io,
            fmt::format("{} is a symbolic link to a file that is not there", path.string()),
            "mend or remove the link, or name the state with --state"};
  }
  if (::stat(wal_of(path).c_str(), &info) == 0 && info.st_size > 0) {
    return corrupt_error(
        fmt::format("the state {} is missing, but its last commits are there in {}", path.string(),
                    wal_of(path).string()),
        path.string());
  }
  return {Errc::not_found, fmt::format("there is no state {}", path.string()),
          "name the state with --state; `tenantry apply` makes a new one where none is"};
}

}  // namespace

fs::path wal_of(fs::path const& path) { return path.string() + "-wal"; }

Result<fs::path> locate_state_file(fs::path const& path) {
  struct stat info{};
  if (::stat(path.c_str(), &info) != 0) {
    if (errno == ENOENT) return missing_error(path);
    return io_error("open the state", path, errno,
                    "check the permissions of the file and of the folders above it");
  }
  if (!S_ISREG(info.st_mode)) {
    return Error(Errc::io,
                 fmt::format("{} is {}", path.string(),
                             S_ISDIR(info.st_mode) ? "a folder" : "not a regular file"),
                 "name a file with --state");
  }
  if (info.st_size == 0) {
    return corrupt_error(
        fmt::format("the state {} is empty, which a state never is: its content is lost",
                    path.string()),
        path.string());
  }
  std::error_code failure;
  auto real = fs::canonical(path, failure);
  if (failure) return io_error("open the state", path, failure.value());
  return real;
}

Result<void> create_state_file(fs::path const& path, Clock& clock, Random& random) {
  auto const image = new_image(clock, random);
  if (!image) return image.error();
  auto const name = fs::absolute(path);
  TemporaryFile file(name);
  if (file.fd() < 0) {
    return io_error("make a state in", name.parent_path(), errno,
                    "the folder of the state must exist and be writable; another file is named "
                    "with --state");
  }
  if (!file.write(*image)) {
    return io_error("write the new state", name, errno, "free space on this disk");
  }
  // Whoever comes second uses the file of the first.
  if (!file.rename_to(name) && errno != EEXIST) return io_error("make the state", name, errno);
  return sync_folder(name.parent_path());
}

Result<Connection> open_state_file(fs::path const& path, Access access,
                                   std::chrono::milliseconds busy_max) {
  auto db = Connection::open(path, access, busy_max);
  if (!db) return db;
  auto ours = check_header(*db);
  if (!ours) return ours.error();
  auto configured = db->configure();
  if (!configured) return configured.error();
  return db;
}

Depth depth_for(fs::path const& path) {
  // A whole check reads every page: 0.7 s for 100 MB (100,000 resources), too much before each
  // plan. What a crash or a half-made copy leaves behind shows in the WAL or in the file's size,
  // and SQLite itself refuses a size that is wrong. So a big file is read whole only when a WAL
  // says that its last user did not close it (or is still at work); a small one always, in 0.2 s at
  // most. Damage that is missed here is found when the page is read (cell_size_check), or the row.
  constexpr off_t kSmall = 32 << 20;
  struct stat file{};
  struct stat wal{};
  bool const small = ::stat(path.c_str(), &file) == 0 && file.st_size <= kSmall;
  bool const left_open = ::stat(wal_of(path).c_str(), &wal) == 0 && wal.st_size > 0;
  return small || left_open ? Depth::whole : Depth::head;
}

Result<void> check_state(Connection& db, Depth depth) {
  auto const version = schema_version(db);
  if (!version) return version.error();
  auto const newest = migrations().back().version;
  if (*version > newest) {
    return Error(Errc::corrupt,
                 fmt::format("the state {} has version {}; this program knows versions up to {}",
                             db.location(), *version, newest),
                 "a newer tenantry has written it: use that one or a later one");
  }
  if (*version < 1) {
    return corrupt_error(fmt::format("the state {} has version {}", db.location(), *version),
                         db.location());
  }
  return depth == Depth::whole ? quick_check(db) : Result<void>();
}

Result<void> migrate(Connection& db, std::span<Migration const> steps) {
  auto before = schema_version(db);
  if (!before) return before.error();
  if (*before >= steps.back().version) return {};
  auto transaction = Transaction::begin(db, Transaction::Kind::write);
  if (!transaction) return transaction.error();
  before = schema_version(db);  // another process may have been faster
  if (!before) return before.error();
  for (auto const& step : steps) {
    if (step.version <= *before) continue;
    auto done = db.execute(step.sql);
    if (!done) return done.error();
    done = db.query("UPDATE meta SET schema_version = ?").with(step.version).run();
    if (!done) return done.error();
  }
  return transaction->commit();
}

Result<StoreInfo> read_info(Connection& db) {
  auto rows = db.query("SELECT lineage, salt, schema_version FROM meta");
  auto const row = rows.next();
  if (!row) return row.error();
  StoreInfo info;
  if (*row) info = {rows.text(0), static_cast<int>(rows.integer(2)), rows.text(1), db.location()};
  if (!info.lineage.empty() && !info.salt.empty()) return info;
  return corrupt_error(fmt::format("the state {} has lost its head", db.location()), db.location());
}

Result<void> check_here(Connection& db, std::string const& lineage) {
  auto rows = db.query("SELECT lineage, moved_to, moved_at, arriving_from FROM meta");
  auto const row = rows.next();
  if (!row) return row.error();
  if (!*row || rows.text(0) != lineage) return replaced_error(db.location());
  auto moved = moved_error({rows.text(1), rows.text(2), rows.text(3)}, db.location());
  if (moved) return *moved;
  return {};
}

}  // namespace tenantry::state
