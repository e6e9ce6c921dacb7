// `moved` and `removed`: what the configuration says of addresses that are no longer declared.
#pragma once
#include <map>
#include <set>
#include <string>

#include "engine/config/model.hpp"
#include "engine/config/report.hpp"

namespace tenantry::config {

/// Reads the list under `moved` into the model.
void read_moved(Node const& list, Model& model, Reporter& reporter);
/// Reads the list under `removed` into the model.
void read_removed(Node const& list, Model& model, Reporter& reporter);

/// Compares them with what the tenants declare.
class MovesCheck {
 public:
  /// Both must outlive the check; the model has read `moved` and `removed`.
  MovesCheck(Model const& model, Reporter& reporter);

  /// Notes what one tenant declares.
  void see(Tenant const& tenant);
  /// Notes a tenant of which nobody knows what it declares (reported).
  void see_broken(std::string const& key);
  void finish();
  /// The same where there may be tenants that were not seen (reported): none counts as missing.
  void finish_without_some();

 private:
  using Targets = std::map<Address, Moved const*>;

  void check_moved(Moved const& moved, Targets const& by_from);
  void check_cycle(Moved const& moved, Targets const& by_from);
  void check_removed(Removed const& removed);
  /// The first declared address that `pattern` means; nothing where there is none.
  std::optional<Address> declared(Address const& pattern) const;

  Model const& model_;
  Reporter& reporter_;
  void expect(Address const& pattern);
  void note(Address const& address);

  bool may_be_declared(Address const& pattern) const;

  std::set<std::string> broken_;
  bool all_seen_ = true;
  /// What `moved` and `removed` are about, and whether it is declared.
  std::map<Address, bool> named_;
  /// Section and key of what they mean in every tenant, and the first tenant that declares it.
  std::map<std::pair<std::string, std::string>, std::optional<std::string>> in_all_;
};

}  // namespace tenantry::config
