// What changed since the last commit, and the SQLite file that it goes to.
#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/error.hpp"
#include "engine/core/value.hpp"

namespace tenantry::emulator {

/// One object as it lies in the data file. `owner` is a tenant's id, or "" for what belongs to
/// none.
struct StoredObject {
  std::string owner;
  std::string kind;
  std::string id;
  std::uint64_t sequence = 0;
  Object data;
};

/// Collects changes and writes them to the data file in one transaction. Without a file it does
/// nothing. Commits reach the system before commit() returns, so that they outlive the process;
/// they are not forced to the disk: this is test data.
class Changes {
 public:
  Changes();
  ~Changes();
  Changes(Changes const&) = delete;
  Changes& operator=(Changes const&) = delete;

  /// Opens or creates the data file (0600) and gives every object in it to `on_object`.
  /// Errors: corrupt (not a data file of the emulator), locked (another emulator has it), io.
  Result<void> open(std::filesystem::path const& file,
                    std::function<void(StoredObject)> const& on_object);

  void put(std::string_view owner, std::string_view kind, std::uint64_t sequence,
           std::string_view id, Object const& data);
  void erase(std::string_view owner, std::string_view kind, std::string_view id);
  void erase_owner(std::string_view owner);
  void erase_all();

  /// Writes what was noted. Errors: io; what was noted stays noted and is tried again next time.
  Result<void> commit();

 private:
  struct Database;
  enum class Action { put, erase, erase_owner, erase_all };
  struct Change {
    Action action;
    std::string owner, kind, id;
    std::uint64_t sequence = 0;
    std::string json;
  };
  void note(Change change);

  std::unique_ptr<Database> database_;
  std::vector<Change> pending_;
};

}  // namespace tenantry::emulator
