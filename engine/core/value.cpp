#include "engine/core/value.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "engine/core/characters.hpp"
#include "engine/core/digest.hpp"
#include "engine/core/json_text.hpp"
#include "engine/core/secret.hpp"

namespace tenantry {
namespace json = boost::json;
namespace {

/// True where JSON writes the text as it is.
bool is_plain(std::string_view text) {
  return std::ranges::none_of(
      text, [](char c) { return c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20; });
}

void append_string(std::string& out, std::string_view text) {
  out += '"';
  if (is_plain(text)) {
    out += text;
    out += '"';
    return;
  }
  for (char const c : text) {
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20) {
          out += fmt::format("\\u{:04x}", static_cast<unsigned>(static_cast<unsigned char>(c)));
        } else {
          out += c;
        }
    }
  }
  out += '"';
}

void append_double(std::string& out, double number) {
  ensure(std::isfinite(number), "numbers in values are finite");
  constexpr double kExact = 9007199254740992.0;  // 2^53: whole numbers below are exact
  if (number == std::floor(number) && std::abs(number) < kExact) {
    out += std::to_string(static_cast<std::int64_t>(number));
    return;
  }
  char buffer[32];
  auto const [end, ec] = std::to_chars(buffer, buffer + sizeof buffer, number);
  (void)ec;  // 32 bytes hold every double
  out.append(buffer, end);
}

std::vector<json::key_value_pair const*> sorted_members(Object const& object) {
  std::vector<json::key_value_pair const*> members;
  members.reserve(object.size());
  for (auto const& member : object) members.push_back(&member);
  std::ranges::sort(members, {}, [](auto const* m) { return std::string_view(m->key()); });
  return members;
}

void append_scalar(std::string& out, Value const& value) {
  switch (value.kind()) {
    case json::kind::null:
      out += "null";
      break;
    case json::kind::bool_:
      out += value.get_bool() ? "true" : "false";
      break;
    case json::kind::int64:
      out += std::to_string(value.get_int64());
      break;
    case json::kind::uint64:
      out += std::to_string(value.get_uint64());
      break;
    case json::kind::double_:
      append_double(out, value.get_double());
      break;
    case json::kind::string:
      append_string(out, std::string_view(value.get_string()));
      break;
    case json::kind::array:
    case json::kind::object:
      break;
  }
}

void append_canonical(std::string& out, Value const& value);

void append_canonical(std::string& out, Object const& object) {
  out += '{';
  bool first = true;
  auto const add = [&](json::key_value_pair const& member) {
    if (!first) out += ',';
    first = false;
    append_string(out, std::string_view(member.key()));
    out += ':';
    append_canonical(out, member.value());
  };
  if (object.size() < 2) {
    for (auto const& member : object) add(member);
  } else {
    for (auto const* member : sorted_members(object)) add(*member);
  }
  out += '}';
}

void append_canonical(std::string& out, Value const& value) {
  if (auto const* array = value.if_array()) {
    out += '[';
    for (std::size_t i = 0; i < array->size(); ++i) {
      if (i > 0) out += ',';
      append_canonical(out, (*array)[i]);
    }
    out += ']';
  } else if (auto const* object = value.if_object()) {
    append_canonical(out, *object);
  } else {
    append_scalar(out, value);
  }
}

void append_pretty(std::string& out, Value const& value, std::size_t depth) {
  std::string const inner((depth + 1) * 2, ' ');
  std::string const outer(depth * 2, ' ');
  if (auto const* array = value.if_array(); array != nullptr && !array->empty()) {
    out += "[\n";
    for (std::size_t i = 0; i < array->size(); ++i) {
      out += inner;
      append_pretty(out, (*array)[i], depth + 1);
      out += i + 1 < array->size() ? ",\n" : "\n";
    }
    out += outer + ']';
  } else if (auto const* object = value.if_object(); object != nullptr && !object->empty()) {
    out += "{\n";
    std::size_t i = 0;
    for (auto const& member : *object) {
      out += inner;
      append_string(out, std::string_view(member.key()));
      out += ": ";
      append_pretty(out, member.value(), depth + 1);
      out += ++i < object->size() ? ",\n" : "\n";
    }
    out += outer + '}';
  } else if (value.is_array()) {
    out += "[]";
  } else if (value.is_object()) {
    out += "{}";
  } else {
    append_scalar(out, value);
  }
}

/// Boost.JSON reads 1E400 as infinity, which no JSON text can say.
bool all_finite(Value const& value) {
  if (auto const* number = value.if_double()) return std::isfinite(*number);
  if (auto const* array = value.if_array()) return std::ranges::all_of(*array, all_finite);
  if (auto const* object = value.if_object()) {
    return std::ranges::all_of(*object, [](auto const& m) { return all_finite(m.value()); });
  }
  return true;
}

bool any_segment(Value const& value, Segment::Kind kind) {
  if (is_deferred(value)) {
    auto const segments = segments_of(value);
    return std::ranges::any_of(segments, [&](auto const& s) { return s.kind == kind; });
  }
  if (auto const* array = value.if_array()) {
    return std::ranges::any_of(*array, [&](auto const& v) { return any_segment(v, kind); });
  }
  if (auto const* object = value.if_object()) {
    return std::ranges::any_of(*object,
                               [&](auto const& m) { return any_segment(m.value(), kind); });
  }
  return false;
}

}  // namespace

std::string canonical(Value const& value) {
  std::string out;
  append_canonical(out, value);
  return out;
}

std::string canonical(Object const& object) {
  std::string out;
  append_canonical(out, object);
  return out;
}

std::string pretty(Value const& value) { return pretty(value, 0); }

std::string pretty(Value const& value, std::size_t depth) {
  std::string out;
  append_pretty(out, value, depth);
  return with_visible_strings(out);
}

std::string digest_of(Value const& value) { return sha256_hex(canonical(value)); }

bool equal(Value const& a, Value const& b) { return a == b || canonical(a) == canonical(b); }

Result<Value> parse_json(std::string_view text, std::size_t depth_max) {
  json::parse_options options;
  options.max_depth = depth_max;
  std::array<unsigned char, 4096> buffer;  // what the parser builds; small documents fit
  json::parser parser({}, options, buffer.data(), buffer.size());
  json::error_code ec;
  auto const read = parser.write_some(text.data(), text.size(), ec);
  auto const fail = [&](std::string_view why) {
    return Error(Errc::invalid, fmt::format("not valid JSON at byte {}: {}", read, why));
  };
  if (ec) return fail(ec.message());
  if (text.find_first_not_of(" \t\r\n", read) != std::string_view::npos)
    return fail("text follows");
  auto value = parser.release();
  if (!all_finite(value)) return fail("a number is too large");
  return value;
}

std::string text_at(Object const& object, std::string_view name) {
  auto const* value = find(object, name);
  if (value == nullptr || !value->is_string()) return {};
  return std::string(std::string_view(value->get_string()));
}

Value const* find(Object const& object, std::string_view name) { return object.if_contains(name); }

Array const* contained(Value const& value) {
  auto const* object = value.if_object();
  if (object == nullptr || object->size() != 1) return nullptr;
  auto const* elements = object->if_contains(kContains);
  return elements != nullptr ? elements->if_array() : nullptr;
}

Value make_contained(Array elements) { return Object{{kContains, std::move(elements)}}; }

Value make_deferred(std::vector<Segment> const& segments) {
  Array parts;
  for (auto const& segment : segments) {
    switch (segment.kind) {
      case Segment::Kind::text:
        parts.emplace_back(segment.text);
        break;
      case Segment::Kind::variable:
        parts.emplace_back(Object{{"var", segment.text}});
        break;
      case Segment::Kind::tenant:
        parts.emplace_back(Object{{"tenant", segment.text}});
        break;
    }
  }
  return Object{{kDeferredKey, std::move(parts)}};
}

bool is_deferred(Value const& value) {
  auto const* object = value.if_object();
  if (object == nullptr || object->size() != 1) return false;
  auto const* parts = object->if_contains(kDeferredKey);
  return parts != nullptr && parts->is_array();
}

std::vector<Segment> segments_of(Value const& value) {
  std::vector<Segment> segments;
  for (auto const& part : value.get_object().at(kDeferredKey).get_array()) {
    if (part.is_string()) {
      segments.push_back({Segment::Kind::text, std::string(std::string_view(part.get_string()))});
    } else if (auto const* object = part.if_object()) {
      auto const variable = text_at(*object, "var");
      if (!variable.empty()) {
        segments.push_back({Segment::Kind::variable, variable});
      } else {
        segments.push_back({Segment::Kind::tenant, text_at(*object, "tenant")});
      }
    }
  }
  return segments;
}

bool is_sensitive(Value const& value) { return any_segment(value, Segment::Kind::variable); }
bool is_unknown(Value const& value) { return any_segment(value, Segment::Kind::tenant); }

std::string describe_deferred(Value const& value) {
  if (is_sensitive(value)) return std::string(kMasked);
  std::string out;
  for (auto const& segment : segments_of(value)) {
    out += segment.kind == Segment::Kind::text ? segment.text
                                               : fmt::format("${{tenant.{}}}", segment.text);
  }
  return out;
}

Result<Value> resolve_deferred(Value const& value, SegmentLookup const& lookup) {
  if (is_deferred(value)) {
    std::string out;
    for (auto const& segment : segments_of(value)) {
      if (segment.kind == Segment::Kind::text) {
        out += segment.text;
        continue;
      }
      auto text = lookup(segment);
      if (!text) return text.error();
      out += *text;
    }
    return Value(out);
  }
  if (auto const* array = value.if_array()) {
    Array out;
    for (auto const& element : *array) {
      auto resolved = resolve_deferred(element, lookup);
      if (!resolved) return resolved.error();
      out.push_back(std::move(*resolved));
    }
    return Value(std::move(out));
  }
  if (auto const* object = value.if_object()) {
    Object out;
    for (auto const& member : *object) {
      auto resolved = resolve_deferred(member.value(), lookup);
      if (!resolved) return resolved.error();
      out[member.key()] = std::move(*resolved);
    }
    return Value(std::move(out));
  }
  return value;
}

}  // namespace tenantry
