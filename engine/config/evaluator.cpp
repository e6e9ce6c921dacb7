#include "engine/config/evaluator.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "engine/core/text.hpp"

namespace tenantry::config {
namespace {

bool is_empty(Value const& value) {
  return value.is_null() || (value.is_string() && value.get_string().empty());
}

}  // namespace

Mark Evaluator::place_of(Node const& node, std::size_t offset) {
  auto mark = node.mark;
  if (node.text_offset >= 0) {
    auto const before = length_in_characters(node.text().substr(0, offset));
    mark.column += node.text_offset + static_cast<int>(before);
  }
  return mark;
}

bool Evaluator::charge(std::size_t nodes, std::size_t bytes, Mark const& at) {
  if (nodes_ > kNodesMax || bytes_ > kTextBytesMax) return false;  // reported already
  nodes_ += nodes;
  bytes_ += bytes;
  if (nodes_ <= kNodesMax && bytes_ <= kTextBytesMax) return true;
  reporter_.error(at, "expansion too large",
                  fmt::format("The placeholders of a tenant may make {} values and {} MiB of text "
                              "at most.",
                              kNodesMax, kTextBytesMax >> 20),
                  "let fewer values refer to each other");
  return false;
}

std::optional<Value> Evaluator::evaluate(Node const& node, std::string pointer, Places* origins) {
  return walk(node, pointer, origins);
}

std::optional<Value> Evaluator::walk(Node const& node, std::string& pointer, Places* origins) {
  if (!charge(1, 0, node.mark)) return std::nullopt;
  if (origins != nullptr && !pointer.empty()) origins->emplace(pointer, place(node).range());
  switch (node.type) {
    case Node::Type::null:
      return Value(nullptr);
    case Node::Type::scalar:
      return node.has_placeholder ? text(node) : std::optional<Value>(node.scalar);
    case Node::Type::list:
      return walk_list(node, pointer, origins);
    case Node::Type::join:
      return walk_join(node, pointer, origins);
    case Node::Type::map:
      return walk_map(node, pointer, origins);
    case Node::Type::packed:
      break;  // a tenant is unpacked before it is evaluated
  }
  return std::nullopt;
}

std::optional<Value> Evaluator::walk_list(Node const& node, std::string& pointer, Places* origins) {
  Array out;
  return add_part(node, out, pointer, origins) ? std::optional<Value>(std::move(out))
                                               : std::nullopt;
}

std::optional<Value> Evaluator::walk_join(Node const& node, std::string& pointer, Places* origins) {
  Array out;
  bool good = true;
  for (auto const& part : node.items) good = add_part(*part, out, pointer, origins) && good;
  return good ? std::optional<Value>(std::move(out)) : std::nullopt;
}

/// Appends the elements of the list `part`, each with its place.
bool Evaluator::add_part(Node const& part, Array& out, std::string& pointer, Places* origins) {
  auto const length = pointer.size();
  if (part.is_list()) {
    bool good = true;
    for (auto const& item : part.items) {
      pointer += fmt::format("/{}", out.size());
      auto value = walk(*item, pointer, origins);
      pointer.resize(length);
      good = good && value.has_value();
      out.push_back(value ? std::move(*value) : Value(nullptr));
    }
    return good;
  }
  std::string nowhere;
  auto const list = walk(part, nowhere, nullptr);
  if (!list) return false;
  if (!list->is_array()) {
    reporter_.error(
        part.mark, "wrong type",
        fmt::format("Only lists can be joined by $append; this is {}.", describe_type(*list)));
    return false;
  }
  for (auto const& element : list->get_array()) {
    if (origins != nullptr) {
      origins->emplace(fmt::format("{}/{}", pointer, out.size()), part.mark.range());
    }
    out.push_back(element);
  }
  return true;
}

std::optional<Value> Evaluator::walk_map(Node const& node, std::string& pointer, Places* origins) {
  Object out;
  out.reserve(node.members.size());
  bool good = true;
  auto const length = pointer.size();
  for (auto const& member : node.members) {
    pointer += '/';
    pointer += member.key;
    auto value = walk(*member.value, pointer, origins);
    pointer.resize(length);
    good = good && value.has_value();
    if (value && !value->is_null()) out[member.key] = std::move(*value);
  }
  return good ? std::optional<Value>(std::move(out)) : std::nullopt;
}

std::optional<Value> Evaluator::text(Node const& node) {
  auto const& problem = node.parsed->problem;
  if (problem) {
    reporter_.error(place_of(node, problem->offset), problem->summary, problem->detail,
                    problem->hint);
    return std::nullopt;
  }
  return instantiate(node.parsed->pieces, node);
}

std::optional<Value> Evaluator::instantiate(Template const& pieces, Node const& node) {
  if (pieces.size() == 1 && !pieces.front().is_literal()) return resolve(pieces.front(), node);
  std::vector<Segment> segments;
  bool good = true;
  for (auto const& piece : pieces) {
    if (piece.is_literal()) {
      good = append(Value(piece.text), segments, piece, node) && good;
      continue;
    }
    auto const value = resolve(piece, node);
    good = value && append(*value, segments, piece, node) && good;
  }
  if (!good) return std::nullopt;
  if (segments.empty()) return Value("");
  if (segments.size() == 1 && segments.front().kind == Segment::Kind::text) {
    return Value(segments.front().text);
  }
  return make_deferred(segments);
}

bool Evaluator::append(Value const& value, std::vector<Segment>& segments, Piece const& piece,
                       Node const& node) {
  auto const add_text = [&](std::string_view text) {
    if (!charge(0, text.size(), node.mark)) return false;
    if (text.empty()) return true;
    if (segments.empty() || segments.back().kind != Segment::Kind::text) segments.push_back({});
    segments.back().text += text;
    return true;
  };
  if (is_deferred(value)) {
    for (auto& segment : segments_of(value)) {
      if (segment.kind != Segment::Kind::text) {
        segments.push_back(std::move(segment));
      } else if (!add_text(segment.text)) {
        return false;
      }
    }
    return charge(1, 0, node.mark);
  }
  if (value.is_string()) return add_text(std::string_view(value.get_string()));
  if (!value.is_array() && !value.is_object()) return add_text(canonical(value));
  reporter_.error(place_of(node, piece.offset), "list or map inside of a text",
                  fmt::format("{} is {}; only as the whole value it keeps its type.", piece.text,
                              describe_type(value)));
  return false;
}

std::optional<Value> Evaluator::resolve(Piece const& piece, Node const& node) {
  auto found = look_up(piece, node);
  if (found.status == Found::Status::failed) return std::nullopt;
  bool const unset = found.status == Found::Status::unset || found.value.is_null();
  if (piece.fallback && (unset || is_empty(found.value))) {
    return instantiate(*piece.fallback, node);
  }
  if (!unset) return std::move(found.value);
  report_unset(found, piece, node);
  return std::nullopt;
}

void Evaluator::report_unset(Found const& found, Piece const& piece, Node const& node) {
  if (piece.space == "row") {
    reporter_.error(
        found.where, "empty cell",
        fmt::format("{} at {} needs it.", piece.text, place_of(node, piece.offset).range().text()),
        fmt::format("fill it, or write ${{row.{}:-fallback}} for what counts then", piece.path));
  } else if (piece.space == "var") {
    reporter_.error(
        found.where, fmt::format("variable \"{}\" has no value", piece.path),
        fmt::format("{} It is used at {}.", found.why, place_of(node, piece.offset).range().text()),
        fmt::format("set it, or give --var {0}=... or TENANTRY_VAR_{0}", piece.path));
  } else {
    reporter_.error(place_of(node, piece.offset), "placeholder without a value",
                    fmt::format("{} is not set.", piece.text),
                    "set it, or write ${...:-fallback} for what counts then");
  }
}

std::optional<std::string> Evaluator::plain_text(Node const& node, std::string_view what) {
  auto const value = evaluate(node);
  if (!value) return std::nullopt;
  if (is_sensitive(*value)) {
    reporter_.error(node.mark, "sensitive value where it would be seen",
                    fmt::format("{} cannot be secret.", what),
                    "use a variable with `sensitive: false`, or write the value itself");
    return std::nullopt;
  }
  if (is_unknown(*value)) {
    reporter_.error(node.mark, "value that is not known yet",
                    fmt::format("{} must be known before the tenant exists.", what));
    return std::nullopt;
  }
  if (value->is_string()) return std::string(std::string_view(value->get_string()));
  reporter_.error(place(node), "wrong type",
                  fmt::format("{} must be a text, not {}.", what, describe_type(*value)));
  return std::nullopt;
}

}  // namespace tenantry::config
