#include "engine/config/sink_check.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "engine/config/structure.hpp"
#include "engine/core/text.hpp"

namespace tenantry::config {
namespace {

constexpr std::string_view kPathMarks = "/";
constexpr std::string_view kAddressMarks = "/.:@?#%[]\\";
constexpr std::string_view kUnknown = "x";  ///< stands in for a placeholder

/// The text as it is written, each placeholder a word.
std::string shape_of(Node const& node) {
  std::optional<TemplateProblem> problem;  // reported when the sink was evaluated
  std::string out;
  for (auto const& piece : parse_template(node.text(), problem)) {
    out += piece.is_literal() ? piece.text : kUnknown;
  }
  return out;
}

bool starts_with_placeholder(Node const& node) {
  std::optional<TemplateProblem> problem;
  auto const pieces = parse_template(node.text(), problem);
  return !pieces.empty() && !pieces.front().is_literal();
}

std::size_t count_marks(std::string_view text, std::string_view marks) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [&](char c) { return marks.find(c) != std::string_view::npos; }));
}

bool is_step(std::string_view part) { return part.empty() || part == "." || part == ".."; }

/// True where no part of the path goes up or stays, unless it is written so.
bool same_steps(std::string_view text, std::string_view shape) {
  while (true) {
    auto const part = text.substr(0, text.find('/'));
    auto const written = shape.substr(0, shape.find('/'));
    if (is_step(part) && part != written) return false;
    if (part.size() == text.size() || written.size() == shape.size()) return true;
    text.remove_prefix(part.size() + 1);
    shape.remove_prefix(written.size() + 1);
  }
}

class Checker {
 public:
  Checker(Evaluator& evaluator, Reporter& reporter) : evaluator_(evaluator), reporter_(reporter) {}

  void sink(Node const& sink) const {
    if (!sink.is_map()) return;
    for (auto const& member : sink.members) {
      auto const& node = *member.value;
      if (member.key == "file") path(node);
      if (member.key == "command") command(node);
      if (member.key == "vault" && node.is_map()) vault(node);
    }
  }

 private:
  void vault(Node const& map) const {
    for (auto const& member : map.members) {
      if (member.key == "token") continue;
      if (member.key == "address") {
        address(*member.value);
      } else {
        path(*member.value);
      }
    }
  }

  void command(Node const& node) const {
    if (!node.is_list()) {
      known(node);
      return;
    }
    for (std::size_t i = 0; i < node.items.size(); ++i) {
      auto const& item = *node.items[i];
      if (i == 0) path(item);
      auto const text = known(item);
      if (i == 0 || !text || !text->starts_with('-') || !starts_with_placeholder(item)) continue;
      report(item, *text, "would be an option of the program",
             "let the argument begin with a text of your own: --name=${...}");
    }
  }

  void path(Node const& node) const {
    auto const text = known(node);
    if (!text) return;
    auto const shape = shape_of(node);
    if (count_marks(*text, kPathMarks) == count_marks(shape, kPathMarks) &&
        same_steps(*text, shape) && text->find('\0') == std::string::npos) {
      return;
    }
    report(node, *text, "a placeholder becomes more than one part of a path",
           "what a placeholder of a sink stands for may hold no `/` and be no `..`");
  }

  void address(Node const& node) const {
    auto const text = known(node);
    if (!text || count_marks(*text, kAddressMarks) == count_marks(shape_of(node), kAddressMarks)) {
      return;
    }
    report(node, *text, "a placeholder becomes more than one part of the host",
           "write the address itself, or name the variable that holds all of it");
  }

  /// The text that stands there in the end; nothing where no placeholder has a part in it. A
  /// variable alone is not the configuration's to choose.
  std::optional<std::string> known(Node const& node) const {
    if (!node.has_placeholder || is_variable(node)) return std::nullopt;
    auto const value = evaluator_.evaluate(node);
    if (!value) return std::nullopt;
    if (value->is_string()) return std::string(std::string_view(value->get_string()));
    if (is_deferred(*value)) {
      std::string out;
      for (auto const& segment : segments_of(*value)) {
        out += segment.kind == Segment::Kind::text ? segment.text : std::string(kUnknown);
      }
      return out;
    }
    report_type(node, "A placeholder in a sink", "a text", reporter_);
    return std::nullopt;
  }

  static bool is_variable(Node const& node) {
    std::optional<TemplateProblem> problem;
    auto const pieces = parse_template(node.text(), problem);
    return std::ranges::all_of(pieces, [](Piece const& piece) {
      return piece.is_literal() || (piece.space == "var" && !piece.fallback);
    });
  }

  void report(Node const& node, std::string const& text, std::string_view what,
              std::string_view hint) const {
    reporter_.error(node.mark, "sink that the configuration would redirect",
                    fmt::format("In \"{}\" {}.", visible(text), what), std::string(hint));
  }

  Evaluator& evaluator_;
  Reporter& reporter_;
};

}  // namespace

void check_sink(Node const& sink, Evaluator& evaluator, Reporter& reporter) {
  Checker(evaluator, reporter).sink(sink);
}

}  // namespace tenantry::config
