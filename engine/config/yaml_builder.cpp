#include "engine/config/yaml_builder.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "engine/config/packed_tree.hpp"
#include "engine/config/scalar.hpp"
#include "engine/core/text.hpp"

namespace tenantry::config {
namespace {

constexpr std::string_view kCoreTags = "tag:yaml.org,2002:";

/// What a scalar means by its tag; "?" for a plain one, "!" for one in quotes.
Result<Value> resolve(std::string const& tag, std::string const& value) {
  if (tag == "?") return resolve_plain(value);
  if (tag == "!") return Value(value);
  auto const core = tag.starts_with(kCoreTags) ? tag.substr(kCoreTags.size()) : std::string();
  if (core == "str") return Value(value);
  auto const wrong = [&](std::string_view what) {
    return Error(Errc::invalid, fmt::format("\"{}\" is not {}.", visible(value), what));
  };
  if (core != "int" && core != "float" && core != "bool" && core != "null") {
    return Error(Errc::invalid, fmt::format("The tag {} has no meaning here.", visible(tag)),
                 "remove the tag");
  }
  auto plain = resolve_plain(value);
  if (!plain) return plain;
  if (core == "int" && !plain->is_int64()) return wrong("a whole number");
  if (core == "float" && !plain->is_number()) return wrong("a number");
  if (core == "bool" && !plain->is_bool()) return wrong("true or false");
  if (core == "null" && !plain->is_null()) return wrong("null");
  return plain;
}

/// Of a whole number in decimal digits.
bool has_leading_zero(std::string_view number) {
  if (number.starts_with('-') || number.starts_with('+')) number.remove_prefix(1);
  return number.size() > 1 && number[0] == '0' && number[1] >= '0' && number[1] <= '9';
}

}  // namespace

void report_duplicate_key(std::string_view key, Mark const& where, Mark const& earlier,
                          Reporter& reporter) {
  reporter.error(where, fmt::format("duplicate key \"{}\"", visible(key)),
                 fmt::format("It is defined already at {}.", earlier.range().text()));
}

void report_too_many(Mark const& where, std::size_t nodes_max, Reporter& reporter) {
  reporter.error(
      where, "more values than can be meant",
      fmt::format("With its aliases expanded the file has more than {} values.", nodes_max),
      "write less by alias; blueprints are the way to share");
}

void YamlBuilder::OnNull(YAML::Mark const& mark, YAML::anchor_t anchor) {
  if (given_up_ || !charge(1, at(mark))) return;
  place(make_scalar(at(mark), nullptr), anchor);
}

void YamlBuilder::OnScalar(YAML::Mark const& mark, std::string const& tag, YAML::anchor_t anchor,
                           std::string const& value) {
  if (given_up_) return;
  auto const where = at(mark);
  if (!charge(1, where)) return;
  auto resolved = resolve(tag, value);
  if (!resolved) {
    report(where, "invalid value", resolved.error().message, resolved.error().hint);
    resolved = Value(nullptr);
  }
  // Ids are often numbers: in a file of rows those with zeros in front, and all that are the key of
  // a row, are the text that is written.
  bool const is_key_of_row = open_.size() == 1 && wants_key();
  if (sink_ && resolved->is_int64() && (is_key_of_row || has_leading_zero(value))) {
    resolved = Value(value);
  }
  auto node = make_scalar(where, std::move(*resolved));
  if (node->has_placeholder) {
    auto placed = std::make_shared<Node>(*node);
    placed->text_offset = text_offset(mark, value);
    node = std::move(placed);
  }
  place(std::move(node), anchor);
}

void YamlBuilder::OnAlias(YAML::Mark const& mark, YAML::anchor_t anchor) {
  if (given_up_) return;
  auto const found = anchors_.find(anchor);
  if (found == anchors_.end()) {
    give_up(at(mark), "recursive alias", "The alias stands inside of what it names.", {});
    return;
  }
  if (charge(found->second->size, at(mark))) place(found->second, 0);
}

std::optional<Mark> YamlBuilder::open_bracket() const {
  for (auto level = open_.rbegin(); level != open_.rend(); ++level) {
    auto const first = lines_.text().substr(level->offset, 1);
    if (first == "[" || first == "{") return level->mark;
  }
  return std::nullopt;
}

void YamlBuilder::report(Mark const& where, std::string summary, std::string detail,
                         std::string hint) {
  reporter_.error(where, std::move(summary), std::move(detail), std::move(hint));
}

void YamlBuilder::give_up(Mark const& where, std::string summary, std::string detail,
                          std::string hint) {
  report(where, std::move(summary), std::move(detail), std::move(hint));
  given_up_ = true;
}

/// Counts values, those of an alias again at each use.
bool YamlBuilder::charge(std::size_t nodes, Mark const& where) {
  nodes_ += std::min(nodes, nodes_max_ + 1);
  if (nodes_ <= nodes_max_) return true;
  report_too_many(where, nodes_max_, reporter_);
  given_up_ = true;
  return false;
}

/// Columns from the mark to the text where the scalar is written as it is read, on one line.
std::int8_t YamlBuilder::text_offset(YAML::Mark const& mark, std::string const& value) const {
  auto const start = lines_.offset(mark.line, mark.column);
  auto const rest = lines_.text().substr(std::min(start, lines_.text().size()));
  if (rest.starts_with(value)) return 0;
  bool const quoted = rest.starts_with('"') || rest.starts_with('\'');
  return quoted && rest.substr(1).starts_with(value) ? 1 : -1;
}

void YamlBuilder::open(YAML::Mark const& mark, std::string const& tag, std::string_view core,
                       YAML::anchor_t anchor, bool is_map) {
  if (given_up_) return;
  auto const where = at(mark);
  if (!charge(1, where)) return;
  if (open_.size() >= kDepthMax) {
    give_up(where, "nested too deeply", fmt::format("At most {} levels are accepted.", kDepthMax),
            {});
    return;
  }
  if (tag != "?" && tag != "!" && tag != std::string(kCoreTags) + std::string(core)) {
    report(where, "invalid value", fmt::format("The tag {} has no meaning here.", visible(tag)),
           "remove the tag");
  }
  Open level;
  level.mark = where;
  level.offset = lines_.offset(mark.line, mark.column);
  level.anchor = anchor;
  level.is_map = is_map;
  level.is_key = wants_key();
  if (level.is_key) {
    // Of a bracket that is never closed the library makes a key: it is reported at the end.
    bad_key_ = where;
    given_up_ = true;
    return;
  }
  open_.push_back(std::move(level));
}

void YamlBuilder::close() {
  if (given_up_) return;
  auto level = std::move(open_.back());
  open_.pop_back();
  place(level.is_map ? make_map(level.mark, std::move(level.members))
                     : make_list(level.mark, std::move(level.items)),
        level.anchor);
}

/// Puts a finished node where it belongs: a key, a value, an element, or the root.
void YamlBuilder::place(NodePtr node, YAML::anchor_t anchor) {
  if (anchor != 0) anchors_[anchor] = node;
  if (open_.empty()) {
    root_ = std::move(node);
    return;
  }
  auto& level = open_.back();
  bool const is_part_of_top = sink_ && open_.size() == 1;
  if (!level.is_map) {
    if (is_part_of_top) return sink_({{}, node->mark, std::move(node)});
    level.items.push_back(std::move(node));
  } else if (!level.has_key) {
    take_key(level, *node);
  } else {
    level.has_key = false;
    if (!level.key_usable) return;
    bool const is_tenant = !sink_ && open_.size() == 2 && open_.front().key == kPackedSection;
    if (is_tenant && node->is_map()) node = pack(*node);
    Member member{std::move(level.key), level.key_mark, std::move(node)};
    if (is_part_of_top) return sink_(std::move(member));
    level.members.push_back(std::move(member));
  }
}

void YamlBuilder::take_key(Open& level, Node const& node) {
  level.has_key = true;
  level.key_mark = node.mark;
  level.key_usable = false;
  if (!node.is_text()) {
    report(node.mark, "key that is not a text",
           fmt::format("A key must be a text, not {}.", describe_type(node)), "write it in quotes");
    return;
  }
  level.key = std::string(node.text());
  if (std::ranges::any_of(
          level.key, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; })) {
    report(node.mark, "control character in a key",
           fmt::format("\"{}\" cannot be a key.", visible(level.key)), {});
    return;
  }
  if (node.has_placeholder) {
    report(node.mark, "placeholder in a key",
           fmt::format("\"{}\": only values hold placeholders.", visible(level.key)), {});
    return;
  }
  if (level.key == "<<") {
    report(node.mark, "merge keys are not supported", "YAML 1.2 has none.",
           "share by a blueprint, or by an alias as the whole value");
    return;
  }
  auto const [earlier, is_new] = level.seen.emplace(level.key, node.mark);
  if (!is_new) {
    return report_duplicate_key(level.key, node.mark, earlier->second, reporter_);
  }
  level.key_usable = true;
}

}  // namespace tenantry::config
