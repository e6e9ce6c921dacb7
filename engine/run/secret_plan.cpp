#include "engine/run/secret_plan.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "engine/core/text.hpp"

namespace tenantry::run {
using plans::Action;
namespace {

constexpr std::string_view kSteps = "secretSteps";

/// What the object will be, as far as it is known.
Object outcome_of(plans::Change const& change) {
  auto out = change.before;
  for (auto const& member : change.after) out[member.key()] = member.value();
  return out;
}

/// A change that leaves the object in place, and a secret that was there before.
bool may_have_steps(SecretPlanInput const& input, plans::Change const& change) {
  bool const stays = change.action == Action::no_op || change.action == Action::update ||
                     change.action == Action::release;
  return stays && input.prior != nullptr && input.type.creates_secret(change.before) &&
         input.type.creates_secret(outcome_of(change));
}

/// Since when the present secret is there; for an adopted object, since its adoption.
std::optional<WallTime> made_at(SecretRecord const& record, state::ResourceRecord const& row) {
  auto const time = parse_time(record.made_at.empty() ? row.created_at : record.made_at);
  if (!time) return std::nullopt;
  return *time;
}

/// Where the secret was brought, if the configuration names another place now.
std::optional<std::string> moved_away(SecretRecord const& record, Object const& meta) {
  auto const* sink = find(meta, "deliverSecret");
  auto const place = sink != nullptr ? sink_place(*sink) : std::string();
  if (place.empty() || record.place.empty() || place == record.place) return std::nullopt;
  return fmt::format("it was delivered to {} and goes to {} now; {} is left as it is",
                     visible(record.place), visible(place), visible(record.place));
}

/// Why the secret is to be rotated; nothing where it is not.
std::optional<std::string> why_rotated(SecretPlanInput const& input, SecretRecord const& record,
                                       Object const& meta) {
  auto const made = made_at(record, *input.prior);
  auto const age =
      made ? std::chrono::floor<std::chrono::days>(input.now - *made) : std::chrono::days(0);
  auto const told = fmt::format(
      "{} {} ago", record.made_at.empty() ? "adopted" : "made",
      counted(static_cast<std::size_t>(std::max<std::chrono::days::rep>(age.count(), 0)), "day"));
  if (!record.doubtful.empty()) return "the last delivery was cut off";
  if (auto moved = moved_away(record, meta)) return moved;
  if (input.asked) return made ? told : "asked for";
  auto const after = days_of(meta, kRotateAfter);
  if (after && made && input.now - *made >= *after) return told;
  return std::nullopt;
}

void become_update(plans::Change& change, std::string why) {
  if (change.action == Action::update) return;
  change.action = Action::update;
  change.reason = plans::Reason::secret_due;
  change.reason_detail = std::move(why);
}

}  // namespace

std::optional<std::chrono::days> days_of(Object const& meta, std::string_view attribute) {
  auto const* value = find(meta, attribute);
  if (value == nullptr || !value->is_number()) return std::nullopt;
  boost::system::error_code failed;
  auto const days = value->to_number<int>(failed);
  if (failed) return std::nullopt;
  return std::chrono::days(days);
}

SecretSteps secret_steps(plans::Change const& change) {
  SecretSteps out;
  auto const* value = find(change.meta, kSteps);
  auto const* steps = value != nullptr ? value->if_object() : nullptr;
  if (steps == nullptr) return out;
  out.rotate = steps->contains("rotate");
  if (auto const* list = find(*steps, "retire"); list != nullptr && list->is_array()) {
    for (auto const& hint : list->get_array()) {
      if (auto const* text = hint.if_string()) out.retire.emplace_back(std::string_view(*text));
    }
  }
  return out;
}

Result<void> plan_secret(SecretPlanInput const& input, plans::Change& change) {
  if (!may_have_steps(input, change)) return {};
  auto const record = secret_record(*input.prior);
  Object steps;
  Array retire;
  for (auto const& old : record.old) {
    auto const due = parse_time(old.retire_at);
    if (due && *due > input.now) continue;
    change.notes.push_back(fmt::format("retires the old secret ...{}", visible(old.hint)));
    retire.emplace_back(old.hint);
  }
  if (!retire.empty()) steps["retire"] = std::move(retire);
  auto const why = why_rotated(input, record, change.meta);
  if (why) {
    if (!change.meta.contains("deliverSecret")) {
      return Error(Errc::invalid,
                   "its secret is to be rotated, and nobody would receive the new one",
                   "say where it goes: `deliverSecret`");
    }
    change.notes.push_back(fmt::format("rotates the secret ({})", *why));
    for (auto const& hint : record.doubtful) {
      change.notes.push_back(
          fmt::format("then removes the secret ...{}, which nobody may have", visible(hint)));
    }
    steps["rotate"] = true;
  }
  if (steps.empty()) return {};
  if (!why) {
    become_update(change, "an old secret is retired");
  } else if (moved_away(record, change.meta)) {
    become_update(change, "its secret goes to another place");
  } else {
    become_update(change, "its secret is rotated");
  }
  change.meta[kSteps] = std::move(steps);
  return {};
}

}  // namespace tenantry::run
