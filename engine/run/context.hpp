// What every run works with.
#pragma once
#include <chrono>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "engine/config/configuration.hpp"
#include "engine/core/clock.hpp"
#include "engine/core/random.hpp"
#include "engine/core/shard.hpp"
#include "engine/run/events.hpp"
#include "engine/run/secret_sink.hpp"
#include "providers/api/provider.hpp"
#include "state/store.hpp"

namespace tenantry::run {

/// Set once by the first Ctrl-C: no new call starts, running ones end and are recorded.
class StopFlag {
 public:
  void request() { requested_ = true; }
  bool requested() const { return requested_; }

 private:
  bool requested_ = false;
};

/// Everything from outside; all of it must outlive the run. One I/O thread.
struct Context {
  config::Configuration const& configuration;
  Provider const& provider;
  Platform& platform;
  state::Store& store;
  Clock& clock;
  Random& random;
  Observer& observer;
  SecretSinks& sinks;
  StopFlag const& stop;
  /// Set for the embedded emulator: stands for every licence key, and tenants' own credentials are
  /// not used.
  std::optional<Secret> emulated_license_key = {};
};

/// Which tenants and resources a run looks at. Empty `targets`: all.
struct Selection {
  std::vector<std::string> targets;  ///< addresses and globs
  std::vector<std::string> excludes;
  std::optional<Shard> shard = {};      ///< of the tenants; all where there is none
  std::vector<std::string> waves = {};  ///< names of --wave; empty: every tenant
  bool includes(Address const& address) const;
  /// True where `excludes` say so: not even as something that another change needs.
  bool leaves_out(Address const& address) const;
  /// False where no address of the tenant can be meant; waves are a WaveFilter's.
  bool includes_tenant(std::string const& tenant) const;
};

/// What the configuration says of a tenant; nullptr where it declares none of this key.
config::TenantSummary const* declared_tenant(config::Configuration const& configuration,
                                             std::string_view key);

/// Signs in with the configuration's credentials: reveals what the selected tenants need.
/// `endpoint` replaces the region's and the organization's (the embedded emulator); then the
/// emulator's own credential is used. All missing variables are reported together.
Result<PlatformAccess> platform_access(config::Configuration const& configuration,
                                       Selection const& selection, Diagnostics& diagnostics);

}  // namespace tenantry::run
