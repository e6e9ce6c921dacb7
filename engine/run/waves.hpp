// Which tenant belongs to which wave of a rollout.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "engine/config/configuration.hpp"
#include "plans/plan.hpp"

namespace tenantry::run {

/// What --wave selects. Tenants that are only in state belong to the last wave.
class WaveFilter {
 public:
  /// Every tenant where `names` is empty. `configuration` must outlive the filter.
  /// Errors: invalid for a name that the rollout does not have.
  static Result<WaveFilter> of(config::Configuration const& configuration,
                               std::vector<std::string> const& names);
  bool includes(std::string_view tenant) const;

 private:
  explicit WaveFilter(config::Configuration const& configuration) : configuration_(configuration) {}
  config::Configuration const& configuration_;
  std::vector<bool> wanted_;  ///< by wave; empty: all
};

/// Gives the plan its waves and each tenant its own, as the configuration says. `in_state` are the
/// tenants of the state. A plan that destroys has no waves.
void assign_waves(plans::Plan& plan, config::Configuration const& configuration,
                  std::vector<std::string> const& in_state);

}  // namespace tenantry::run
