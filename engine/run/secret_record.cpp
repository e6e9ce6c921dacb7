#include "engine/run/secret_record.hpp"

#include <algorithm>

namespace tenantry::run {
namespace {

constexpr std::string_view kSecret = "secret";

Array const* list_at(Object const& object, std::string_view name) {
  auto const* value = find(object, name);
  return value != nullptr ? value->if_array() : nullptr;
}

}  // namespace

SecretRecord secret_record(state::ResourceRecord const& row) {
  SecretRecord out;
  auto const* value = find(row.extra, kSecret);
  auto const* kept = value != nullptr ? value->if_object() : nullptr;
  if (kept == nullptr) return out;
  out.hint = text_at(*kept, "hint");
  out.made_at = text_at(*kept, "madeAt");
  if (auto const* old = list_at(*kept, "old")) {
    for (auto const& each : *old) {
      auto const* secret = each.if_object();
      if (secret != nullptr) {
        out.old.push_back({text_at(*secret, "hint"), text_at(*secret, "retireAt")});
      }
    }
  }
  if (auto const* doubtful = list_at(*kept, "doubtful")) {
    for (auto const& each : *doubtful) {
      if (auto const* hint = each.if_string()) out.doubtful.emplace_back(std::string_view(*hint));
    }
  }
  return out;
}

void keep(SecretRecord const& record, state::ResourceRecord& row) {
  Object kept;
  if (!record.hint.empty()) kept["hint"] = record.hint;
  if (!record.made_at.empty()) kept["madeAt"] = record.made_at;
  Array old;
  for (auto const& each : record.old) {
    old.push_back(Object{{"hint", each.hint}, {"retireAt", each.retire_at}});
  }
  if (!old.empty()) kept["old"] = std::move(old);
  Array doubtful;
  for (auto const& hint : record.doubtful) doubtful.emplace_back(hint);
  if (!doubtful.empty()) kept["doubtful"] = std::move(doubtful);
  if (kept.empty()) {
    row.extra.erase(kSecret);
  } else {
    row.extra[kSecret] = std::move(kept);
  }
}

void note_delivered(state::ResourceRecord& row, DeliverableSecret const& secret, WallTime now) {
  auto record = secret_record(row);
  record.hint = secret.hint;
  record.made_at = secret.made_at.empty() ? format_time(now) : secret.made_at;
  keep(record, row);
}

void note_doubtful(state::ResourceRecord& row, std::string hint) {
  auto record = secret_record(row);
  if (std::ranges::find(record.doubtful, hint) == record.doubtful.end()) {
    record.doubtful.push_back(std::move(hint));
  }
  keep(record, row);
}

void note_removed(state::ResourceRecord& row, std::string_view hint) {
  auto record = secret_record(row);
  std::erase_if(record.old, [&](auto const& each) { return each.hint == hint; });
  std::erase(record.doubtful, hint);
  keep(record, row);
}

}  // namespace tenantry::run
