// Plain scalars of YAML: which texts are numbers, true, false or null.
#pragma once
#include <string_view>

#include "engine/core/value.hpp"

namespace tenantry::config {

/// What a plain scalar means by the core schema of YAML 1.2: `true`, `12`, `0x1F`, `1.5`, `~`, else
/// a text (`yes` and `on` are texts; `017` is 17). Errors: invalid for a whole number beyond 64
/// bits, for infinities and `.nan`.
Result<Value> resolve_plain(std::string_view text);

/// True when `text`, written plain, is not read back as this text by YAML 1.2 or by older readers
/// (for which `yes` and `on` are booleans).
bool needs_quotes(std::string_view text);

}  // namespace tenantry::config
