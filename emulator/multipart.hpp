// multipart/form-data bodies (RFC 7578).
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/error.hpp"

namespace tenantry::emulator {

struct Part {
  std::string name;
  bool is_file = false;  ///< it had a file name
  std::string file_name;
  std::string content_type;  ///< as sent, may be empty
  std::string bytes;
};

/// The parts of a body. Errors: invalid, where the content type names no boundary or the body does
/// not keep to it.
Result<std::vector<Part>> parse_multipart(std::string_view content_type, std::string_view body);

}  // namespace tenantry::emulator
