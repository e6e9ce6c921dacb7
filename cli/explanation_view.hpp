// An explanation for a person, and for a program.
#pragma once
#include <string>

#include "engine/run/explanation.hpp"

namespace tenantry::cli {

/// Version of `why --json`. Members may be added; what is there keeps its meaning.
inline constexpr int kExplanationFormat = 1;

/// Some paragraphs; values longer than `columns` are cut. Ends with a newline.
std::string to_text(run::Explanation const& explanation, std::size_t columns);

Value to_json(run::Explanation const& explanation);

}  // namespace tenantry::cli
