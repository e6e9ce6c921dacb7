#include "emulator/filter.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "emulator/http_message.hpp"
#include "engine/core/text.hpp"

namespace tenantry::emulator {
namespace {

constexpr std::size_t kDepthMax = 50;
constexpr std::size_t kLengthMax = 8000;

}  // namespace

/// expression := term {"or" term}; term := factor {"and" factor};
/// factor := "not" factor | "(" expression ")" | attribute operator value
class FilterParser {
 public:
  FilterParser(std::string_view text, std::span<Filterable const> attributes)
      : text_(text), attributes_(attributes) {}

  Result<Filter> run() {
    if (text_.size() > kLengthMax) return wrong("the filter is too long");
    auto root = joined("or", Filter::Operation::any, 0);
    if (!root) return root.error();
    skip_spaces();
    if (at_ != text_.size()) return wrong("\"and\", \"or\" or the end was expected");
    Filter filter;
    filter.root_ = std::move(*root);
    return filter;
  }

 private:
  using Node = Filter::Node;

  Error wrong(std::string_view why) const {
    return Error(Errc::invalid, fmt::format("filter, position {}: {}", at_ + 1, why));
  }

  void skip_spaces() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t')) ++at_;
  }

  std::string_view word() {
    skip_spaces();
    auto const from = at_;
    auto const is_part = [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
             c == '.' || c == '_' || c == '-' || c == '+';
    };
    while (at_ < text_.size() && is_part(text_[at_])) ++at_;
    return text_.substr(from, at_ - from);
  }

  bool take_word(std::string_view wanted) {
    auto const from = at_;
    if (same_word(word(), wanted)) return true;
    at_ = from;
    return false;
  }

  bool take(char wanted) {
    skip_spaces();
    if (at_ >= text_.size() || text_[at_] != wanted) return false;
    ++at_;
    return true;
  }

  Result<Node> joined(std::string_view joiner, Filter::Operation operation, std::size_t depth) {
    Node node{operation, {}, {}, {}};
    do {
      auto part = operation == Filter::Operation::any ? joined("and", Filter::Operation::all, depth)
                                                      : factor(depth);
      if (!part) return part.error();
      node.parts.push_back(std::move(*part));
    } while (take_word(joiner));
    if (node.parts.size() > 1) return node;
    auto only = std::move(node.parts.front());
    return only;
  }

  Result<Node> factor(std::size_t depth) {
    if (depth > kDepthMax) return wrong("too many levels");
    if (take_word("not")) {
      auto part = factor(depth + 1);
      if (!part) return part.error();
      Node node{Filter::Operation::negation, {}, {}, {}};
      node.parts.push_back(std::move(*part));
      return node;
    }
    if (!take('(')) return comparison();
    auto inner = joined("or", Filter::Operation::any, depth + 1);
    if (!inner) return inner.error();
    if (!take(')')) return wrong("\")\" was expected");
    return inner;
  }

  Result<Node> comparison() {
    auto const name = word();
    auto const known = std::ranges::find_if(
        attributes_, [&](Filterable const& a) { return same_word(a.name, name); });
    if (known == attributes_.end()) {
      return wrong(fmt::format("\"{}\" cannot be filtered by", visible(name)));
    }
    auto const operation = lower(word());
    if (operation.empty() ||
        fmt::format(" {} ", known->operators).find(fmt::format(" {} ", operation)) ==
            std::string::npos) {
      return wrong(fmt::format("{} takes {}", known->name, known->operators));
    }
    auto wanted = value();
    if (!wanted) return wanted.error();
    return Node{operation_of(operation), std::string(known->name), std::move(*wanted), {}};
  }

  static Filter::Operation operation_of(std::string_view name) {
    using enum Filter::Operation;
    if (name == "ne") return ne;
    if (name == "co") return co;
    if (name == "sw") return sw;
    if (name == "gt") return gt;
    if (name == "ge") return ge;
    if (name == "lt") return lt;
    return name == "le" ? le : eq;
  }

  Result<Value> value() {
    skip_spaces();
    if (at_ < text_.size() && (text_[at_] == '"' || text_[at_] == '\'')) return quoted();
    auto const literal = word();
    if (literal == "true") return Value(true);
    if (literal == "false") return Value(false);
    if (literal == "null") return Value(nullptr);
    auto number = parse_json(literal, 1);
    if (!number || !number->is_number()) return wrong("a quoted text was expected");
    return *number;
  }

  Result<Value> quoted() {
    auto const quote = text_[at_++];
    std::string out;
    for (; at_ < text_.size(); ++at_) {
      auto const c = text_[at_];
      if (c == quote) {
        ++at_;
        return Value(boost::json::string(out));
      }
      if (c == '\\' && at_ + 1 < text_.size() &&
          (text_[at_ + 1] == quote || text_[at_ + 1] == '\\')) {
        ++at_;
      }
      out += text_[at_];
    }
    return wrong("the text has no end");
  }

  std::string_view text_;
  std::span<Filterable const> attributes_;
  std::size_t at_ = 0;
};

Result<Filter> Filter::parse(std::string_view text, std::span<Filterable const> attributes) {
  return FilterParser(text, attributes).run();
}

bool Filter::matches(Object const& object) const { return holds(root_, object); }

std::vector<std::string> Filter::equal_to(std::string_view attribute) const {
  std::vector<std::string> out;
  collect(root_, attribute, out);
  return out;
}

void Filter::collect(Node const& node, std::string_view attribute, std::vector<std::string>& out) {
  for (auto const& part : node.parts) collect(part, attribute, out);
  if (node.operation == Operation::eq && node.attribute == attribute && node.value.is_string()) {
    out.emplace_back(node.value.get_string());
  }
}

namespace {

/// True when `test` is true for a value that `path` leads to.
template <class Test>
bool any_at(Value const& value, std::string_view path, Test const& test) {
  if (auto const* const list = value.if_array()) {
    return std::ranges::any_of(*list, [&](Value const& v) { return any_at(v, path, test); });
  }
  if (path.empty()) return test(value);
  auto const* const object = value.if_object();
  if (object == nullptr) return false;
  auto const dot = path.find('.');
  auto const* const member = object->if_contains(path.substr(0, dot));
  if (member == nullptr) return false;
  return any_at(*member, dot == std::string_view::npos ? "" : path.substr(dot + 1), test);
}

}  // namespace

bool Filter::holds(Node const& node, Object const& object) {
  auto const part = [&](Node const& inner) { return holds(inner, object); };
  if (node.operation == Operation::all) return std::ranges::all_of(node.parts, part);
  if (node.operation == Operation::any) return std::ranges::any_of(node.parts, part);
  if (node.operation == Operation::negation) return !holds(node.parts.front(), object);
  std::string_view const path = node.attribute;
  auto const dot = path.find('.');
  auto const* const member = object.if_contains(path.substr(0, dot));
  if (member == nullptr) return node.operation == Operation::ne || node.value.is_null();
  auto const rest = dot == std::string_view::npos ? std::string_view() : path.substr(dot + 1);
  return any_at(*member, rest, [&](Value const& found) { return compares(node, found); });
}

bool Filter::compares(Node const& node, Value const& found) {
  if (!found.is_string() || !node.value.is_string()) {
    auto const same = equal(found, node.value);
    if (node.operation == Operation::eq) return same;
    return node.operation == Operation::ne && !same;
  }
  // RFC 3339 times in UTC sort as texts, so gt and kin need no more than this.
  auto const have = lower(std::string_view(found.get_string()));
  auto const want = lower(std::string_view(node.value.get_string()));
  switch (node.operation) {
    case Operation::eq:
      return have == want;
    case Operation::ne:
      return have != want;
    case Operation::co:
      return have.find(want) != std::string::npos;
    case Operation::sw:
      return have.starts_with(want);
    case Operation::gt:
      return have > want;
    case Operation::ge:
      return have >= want;
    case Operation::lt:
      return have < want;
    case Operation::le:
      return have <= want;
    default:
      return false;
  }
}

}  // namespace tenantry::emulator
