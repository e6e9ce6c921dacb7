#include <fmt/format.h>

#include <algorithm>

#include "engine/core/text.hpp"
#include "plans/comparison.hpp"
#include "plans/diff.hpp"

namespace tenantry::plans {
namespace {

/// Drops every member that `keeps` says no to.
template <class Keeps>
void keep_if(Object& object, Keeps keeps) {
  Object kept;
  for (auto const& member : object) {
    if (keeps(std::string_view(member.key()))) kept[member.key()] = member.value();
  }
  object = std::move(kept);
}

std::string short_text(Value const& value) {
  constexpr std::size_t kBytes = 200;
  auto text = visible(canonical(value));
  if (text.size() > kBytes) text = text.substr(0, kBytes) + "...";
  return text;
}

/// A reference that the server told by id alone cannot be compared with a name.
bool tells_only_ids(Attribute const& attribute, Value const& answer) {
  if (attribute.refers_to.empty()) return false;
  auto const nameless = [](Value const& value) {
    auto const* live = value.if_object();
    return live != nullptr && text_at(*live, "name").empty();
  };
  auto const* list = answer.if_array();
  return list != nullptr ? std::ranges::any_of(*list, nameless) : nameless(answer);
}

/// Notes what was sent and in which form the server keeps it.
Result<void> note(Attribute const& attribute, state::ResourceRecord& row, Value const& desired,
                  Value const* answer) {
  auto const& name = attribute.name;
  auto const sent = normalised(attribute, desired);
  auto const* before = find(row.applied, name);
  bool const same_as_before = before != nullptr && equal(*before, sent);
  row.applied[name] = sent;
  if (answer == nullptr || tells_only_ids(attribute, *answer)) {
    if (!same_as_before) row.observed.erase(name);
    return {};
  }
  auto const got = normalised(attribute, *answer);
  if (matches(attribute, sent, got)) {
    row.observed.erase(name);
    return {};
  }
  auto part = written_part(sent, got);
  // A server has its own way to tell what a file holds: this is how it is learned.
  bool const is_file = attribute.format == Format::file;
  if (!is_file && !same_but_for_form(sent, part)) {
    return Error(Errc::protocol,
                 fmt::format("{}: the server did not keep `{}`: sent {}, got {}",
                             row.address.text(), name, short_text(sent), short_text(part)),
                 "the API may not allow this value here; write the value that it keeps, or list "
                 "the attribute in `lifecycle: {ignoreChanges: [...]}`");
  }
  row.observed[name] = std::move(part);
  return {};
}

void note_part(std::string const& name, Value const& ours, state::ResourceRecord& row) {
  row.applied[name] = make_contained(ours.is_array() ? ours.get_array() : Array());
  row.observed.erase(name);
}

}  // namespace

Result<state::ResourceRecord> record_after_write(Schema const& schema, state::ResourceRecord base,
                                                 Object const& desired, Object const& answer,
                                                 std::vector<std::string> const& left_alone,
                                                 Object const& parts) {
  auto const is_left_alone = [&](std::string_view name) {
    return std::ranges::find(left_alone, name) != left_alone.end();
  };
  auto const stays = [&](std::string_view name) {
    auto const* value = find(desired, name);
    return is_left_alone(name) || (value != nullptr && !value->is_null());
  };
  keep_if(base.applied, stays);
  keep_if(base.observed, stays);
  keep_if(base.secrets, stays);
  for (auto const& attribute : schema.attributes) {
    auto const& name = attribute.name;
    if (attribute.use == Use::computed || attribute.use == Use::meta || is_left_alone(name)) {
      continue;
    }
    if (is_secret(attribute)) {  // only its mark may stay
      base.applied.erase(name);
      base.observed.erase(name);
      continue;
    }
    auto const* value = find(desired, name);
    if (value == nullptr || value->is_null()) continue;
    ensure(!is_sensitive(*value) && !is_unknown(*value), "a written value is resolved");
    if (auto const* ours =
            find(parts, name)) {  // what others have in the list is not ours to check
      note_part(name, *ours, base);
      continue;
    }
    auto noted = note(attribute, base, *value, find(answer, name));
    if (!noted) return noted.error();
  }
  return base;
}

bool is_recorded(Schema const& schema, state::ResourceRecord const& row, Object const& desired,
                 std::vector<std::string> const& left_alone, Object const& parts) {
  auto const counts = [&](Attribute const& attribute) {
    return attribute.use != Use::computed && attribute.use != Use::meta && !is_secret(attribute) &&
           std::ranges::find(left_alone, attribute.name) == left_alone.end();
  };
  auto const is_noted = [&](Attribute const& attribute) {
    auto const* wanted = find(desired, attribute.name);
    auto const* noted = find(row.applied, attribute.name);
    if (wanted == nullptr || wanted->is_null()) return noted == nullptr;
    if (noted == nullptr) return false;
    if (is_deferred(*wanted)) return true;
    if (auto const* ours = find(parts, attribute.name)) {
      return equal(*noted, make_contained(ours->is_array() ? ours->get_array() : Array()));
    }
    return equal(*noted, normalised(attribute, *wanted));
  };
  return std::ranges::all_of(schema.attributes, [&](auto const& attribute) {
    return !counts(attribute) || is_noted(attribute);
  });
}

state::ResourceRecord record_after_part(Schema const& schema, state::ResourceRecord base,
                                        Object const& desired, Object const& answer,
                                        Object const& parts) {
  for (auto const& attribute : schema.attributes) {
    auto const& name = attribute.name;
    auto const* wanted = find(desired, name);
    if (wanted == nullptr || is_secret(attribute)) continue;
    if (attribute.use == Use::computed || attribute.use == Use::meta) continue;
    auto const* live = find(answer, name);
    if (live == nullptr && attribute.write_only) continue;  // nothing tells whether it was done
    auto const sent = normalised(attribute, *wanted);
    auto const got = live != nullptr ? normalised(attribute, *live) : Value(nullptr);
    auto const part = written_part(sent, got);
    bool const is_same = matches(attribute, sent, got);
    if (!is_same && !same_but_for_form(sent, part)) {
      if (attribute.write_only) base.applied[name] = got;  // what the kind knows of it
      continue;
    }
    base.applied[name] = sent;
    base.observed.erase(name);
    if (!is_same) base.observed[name] = part;
    if (auto const* ours = find(parts, name)) note_part(name, *ours, base);
  }
  return base;
}

}  // namespace tenantry::plans
