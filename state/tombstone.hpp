// What is left of a state that was moved to another place, and what that means to who asks for it.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "engine/core/error.hpp"

namespace tenantry::state {

struct Tombstone {
  std::string moved_to;       ///< location of the state's new place; empty: it is here
  std::string moved_at;       ///< RFC 3339
  std::string arriving_from;  ///< location of the old place while a copy of it is made here
  bool operator==(Tombstone const&) const = default;
};

/// Why the state at `location` cannot be used; none where it can.
std::optional<Error> moved_error(Tombstone const& tombstone, std::string_view location);

/// The state at `location` is not the one that was opened there.
Error replaced_error(std::string_view location);

}  // namespace tenantry::state
