#include "engine/config/placeholders.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "engine/core/address.hpp"
#include "engine/core/text.hpp"

namespace tenantry::config {
namespace {

constexpr int kFallbackDepthMax = 5;

class Reader {
 public:
  Reader(std::string_view text, std::optional<TemplateProblem>& problem)
      : text_(text), problem_(problem) {}

  /// Pieces up to the end, or up to the `}` that closes a fallback.
  Template pieces(int depth) {
    Template out;
    std::string literal;
    auto const flush = [&] {
      if (literal.empty()) return;
      Piece piece;
      piece.text = std::move(literal);
      out.push_back(std::move(piece));
      literal.clear();
    };
    while (at_ < text_.size() && !problem_) {
      if (depth > 0 && text_[at_] == '}') break;
      if (text_.substr(at_).starts_with("$${")) {
        literal += "${";
        at_ += 3;
      } else if (text_.substr(at_).starts_with("${")) {
        flush();
        out.push_back(placeholder(depth));
      } else {
        literal += text_[at_++];
      }
    }
    flush();
    return out;
  }

 private:
  Piece placeholder(int depth) {
    Piece piece;
    piece.offset = at_;
    auto const start = at_;
    at_ += 2;
    auto const end = std::min(text_.find_first_of("}:$", at_), text_.size());
    auto const name = text_.substr(at_, end - at_);
    at_ = end;
    if (text_.substr(at_).starts_with(":-")) {
      at_ += 2;
      if (depth == kFallbackDepthMax) {
        fail(start, "placeholders nested too deeply",
             fmt::format("At most {} fallbacks may stand inside each other.", kFallbackDepthMax));
        return piece;
      }
      piece.fallback = pieces(depth + 1);
    }
    if (problem_) return piece;
    if (at_ >= text_.size() || text_[at_] != '}') {
      fail(start, "placeholder is not closed",
           at_ >= text_.size()
               ? fmt::format("\"}}\" is missing after \"{}\".", visible(text_.substr(start)))
               : fmt::format("\"{}\" cannot stand in the name of a placeholder.",
                             visible(text_.substr(at_, 1))),
           "write $${ for a text that begins so");
      return piece;
    }
    ++at_;
    piece.text = std::string(text_.substr(start, at_ - start));
    take_name(piece, name, start);
    return piece;
  }

  void take_name(Piece& piece, std::string_view name, std::size_t start) {
    static std::array<std::string, 4> const kSpaces{"var", "tenant", "values", "row"};
    auto const dot = name.find('.');
    auto const space = std::string(name.substr(0, dot));
    if (std::ranges::find(kSpaces, space) == kSpaces.end()) {
      auto const meant = nearest(space, kSpaces);
      auto const rest = dot == std::string_view::npos ? std::string_view() : name.substr(dot);
      fail(start,
           fmt::format("unknown placeholder \"{}\"{}", visible(name),
                       meant ? fmt::format(" (did you mean \"{}{}\"?)", *meant, visible(rest))
                             : std::string()),
           "A placeholder is one of ${var.NAME}, ${tenant.NAME}, ${values.NAME} and ${row.NAME}.",
           "write $${ for a text that begins so");
      return;
    }
    auto const path = dot == std::string_view::npos ? std::string_view() : name.substr(dot + 1);
    if (!is_key(path)) {
      fail(start, fmt::format("unknown placeholder \"{}\"", visible(name)),
           fmt::format("A name of letters, digits, \"_\", \".\" and \"-\" must follow \"{}.\".",
                       space));
      return;
    }
    piece.space = space;
    piece.path = std::string(path);
  }

  void fail(std::size_t offset, std::string summary, std::string detail, std::string hint = {}) {
    if (!problem_) problem_ = {offset, std::move(summary), std::move(detail), std::move(hint)};
  }

  std::string_view text_;
  std::optional<TemplateProblem>& problem_;
  std::size_t at_ = 0;
};

}  // namespace

Template parse_template(std::string_view text, std::optional<TemplateProblem>& problem) {
  problem.reset();
  auto out = Reader(text, problem).pieces(0);
  if (problem) out.clear();
  return out;
}

}  // namespace tenantry::config
