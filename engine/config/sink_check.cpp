#include "engine/config/sink_check.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "engine/config/structure.hpp"
#include "engine/core/text.hpp"

namespace tenantry::config {
namespace {

constexpr std::string_view kPathMarks = "/";
constexpr std::string_view kAddressMarks = "/.:@?#%[]\\";
constexpr std::string_view kUnknown = "x";  ///< stands in for what others choose

/// The text as it is written, each placeholder a word.
std::string shape_of(Node const& node) {
  std::optional<TemplateProblem> problem;  // reported when the sink was evaluated
  std::string out;
  for (auto const& piece : parse_template(node.text(), problem)) {
    out += piece.is_literal() ? piece.text : kUnknown;
  }
  return out;
}

/// A text, what is not known yet in it a word; nothing for another value.
std::optional<std::string> text_of(Value const& value) {
  if (value.is_string()) return std::string(std::string_view(value.get_string()));
  if (!is_deferred(value)) return std::nullopt;
  std::string out;
  for (auto const& segment : segments_of(value)) {
    out += segment.kind == Segment::Kind::text ? segment.text : std::string(kUnknown);
  }
  return out;
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

/// A text of a sink as it is, and as its author has meant it: with a word for what others choose.
struct Checked {
  std::string text;
  std::string shape;
};

/// Tells what others choose in a sink.
class Suspicion {
 public:
  virtual ~Suspicion() = default;
  /// Nothing where others have no part in the node; where it is no text, that has been reported.
  virtual std::optional<Checked> look_at(Node const& node) const = 0;
  /// Whose choice it is, for messages.
  virtual std::string_view chooser() const = 0;
  virtual std::string_view summary() const = 0;
};

/// In a connections file every placeholder is suspicious, but for a variable that stands alone.
class OfPlaceholders final : public Suspicion {
 public:
  OfPlaceholders(Evaluator& evaluator, Reporter& reporter)
      : evaluator_(evaluator), reporter_(reporter) {}

  std::optional<Checked> look_at(Node const& node) const override {
    if (!node.has_placeholder || is_variable(node)) return std::nullopt;
    auto const value = evaluator_.evaluate(node);
    if (!value) return std::nullopt;
    if (auto text = text_of(*value)) return Checked{std::move(*text), shape_of(node)};
    report_type(node, "A placeholder in a sink", "a text", reporter_);
    return std::nullopt;
  }
  std::string_view chooser() const override { return "a placeholder"; }
  std::string_view summary() const override { return "sink that the configuration would redirect"; }

 private:
  static bool is_variable(Node const& node) {
    std::optional<TemplateProblem> problem;
    auto const pieces = parse_template(node.text(), problem);
    return std::ranges::all_of(pieces, [](Piece const& piece) {
      return piece.is_literal() || (piece.space == "var" && !piece.fallback);
    });
  }

  Evaluator& evaluator_;
  Reporter& reporter_;
};

/// In the configuration only the cells of a fleet's file are: they are data.
class OfCells final : public Suspicion {
 public:
  OfCells(Evaluator& evaluator, Reporter& reporter)
      : evaluator_(evaluator),
        masked_(evaluator.with_masked_cells(unheard_)),
        reporter_(reporter) {}

  std::optional<Checked> look_at(Node const& node) const override {
    if (!node.has_placeholder) return std::nullopt;
    auto const value = evaluator_.evaluate(node);
    auto const masked = masked_.evaluate(node);
    if (!value || value == masked) return std::nullopt;
    auto text = text_of(*value);
    auto shape = masked ? text_of(*masked) : std::nullopt;
    if (text && shape) return Checked{std::move(*text), std::move(*shape)};
    reporter_.error(evaluator_.place_of_cell(node), std::string(summary()),
                    fmt::format("A cell becomes {} of the sink.", describe_type(*value)),
                    "write out the parts of the sink, with cells inside of their texts");
    return std::nullopt;
  }
  std::string_view chooser() const override { return "a cell"; }
  std::string_view summary() const override { return "sink that a cell would redirect"; }

 private:
  Evaluator& evaluator_;
  Reporter unheard_;
  mutable Evaluator masked_;
  Reporter& reporter_;
};

class Checker {
 public:
  Checker(Suspicion const& suspicion, Evaluator& evaluator, Reporter& reporter)
      : suspicion_(suspicion), evaluator_(evaluator), reporter_(reporter) {}

  void sink(Node const& sink) const {
    if (!sink.is_map()) return whole(sink);
    for (auto const& member : sink.members) {
      auto const& node = *member.value;
      if (member.key == "file") path(node);
      if (member.key == "command") command(node);
      if (member.key == "vault") vault(node);
    }
  }

 private:
  /// What must be written as a map or a list is none.
  void whole(Node const& node) const {
    auto const seen = suspicion_.look_at(node);
    if (seen)
      report(node, seen->text, fmt::format("{} becomes the whole", suspicion_.chooser()), {});
  }

  void vault(Node const& map) const {
    if (!map.is_map()) return whole(map);
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
    std::vector<Node const*> arguments;
    if (node.is_list()) {
      for (auto const& item : node.items) arguments.push_back(item.get());
    } else if (node.type == Node::Type::join) {
      for (auto const& part : node.items) {
        if (!part->is_list()) whole(*part);
        for (auto const& item : part->items) arguments.push_back(item.get());
      }
    } else {
      whole(node);
    }
    for (std::size_t i = 0; i < arguments.size(); ++i) {
      auto const& item = *arguments[i];
      if (i == 0) path(item);
      auto const seen = suspicion_.look_at(item);
      if (i == 0 || !seen || !seen->text.starts_with('-') || seen->shape.starts_with('-')) continue;
      report(item, seen->text, "would be an option of the program",
             "let the argument begin with a text of your own: --name=${...}");
    }
  }

  void path(Node const& node) const {
    auto const seen = suspicion_.look_at(node);
    if (!seen) return;
    auto const& [text, shape] = *seen;
    if (count_marks(text, kPathMarks) == count_marks(shape, kPathMarks) &&
        same_steps(text, shape) && text.find('\0') == std::string::npos) {
      return;
    }
    report(node, text, fmt::format("{} becomes more than one part of a path", suspicion_.chooser()),
           "what a placeholder of a sink stands for may hold no `/` and be no `..`");
  }

  void address(Node const& node) const {
    auto const seen = suspicion_.look_at(node);
    if (!seen ||
        count_marks(seen->text, kAddressMarks) == count_marks(seen->shape, kAddressMarks)) {
      return;
    }
    report(node, seen->text,
           fmt::format("{} becomes more than one part of the host", suspicion_.chooser()),
           "write the address itself, or name the variable that holds all of it");
  }

  void report(Node const& node, std::string const& text, std::string_view what,
              std::string_view hint) const {
    reporter_.error(evaluator_.place_of_cell(node), std::string(suspicion_.summary()),
                    fmt::format("In \"{}\" {}.", visible(text), what), std::string(hint));
  }

  Suspicion const& suspicion_;
  Evaluator& evaluator_;
  Reporter& reporter_;
};

}  // namespace

void check_sink_of_connections(Node const& sink, Evaluator& evaluator, Reporter& reporter) {
  Checker(OfPlaceholders(evaluator, reporter), evaluator, reporter).sink(sink);
}

void check_sink_of_cells(Node const& sink, Evaluator& evaluator, Reporter& reporter) {
  Checker(OfCells(evaluator, reporter), evaluator, reporter).sink(sink);
}

}  // namespace tenantry::config
