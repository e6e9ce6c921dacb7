#include "engine/core/desired.hpp"

namespace tenantry {

SourceRange const& DesiredResource::origin(std::string const& pointer) const {
  for (auto path = pointer; !path.empty(); path.resize(path.rfind('/'))) {
    auto const found = origins.find(path);
    if (found != origins.end()) return found->second;
  }
  return where;
}

}  // namespace tenantry
