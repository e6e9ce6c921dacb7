// Lines of a rendered plan: indentation, colour, width. Internal to this layer.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "plans/plan.hpp"
#include "plans/render.hpp"

namespace tenantry::plans {

enum class Ink { plain, bold, dim, green, yellow, red, magenta, cyan };
Ink ink_of(Action action);

/// Collects lines. Texts must be visible() before they get here.
class Paper {
 public:
  explicit Paper(TextOptions const& options) : options_(options) {}

  void line(std::size_t indent, std::string_view text, Ink ink = Ink::plain);
  /// `symbol` in its ink in front of `text`.
  void marked(std::size_t indent, std::string_view symbol, Ink ink, std::string_view text);
  /// Words separated by ", ", broken over lines at the width.
  void words(std::size_t indent, std::string_view label, std::vector<std::string> const& items);
  void blank();

  std::size_t width() const { return options_.width; }
  /// What was collected since the last time.
  std::string take();

 private:
  std::string inked(std::string_view text, Ink ink) const;

  TextOptions options_;
  std::string out_;
  bool taken_ = false;  ///< something was taken out
};

}  // namespace tenantry::plans
