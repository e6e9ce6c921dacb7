// Collects what is wrong with a configuration.
#pragma once
#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "engine/config/tree.hpp"
#include "engine/core/diagnostic.hpp"

namespace tenantry::config {

class FleetRow;

/// Keeps one message for a problem at a place, however many tenants meet it: the first is named,
/// the others are counted. So are the rows of a fleet that have the same problem in one column,
/// after the first few. Holds a bounded number of messages.
class Reporter {
 public:
  static constexpr std::size_t kMessagesMax = 1000;
  static constexpr std::size_t kRowsShown = 10;  ///< with the same problem in one column

  void error(Mark const& at, std::string summary, std::string detail = {}, std::string hint = {});
  void error(SourceRange at, std::string summary, std::string detail = {}, std::string hint = {});
  void warning(Mark const& at, std::string summary, std::string detail = {}, std::string hint = {});
  void warning(SourceRange at, std::string summary, std::string detail = {}, std::string hint = {});

  /// What is reported from now on is found in this tenant; "" for none.
  void set_tenant(std::string key) { tenant_ = std::move(key); }
  /// What is reported from now on is found in this row; nullptr for none. It must live until then.
  void set_row(FleetRow const* row) { row_ = row; }
  /// The file holds rows of a fleet.
  void add_rows_file(std::string name) { rows_files_.insert(std::move(name)); }
  std::size_t errors() const { return errors_; }

  Diagnostics diagnostics() const;

 private:
  struct Message {
    Diagnostic diagnostic;
    std::string first_tenant;
    std::string last_tenant;
    std::size_t tenants = 0;
    std::string column;         ///< of a fleet's file, where it is about one
    std::size_t more_rows = 0;  ///< that have the same problem and are not told one by one
  };
  /// File, column and kind of problem.
  using RowProblem = std::tuple<std::string, std::string, std::string>;
  struct RowGroup {
    std::size_t shown = 0;
    std::size_t last = 0;  ///< number of its last message
  };
  void add(Severity severity, SourceRange at, std::string summary, std::string detail,
           std::string hint);
  Message* find_same(SourceRange const& at, std::string const& summary, std::string_view detail);
  bool is_told_enough(SourceRange const& at, std::string const& summary, std::string const& column);

  std::vector<Message> messages_;
  std::map<std::pair<SourceRange, std::string>, std::vector<std::size_t>> index_;
  std::set<std::string> rows_files_;
  std::map<RowProblem, RowGroup> row_groups_;
  std::string tenant_;
  FleetRow const* row_ = nullptr;
  std::size_t errors_ = 0;
  std::size_t dropped_ = 0;
};

}  // namespace tenantry::config
