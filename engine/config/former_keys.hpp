// Keys that tenants of a fleet had before.
#pragma once
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/diagnostic.hpp"

namespace tenantry::config {

/// What the state has under a former key belongs to the present one; found from either side.
class FormerKeys {
 public:
  struct Entry {
    std::string present;
    SourceRange where;
  };

  /// False where the former key is taken: by what entry() gives.
  bool add(std::string former, std::string present, SourceRange where);
  /// nullptr: it is no former key.
  Entry const* entry(std::string_view former) const;
  /// The former keys of a tenant, sorted.
  std::vector<std::string> of(std::string_view present) const;
  std::map<std::string, Entry, std::less<>> const& all() const { return by_former_; }

 private:
  std::map<std::string, Entry, std::less<>> by_former_;
  std::multimap<std::string, std::string, std::less<>> by_present_;
};

}  // namespace tenantry::config
