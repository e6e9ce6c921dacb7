#include "state/model.hpp"

namespace tenantry::state {

ResourceRecord const* TenantState::find(Address const& address) const {
  auto const found = resources.find(address);
  return found == resources.end() ? nullptr : &found->second;
}

}  // namespace tenantry::state
