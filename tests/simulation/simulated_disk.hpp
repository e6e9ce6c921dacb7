// What survives the end of a process: its state, and the secrets that were delivered.
#pragma once
#include <map>
#include <string>

#include "engine/core/address.hpp"
#include "engine/core/secret.hpp"
#include "state/sqlite.hpp"
#include "state/store.hpp"

namespace tenantry::simulation {

/// A state in memory, with the tables of the local backend.
class SimulatedDisk {
 public:
  SimulatedDisk(Clock const& clock, Random& random);

  state::Connection& connection() { return connection_; }
  state::StoreInfo const& info() const { return info_; }
  /// Every byte of it, for looking for what must not be there.
  std::string image() const;

 private:
  static state::Connection make(Clock const& clock, Random& random);

  state::Connection connection_;
  state::StoreInfo info_;
};

/// What a sink holds for an address.
struct DeliveredSecret {
  std::string client_id;
  Secret secret;
  std::string host;
};
using Vault = std::map<Address, DeliveredSecret>;

}  // namespace tenantry::simulation
