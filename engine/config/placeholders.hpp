// The placeholders of a text: `${values.origins}`, `${var.mail:-nobody@example.com}`, `$${`.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/error.hpp"

namespace tenantry::config {

struct Piece;
using Template = std::vector<Piece>;

/// A literal text, or a placeholder.
struct Piece {
  std::string text;                  ///< of a literal; of a placeholder as it is written
  std::string space;                 ///< "var", "tenant", "values", "row"; empty: a literal
  std::string path;                  ///< "origins", "a.b"
  std::optional<Template> fallback;  ///< after `:-`
  std::size_t offset = 0;            ///< bytes from the start of the text

  bool is_literal() const { return space.empty(); }
};

/// A text that is not a template: what is wrong and at which byte.
struct TemplateProblem {
  std::size_t offset = 0;
  std::string summary;
  std::string detail;
  std::string hint;
};

/// A text taken apart.
struct ParsedText {
  Template pieces;  ///< empty where there is a problem
  std::optional<TemplateProblem> problem;
};

/// Takes `text` apart. Placeholders may stand in fallbacks, a few levels deep.
/// On a problem the result is empty and `problem` is filled.
Template parse_template(std::string_view text, std::optional<TemplateProblem>& problem);

}  // namespace tenantry::config
