// Where a plan keeps what need not be in memory. Internal to this layer.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/core/scratch_file.hpp"
#include "plans/plan.hpp"

namespace tenantry::plans {

/// Pieces of text, in memory as long as they are few, then in a file without a name. What is
/// written stays: a piece that is replaced leaves its old text behind.
class Spool {
 public:
  /// Bytes that stay in memory.
  static constexpr std::size_t kMemoryMax = std::size_t{4} << 20;

  /// Errors: io; too_large for a piece of 4 GiB.
  Result<SpoolPlace> add(std::string_view piece);
  Result<std::string> read(SpoolPlace place) const;

 private:
  std::uint64_t in_file() const { return file_ ? file_->size() : 0; }

  std::optional<ScratchFile> file_;
  std::string tail_;  ///< what follows the file's end
};

}  // namespace tenantry::plans
