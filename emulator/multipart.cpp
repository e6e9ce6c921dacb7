#include "emulator/multipart.hpp"

#include "emulator/http_message.hpp"
#include "engine/core/text.hpp"

namespace tenantry::emulator {
namespace {

constexpr std::size_t kPartsMax = 100;

/// The value of a parameter in a header: name="value" or name=value.
std::string parameter_of(std::string_view header, std::string_view name) {
  while (true) {
    auto const semicolon = header.find(';');
    if (semicolon == std::string_view::npos) return {};
    header.remove_prefix(semicolon + 1);
    while (header.starts_with(' ')) header.remove_prefix(1);
    if (header.size() <= name.size() || !same_word(header.substr(0, name.size()), name) ||
        header[name.size()] != '=') {
      continue;
    }
    auto value = header.substr(name.size() + 1);
    if (value.starts_with('"')) {
      value.remove_prefix(1);
      return std::string(value.substr(0, value.find('"')));
    }
    return std::string(value.substr(0, value.find_first_of("; ")));
  }
}

void read_header(std::string_view line, Part& part, bool& has_file_name) {
  auto const colon = line.find(':');
  if (colon == std::string_view::npos) return;
  auto value = line.substr(colon + 1);
  while (value.starts_with(' ')) value.remove_prefix(1);
  if (same_word(line.substr(0, colon), "content-disposition")) {
    part.name = parameter_of(value, "name");
    part.file_name = parameter_of(value, "filename");
    has_file_name = lower(value).find("filename=") != std::string::npos;
  } else if (same_word(line.substr(0, colon), "content-type")) {
    part.content_type = value;
  }
}

}  // namespace

Result<std::vector<Part>> parse_multipart(std::string_view content_type, std::string_view body) {
  Error const broken(Errc::invalid, "the multipart body is broken");
  auto const boundary = parameter_of(content_type, "boundary");
  if (boundary.empty()) return Error(Errc::invalid, "the content type names no boundary");
  auto const delimiter = "--" + boundary;
  auto at = body.find(delimiter);
  if (at == std::string_view::npos) return broken;
  body.remove_prefix(at + delimiter.size());
  std::vector<Part> parts;
  while (!body.starts_with("--")) {
    if (!body.starts_with("\r\n") || parts.size() == kPartsMax) return broken;
    auto const head_end = body.find("\r\n\r\n");
    auto const end = body.find("\r\n" + delimiter, 2);
    if (head_end == std::string_view::npos || end == std::string_view::npos || head_end > end) {
      return broken;
    }
    Part part;
    auto head = body.substr(2, head_end - 2 + 2);
    while (!head.empty()) {
      auto const line = head.substr(0, head.find("\r\n"));
      read_header(line, part, part.is_file);
      head.remove_prefix(std::min(line.size() + 2, head.size()));
    }
    auto const from = std::min(head_end + 4, end);
    part.bytes = body.substr(from, end - from);
    if (part.name.empty()) return broken;
    parts.push_back(std::move(part));
    body.remove_prefix(end + 2 + delimiter.size());
  }
  return parts;
}

}  // namespace tenantry::emulator
