// The saved plan.
#pragma once
#include <filesystem>

#include "engine/core/schema.hpp"
#include "plans/plan.hpp"

namespace tenantry::plans {

/// Version of the file's format; another major is refused.
inline constexpr int kPlanFormat = 1;

/// The whole plan, no-ops of attributes included, as one JSON document; it holds no secret. A
/// digest over the text before it follows, so that a torn file is refused, and, with the salt of a
/// state, a seal that only who has that state can make. Anybody can compute the digest of a plan
/// that he edited.
Result<std::string> to_file_text(Plan const& plan, std::string_view salt = {});
/// Errors: corrupt with what to do. Everything in `text` is checked: plan files of others are
/// hostile.
Result<Plan> from_file_text(std::string_view text);

/// A plan that was read, with what tells whether it is as it was written.
struct SavedPlan {
  Plan plan;
  std::string digest;
  std::string seal;  ///< empty: none
  /// Errors: corrupt where it was not made with the state that has this salt.
  Result<void> check_seal(std::string_view salt) const;
};

/// 0600, atomic.
Result<void> write_plan(std::filesystem::path const& path, Plan const& plan,
                        std::string_view salt = {});
Result<SavedPlan> read_saved_plan(std::filesystem::path const& path);
Result<Plan> read_plan(std::filesystem::path const& path);  ///< to be shown, not carried out

/// To be called for each change of a plan that was read, before anything is sent: a forged plan
/// could name attributes that nobody wrote, or a secret variable for an attribute that everybody
/// sees. Errors: corrupt.
Result<void> check_change(Schema const& schema, Change const& change);

}  // namespace tenantry::plans
