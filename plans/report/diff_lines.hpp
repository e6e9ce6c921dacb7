// A change as lines of a "diff" block, which GitHub and GitLab colour. Internal to this layer.
#pragma once
#include <string>
#include <vector>

#include "plans/plan.hpp"

namespace tenantry::plans {

/// What the change does to attributes, and what is to be known of it; "+" and "-" in front of what
/// comes and goes, "!" of what only drifted or is sensitive, "#" of remarks. Visible.
std::vector<std::string> diff_lines(Change const& change);

}  // namespace tenantry::plans
