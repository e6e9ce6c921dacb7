// A plan as JSON and back, without the frame of its file. Internal to this layer.
#pragma once
#include "plans/plan.hpp"

namespace tenantry::plans {

Result<Object> encode(Plan const& plan);
/// Every member is checked: types, names, addresses. Errors: corrupt, with the JSON pointer.
Result<Plan> decode(Object const& json);

/// {"file", "line", "column"}; null when unknown.
Value encode(SourceRange const& where);
Object encode(Cost const& cost);

}  // namespace tenantry::plans
