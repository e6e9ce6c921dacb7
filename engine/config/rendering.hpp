// The merged configuration of a tenant as one object, with the place of every value; its digest.
#pragma once
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "engine/config/configuration.hpp"
#include "engine/config/evaluator.hpp"
#include "engine/config/resource_reader.hpp"

namespace tenantry::config {

/// Fills `Tenant::rendered` and its origins, in the order of the calls.
class Rendering {
 public:
  Rendering(Object& object, std::map<std::string, SourceRange>& origins)
      : object_(object), origins_(origins) {}

  /// Region, hostname and the other keys that only a tenant has, as its `entry` writes them.
  void own_keys(Tenant const& tenant, TenantEntry const& entry, Evaluator const& evaluator);
  void add(std::string_view key, Value value, Mark const& where);
  /// `origins` have pointers that begin with the key.
  void add_tree(std::string_view key, Value value, Places const& origins);
  void add_tenant(ReadResource const& self);
  void add_resource(ReadResource const& resource);

 private:
  Object block(ReadResource const& resource, std::string const& pointer);
  void attribute(ReadResource const& resource, std::string const& name, std::string const& pointer,
                 Object& target);
  void extras(ReadResource const& resource, std::string const& pointer, Object& target);

  Object& object_;
  std::map<std::string, SourceRange>& origins_;
};

/// Of everything that is desired of the tenant; secrets count by the names of their variables.
std::string digest_of_tenant(Tenant const& tenant, DesiredResource const& self,
                             std::vector<ReadResource> const& resources);

}  // namespace tenantry::config
