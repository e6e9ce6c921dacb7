// Takes secrets out of texts that others wrote: answers of servers, output of programs.
#pragma once
#include <string>
#include <string_view>

namespace tenantry {

/// Writes kMasked for each occurrence of `secret` in `text`, in any of the forms in which a
/// stranger may repeat it: as it is, inside a JSON string, percent-encoded, in base64 of both
/// alphabets, also as a part of something longer ("id:secret"). One of less than six bytes is not
/// looked for in base64, where it would be found by chance. An empty one changes nothing.
void mask(std::string& text, std::string_view secret);

}  // namespace tenantry
