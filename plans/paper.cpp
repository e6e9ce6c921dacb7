#include "plans/paper.hpp"

#include <fmt/format.h>

#include <utility>

#include "engine/core/text.hpp"

namespace tenantry::plans {

Ink ink_of(Action action) {
  switch (action) {
    case Action::create:
    case Action::reactivate:
      return Ink::green;
    case Action::update:
      return Ink::yellow;
    case Action::delete_:
    case Action::deactivate:
      return Ink::red;
    case Action::replace:
      return Ink::magenta;
    case Action::adopt:
      return Ink::cyan;
    case Action::no_op:
    case Action::release:
    case Action::forget:
      return Ink::dim;
  }
  return Ink::plain;
}

std::string Paper::inked(std::string_view text, Ink ink) const {
  if (!options_.color || ink == Ink::plain || text.empty()) return std::string(text);
  static constexpr std::string_view kCodes[] = {"", "1", "2", "32", "33", "31", "35", "36"};
  return fmt::format("\x1b[{}m{}\x1b[0m", kCodes[static_cast<std::size_t>(ink)], text);
}

void Paper::line(std::size_t indent, std::string_view text, Ink ink) {
  out_ += std::string(indent, ' ') + inked(text, ink) + '\n';
}

void Paper::marked(std::size_t indent, std::string_view symbol, Ink ink, std::string_view text) {
  out_ += fmt::format("{}{} {}\n", std::string(indent, ' '), inked(symbol, ink), text);
}

void Paper::words(std::size_t indent, std::string_view label,
                  std::vector<std::string> const& items) {
  auto const margin = std::string(indent, ' ');
  std::string current = margin + std::string(label);
  bool first = true;
  for (std::size_t i = 0; i < items.size(); ++i) {
    auto word = items[i] + (i + 1 < items.size() ? "," : "");
    if (!first && length_in_characters(current) + 1 + length_in_characters(word) > width()) {
      out_ += current + '\n';
      current = margin + std::string(label.size(), ' ');
      first = true;
    }
    if (!first) current += ' ';
    current += word;
    first = false;
  }
  out_ += current + '\n';
}

void Paper::blank() {
  if (taken_ || !out_.empty()) out_ += '\n';
}

std::string Paper::take() {
  taken_ = taken_ || !out_.empty();
  return std::exchange(out_, {});
}

}  // namespace tenantry::plans
