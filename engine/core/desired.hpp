// One declared resource after expansion: what the configuration wants, and where it says so.
#pragma once
#include <filesystem>
#include <map>
#include <optional>
#include <string>
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
  std::map<std::string, SourceRange> origins;

  /// The place of `pointer`, of its nearest parent, or of the block.
  SourceRange const& origin(std::string const& pointer) const;
};

}  // namespace tenantry
