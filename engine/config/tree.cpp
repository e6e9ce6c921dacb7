#include "engine/config/tree.hpp"

#include <algorithm>
#include <limits>
#include <tuple>

namespace tenantry::config {
namespace {

std::uint32_t add_sizes(std::uint32_t a, std::uint32_t b) {
  constexpr auto kMax = std::numeric_limits<std::uint32_t>::max();
  return a > kMax - b ? kMax : a + b;
}

}  // namespace

SourceRange Mark::range() const {
  if (source == nullptr) return {};
  return {source->name, line, column};
}

std::strong_ordering Mark::operator<=>(Mark const& other) const {
  auto const rank = [](Mark const& m) { return m.source == nullptr ? -1 : m.source->order; };
  return std::tuple(rank(*this), line, column) <=>
         std::tuple(rank(other), other.line, other.column);
}

Member const* Node::find(std::string_view key) const {
  auto const found = std::ranges::find_if(members, [&](auto const& m) { return m.key == key; });
  return found == members.end() ? nullptr : &*found;
}

Node const* Node::value_of(std::string_view key) const {
  auto const* member = find(key);
  return member == nullptr || member->value->is_null() ? nullptr : member->value.get();
}

std::string_view describe_type(Value const& value) {
  if (is_deferred(value) || value.is_string()) return "a text";
  if (value.is_null()) return "null";
  if (value.is_bool()) return "true or false";
  if (value.is_double()) return "a number";
  if (value.is_array()) return "a list";
  if (value.is_object()) return "a map";
  return "a whole number";
}

std::string_view describe_type(Node const& node) {
  switch (node.type) {
    case Node::Type::null:
      return "null";
    case Node::Type::scalar:
      return describe_type(node.scalar);
    case Node::Type::list:
    case Node::Type::join:
      return "a list";
    case Node::Type::map:
    case Node::Type::packed:
      return "a map";
  }
  return "a value";
}

NodePtr make_map(Mark mark, std::vector<Member> members) {
  auto node = std::make_shared<Node>();
  node->type = Node::Type::map;
  node->mark = mark;
  for (auto const& m : members) node->size = add_sizes(node->size, m.value->size);
  node->members = std::move(members);
  node->members.shrink_to_fit();
  return node;
}

namespace {
NodePtr make_items(Node::Type type, Mark mark, std::vector<NodePtr> items) {
  auto node = std::make_shared<Node>();
  node->type = type;
  node->mark = mark;
  for (auto const& item : items) node->size = add_sizes(node->size, item->size);
  node->items = std::move(items);
  node->items.shrink_to_fit();
  return node;
}
}  // namespace

NodePtr make_list(Mark mark, std::vector<NodePtr> items) {
  return make_items(Node::Type::list, mark, std::move(items));
}

NodePtr make_join(Mark mark, std::vector<NodePtr> parts) {
  return make_items(Node::Type::join, mark, std::move(parts));
}

NodePtr make_scalar(Mark mark, Value value) {
  auto node = std::make_shared<Node>();
  node->mark = mark;
  if (value.is_null()) return node;
  node->type = Node::Type::scalar;
  node->has_placeholder = value.is_string() &&
                          std::string_view(value.get_string()).find("${") != std::string_view::npos;
  if (node->has_placeholder) {
    auto parsed = std::make_shared<ParsedText>();
    parsed->pieces = parse_template(std::string_view(value.get_string()), parsed->problem);
    node->parsed = std::move(parsed);
  }
  node->scalar = std::move(value);
  return node;
}

Value to_value(Node const& node) {
  switch (node.type) {
    case Node::Type::null:
      return nullptr;
    case Node::Type::scalar:
      return node.scalar;
    case Node::Type::list:
    case Node::Type::join: {
      Array out;
      for (auto const& item : node.items) out.push_back(to_value(*item));
      return out;
    }
    case Node::Type::packed:
      break;  // what is asked for values has been unpacked
    case Node::Type::map: {
      Object out;
      for (auto const& m : node.members) out[m.key] = to_value(*m.value);
      return out;
    }
  }
  return nullptr;
}

NodePtr from_value(Value const& value) {
  if (auto const* array = value.if_array()) {
    std::vector<NodePtr> items;
    for (auto const& element : *array) items.push_back(from_value(element));
    return make_list({}, std::move(items));
  }
  if (auto const* object = value.if_object()) {
    std::vector<Member> members;
    for (auto const& member : *object) {
      members.push_back({std::string(member.key()), {}, from_value(member.value())});
    }
    return make_map({}, std::move(members));
  }
  return make_scalar({}, value);
}

Value const* member_at(Value const& value, std::string_view path) {
  auto const* object = value.if_object();
  if (object == nullptr || is_deferred(value)) return nullptr;
  if (auto const* found = object->if_contains(path)) return found;
  for (auto dot = path.find('.'); dot != std::string_view::npos; dot = path.find('.', dot + 1)) {
    if (auto const* found = object->if_contains(path.substr(0, dot))) {
      return member_at(*found, path.substr(dot + 1));
    }
  }
  return nullptr;
}

std::vector<std::string> keys_of(Node const& map) {
  std::vector<std::string> out;
  out.reserve(map.members.size());
  for (auto const& m : map.members) out.push_back(m.key);
  return out;
}

}  // namespace tenantry::config
