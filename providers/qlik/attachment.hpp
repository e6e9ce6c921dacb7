// Files that travel with a request.
#pragma once
#include <string>
#include <string_view>

#include "providers/api/resource_type.hpp"

namespace tenantry::qlik {

/// True where `attributes` name a file under `attribute`; the empty text means "no file".
bool names_file(Object const& attributes, std::string_view attribute);

/// The file of `attribute` as the part `part` of a form. Errors: those of Files::read.
Result<FormPart> file_part(Operation const& operation, std::string_view attribute,
                           std::string part);

}  // namespace tenantry::qlik
