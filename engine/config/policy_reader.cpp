#include "engine/config/policy_reader.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cmath>

#include "engine/config/language.hpp"
#include "engine/config/structure.hpp"
#include "engine/core/text.hpp"

namespace tenantry::config {
namespace {

/// "2%" or "0.5%", from 0 to 100.
std::optional<double> share_of(std::string_view text) {
  if (!text.ends_with('%')) return std::nullopt;
  text.remove_suffix(1);
  double number = 0;
  auto const [end, ec] = std::from_chars(text.data(), text.data() + text.size(), number);
  bool const whole = ec == std::errc() && end == text.data() + text.size();
  if (!whole || !(number >= 0 && number <= 100)) return std::nullopt;
  return number / 100;
}

void read_drift(Node const& map, Policy& policy, Reporter& reporter) {
  auto const& modes = language::drift_mode().one_of;
  for (auto const& member : map.members) {
    auto const& node = *member.value;
    if (!node.is_text()) {
      report_type(node, fmt::format("What drift of \"{}\" means", visible(member.key)),
                  "one of revert, report and ignore", reporter);
      continue;
    }
    DriftRule rule{member.key, DriftMode::revert, member.key_mark.range()};
    if (node.text() == "report") {
      rule.mode = DriftMode::report;
    } else if (node.text() == "ignore") {
      rule.mode = DriftMode::ignore;
    } else if (node.text() != "revert") {
      reporter.error(node.mark,
                     fmt::format("invalid value \"{}\"{}", visible(node.text()),
                                 did_you_mean(node.text(), modes)),
                     "What drift means is one of: revert, report, ignore.");
    }
    policy.drift.push_back(std::move(rule));
  }
}

constexpr std::int64_t kListDelayMax = 600;
constexpr std::int64_t kHistoryDaysMax = 36'500;

/// A whole number in a range; nothing where it is not written, or is an error.
std::optional<std::int64_t> read_number(Node const& map, std::string_view key, std::int64_t min,
                                        std::int64_t max, std::string_view what,
                                        Reporter& reporter) {
  auto const* node = map.value_of(key);
  if (node == nullptr) return std::nullopt;
  auto const& scalar = node->scalar;
  bool const fits = scalar.is_int64() && scalar.get_int64() >= min && scalar.get_int64() <= max;
  if (fits) return scalar.get_int64();
  reporter.error(node->mark, fmt::format("invalid {}", what),
                 fmt::format("\"{}\" must be a whole number from {} to {}.", key, min, max));
  return std::nullopt;
}

}  // namespace

std::optional<Limit> read_limit(Node const& map, std::string_view key, Reporter& reporter) {
  auto const* node = map.value_of(key);
  if (node == nullptr) return std::nullopt;
  Limit limit;
  limit.where = node->mark.range();
  if (node->scalar.is_int64() && node->scalar.get_int64() >= 0) {
    limit.count = node->scalar.get_int64();
    return limit;
  }
  if (node->is_text()) {
    if (auto const share = share_of(node->text())) {
      limit.share = *share;
      limit.is_share = true;
      return limit;
    }
    std::string_view const text = node->text();
    auto const [end, ec] = std::from_chars(text.data(), text.data() + text.size(), limit.count);
    if (ec == std::errc() && end == text.data() + text.size() && limit.count >= 0) return limit;
  }
  reporter.error(node->mark, "invalid limit",
                 fmt::format("\"{}\" must be a count such as 10, or a share such as \"2%\".", key));
  return std::nullopt;
}

void read_policy(Node const& map, Model& model, Reporter& reporter) {
  static auto const kKeys = language::names(language::policy());
  check_keys(map, kKeys, reporter);
  model.policy.max_creates = read_limit(map, "maxCreates", reporter);
  model.policy.max_deletes = read_limit(map, "maxDeletes", reporter);
  model.policy.max_deactivates = read_limit(map, "maxDeactivates", reporter);
  auto const delay = read_number(map, "listDelaySeconds", 0, kListDelayMax, "delay", reporter);
  if (delay) model.policy.list_delay = std::chrono::seconds(*delay);
  auto const days = read_number(map, "historyDays", 1, kHistoryDaysMax, "number of days", reporter);
  if (days) model.policy.history = std::chrono::days(*days);
  if (auto const drift = map_member(map, "drift", reporter)) {
    read_drift(*drift, model.policy, reporter);
  }
}

std::int64_t Limit::allowed(std::int64_t total) const {
  if (!is_share) return count;
  // A share that comes out at 4.9999999 by rounding is 5.
  return static_cast<std::int64_t>(std::floor(share * static_cast<double>(total) + 1e-9));
}

}  // namespace tenantry::config
