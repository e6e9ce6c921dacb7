#include "cli/starter_text.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "engine/config/scalar.hpp"
#include "engine/core/text.hpp"

namespace tenantry::cli {
namespace {

constexpr std::string_view kRegion = "eu";
constexpr std::string_view kTenant = "acme";

bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_word(char c) {
  return is_lower(c) || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

std::string upper(std::string_view text) {
  std::string out(text);
  for (auto& c : out) {
    if (is_lower(c)) c = static_cast<char>(c - 'a' + 'A');
    if (c == '-') c = '_';  // in the name of an environment variable
  }
  return out;
}

std::string capitalised(std::string_view text) {
  std::string out(text);
  if (!out.empty() && is_lower(out.front())) out.front() = upper(out.substr(0, 1)).front();
  return out;
}

/// `text` with `to` for each `from` that `is_meant`: it is given what stands before and behind.
template <class IsMeant>
std::string replaced(std::string_view text, std::string_view from, std::string_view to,
                     IsMeant const& is_meant) {
  std::string out;
  while (true) {
    auto const at = text.find(from);
    if (at == std::string_view::npos) return out += text;
    char const before = at > 0 ? text[at - 1] : out.empty() ? ' ' : out.back();
    auto const behind = at + from.size() < text.size() ? text[at + from.size()] : ' ';
    out += text.substr(0, at);
    out += is_meant(before, behind) ? to : from;
    text.remove_prefix(at + from.size());
  }
}

std::string with_region(std::string text, std::string const& region) {
  // Neither a part of a word nor of a data centre ("eu-west-1"), but of a variable ("euSecret").
  text = replaced(text, kRegion, region, [](char before, char behind) {
    bool const ends = !is_word(behind) && behind != '-';
    return !is_word(before) && (ends || (behind >= 'A' && behind <= 'Z'));
  });
  return replaced(text, "QLIK_" + upper(kRegion) + '_', "QLIK_" + upper(region) + '_',
                  [](char, char) { return true; });
}

std::string with_tenant(std::string text, std::string const& tenant) {
  auto const whole = [](char before, char behind) { return !is_word(before) && !is_word(behind); };
  text = replaced(text, kTenant, tenant, whole);
  return replaced(text, capitalised(kTenant), capitalised(tenant), whole);
}

/// A page without the comments that only the tests of the documentation read.
std::string without_test_comments(std::string_view text) {
  constexpr std::string_view kComment = "<!-- runs: ";
  std::string out;
  while (!text.empty()) {
    auto const end = std::min(text.find('\n'), text.size() - 1) + 1;
    auto const line = text.substr(0, end);
    if (!line.starts_with(kComment)) out += line;
    text.remove_prefix(end);
  }
  return out;
}

bool is_page(StarterFile const& file) { return file.path.ends_with(".md"); }

bool is_configuration(StarterFile const& file) {
  return file.path.ends_with(".yaml") && file.text.find("apiVersion: ") != std::string_view::npos;
}

}  // namespace

std::optional<StarterNames> names_in_example(std::string_view example) {
  if (example != "quickstart" && example != "customer") return std::nullopt;
  return StarterNames{std::string(kRegion), std::string(kTenant)};
}

std::string summary_of_example(std::string_view example) {
  constexpr std::string_view kComment = "# ";
  for (auto const& file : starter_files()) {
    if (file.example != example || file.path != "tenantry.yaml") continue;
    auto line = file.text.substr(0, file.text.find('\n'));
    if (line.starts_with(kComment)) line.remove_prefix(kComment.size());
    return std::string(line);
  }
  return {};
}

Result<void> check_names(StarterNames const& names) {
  auto const fits = [](std::string_view text, std::size_t length_min) {
    constexpr std::size_t kLabelMax = 63;
    return text.size() >= length_min && text.size() <= kLabelMax && is_lower(text.front()) &&
           text.back() != '-' && !config::needs_quotes(text) &&
           std::ranges::all_of(
               text, [](char c) { return is_lower(c) || (c >= '0' && c <= '9') || c == '-'; });
  };
  if (!fits(names.region, 2)) {
    return Error(Errc::invalid, fmt::format("\"{}\" is no region", visible(names.region)),
                 "as in the host name of its tenants: eu of acme.eu.qlikcloud.com");
  }
  if (!fits(names.tenant, 3)) {
    return Error(Errc::invalid, fmt::format("\"{}\" cannot be an alias", visible(names.tenant)),
                 "3 to 63 small letters, digits and hyphens, a letter first: acme of "
                 "acme.eu.qlikcloud.com");
  }
  return {};
}

std::string starter_text(StarterFile const& file, StarterNames const& names,
                         std::string_view schema) {
  std::string text(file.text);
  bool const is_text = file.path.ends_with(".yaml") || is_page(file);
  if (!is_text) return text;
  if (is_page(file)) text = without_test_comments(text);
  if (!names.region.empty()) text = with_region(std::move(text), names.region);
  if (!names.tenant.empty()) text = with_tenant(std::move(text), names.tenant);
  if (!is_configuration(file)) return text;
  return fmt::format("# yaml-language-server: $schema={}\n{}", schema, text);
}

}  // namespace tenantry::cli
