#include "engine/config/structure.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "engine/core/address.hpp"
#include "engine/core/text.hpp"

namespace tenantry::config {

bool check_key(Member const& member, std::string_view what, Reporter& reporter) {
  constexpr std::size_t kBytesMax = 200;  // names of files and indexes of databases have bounds
  if (member.key.size() > kBytesMax) {
    reporter.error(member.key_mark, "key too long",
                   fmt::format("The key of a {} has at most {} characters, not {}.", what,
                               kBytesMax, member.key.size()));
    return false;
  }
  if (is_key(member.key)) return true;
  reporter.error(member.key_mark, "invalid key",
                 fmt::format("\"{}\" cannot be the key of a {}.", visible(member.key), what),
                 "use letters, digits, \"_\", \".\" and \"-\"");
  return false;
}

void report_unknown_key(Member const& member, std::span<std::string const> valid,
                        Reporter& reporter) {
  std::vector<std::string> sorted(valid.begin(), valid.end());
  std::ranges::sort(sorted);
  reporter.error(
      member.key_mark,
      fmt::format("unknown key \"{}\"{}", visible(member.key), did_you_mean(member.key, sorted)),
      fmt::format("Valid keys here: {}.", fmt::join(sorted, ", ")));
}

bool check_keys(Node const& map, std::span<std::string const> valid, Reporter& reporter) {
  bool good = true;
  for (auto const& member : map.members) {
    if (std::ranges::find(valid, member.key) != valid.end()) continue;
    report_unknown_key(member, valid, reporter);
    good = false;
  }
  return good;
}

void report_type(Node const& node, std::string_view what, std::string_view wanted,
                 Reporter& reporter) {
  reporter.error(node.mark, "wrong type",
                 fmt::format("{} must be {}, not {}.", what, wanted, describe_type(node)));
}

NodePtr map_member(Node const& map, std::string_view key, Reporter& reporter) {
  auto const* member = map.find(key);
  if (member == nullptr || member->value->is_null()) return nullptr;
  if (member->value->is_map()) return member->value;
  report_type(*member->value, fmt::format("\"{}\"", key), "a map", reporter);
  return nullptr;
}

Node const* text_member(Node const& map, std::string_view key, Reporter& reporter) {
  auto const* value = map.value_of(key);
  if (value == nullptr || value->is_text()) return value;
  report_type(*value, fmt::format("\"{}\"", key), "a text", reporter);
  return nullptr;
}

std::optional<bool> bool_member(Node const& map, std::string_view key, Reporter& reporter) {
  auto const* value = map.value_of(key);
  if (value == nullptr) return std::nullopt;
  if (value->scalar.is_bool()) return value->scalar.get_bool();
  report_type(*value, fmt::format("\"{}\"", key), "true or false", reporter);
  return std::nullopt;
}

void check_literal(Node const& node, Reporter& reporter) {
  if (node.has_placeholder) {
    reporter.error(node.mark, "placeholder in a value that must be written out",
                   fmt::format("\"{}\" is not replaced here.", visible(node.text())));
  }
  for (auto const& item : node.items) check_literal(*item, reporter);
  for (auto const& member : node.members) check_literal(*member.value, reporter);
}

void report_missing(Mark const& where, std::string_view key, std::string_view why,
                    Reporter& reporter) {
  reporter.error(where, "missing attribute", fmt::format("\"{}\" is required: {}", key, why));
}

}  // namespace tenantry::config
