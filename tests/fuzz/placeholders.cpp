// The placeholders of a text.
#include "engine/config/placeholders.hpp"

#include "tests/fuzz/targets.hpp"

namespace tenantry::fuzz {
namespace {

/// The text that gives these pieces.
std::string written(config::Template const& pieces) {
  std::string out;
  for (auto const& piece : pieces) {
    if (!piece.is_literal()) {
      out += piece.text;
      continue;
    }
    std::string_view rest = piece.text;
    for (auto at = rest.find("${"); at != std::string_view::npos; at = rest.find("${")) {
      out.append(rest.substr(0, at)).append("$${");
      rest.remove_prefix(at + 2);
    }
    out += rest;
  }
  return out;
}

}  // namespace

void placeholders(std::string_view input) {
  std::optional<config::TemplateProblem> problem;
  auto const pieces = config::parse_template(input, problem);
  if (problem) {
    ensure(pieces.empty(), "a text with a problem has no pieces");
    ensure(problem->offset <= input.size(), "the place of a problem is in the text");
    ensure(!problem->summary.empty(), "a problem is told");
    ensure(is_plain(problem->summary + problem->detail), "a problem is told in visible characters");
    return;
  }
  ensure(written(pieces) == input, "the pieces are the text");
}

}  // namespace tenantry::fuzz
