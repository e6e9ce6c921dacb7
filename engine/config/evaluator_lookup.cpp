// What the names in placeholders stand for.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "engine/config/evaluator.hpp"
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

std::string with_label(std::string_view space, std::string_view path) {
  return fmt::format("{}.{}", space, path);
}

}  // namespace

Evaluator::Found Evaluator::look_up(Piece const& piece, Node const& node) {
  if (!check_piece(piece, node)) return {};
  if (piece.space == "var") return look_up_variable(piece, node);
  if (piece.space == "tenant") return look_up_tenant(piece);
  if (piece.space == "row") return look_up_row(piece, node);
  return look_up_value(piece);
}

Evaluator::Found Evaluator::look_up_variable(Piece const& piece, Node const& node) {
  auto const* v = variables_.find(piece.path);
  if (v->broken) return {};
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
  if (scope_.missing.contains(piece.path.substr(0, piece.path.find('.')))) return {};
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
    auto const* found = member_at(whole.value, rest);
    if (found == nullptr) return {Found::Status::unset};
    return {Found::Status::value, Value(*found)};
  }
  return {Found::Status::unset};  // check_piece has refused names that cannot be meant
}

Evaluator::Found Evaluator::look_up_row(Piece const& piece, Node const& node) {
  auto const found = scope_.row->find(piece.path);  // check_piece has seen that there is one
  auto const& where = found->cell->where;
  if (found->cell->is_broken) return {};  // reported when the file was read
  if (found->is_empty()) return {Found::Status::unset, nullptr, {}, where};
  if (found->value == nullptr) {
    reporter_.error(where, "wrong type",
                    fmt::format("{} at {} needs a map, but this is {}.", piece.text,
                                place_of(node, piece.offset).range().text(),
                                describe_type(found->cell->value)));
    return {};
  }
  if (cells_masked_) return {Found::Status::value, Value("x")};
  if (!charge(size_of(*found->value), 0, node.mark)) return {};
  return {Found::Status::value, *found->value};
}

Mark Evaluator::place(Node const& node) const {
  if (scope_.row == nullptr || !node.has_placeholder) return node.mark;
  return cell_behind(node, 0).value_or(node.mark);
}

/// The first cell that the text takes something from, also where all of it is the value that does.
std::optional<Mark> Evaluator::cell_behind(Node const& node, std::size_t depth) const {
  if (!node.has_placeholder || depth > kChainMax) return std::nullopt;
  auto const& pieces = node.parsed->pieces;
  for (auto const& piece : pieces) {
    if (piece.space != "row") continue;
    auto const found = scope_.row->find(piece.path);
    if (found && !found->is_empty()) return found->cell->where;
  }
  bool const is_value = pieces.size() == 1 && pieces.front().space == "values";
  if (!is_value || scope_.values == nullptr) return std::nullopt;
  auto const* member = scope_.values->find(pieces.front().path);
  return member == nullptr ? std::nullopt : cell_behind(*member->value, depth + 1);
}

Mark Evaluator::place_of_cell(Node const& node) const {
  if (scope_.row == nullptr) return node.mark;
  return cell_within(node, 0).value_or(node.mark);
}

std::optional<Mark> Evaluator::cell_within(Node const& node, std::size_t depth) const {
  if (depth > kChainMax) return std::nullopt;
  if (node.has_placeholder) {
    for (auto const& piece : node.parsed->pieces) {
      if (auto cell = cell_within(piece, depth)) return cell;
    }
  }
  for (auto const& item : node.items) {
    if (auto cell = cell_within(*item, depth + 1)) return cell;
  }
  for (auto const& member : node.members) {
    if (auto cell = cell_within(*member.value, depth + 1)) return cell;
  }
  return std::nullopt;
}

std::optional<Mark> Evaluator::cell_within(Piece const& piece, std::size_t depth) const {
  if (piece.space == "row") {
    auto const found = scope_.row->find(piece.path);
    if (found && !found->is_empty()) return found->cell->where;
  }
  if (piece.space == "tenant" && piece.path == "name" && scope_.name != nullptr) {
    return cell_within(*scope_.name, depth + 1);
  }
  if (piece.space == "values" && scope_.values != nullptr) {
    std::string_view const path = piece.path;
    auto const* member = scope_.values->find(path);
    if (member == nullptr) member = scope_.values->find(path.substr(0, path.find('.')));
    auto cell = member == nullptr ? std::nullopt : cell_within(*member->value, depth + 1);
    if (cell) return cell;
  }
  if (!piece.fallback) return std::nullopt;
  for (auto const& inner : *piece.fallback) {
    if (auto cell = cell_within(inner, depth)) return cell;
  }
  return std::nullopt;
}

bool Evaluator::check_row_piece(Piece const& piece, Node const& node) {
  if (scope_.row == nullptr) {
    reporter_.error(place_of(node, piece.offset), "placeholder that is not known here",
                    fmt::format("{} stands for a column of a fleet.", piece.text));
    return false;
  }
  auto const& table = scope_.row->table();
  auto const found = scope_.row->find(piece.path);
  if (found && (found->is_whole || table.may_hold_maps(found->column))) return true;
  if (found) {
    auto const& name = table.columns()[found->column];
    reporter_.error(
        place_of(node, piece.offset), fmt::format("unknown column \"{}\"", piece.path),
        fmt::format("The column \"{}\" of {} holds no maps, so that nothing in it has a name.",
                    name, table.source().name),
        fmt::format("write ${{row.{}}}", name));
    return false;
  }
  constexpr std::size_t kShown = 20;
  auto const& columns = table.columns();
  std::vector<std::string> shown;
  for (auto const& column : columns) {
    if (shown.size() < kShown) shown.push_back(visible(column));
  }
  reporter_.error(
      place_of(node, piece.offset),
      fmt::format("unknown column \"{}\"{}", piece.path, did_you_mean(piece.path, columns)),
      fmt::format("The columns of {} are: {}{}.", table.source().name, fmt::join(shown, ", "),
                  columns.size() > kShown ? ", ..." : ""));
  return false;
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
  if (piece.space == "row") return check_row_piece(piece, node);
  if (kind_ == ScopeKind::row) {
    return wrong("placeholder that is not known here",
                 fmt::format("{}: only variables and columns can stand here.", piece.text));
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

void Evaluator::check_names(Node const& node) { check_names(node, {}); }

/// Of all placeholders, or of those of one space.
void Evaluator::check_names(Node const& node, std::string_view space) {
  if (node.has_placeholder) {
    auto const& [pieces, problem] = *node.parsed;
    if (problem && space.empty()) {
      reporter_.error(place_of(node, problem->offset), problem->summary, problem->detail,
                      problem->hint);
    }
    auto const check_all = [&](auto const& self, Template const& list) -> void {
      for (auto const& piece : list) {
        bool const wanted = space.empty() || piece.space == space;
        if (!piece.is_literal() && wanted) check_piece(piece, node);
        if (piece.fallback) self(self, *piece.fallback);
      }
    };
    check_all(check_all, pieces);
  }
  for (auto const& item : node.items) check_names(*item, space);
  for (auto const& member : node.members) check_names(*member.value, space);
}

}  // namespace tenantry::config
