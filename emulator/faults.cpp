#include "emulator/faults.hpp"

#include <fmt/format.h>

#include <boost/regex.hpp>
#include <limits>

namespace tenantry::emulator {
namespace {

constexpr std::size_t kRulesMax = 1000;
constexpr std::size_t kPatternMax = 500;
constexpr std::size_t kSubjectMax = 1000;
constexpr std::int64_t kDelayMax = 600'000;

using Pattern = std::optional<boost::regex>;

/// True when there is no pattern, or it matches. A pattern that gives up for its cost does not.
bool fits(Pattern const& pattern, std::string_view text, bool whole) {
  if (!pattern) return true;
  text = text.substr(0, kSubjectMax);
  try {
    auto const *const first = text.data(), *const last = text.data() + text.size();
    return whole ? boost::regex_match(first, last, *pattern)
                 : boost::regex_search(first, last, *pattern);
  } catch (std::runtime_error const&) {  // "complexity of matching" and kin
    return false;
  }
}

Result<Pattern> read_pattern(Object const& object, std::string_view name) {
  auto const* const member = find(object, name);
  if (member == nullptr || member->is_null()) return Pattern();
  if (!member->is_string() || member->get_string().size() > kPatternMax) {
    return Error(Errc::invalid,
                 fmt::format("{} is not a text of at most {} characters", name, kPatternMax));
  }
  try {
    return Pattern(boost::regex(std::string(member->get_string()), boost::regex::perl));
  } catch (std::runtime_error const& error) {
    return Error(Errc::invalid,
                 fmt::format("{} is not a regular expression: {}", name, error.what()));
  }
}

Result<std::optional<std::int64_t>> read_number(Object const& object, std::string_view name,
                                                std::int64_t min, std::int64_t max) {
  auto const* const member = find(object, name);
  if (member == nullptr || member->is_null()) return std::optional<std::int64_t>();
  auto const* const number = member->if_int64();
  if (number == nullptr || *number < min || *number > max) {
    return Error(Errc::invalid, fmt::format("{} is not a number from {} to {}", name, min, max));
  }
  return std::optional(*number);
}

Result<bool> read_flag(Object const& object, std::string_view name) {
  auto const* const member = find(object, name);
  if (member == nullptr || member->is_null()) return false;
  if (!member->is_bool()) {
    return Error(Errc::invalid, fmt::format("{} is not true or false", name));
  }
  return member->get_bool();
}

}  // namespace

struct Faults::Rule {
  Pattern method, host, path;
  FaultAction action;
  std::int64_t skip = 0;
  std::int64_t times = std::numeric_limits<std::int64_t>::max();
  double probability = 1;
};

Faults::Faults() = default;
Faults::~Faults() = default;

Result<FaultAction> Faults::read_action(Object const& object) {
  auto const status = read_number(object, "status", 200, 599);
  if (!status) return status.error();
  auto const retry_after = read_number(object, "retryAfter", 0, 86'400);
  if (!retry_after) return retry_after.error();
  auto const delay = read_number(object, "delayMs", 0, kDelayMax);
  if (!delay) return delay.error();
  auto const before = read_flag(object, "dropBeforeProcessing");
  if (!before) return before.error();
  auto const after = read_flag(object, "dropAfterProcessing");
  if (!after) return after.error();
  auto const truncate = read_flag(object, "truncateBody");
  if (!truncate) return truncate.error();
  if (!*status && !*delay && !*before && !*after && !*truncate) {
    return Error(Errc::invalid,
                 "the rule does nothing: it needs status, dropBeforeProcessing, "
                 "dropAfterProcessing, delayMs or truncateBody");
  }
  FaultAction action;
  if (*status) action.status = static_cast<unsigned>(**status);
  if (*retry_after) action.retry_after_s = static_cast<long>(**retry_after);
  action.delay = std::chrono::milliseconds((*delay).value_or(0));
  action.drop_before = *before;
  action.drop_after = *after;
  action.truncate_body = *truncate;
  return action;
}

Result<Faults::Rule> Faults::read(Object const& object) {
  static constexpr std::string_view kKnown[] = {"match",
                                                "method",
                                                "host",
                                                "path",
                                                "status",
                                                "retryAfter",
                                                "delayMs",
                                                "dropBeforeProcessing",
                                                "dropAfterProcessing",
                                                "truncateBody",
                                                "skip",
                                                "times",
                                                "probability"};
  for (auto const& member : object) {
    if (std::ranges::find(kKnown, std::string_view(member.key())) == std::end(kKnown)) {
      return Error(Errc::invalid, fmt::format("\"{}\" is not known", std::string(member.key())));
    }
  }
  auto const* const match = find(object, "match");
  if (match != nullptr && !match->is_object()) {
    return Error(Errc::invalid, "match is not an object");
  }
  auto const& patterns = match == nullptr ? object : match->get_object();
  auto method = read_pattern(patterns, "method");
  if (!method) return method.error();
  auto host = read_pattern(patterns, "host");
  if (!host) return host.error();
  auto path = read_pattern(patterns, "path");
  if (!path) return path.error();
  auto action = read_action(object);
  if (!action) return action.error();
  auto const skip = read_number(object, "skip", 0, std::numeric_limits<std::int64_t>::max());
  if (!skip) return skip.error();
  auto const times = read_number(object, "times", 1, std::numeric_limits<std::int64_t>::max());
  if (!times) return times.error();
  Rule rule{std::move(*method), std::move(*host), std::move(*path), *action};
  rule.skip = (*skip).value_or(rule.skip);
  rule.times = (*times).value_or(rule.times);
  if (auto const* const chance = find(object, "probability")) {
    rule.probability = chance->is_number() ? chance->to_number<double>() : -1;
    if (!(rule.probability >= 0 && rule.probability <= 1)) {
      return Error(Errc::invalid, "probability is not a number from 0 to 1");
    }
  }
  return rule;
}

Result<std::size_t> Faults::add(Value const& body) {
  auto const* list = body.if_array();
  auto const* const object = body.if_object();
  if (object != nullptr && object->contains("rules")) {
    list = object->at("rules").if_array();
    if (list == nullptr) return Error(Errc::invalid, "rules is not a list");
  }
  if (list == nullptr && object == nullptr) {
    return Error(Errc::invalid, "a rule or a list of rules was expected");
  }
  auto const single = list == nullptr ? Array{body} : Array();
  if (list == nullptr) list = &single;
  if (rules_.size() + list->size() > kRulesMax) {
    return Error(Errc::invalid, fmt::format("there can be {} rules", kRulesMax));
  }
  std::vector<Rule> added;
  for (auto const& item : *list) {
    if (!item.is_object()) return Error(Errc::invalid, "a rule is not an object");
    auto rule = read(item.get_object());
    if (!rule) {
      return Error(Errc::invalid,
                   fmt::format("rule {}: {}", added.size() + 1, rule.error().message));
    }
    added.push_back(std::move(*rule));
  }
  std::ranges::move(added, std::back_inserter(rules_));
  return list->size();
}

void Faults::clear() { rules_.clear(); }

std::size_t Faults::size() const { return rules_.size(); }

std::optional<FaultAction> Faults::next(Random& random, std::string_view method,
                                        std::string_view host, std::string_view target) {
  auto const path = target.substr(0, target.find('?'));
  for (auto rule = rules_.begin(); rule != rules_.end(); ++rule) {
    if (!fits(rule->method, method, true) || !fits(rule->host, host, false) ||
        !(fits(rule->path, path, false) || fits(rule->path, target, false))) {
      continue;
    }
    if (rule->skip > 0) {
      --rule->skip;
      continue;
    }
    constexpr std::uint64_t kSides = 1'000'000'007;
    if (rule->probability < 1 &&
        static_cast<double>(random.below(kSides)) >= rule->probability * double(kSides)) {
      continue;
    }
    auto const action = rule->action;
    if (--rule->times == 0) rules_.erase(rule);
    return action;
  }
  return std::nullopt;
}

}  // namespace tenantry::emulator
