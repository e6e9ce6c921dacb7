// A row of either database.
#pragma once
#include <cstdint>
#include <string>

namespace tenantry::state {

/// The present row of a result; columns count from 0.
class Row {
 public:
  virtual ~Row() = default;
  virtual std::string text(int column) const = 0;
  virtual std::int64_t integer(int column) const = 0;
};

}  // namespace tenantry::state
