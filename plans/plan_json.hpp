// A plan as JSON and back, without the frame of its file. Internal to this layer.
#pragma once
#include <optional>
#include <string>

#include "plans/plan.hpp"

namespace tenantry::plans {

/// All but the tenants.
Object encode(Plan const& plan);
Value encode(TenantPlan const& tenant);

/// The first thing that is wrong anywhere.
struct Problem {
  std::string text;
  void note(std::string const& pointer, std::string_view what);
};

/// Builds a plan from its parts as they are read.
class PlanDecoder {
 public:
  /// The next tenant.
  void add(Value const& tenant);
  /// `rest` is all but the tenants, which were in `lists` lists. Every member is checked: types,
  /// names, addresses. Errors: corrupt, with the JSON pointer; those of TenantPlans.
  Result<Plan> finish(Value const& rest, std::size_t lists);

 private:
  Plan plan_;
  Problem problem_;
  std::optional<Error> failure_;  ///< of keeping the tenants
};

/// {"file", "line", "column"}; null when unknown.
Value encode(SourceRange const& where);
Object encode(Cost const& cost);

}  // namespace tenantry::plans
