// Checks of request bodies: tables of properties, and JSON Patch.
#pragma once
#include <functional>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "emulator/problem.hpp"
#include "engine/core/value.hpp"

namespace tenantry::emulator {

/// Parses a JSON body: UTF-8, at most 50 levels, no number that JSON could not write again.
/// Errors: invalid.
Result<Value> parse_body(std::string_view bytes);

enum class Type { text, flag, integer, number, object, texts, objects, any };
enum class Use { optional, required };

/// A property of a request body. Lengths are in characters, of each text of a list too.
struct Property {
  std::string_view name = {};
  Type type = Type::text;
  Use use = Use::optional;
  std::size_t length_min = 0;
  std::size_t length_max = std::numeric_limits<std::size_t>::max();
  std::vector<std::string_view> values = {};  ///< allowed texts; empty: any
  std::size_t items_max = std::numeric_limits<std::size_t>::max();
};

/// Refuses what is no object, lacks a required property, has an unknown one or a wrong value.
Refusal check_object(Value const& body, std::span<Property const> properties,
                     std::string_view pointer = {});
Refusal check_value(Value const& value, Property const& property, std::string pointer);

/// A path of a JSON Patch that an API allows.
struct PatchPath {
  std::string_view path;
  std::string_view operations = "replace";  ///< separated by spaces
  Property value = {};                      ///< `remove` and `unset` need none
};

struct PatchOperation {
  std::string op;
  std::string path;
  Value const& value;
  std::string pointer;  ///< of the operation in the body: "/0"
};

/// Checks each operation of a JSON Patch against `paths`, then gives it to `apply`. The first
/// refusal ends it: the caller works on a copy, so nothing is applied then.
Refusal apply_patch(Value const& body, std::span<PatchPath const> paths,
                    std::function<Refusal(PatchOperation const&)> const& apply);

}  // namespace tenantry::emulator
