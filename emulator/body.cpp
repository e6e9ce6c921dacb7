#include "emulator/body.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "engine/core/text.hpp"

namespace tenantry::emulator {
namespace {

Refusal check_text(Value const& value, Property const& property, std::string const& pointer) {
  if (!value.is_string()) return invalid(pointer, "must be a string");
  std::string_view const text = value.get_string();
  auto const length = length_in_characters(text);
  if (length < property.length_min) {
    return invalid(pointer, fmt::format("must have at least {} characters", property.length_min));
  }
  if (length > property.length_max) {
    return invalid(pointer, fmt::format("must have at most {} characters", property.length_max));
  }
  if (!property.values.empty() &&
      std::ranges::find(property.values, text) == property.values.end()) {
    return invalid(pointer, fmt::format("must be one of {}", fmt::join(property.values, ", ")));
  }
  return std::nullopt;
}

Refusal check_list(Value const& value, Property const& property, std::string const& pointer) {
  auto const* const list = value.if_array();
  if (list == nullptr) return invalid(pointer, "must be an array");
  if (list->size() > property.items_max) {
    return invalid(pointer, fmt::format("must have at most {} items", property.items_max));
  }
  for (std::size_t i = 0; i < list->size(); ++i) {
    auto const at = fmt::format("{}/{}", pointer, i);
    if (property.type == Type::objects) {
      if (!(*list)[i].is_object()) return invalid(at, "must be an object");
    } else if (auto refusal = check_text((*list)[i], property, at)) {
      return refusal;
    }
  }
  return std::nullopt;
}

bool is_finite(Value const& value) {
  if (auto const* const number = value.if_double()) return std::isfinite(*number);
  if (auto const* const list = value.if_array()) return std::ranges::all_of(*list, is_finite);
  auto const* const object = value.if_object();
  return object == nullptr ||
         std::ranges::all_of(*object, [](auto const& member) { return is_finite(member.value()); });
}

bool lists(std::string_view words, std::string_view word) {
  return fmt::format(" {} ", words).find(fmt::format(" {} ", word)) != std::string::npos;
}

}  // namespace

Result<Value> parse_body(std::string_view bytes) {
  if (!is_utf8(bytes)) return Error(Errc::invalid, "it is not UTF-8");
  auto value = parse_json(bytes, 50);
  if (value && !is_finite(*value)) return Error(Errc::invalid, "a number is out of range");
  return value;
}

Refusal check_value(Value const& value, Property const& property, std::string pointer) {
  switch (property.type) {
    case Type::text:
      return check_text(value, property, pointer);
    case Type::texts:
    case Type::objects:
      return check_list(value, property, pointer);
    case Type::flag:
      if (!value.is_bool()) return invalid(std::move(pointer), "must be a boolean");
      break;
    case Type::integer:
      if (!value.is_int64() && !value.is_uint64()) {
        return invalid(std::move(pointer), "must be an integer");
      }
      break;
    case Type::number:
      if (!value.is_number()) return invalid(std::move(pointer), "must be a number");
      break;
    case Type::object:
      if (!value.is_object()) return invalid(std::move(pointer), "must be an object");
      break;
    case Type::any:
      break;
  }
  return std::nullopt;
}

Refusal check_object(Value const& body, std::span<Property const> properties,
                     std::string_view pointer) {
  auto const* const object = body.if_object();
  if (object == nullptr) return invalid(std::string(pointer), "must be an object");
  for (auto const& property : properties) {
    auto const* const member = find(*object, property.name);
    auto at = fmt::format("{}/{}", pointer, property.name);
    if (member == nullptr) {
      if (property.use == Use::required) return invalid(std::move(at), "is required");
      continue;
    }
    if (auto refusal = check_value(*member, property, std::move(at))) return refusal;
  }
  for (auto const& member : *object) {
    std::string_view const name = member.key();
    if (std::ranges::none_of(properties, [&](auto const& p) { return p.name == name; })) {
      return invalid(fmt::format("{}/{}", pointer, visible(name)), "is not a known property");
    }
  }
  return std::nullopt;
}

Refusal apply_patch(Value const& body, std::span<PatchPath const> paths,
                    std::function<Refusal(PatchOperation const&)> const& apply) {
  auto const* const list = body.if_array();
  if (list == nullptr) return invalid("", "must be an array of operations");
  static Property const kOperation[] = {{.name = "op", .use = Use::required},
                                        {.name = "path", .use = Use::required},
                                        {.name = "value", .type = Type::any}};
  static Value const kNone;
  for (std::size_t i = 0; i < list->size(); ++i) {
    auto const pointer = fmt::format("/{}", i);
    auto const& item = (*list)[i];
    if (auto refusal = check_object(item, kOperation, pointer)) return refusal;
    auto const& object = item.get_object();
    auto const op = text_at(object, "op");
    auto const path = text_at(object, "path");
    auto const rule = std::ranges::find(paths, path, &PatchPath::path);
    if (rule == paths.end()) {
      return invalid(pointer + "/path", fmt::format("{} cannot be changed", visible(path)));
    }
    if (!lists(rule->operations, op)) {
      return invalid(pointer + "/op", fmt::format("must be one of: {}", rule->operations));
    }
    auto const* value = find(object, "value");
    if (op != "remove" && op != "unset") {
      if (value == nullptr) return invalid(pointer + "/value", "is required");
      if (auto refusal = check_value(*value, rule->value, pointer + "/value")) return refusal;
    }
    PatchOperation const operation{op, path, value == nullptr ? kNone : *value, pointer};
    if (auto refusal = apply(operation)) return refusal;
  }
  return std::nullopt;
}

}  // namespace tenantry::emulator
