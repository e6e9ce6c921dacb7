// The saved plan.
#pragma once
#include <filesystem>

#include "engine/core/schema.hpp"
#include "plans/plan.hpp"

namespace tenantry::plans {

/// Version of the file's format; another major is refused.
inline constexpr int kPlanFormat = 1;

/// The whole plan, no-ops of attributes included, as one JSON document; it holds no secret. The
/// last member is a digest over the text before it, so that a torn or edited file is refused.
std::string to_file_text(Plan const& plan);
/// Errors: corrupt with what to do. Everything in `text` is checked: plan files of others are
/// hostile.
Result<Plan> from_file_text(std::string_view text);

Result<void> write_plan(std::filesystem::path const& path, Plan const& plan);  ///< 0600, atomic
Result<Plan> read_plan(std::filesystem::path const& path);

/// To be called for each change of a plan that was read, before anything is sent: a forged plan
/// could name attributes that nobody wrote, or a secret variable for an attribute that everybody
/// sees. Errors: corrupt.
Result<void> check_change(Schema const& schema, Change const& change);

}  // namespace tenantry::plans
