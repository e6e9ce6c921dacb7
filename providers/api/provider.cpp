#include "providers/api/provider.hpp"

#include <algorithm>

namespace tenantry {

ResourceType const* Provider::find(std::string_view section) const {
  auto const& all = types();
  auto const found = std::ranges::find_if(
      all, [&](auto const* type) { return type->schema().section == section; });
  return found == all.end() ? nullptr : *found;
}

std::vector<Schema const*> Provider::schemas() const {
  std::vector<Schema const*> out{&tenant().schema()};
  for (auto const* type : types()) out.push_back(&type->schema());
  return out;
}

}  // namespace tenantry
