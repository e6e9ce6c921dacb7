// One declared resource after expansion: what the configuration wants, and where it says so.
#pragma once
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/core/address.hpp"
#include "engine/core/diagnostic.hpp"
#include "engine/core/value.hpp"

namespace tenantry {

struct Lifecycle {
  bool prevent_destroy = false;
  bool adopt = false;                       ///< take over a live object with the same natural key
  std::vector<std::string> ignore_changes;  ///< attribute names whose live value wins
};

/// A file that an attribute names. The attribute's value is its digest, so that a file with another
/// name and the same content is no change.
struct DeclaredFile {
  std::filesystem::path path;  ///< absolute
  std::string shown;           ///< as written, for people
  std::string digest;          ///< "md5:<hex>" or "sha256:<hex>", as FileRule says
  std::string content_type;
  std::size_t bytes = 0;
};

/// Where values were written, by JSON pointer, in the order in which they were found.
class Places {
 public:
  using Entry = std::pair<std::string, SourceRange>;
  /// The first place that a pointer is given counts.
  void emplace(std::string pointer, SourceRange where);
  /// nullptr where the pointer has no place of its own.
  SourceRange const* find(std::string_view pointer) const;
  std::vector<Entry>::const_iterator begin() const { return entries_.begin(); }
  std::vector<Entry>::const_iterator end() const { return entries_.end(); }

 private:
  std::vector<Entry> entries_;  ///< mostly a handful: then a look-up goes through them
  std::map<std::string, std::size_t, std::less<>> index_;  ///< of many
};

struct DesiredResource {
  Address address;
  Object attributes;  ///< what was written, placeholders replaced; may hold deferred values
  Object meta;        ///< Use::meta attributes, e.g. deliverSecret
  std::map<std::string, DeclaredFile> files = {};  ///< by attribute, of Format::file
  Lifecycle lifecycle;
  /// What must exist first: written dependsOn and keys named by attributes with `refers_to`.
  std::vector<Address> depends_on;
  SourceRange where;  ///< the key of its block
  /// Place of each written attribute by JSON pointer ("/assignedRoles/1"); parents included.
  Places origins;

  /// The place of `pointer`, of its nearest parent, or of the block.
  SourceRange const& origin(std::string_view pointer) const;
};

}  // namespace tenantry
