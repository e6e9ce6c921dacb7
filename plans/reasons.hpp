// Why a change is there, in a whole sentence: what `why` says, and docs/reasons.md.
#pragma once
#include <string_view>

#include "plans/plan.hpp"

namespace tenantry::plans {

/// "The configuration says something else than when it was last applied." Of every reason; of none
/// what it means that nothing changes.
std::string_view sentence_of(Reason reason);

}  // namespace tenantry::plans
