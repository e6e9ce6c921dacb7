// A share of the tenants: what one of several runners works on.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "engine/core/error.hpp"

namespace tenantry {

/// Share `index` of `count`, from 1 to count.
struct Shard {
  static constexpr std::int32_t kCountMax = 10'000;

  std::int32_t index = 1;
  std::int32_t count = 1;

  /// True where the tenant is of this shard. It depends on the tenant's key and `count` alone: not
  /// on other tenants, nor on the machine or the version of the program. With one shard more, about
  /// 1/count of the tenants go to the new one, and all others stay where they are.
  bool holds(std::string_view tenant) const;
  /// "2/4"
  std::string text() const;
  bool operator==(Shard const&) const = default;
};

/// "2/4". Errors: invalid, saying what a shard looks like.
Result<Shard> parse_shard(std::string_view text);

/// The index, from 1, of the shard among `count` that the tenant belongs to.
std::int32_t shard_of(std::string_view tenant, std::int32_t count);

}  // namespace tenantry
