// What a user has to mend, with the place.
#pragma once
#include <compare>
#include <string>
#include <string_view>
#include <vector>

namespace tenantry {

/// A place in a file. Lines and columns count from 1; 0 means unknown.
struct SourceRange {
  std::string file;
  int line = 0;
  int column = 0;

  bool known() const { return !file.empty(); }
  /// "tenantry.yaml:12:7", "tenantry.yaml" without a line, "" when unknown.
  std::string text() const;
  auto operator<=>(SourceRange const&) const = default;
};

enum class Severity { error, warning };

/// One message. The summary is the same text for the same kind of problem; names go into the
/// detail.
struct Diagnostic {
  Severity severity = Severity::error;
  SourceRange where;
  std::string address;  ///< the resource it is about; may be empty
  std::string summary;  ///< one line, lower case, no full stop
  std::string detail;   ///< more lines; may be empty
  std::string hint;     ///< what to do; may be empty

  auto operator<=>(Diagnostic const&) const = default;
};

/// All messages of a run, in the order of their places.
class Diagnostics {
 public:
  void add(Diagnostic diagnostic);
  void error(SourceRange where, std::string summary, std::string detail = {},
             std::string hint = {});
  void warning(SourceRange where, std::string summary, std::string detail = {},
               std::string hint = {});
  void append(Diagnostics const& other);

  bool has_errors() const;
  bool empty() const { return items_.empty(); }
  /// Sorted by file, line, column; equal ones once.
  std::vector<Diagnostic> sorted() const;
  std::vector<Diagnostic> const& items() const { return items_; }

 private:
  std::vector<Diagnostic> items_;
};

/// "tenantry.yaml:12:7: error: summary", detail and hint indented below, each line ended by \n.
/// Control characters in any part are made visible, so that a hostile name cannot move the cursor.
std::string format(Diagnostic const& diagnostic);

}  // namespace tenantry
