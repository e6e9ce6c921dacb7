#include "plans/report/markdown_text.hpp"

#include <algorithm>

#include "engine/core/text.hpp"
#include "plans/attribute_lines.hpp"

namespace tenantry::plans {
namespace {

constexpr std::size_t kSpanMax = 400;  // characters

std::size_t longest_run(std::string_view text, char c) {
  std::size_t longest = 0, run = 0;
  for (char const other : text) {
    run = other == c ? run + 1 : 0;
    longest = std::max(longest, run);
  }
  return longest;
}

}  // namespace

std::string code_span(std::string_view text) {
  auto const inner = shortened(visible(text), kSpanMax);
  if (inner.find_first_not_of(' ') == std::string::npos) return "(blank)";
  std::string const fence(longest_run(inner, '`') + 1, '`');
  bool const padded = inner.front() == '`' || inner.back() == '`' || inner.front() == ' ';
  return padded ? fence + ' ' + inner + ' ' + fence : fence + inner + fence;
}

std::string html_escaped(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (char const c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string html_code(std::string_view text) {
  return "<code>" + html_escaped(shortened(visible(text), kSpanMax)) + "</code>";
}

std::string fenced(std::string_view language, std::vector<std::string> const& lines) {
  std::size_t run = 2;
  for (auto const& line : lines) run = std::max(run, longest_run(line, '`'));
  std::string const fence(run + 1, '`');
  std::string out = fence + std::string(language) + '\n';
  for (auto const& line : lines) out += line + '\n';
  return out + fence + '\n';
}

std::size_t comment_length(std::string_view text) {
  std::size_t units = 0;
  for (char const c : text) {
    auto const byte = static_cast<unsigned char>(c);
    if ((byte & 0xC0U) == 0x80U) continue;
    units += byte >= 0xF0U ? 2 : 1;
  }
  return units;
}

}  // namespace tenantry::plans
