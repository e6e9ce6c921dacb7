#include "engine/config/evaluator.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "engine/core/text.hpp"

namespace tenantry::config {
namespace {

std::size_t size_of(Value const& value) {
  std::size_t size = 1;
  if (auto const* array = value.if_array()) {
    for (auto const& v : *array) size += size_of(v);
  } else if (auto const* object = value.if_object()) {
    for (auto const& m : *object) size += size_of(m.value());
  }
  return size;
}

bool is_empty(Value const& value) {
  return value.is_null() || (value.is_string() && value.get_string().empty());
}

/// Follows `path` into maps: the whole rest as a key first, then up to a dot.
Value const* descend(Value const& value, std::string_view path) {
  auto const* object = value.if_object();
  if (object == nullptr || is_deferred(value)) return nullptr;
  if (auto const* found = object->if_contains(path)) return found;
  for (auto dot = path.find('.'); dot != std::string_view::npos; dot = path.find('.', dot + 1)) {
    if (auto const* found = object->if_contains(path.substr(0, dot))) {
      return descend(*found, path.substr(dot + 1));
    }
  }
  return nullptr;
}

std::string with_label(std::string_view space, std::string_view path) {
  return fmt::format("{}.{}", space, path);
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

std::optional<Value> Evaluator::evaluate(Node const& node, std::string pointer,
                                         OriginMap* origins) {
  return walk(node, pointer, origins);
}

std::optional<Value> Evaluator::walk(Node const& node, std::string& pointer, OriginMap* origins) {
  if (!charge(1, 0, node.mark)) return std::nullopt;
  if (origins != nullptr && !pointer.empty()) origins->emplace(pointer, node.mark.range());
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
  }
  return std::nullopt;
}

std::optional<Value> Evaluator::walk_list(Node const& node, std::string& pointer,
                                          OriginMap* origins) {
  Array out;
  return add_part(node, out, pointer, origins) ? std::optional<Value>(std::move(out))
                                               : std::nullopt;
}

std::optional<Value> Evaluator::walk_join(Node const& node, std::string& pointer,
                                          OriginMap* origins) {
  Array out;
  bool good = true;
  for (auto const& part : node.items) good = add_part(*part, out, pointer, origins) && good;
  return good ? std::optional<Value>(std::move(out)) : std::nullopt;
}

/// Appends the elements of the list `part`, each with its place.
bool Evaluator::add_part(Node const& part, Array& out, std::string& pointer, OriginMap* origins) {
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

std::optional<Value> Evaluator::walk_map(Node const& node, std::string& pointer,
                                         OriginMap* origins) {
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
  std::optional<TemplateProblem> problem;
  auto const pieces = parse_template(node.text(), problem);
  if (problem) {
    reporter_.error(place_of(node, problem->offset), problem->summary, problem->detail,
                    problem->hint);
    return std::nullopt;
  }
  return instantiate(pieces, node);
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
  if (piece.space == "var") {
    reporter_.error(
        found.where, fmt::format("variable \"{}\" has no value", piece.path),
        fmt::format("{} It is used at {}.", found.why, place_of(node, piece.offset).range().text()),
        fmt::format("set it, or give --var {0}=... or TENANTRY_VAR_{0}", piece.path));
  } else {
    reporter_.error(place_of(node, piece.offset), "placeholder without a value",
                    fmt::format("{} is not set.", piece.text),
                    "set it, or write ${...:-fallback} for what counts then");
  }
  return std::nullopt;
}

Evaluator::Found Evaluator::look_up(Piece const& piece, Node const& node) {
  if (!check_piece(piece, node)) return {};
  if (piece.space == "var") return look_up_variable(piece, node);
  if (piece.space == "tenant") return look_up_tenant(piece);
  return look_up_value(piece);
}

Evaluator::Found Evaluator::look_up_variable(Piece const& piece, Node const& node) {
  auto const* v = variables_.find(piece.path);
  if (v->sensitive) {
    return {Found::Status::value, make_deferred({{Segment::Kind::variable, piece.path}})};
  }
  if (v->value.is_null()) return {Found::Status::unset, nullptr, v->missing, v->where};
  if (!charge(size_of(v->value), 0, node.mark)) return {};
  return {Found::Status::value, v->value};
}

Evaluator::Found Evaluator::look_up_tenant(Piece const& piece) {
  auto const text = [](std::string const& t) { return Found{Found::Status::value, Value(t)}; };
  if (piece.path == "key") return text(scope_.key);
  if (piece.path == "region") return text(scope_.region);
  if (piece.path == "hostname" && !scope_.hostname.empty()) return text(scope_.hostname);
  if (piece.path != "name") {
    return {Found::Status::value, make_deferred({{Segment::Kind::tenant, piece.path}})};
  }
  if (scope_.name == nullptr) return {Found::Status::unset};
  return memoized("tenant.name", *scope_.name);
}

Evaluator::Found Evaluator::look_up_value(Piece const& piece) {
  auto const* map = scope_.values.get();
  std::string_view rest = piece.path;
  while (map != nullptr && map->is_map()) {
    if (auto const* member = map->find(rest)) {
      return memoized(with_label("values", piece.path), *member->value);
    }
    Node const* next = nullptr;
    for (auto dot = rest.find('.'); dot != std::string_view::npos; dot = rest.find('.', dot + 1)) {
      auto const* member = map->find(rest.substr(0, dot));
      if (member == nullptr) continue;
      next = member->value.get();
      rest.remove_prefix(dot + 1);
      break;
    }
    if (next == nullptr || next->is_map()) {
      map = next;
      continue;
    }
    // A placeholder that stands for a map, or something that has no members.
    auto whole = memoized(with_label("values", piece.path), *next);
    if (whole.status != Found::Status::value) return whole;
    auto const* found = descend(whole.value, rest);
    if (found == nullptr) return {Found::Status::unset};
    return {Found::Status::value, Value(*found)};
  }
  return {Found::Status::unset};  // check_piece has refused names that cannot be meant
}

std::optional<Value> Evaluator::value_of(std::string const& label, Node const& node) {
  auto found = memoized(label, node);
  if (found.status != Found::Status::value) return std::nullopt;
  return std::move(found.value);
}

Evaluator::Found Evaluator::memoized(std::string const& label, Node const& target) {
  auto const known = memos_.find(&target);
  if (known != memos_.end()) {
    auto const& memo = known->second;
    if (memo.state == State::running) report_cycle(target);
    if (memo.state != State::done || !charge(memo.size, 0, target.mark)) return {};
    return {Found::Status::value, memo.value};
  }
  if (chain_.size() >= kChainMax) {
    reporter_.error(target.mark, "values refer to each other too deeply",
                    fmt::format("At most {} values may stand in a row.", kChainMax));
    return {};
  }
  memos_.emplace(&target, Memo{});
  chain_.push_back({&target, label});
  auto value = evaluate(target);
  chain_.pop_back();
  auto& memo = memos_[&target];
  memo.state = value ? State::done : State::failed;
  if (!value) return {};
  memo.size = size_of(*value);
  memo.value = *value;
  return {Found::Status::value, std::move(*value)};
}

/// At the member of the cycle that comes first in the files.
void Evaluator::report_cycle(Node const& again) {
  auto const start = std::ranges::find(chain_, &again, &Link::node);
  auto const first = std::min_element(start, chain_.end(), [](auto const& a, auto const& b) {
    return a.node->mark < b.node->mark;
  });
  std::string path;
  for (auto i = first; i != chain_.end(); ++i) path += i->label + " -> ";
  for (auto i = start; i != first; ++i) path += i->label + " -> ";
  reporter_.error(first->node->mark, "cycle of values", path + first->label + '.',
                  "write one of them out");
}

bool Evaluator::is_known_value(std::string_view name) const {
  auto const fits = [&](std::string_view known) {
    return name == known || (name.starts_with(known) && name[known.size()] == '.');
  };
  if (scope_.values != nullptr &&
      std::ranges::any_of(scope_.values->members, [&](auto const& m) { return fits(m.key); })) {
    return true;
  }
  return std::ranges::any_of(scope_.known, fits);
}

/// Reports a placeholder that cannot be right, whatever the values are.
bool Evaluator::check_piece(Piece const& piece, Node const& node) {
  auto const wrong = [&](std::string summary, std::string detail, std::string hint = {}) {
    reporter_.error(place_of(node, piece.offset), std::move(summary), std::move(detail),
                    std::move(hint));
    return false;
  };
  if (piece.space == "var") {
    auto const* v = variables_.find(piece.path);
    if (v == nullptr || (v->implicit && !piece.fallback)) {
      return wrong(fmt::format("unknown variable \"{}\"{}", piece.path,
                               did_you_mean(piece.path, variables_.names())),
                   "It is not declared under `variables`.");
    }
    if (!v->sensitive || !piece.fallback) return true;
    return wrong("fallback for a sensitive variable",
                 fmt::format("\"{}\" is read only when it is used, so nobody knows now whether "
                             "it is set.",
                             piece.path),
                 "give the variable a `default`");
  }
  if (piece.space == "row") {
    return wrong("placeholder that is not known here",
                 fmt::format("{} stands for a column of a fleet.", piece.text));
  }
  if (kind_ == ScopeKind::variables_only ||
      (kind_ == ScopeKind::tenant_key && (piece.space != "tenant" || piece.path != "key"))) {
    return wrong(
        "placeholder that is not known here",
        kind_ == ScopeKind::variables_only
            ? fmt::format("{}: only variables can stand here.", piece.text)
            : fmt::format("{}: only variables and ${{tenant.key}} can stand here.", piece.text));
  }
  if (piece.space == "tenant") {
    static std::array<std::string, 5> const kNames{"key", "name", "region", "hostname", "id"};
    if (std::ranges::find(kNames, piece.path) != kNames.end()) return true;
    return wrong(fmt::format("unknown placeholder \"tenant.{}\"{}", piece.path,
                             did_you_mean(piece.path, kNames)),
                 "Of a tenant there are key, name, region, hostname and id.");
  }
  if (is_known_value(piece.path) || (scope_.any_value && piece.fallback)) return true;
  std::vector<std::string> names(scope_.known.begin(), scope_.known.end());
  if (scope_.values != nullptr)
    std::ranges::move(keys_of(*scope_.values), std::back_inserter(names));
  return wrong(fmt::format("unknown value \"{}\"{}", piece.path, did_you_mean(piece.path, names)),
               "Neither a parameter of the blueprints nor one of the values has this name.");
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
  reporter_.error(node.mark, "wrong type",
                  fmt::format("{} must be a text, not {}.", what, describe_type(*value)));
  return std::nullopt;
}

void Evaluator::check_names(Node const& node) {
  if (node.has_placeholder) {
    std::optional<TemplateProblem> problem;
    auto const pieces = parse_template(node.text(), problem);
    if (problem) {
      reporter_.error(place_of(node, problem->offset), problem->summary, problem->detail,
                      problem->hint);
    }
    auto const check_all = [&](auto const& self, Template const& list) -> void {
      for (auto const& piece : list) {
        if (!piece.is_literal()) check_piece(piece, node);
        if (piece.fallback) self(self, *piece.fallback);
      }
    };
    check_all(check_all, pieces);
  }
  for (auto const& item : node.items) check_names(*item);
  for (auto const& member : node.members) check_names(*member.value);
}

}  // namespace tenantry::config
