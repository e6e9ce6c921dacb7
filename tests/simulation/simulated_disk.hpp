// What survives the end of a process: its state, and the secrets that were delivered.
#pragma once
#include <map>
#include <string>

#include "engine/core/address.hpp"
#include "engine/core/secret.hpp"
#include "state/sqlite.hpp"
#include "state/store.hpp"
#include "tests/simulation/lifeline.hpp"

namespace tenantry::simulation {

/// A state in memory, with the tables of the local backend.
class SimulatedDisk {
 public:
  SimulatedDisk(Clock const& clock, Random& random);

  state::Connection& connection() { return connection_; }
  state::StoreInfo const& info() const { return info_; }
  /// Every byte of it, for looking for what must not be there.
  std::string image() const;
  /// Who holds the lock of which tenant.
  std::map<std::string, Lifeline const*>& locks() { return locks_; }

 private:
  static state::Connection make(Clock const& clock, Random& random);

  state::Connection connection_;
  state::StoreInfo info_;
  std::map<std::string, Lifeline const*> locks_;
};

/// What a sink holds.
struct DeliveredSecret {
  std::string client_id;
  Secret secret;
  std::string host;
};
/// By the sink, as the configuration writes it.
using Vault = std::map<std::string, DeliveredSecret>;

}  // namespace tenantry::simulation
