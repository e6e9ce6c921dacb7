// Whole outputs that are kept in files and reviewed like code.
#pragma once
#include <string>
#include <string_view>

namespace tenantry::test {

/// What the golden file `name` (below tests/) holds: the text that `actual` must equal. With
/// UPDATE_GOLDEN set in the environment the file is written from `actual` first. A file that is
/// missing counts as empty.
std::string golden(std::string_view name, std::string const& actual);

}  // namespace tenantry::test
