// What a plan leaves as it is, for Terraform's representation, which lists it nevertheless.
#pragma once
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "engine/core/scratch_file.hpp"
#include "plans/plan.hpp"

namespace tenantry::plans {

/// Keeps no-ops as the text that they will be in a file without a name, so that memory does not
/// grow with them. Gone with the object, or the process.
class UnchangedFile {
 public:
  /// One no-op, as it stands in the lists of the representation.
  struct Entry {
    Address address;
    std::string change;         ///< of resource_changes
    std::string planned_value;  ///< of planned_values; empty where nothing is left
  };

  /// In the folder for temporary files. Errors: io.
  static Result<UnchangedFile> create();

  /// To be called once for each tenant. Errors: io, as of a full disk.
  Result<void> add(std::string const& tenant, std::vector<Change> const& unchanged);
  /// Those of one tenant, in the order in which they were added; none of an unknown one.
  /// Errors: io.
  Result<std::vector<Entry>> of(std::string const& tenant) const;

 private:
  struct Part {
    std::uint64_t offset = 0;
    std::size_t size = 0;
  };
  explicit UnchangedFile(ScratchFile file) : file_(std::move(file)) {}

  ScratchFile file_;
  std::map<std::string, Part> parts_;
};

}  // namespace tenantry::plans
