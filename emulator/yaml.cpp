#include "emulator/yaml.hpp"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>

#include "engine/core/text.hpp"

namespace tenantry::emulator {
namespace {

constexpr std::size_t kLevelsMax = 50;
constexpr std::size_t kNodesMax = 100'000;

template <class Number>
std::optional<Number> number_of(std::string_view text) {
  Number number{};
  auto const [end, ec] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (ec != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

/// A plain scalar by the core schema, as far as JSON can write it again.
Value plain_scalar(std::string const& text) {
  if (text.empty() || text == "~" || lower(text) == "null") return nullptr;
  if (text == "true" || text == "True" || text == "TRUE") return true;
  if (text == "false" || text == "False" || text == "FALSE") return false;
  auto const starts_number = text.find_first_of("0123456789") <= 1;
  if (!starts_number) return Value(text);
  if (auto const integer = number_of<std::int64_t>(text)) return *integer;
  auto const real = number_of<double>(text);
  if (real && std::isfinite(*real)) return *real;
  return Value(text);
}

class Converter {
 public:
  /// An alias counts as often as it is used, so that a recursive one comes to an end.
  Result<Value> convert(YAML::Node const& node, std::size_t level) {
    if (level > kLevelsMax) return Error(Errc::invalid, "it has too many levels");
    if (++nodes_ > kNodesMax) return Error(Errc::invalid, "it has too many nodes");
    switch (node.Type()) {
      case YAML::NodeType::Scalar:
        return node.Tag() == "!" ? Value(node.Scalar()) : plain_scalar(node.Scalar());
      case YAML::NodeType::Sequence:
        return sequence(node, level);
      case YAML::NodeType::Map:
        return map(node, level);
      case YAML::NodeType::Null:
      case YAML::NodeType::Undefined:
        break;
    }
    return Value(nullptr);
  }

 private:
  Result<Value> sequence(YAML::Node const& node, std::size_t level) {
    Array list;
    for (auto const& item : node) {
      auto value = convert(item, level + 1);
      if (!value) return value.error();
      list.push_back(std::move(*value));
    }
    return Value(std::move(list));
  }

  Result<Value> map(YAML::Node const& node, std::size_t level) {
    Object object;
    for (auto const& member : node) {
      if (!member.first.IsScalar()) return Error(Errc::invalid, "it has a key that is no text");
      auto const& name = member.first.Scalar();
      auto value = convert(member.second, level + 1);
      if (!value) return value.error();
      if (!object.emplace(name, std::move(*value)).second) {
        return Error(Errc::invalid, fmt::format("it has the key {} twice", visible(name)));
      }
    }
    return Value(std::move(object));
  }

  std::size_t nodes_ = 0;
};

void emit(YAML::Emitter& out, Value const& value) {
  if (auto const* const object = value.if_object()) {
    out << YAML::BeginMap;
    for (auto const& member : *object) {
      out << YAML::Key << std::string(member.key()) << YAML::Value;
      emit(out, member.value());
    }
    out << YAML::EndMap;
  } else if (auto const* const list = value.if_array()) {
    out << YAML::BeginSeq;
    for (auto const& item : *list) emit(out, item);
    out << YAML::EndSeq;
  } else if (auto const* const text = value.if_string()) {
    out << YAML::DoubleQuoted << std::string(*text);
  } else if (value.is_null()) {
    out << YAML::Null;
  } else if (auto const* const flag = value.if_bool()) {
    out << *flag;
  } else {
    out << canonical(value);
  }
}

}  // namespace

Result<Value> parse_yaml(std::string_view text) {
  if (!is_utf8(text)) return Error(Errc::invalid, "it is not UTF-8");
  // YAML 1.2, 5.1: the library takes some of them for what it marks places with.
  auto const is_control = [](char c) {
    return (static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\n' && c != '\r') ||
           c == 0x7F;
  };
  if (std::ranges::any_of(text, is_control)) {
    return Error(Errc::invalid, "it holds a control character");
  }
  YAML::Node root;
  try {
    root = YAML::Load(std::string(text));
  } catch (YAML::Exception const& error) {
    return Error(Errc::invalid, fmt::format("it is no YAML: line {}: {}", error.mark.line + 1,
                                            visible(error.msg)));
  }
  return Converter().convert(root, 0);
}

std::string write_yaml(Value const& value) {
  YAML::Emitter out;
  emit(out, value);
  return std::string(out.c_str()) + "\n";
}

}  // namespace tenantry::emulator
