// What a YAML file says, with the place of every part: the values that the configuration is made
// of.
#pragma once
#include <compare>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/config/placeholders.hpp"
#include "engine/core/diagnostic.hpp"
#include "engine/core/value.hpp"

namespace tenantry::config {

/// A file that was read. Marks point to it, so it must outlive every tree made from it.
struct Source {
  std::string name;            ///< as the user would type it: in messages
  std::filesystem::path path;  ///< how to open it
  int order = 0;               ///< sources are read in this order; "later" means a higher one
  bool connections = false;    ///< the file of --connections
};

/// A place in a source. Lines and columns count from 1, columns in characters.
struct Mark {
  Source const* source = nullptr;
  int line = 0;
  int column = 0;

  SourceRange range() const;
  /// In the order of sources, then of places.
  std::strong_ordering operator<=>(Mark const& other) const;
  bool operator==(Mark const& other) const = default;
};

class Node;
/// Trees are immutable and shared: an alias, a merge and 1,000 tenants of a blueprint all point to
/// the same nodes.
using NodePtr = std::shared_ptr<Node const>;

/// A key of a map with its value.
struct Member {
  std::string key;
  Mark key_mark;
  NodePtr value;
};

/// Null, a scalar, a list, a map, lists to be joined (what `$append` becomes in a merge), or a
/// whole tree as bytes (packed_tree.hpp). There are many of them: the order of the members and
/// their types make a node small.
class Node {
 public:
  enum class Type : std::uint8_t { null, scalar, list, map, join, packed };

  Type type = Type::null;
  bool has_placeholder = false;  ///< a scalar with `${` in it
  std::int8_t text_offset = -1;  ///< columns from the mark to the text; -1: not on one line
  std::uint32_t size = 1;        ///< nodes in the tree, aliases expanded
  Mark mark;
  Value scalar = nullptr;       ///< text, number, true or false; of a packed tree: its bytes
  std::vector<NodePtr> items;   ///< of a list; of a join: what gives the lists
  std::vector<Member> members;  ///< of a map, in written order
  /// Of a scalar with a placeholder: its text, taken apart once for all tenants.
  std::shared_ptr<ParsedText const> parsed;

  bool is_null() const { return type == Type::null; }
  bool is_map() const { return type == Type::map; }
  bool is_list() const { return type == Type::list; }
  /// A scalar that is a text.
  bool is_text() const { return type == Type::scalar && scalar.is_string(); }
  /// The text; `is_text()` must hold.
  std::string_view text() const { return std::string_view(scalar.get_string()); }
  /// The member of a map, or nullptr.
  Member const* find(std::string_view key) const;
  /// The value of a member; nullptr when it is missing or null.
  Node const* value_of(std::string_view key) const;
};

/// "a text", "a list", "a map", ...: for messages.
std::string_view describe_type(Node const& node);
/// The same for a value.
std::string_view describe_type(Value const& value);

NodePtr make_map(Mark mark, std::vector<Member> members);
NodePtr make_list(Mark mark, std::vector<NodePtr> items);
NodePtr make_join(Mark mark, std::vector<NodePtr> parts);
NodePtr make_scalar(Mark mark, Value value);

/// The tree as a plain value: no placeholder is replaced. Nulls stay.
Value to_value(Node const& node);

/// The tree of a plain value, without places.
NodePtr from_value(Value const& value);

/// Follows `path` into maps: the whole rest as a key first, then up to a dot. nullptr where it
/// leads nowhere.
Value const* member_at(Value const& value, std::string_view path);

/// The names of the keys.
std::vector<std::string> keys_of(Node const& map);

}  // namespace tenantry::config
