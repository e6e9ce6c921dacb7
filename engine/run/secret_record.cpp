#include "engine/run/secret_record.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "engine/core/digest.hpp"
#include "engine/core/value.hpp"

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
  out.place = text_at(*kept, "place");
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
  if (!record.place.empty()) kept["place"] = record.place;
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

std::string sink_place(Value const& sink) {
  auto const* named = sink.if_object();
  if (named == nullptr || named->size() != 1) return {};
  auto const& [kind, value] = *named->begin();
  if (kind == "file") {
    auto const* path = value.if_string();
    return path ? std::filesystem::path(std::string_view(*path)).lexically_normal().string() : "";
  }
  if (kind == "command") {
    auto const* words = value.if_array();
    auto const* program = words && !words->empty() ? words->front().if_string() : nullptr;
    if (program == nullptr || is_unknown(value)) return {};
    // Its arguments need not be for everybody who may read the state.
    constexpr std::size_t kMarkLength = 8;
    return fmt::format("command {} ({})", std::string_view(*program),
                       sha256_hex(canonical(value)).substr(0, kMarkLength));
  }
  auto const* vault = value.if_object();
  if (vault == nullptr) return {};
  std::string place = "Vault";
  for (auto const* name : {"address", "namespace", "mount", "path"}) {
    auto const* member = find(*vault, name);
    if (member == nullptr || member->is_null()) continue;
    auto const* text = member->if_string();
    if (text == nullptr) return {};
    place += fmt::format(" {}", std::string_view(*text));
  }
  return place;
}

void note_delivered(state::ResourceRecord& row, DeliverableSecret const& secret, std::string place,
                    WallTime now) {
  auto record = secret_record(row);
  record.place = std::move(place);
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
