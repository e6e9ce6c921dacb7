// A JSON text cut into the elements of its outermost bracket.
#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace tenantry::config {

/// Gives one element after the other, so that a long list need not be parsed as a whole. Only the
/// brackets and quotes are looked at: what stands between them is for a parser to judge.
class JsonElements {
 public:
  /// A text of its own with one element in the brackets that it came from, and where in the whole
  /// it begins. Lines and columns count from 1, columns in characters.
  struct Element {
    std::string text;
    int line = 0;
    int column = 0;
  };

  /// True for a list or a map in JSON, which has no comments, no aliases and one kind of quotes.
  static bool can_cut(std::string_view text);

  /// `text` can be cut, and must outlive the elements.
  explicit JsonElements(std::string_view text);
  /// Nothing after the last.
  std::optional<Element> next();

 private:
  void skip_blanks();
  bool skip_text();
  bool skip_element();
  void take();
  bool at_end() const { return at_ >= text_.size(); }

  std::string_view text_;
  std::size_t at_ = 0;
  int line_ = 1;
  int column_ = 1;
  char open_ = '\0';
  char close_ = '\0';
};

/// What JSON escapes as two surrogates, YAML escapes as one character.
std::string join_surrogates(std::string_view json);

}  // namespace tenantry::config
