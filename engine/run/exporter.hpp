// A live tenant as the configuration that describes it.
#pragma once
#include <map>
#include <set>
#include <string>
#include <vector>

#include "engine/run/context.hpp"

namespace tenantry::run {

struct ExportedTenant {
  std::string key;
  Object body;  ///< what stands under the tenant's key in the YAML
  /// What people should know of a part of it, by JSON pointer; "" is the tenant.
  std::map<std::string, std::vector<std::string>> comments;
  std::vector<DeclaredFile> files;  ///< that its blueprint names
};

struct ExportRequest {
  std::string key;  ///< empty: made from the tenant's name; needed with a blueprint
  std::string region;
  std::string hostname;
  /// Of the configuration; where it is not empty, only what differs from it is written. What it
  /// needs as `values` is taken from what is live, where the blueprint tells.
  std::string blueprint = {};
};

/// Reads a tenant and everything in it that can be declared: all kinds, without the platform's own
/// objects and without secrets. References become the keys of what is exported too, else names.
/// What cannot be told is left out with a comment. Errors: those of reading.
Task<ExportedTenant> export_tenant(Context& context, ExportRequest request);

/// Exports several tenants side by side, `parallelism` at a time. A tenant that cannot be read does
/// not stop the rest. In the order of `requests`. `ended` is told after each tenant how many have
/// ended; it may be empty, and must outlive the task.
Task<std::vector<Result<ExportedTenant>>> export_tenants(
    Context& context, std::vector<ExportRequest> requests, std::size_t parallelism,
    std::function<void(std::size_t)> const& ended);

/// A request for each active tenant of the organization, keys made from names. Errors: invalid
/// without an organization client.
Task<std::vector<ExportRequest>> whole_organization(Context& context, std::string blueprint);

/// The package of the object at `address`, a zip archive. Errors: not_found where the state does
/// not have it; invalid where its kind has none.
Task<std::string> export_package(Context& context, Address address);

/// "report-authors" of "Report Authors": a key that `taken` does not hold yet, and now does.
std::string make_key(std::string_view name, std::set<std::string>& taken);

}  // namespace tenantry::run
