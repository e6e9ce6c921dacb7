// The files that a declared resource names, as its calls read them.
#pragma once
#include "engine/core/desired.hpp"
#include "providers/api/resource_type.hpp"

namespace tenantry::run {

/// Reads a file when a call needs it, and only the content that was planned.
class DeclaredFiles final : public Files {
 public:
  /// `declared` may be null (the resource is no longer declared); it must outlive this. `planned`
  /// are the attributes of the change: a file's value there is the digest of its content.
  DeclaredFiles(DesiredResource const* declared, Object const& planned)
      : declared_(declared), planned_(planned) {}

  Result<Content> read(std::string_view attribute) const override;

 private:
  DesiredResource const* declared_;
  Object const& planned_;
};

}  // namespace tenantry::run
