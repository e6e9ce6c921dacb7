// The objects of one kind in one tenant: ordered, found by id or natural key, every change noted.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>

#include "emulator/changes.hpp"
#include "engine/core/value.hpp"

namespace tenantry::emulator {

/// One object. Members of `data` whose name begins with '_' are the emulator's own and never
/// leave it.
struct Row {
  std::string id;
  Object data;
};

/// Hashes texts so that a view finds a string.
struct TextHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const {
    return std::hash<std::string_view>()(text);
  }
};

template <class T>
using ByText = std::unordered_map<std::string, T, TextHash, std::equal_to<>>;

class Table {
 public:
  /// The natural key of an object. Where two objects have one key, the first is found.
  using KeyOf = std::string (*)(Object const& data);

  /// `changes` must outlive the table. `key_of` may be null: there is no natural key.
  Table(Changes& changes, std::string owner, std::string name, KeyOf key_of);

  Row const* find(std::string_view id) const;
  Row const* find_by_key(std::string_view key) const;
  std::size_t size() const { return rows_.size(); }
  /// In the order of creation.
  std::map<std::uint64_t, Row> const& rows() const { return rows_; }

  /// Adds an object; `id` must be new.
  Row const& insert(std::string id, Object data);
  /// Puts `data` in the place of the object's; `id` must exist.
  void update(std::string_view id, Object data);
  void erase(std::string_view id);
  /// Adds an object that was read from disk: nothing is noted.
  /// Throws std::runtime_error where the sequence or the id is taken.
  void restore(std::uint64_t sequence, std::string id, Object data);

 private:
  void index(Row const& row);
  void unindex(Row const& row);

  Changes& changes_;
  std::string owner_;
  std::string name_;
  KeyOf key_of_;
  std::uint64_t next_sequence_ = 1;
  std::map<std::uint64_t, Row> rows_;
  ByText<std::uint64_t> by_id_;
  ByText<std::string> by_key_;  ///< natural key to id
};

}  // namespace tenantry::emulator
