// What a plan does about a resource's secret besides its attributes: rotation and retirement.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "engine/run/secret_record.hpp"
#include "plans/plan.hpp"

namespace tenantry::run {

/// Travels in Change::meta, so that a saved plan has it.
struct SecretSteps {
  bool rotate = false;              ///< a new secret is made and delivered
  std::vector<std::string> retire;  ///< hints of old ones that go
  bool any() const { return rotate || !retire.empty(); }
};
SecretSteps secret_steps(plans::Change const& change);

struct SecretPlanInput {
  ResourceType const& type;
  state::ResourceRecord const* prior = nullptr;
  bool asked = false;  ///< by --rotate
  WallTime now;        ///< by the server's clock, where it answered
};

/// Adds the steps that are due to `change`, with a note each. An adoption rotates nothing. Errors:
/// invalid where a secret is to be rotated that nobody would receive.
Result<void> plan_secret(SecretPlanInput const& input, plans::Change& change);

/// Days of a Use::meta attribute; nothing where it is not written.
std::optional<std::chrono::days> days_of(Object const& meta, std::string_view attribute);

inline constexpr std::string_view kRotateAfter = "rotateSecretAfterDays";
inline constexpr std::string_view kRetireAfter = "retireOldSecretAfterDays";

}  // namespace tenantry::run
