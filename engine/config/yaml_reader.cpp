#include "engine/config/yaml_reader.hpp"

#include <fmt/format.h>
#include <yaml-cpp/depthguard.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <optional>
#include <sstream>
#include <unordered_map>

#include "engine/config/lines.hpp"
#include "engine/config/scalar.hpp"
#include "engine/core/text.hpp"

namespace tenantry::config {
namespace {

/// What YAML's own wording leaves unclear, in words for people.
std::string explain(std::string const& message) {
  if (message == YAML::ErrorMsg::TAB_IN_INDENTATION) return "A tab cannot indent; use spaces.";
  if (message == YAML::ErrorMsg::END_OF_MAP_FLOW) return "\"}\" or \",\" is missing.";
  if (message == YAML::ErrorMsg::END_OF_SEQ_FLOW) return "\"]\" or \",\" is missing.";
  if (message == YAML::ErrorMsg::EOF_IN_SCALAR) return "A quote is never closed.";
  if (message == YAML::ErrorMsg::END_OF_MAP)
    return "A key of this map is expected here, or less indentation.";
  if (message == YAML::ErrorMsg::END_OF_SEQ) return "\"- \" is expected here, or less indentation.";
  if (message == YAML::ErrorMsg::MAP_VALUE) {
    return "A key and its value cannot stand here; a text with \": \" in it needs quotes.";
  }
  if (message == YAML::ErrorMsg::UNKNOWN_ANCHOR || message.starts_with("the referenced anchor")) {
    return "An alias names an anchor that is not defined.";
  }
  return fmt::format("{}.", visible(message));
}

constexpr std::string_view kCoreTags = "tag:yaml.org,2002:";

/// Builds the tree from the library's events. After a problem that leaves no sense in the rest,
/// events are ignored.
class Builder final : public YAML::EventHandler {
 public:
  Builder(Lines const& lines, Reporter& reporter) : lines_(lines), reporter_(reporter) {}
  /// What stands at the top goes to `sink` part by part.
  Builder(Lines const& lines, Reporter& reporter, ElementSink sink)
      : lines_(lines), reporter_(reporter), sink_(std::move(sink)), nodes_max_(kRowNodesMax) {}

  void OnDocumentStart(YAML::Mark const&) override {}
  void OnDocumentEnd() override {}

  void OnNull(YAML::Mark const& mark, YAML::anchor_t anchor) override {
    if (given_up_ || !charge(1, at(mark))) return;
    place(make_scalar(at(mark), nullptr), anchor);
  }

  void OnScalar(YAML::Mark const& mark, std::string const& tag, YAML::anchor_t anchor,
                std::string const& value) override {
    if (given_up_) return;
    auto const where = at(mark);
    if (!charge(1, where)) return;
    auto resolved = resolve(tag, value);
    if (!resolved) {
      report(where, "invalid value", resolved.error().message, resolved.error().hint);
      resolved = Value(nullptr);
    }
    auto node = make_scalar(where, std::move(*resolved));
    if (node->has_placeholder) {
      auto placed = std::make_shared<Node>(*node);
      placed->text_offset = text_offset(mark, value);
      node = std::move(placed);
    }
    place(std::move(node), anchor);
  }

  void OnAlias(YAML::Mark const& mark, YAML::anchor_t anchor) override {
    if (given_up_) return;
    auto const found = anchors_.find(anchor);
    if (found == anchors_.end()) {
      give_up(at(mark), "recursive alias", "The alias stands inside of what it names.", {});
      return;
    }
    if (charge(found->second->size, at(mark))) place(found->second, 0);
  }

  void OnSequenceStart(YAML::Mark const& mark, std::string const& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(mark, tag, "seq", anchor, false);
  }
  void OnMapStart(YAML::Mark const& mark, std::string const& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(mark, tag, "map", anchor, true);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapEnd() override { close(); }

  bool given_up() const { return given_up_; }
  /// True where only a map or a list as a key has ended the work; it is reported then.
  std::optional<Mark> bad_key() const { return bad_key_; }
  /// The innermost bracket that is not closed yet.
  std::optional<Mark> open_bracket() const {
    for (auto level = open_.rbegin(); level != open_.rend(); ++level) {
      auto const first = lines_.text().substr(level->offset, 1);
      if (first == "[" || first == "{") return level->mark;
    }
    return std::nullopt;
  }
  NodePtr root() const { return root_; }

 private:
  struct Open {
    Mark mark;
    std::size_t offset = 0;  ///< byte of the mark
    YAML::anchor_t anchor = 0;
    bool is_map = false;
    bool is_key = false;  ///< stands where a key must stand
    bool has_key = false;
    std::string key;
    Mark key_mark;
    bool key_usable = false;
    std::vector<NodePtr> items;
    std::vector<Member> members;
    std::unordered_map<std::string, Mark> seen;
  };

  Mark at(YAML::Mark const& mark) const { return lines_.mark(mark.line, mark.column); }

  void report(Mark const& where, std::string summary, std::string detail, std::string hint) {
    reporter_.error(where, std::move(summary), std::move(detail), std::move(hint));
  }
  void give_up(Mark const& where, std::string summary, std::string detail, std::string hint) {
    report(where, std::move(summary), std::move(detail), std::move(hint));
    given_up_ = true;
  }

  /// Counts values, those of an alias again at each use.
  bool charge(std::size_t nodes, Mark const& where) {
    nodes_ += std::min(nodes, nodes_max_ + 1);
    if (nodes_ <= nodes_max_) return true;
    give_up(where, "more values than can be meant",
            fmt::format("With its aliases expanded the file has more than {} values.", nodes_max_),
            "write less by alias; blueprints are the way to share");
    return false;
  }

  static Result<Value> resolve(std::string const& tag, std::string const& value) {
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

  /// Columns from the mark to the text where the scalar is written as it is read, on one line.
  int text_offset(YAML::Mark const& mark, std::string const& value) const {
    auto const start = lines_.offset(mark.line, mark.column);
    auto const rest = lines_.text().substr(std::min(start, lines_.text().size()));
    if (rest.starts_with(value)) return 0;
    bool const quoted = rest.starts_with('"') || rest.starts_with('\'');
    return quoted && rest.substr(1).starts_with(value) ? 1 : -1;
  }

  void open(YAML::Mark const& mark, std::string const& tag, std::string_view core,
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

  bool wants_key() const { return !open_.empty() && open_.back().is_map && !open_.back().has_key; }

  void close() {
    if (given_up_) return;
    auto level = std::move(open_.back());
    open_.pop_back();
    place(level.is_map ? make_map(level.mark, std::move(level.members))
                       : make_list(level.mark, std::move(level.items)),
          level.anchor);
  }

  /// Puts a finished node where it belongs: a key, a value, an element, or the root.
  void place(NodePtr node, YAML::anchor_t anchor) {
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
      Member member{std::move(level.key), level.key_mark, std::move(node)};
      if (is_part_of_top) return sink_(std::move(member));
      level.members.push_back(std::move(member));
    }
  }

  void take_key(Open& level, Node const& node) {
    level.has_key = true;
    level.key_mark = node.mark;
    level.key_usable = false;
    if (!node.is_text()) {
      report(node.mark, "key that is not a text",
             fmt::format("A key must be a text, not {}.", describe_type(node)),
             "write it in quotes");
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
      report(node.mark, fmt::format("duplicate key \"{}\"", visible(level.key)),
             fmt::format("It is defined already at {}.", earlier->second.range().text()), {});
      return;
    }
    level.key_usable = true;
  }

  Lines const& lines_;
  Reporter& reporter_;
  std::vector<Open> open_;
  std::unordered_map<YAML::anchor_t, NodePtr> anchors_;
  ElementSink sink_;  ///< empty: the whole tree is made
  std::size_t nodes_max_ = kNodesMax;
  std::size_t nodes_ = 0;
  bool given_up_ = false;
  std::optional<Mark> bad_key_;
  NodePtr root_;
};

/// Of a second document only the start is asked for.
class SecondDocument final : public YAML::EventHandler {
 public:
  std::optional<YAML::Mark> start;
  void OnDocumentStart(YAML::Mark const& mark) override { start = mark; }
  void OnDocumentEnd() override {}
  void OnNull(YAML::Mark const&, YAML::anchor_t) override {}
  void OnAlias(YAML::Mark const&, YAML::anchor_t) override {}
  void OnScalar(YAML::Mark const&, std::string const&, YAML::anchor_t,
                std::string const&) override {}
  void OnSequenceStart(YAML::Mark const&, std::string const&, YAML::anchor_t,
                       YAML::EmitterStyle::value) override {}
  void OnSequenceEnd() override {}
  void OnMapStart(YAML::Mark const&, std::string const&, YAML::anchor_t,
                  YAML::EmitterStyle::value) override {}
  void OnMapEnd() override {}
};

/// The library trips over a tab only where it has read on.
void report_syntax(Lines const& lines, YAML::Exception const& e, Builder const& builder,
                   Reporter& reporter) {
  auto const line = lines.line(e.mark.line);
  auto const tab = line.substr(0, line.find_first_not_of(" \t")).find('\t');
  if (tab != std::string_view::npos) {
    reporter.error(lines.mark(e.mark.line, static_cast<int>(tab)), "not valid YAML",
                   explain(YAML::ErrorMsg::TAB_IN_INDENTATION));
    return;
  }
  bool const in_flow =
      e.msg == YAML::ErrorMsg::END_OF_MAP_FLOW || e.msg == YAML::ErrorMsg::END_OF_SEQ_FLOW;
  auto const rest = lines.text().substr(lines.offset(e.mark.line, e.mark.column));
  bool const at_end = e.mark.pos <= 0 || rest.find_first_not_of(" \r\n") == std::string_view::npos;
  if (in_flow && at_end && builder.open_bracket()) {
    reporter.error(*builder.open_bracket(), "not valid YAML",
                   "The bracket that opens here, or a quote after it, is never closed.");
    return;
  }
  reporter.error(lines.mark(e.mark.line, e.mark.column), "not valid YAML", explain(e.msg));
}

bool run_parser(Lines const& lines, Builder& builder, Reporter& reporter) {
  std::istringstream stream{std::string(lines.text())};
  auto const errors_before = reporter.errors();
  SecondDocument second;
  auto const report_second = [&] {
    reporter.error(lines.mark(second.start->line, second.start->column),
                   "more than one document in the file", {},
                   "use a file for each; they are merged");
  };
  try {
    YAML::Parser parser(stream);
    if (!parser.HandleNextDocument(builder)) return true;
    if (builder.bad_key()) {
      reporter.error(*builder.bad_key(), "key that is not a text",
                     "A map or a list cannot be a key.");
    }
    if (builder.given_up()) return false;
    if (parser.HandleNextDocument(second) && second.start) report_second();
  } catch (YAML::DeepRecursion const& e) {
    if (!builder.given_up() || builder.bad_key()) {
      reporter.error(lines.mark(e.mark.line, e.mark.column), "nested too deeply",
                     fmt::format("At most {} levels are accepted.", kDepthMax));
    }
  } catch (YAML::Exception const& e) {
    if (second.start) {
      report_second();
    } else if (!builder.given_up() || builder.bad_key()) {
      report_syntax(lines, e, builder, reporter);
    }
  }
  return reporter.errors() == errors_before;
}

}  // namespace

namespace {

/// What stands at the top; nullptr (reported) where the file has no sense or nothing in it.
NodePtr parse(Source const& source, std::string const& text, ElementSink sink, Reporter& reporter) {
  std::string_view body(text);
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (body.starts_with(kByteOrderMark)) body.remove_prefix(kByteOrderMark.size());
  Lines const lines(source, body);
  auto const errors_before = reporter.errors();
  if (!check_bytes(lines, reporter)) return nullptr;
  auto builder = sink ? Builder(lines, reporter, std::move(sink)) : Builder(lines, reporter);
  run_parser(lines, builder, reporter);
  if (reporter.errors() != errors_before) return nullptr;
  auto root = builder.root();
  if (root != nullptr && !root->is_null()) return root;
  reporter.error(Mark{&source, 1, 1}, "empty file", "There is nothing in it.");
  return nullptr;
}

}  // namespace

NodePtr read_yaml(Source const& source, std::string const& text, Reporter& reporter) {
  auto root = parse(source, text, {}, reporter);
  if (root == nullptr || root->is_map()) return root;
  reporter.error(root->mark, "wrong type",
                 fmt::format("The file must hold a map, not {}.", describe_type(*root)));
  return nullptr;
}

bool read_yaml_elements(Source const& source, std::string const& text, ElementSink sink,
                        Reporter& reporter) {
  auto const root = parse(source, text, std::move(sink), reporter);
  if (root == nullptr) return false;
  if (root->is_map() || root->is_list()) return true;
  reporter.error(
      root->mark, "wrong type",
      fmt::format("The file must hold a list or a map of rows, not {}.", describe_type(*root)));
  return false;
}

}  // namespace tenantry::config
