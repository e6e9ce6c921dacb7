#include "engine/core/diagnostic.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "engine/core/text.hpp"

namespace tenantry {

std::string SourceRange::text() const {
  if (file.empty()) return {};
  if (line <= 0) return file;
  if (column <= 0) return fmt::format("{}:{}", file, line);
  return fmt::format("{}:{}:{}", file, line, column);
}

void Diagnostics::add(Diagnostic diagnostic) { items_.push_back(std::move(diagnostic)); }

void Diagnostics::error(SourceRange where, std::string summary, std::string detail,
                        std::string hint) {
  add({Severity::error,
       std::move(where),
       {},
       std::move(summary),
       std::move(detail),
       std::move(hint)});
}

void Diagnostics::warning(SourceRange where, std::string summary, std::string detail,
                          std::string hint) {
  add({Severity::warning,
       std::move(where),
       {},
       std::move(summary),
       std::move(detail),
       std::move(hint)});
}

void Diagnostics::append(Diagnostics const& other) {
  items_.insert(items_.end(), other.items_.begin(), other.items_.end());
}

bool Diagnostics::has_errors() const {
  return std::ranges::any_of(items_, [](auto const& d) { return d.severity == Severity::error; });
}

std::vector<Diagnostic> Diagnostics::sorted() const {
  auto result = items_;
  std::ranges::stable_sort(result, [](auto const& a, auto const& b) {
    return std::tie(a.where, a.severity, a.summary, a.detail, a.address) <
           std::tie(b.where, b.severity, b.summary, b.detail, b.address);
  });
  auto const [first, last] = std::ranges::unique(result);
  result.erase(first, last);
  return result;
}

namespace {
void append_indented(std::string& out, std::string_view text, std::string_view label) {
  std::size_t start = 0;
  bool first = true;
  while (start <= text.size()) {
    auto const end = std::min(text.find('\n', start), text.size());
    auto const line = visible(text.substr(start, end - start));
    out += fmt::format("  {}{}\n", first ? label : std::string_view{}, line);
    first = false;
    start = end + 1;
  }
}
}  // namespace

std::string format(Diagnostic const& d) {
  std::string out;
  if (d.where.known()) out += visible(d.where.text()) + ": ";
  out += d.severity == Severity::error ? "error: " : "warning: ";
  if (!d.address.empty()) out += visible(d.address) + ": ";
  out += visible(d.summary) + '\n';
  if (!d.detail.empty()) append_indented(out, d.detail, "");
  if (!d.hint.empty()) append_indented(out, d.hint, "hint: ");
  return out;
}

}  // namespace tenantry
