// Replaces placeholders: a tree and what is known of its surroundings give a value.
#pragma once
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "engine/config/fleet_rows.hpp"
#include "engine/config/placeholders.hpp"
#include "engine/config/report.hpp"
#include "engine/config/tree.hpp"
#include "engine/config/variables.hpp"
#include "engine/core/desired.hpp"

namespace tenantry::config {

/// What `${tenant...}`, `${values...}` and `${row...}` stand for.
struct TenantScope {
  std::string key;
  std::string region;
  std::string hostname;           ///< empty: known only when the tenant exists
  NodePtr name;                   ///< the display name; nullptr when not written
  NodePtr values;                 ///< merged values; nullptr: none
  std::set<std::string> known;    ///< names that `${values.X}` may use although they are unset
  std::set<std::string> missing;  ///< required, but not there: reported already
  bool any_value = false;         ///< every name may be used with a fallback
  FleetRow const* row = nullptr;  ///< nullptr: the tenant is no row of a fleet
};

/// Where an expression stands decides what it may name.
enum class ScopeKind { variables_only, row, tenant_key, tenant };

/// Evaluates trees of one scope. Every problem is reported at its placeholder; the result is then
/// missing. Work and memory are bounded, however values refer to each other.
class Evaluator {
 public:
  static constexpr std::size_t kNodesMax = 1'000'000;      ///< values made for one tenant
  static constexpr std::size_t kTextBytesMax = 16U << 20;  ///< texts made for one tenant
  static constexpr std::size_t kChainMax = 32;             ///< values that refer to values

  /// `variables`, `scope` and `reporter` must outlive the evaluator.
  Evaluator(VariableTable const& variables, ScopeKind kind, TenantScope const& scope,
            Reporter& reporter)
      : variables_(variables), kind_(kind), scope_(scope), reporter_(reporter) {}

  /// One of the same scope in which every cell that is not empty is the text "x".
  Evaluator with_masked_cells(Reporter& reporter) const {
    Evaluator out(variables_, kind_, scope_, reporter);
    out.cells_masked_ = true;
    return out;
  }
  /// True where `${row...}` may stand for something.
  bool has_row() const { return scope_.row != nullptr; }

  /// The value of `node`; its places go to `origins` (may be nullptr) under `pointer`.
  std::optional<Value> evaluate(Node const& node, std::string pointer, Places* origins);
  std::optional<Value> evaluate(Node const& node) { return evaluate(node, {}, nullptr); }
  /// The value of one of the merged `values`, made once however often it is named.
  std::optional<Value> value_of(std::string const& label, Node const& node);
  /// Whatever uses this value fails without another message: what is wrong with it is reported.
  void reject(Node const& node) { memos_[&node].state = State::failed; }
  /// A text that is known now and not sensitive. `what` names it in messages.
  std::optional<std::string> plain_text(Node const& node, std::string_view what);
  /// Where a person has to mend the value of `node`: the cell that it comes from, else the node
  /// itself.
  Mark place(Node const& node) const;
  /// The first cell that has a part in `node`, however far behind; else the node itself.
  Mark place_of_cell(Node const& node) const;
  /// Only reports placeholders that cannot be right, whatever the values are.
  void check_names(Node const& node);
  /// The same for those that name columns alone.
  void check_columns(Node const& node) { check_names(node, "row"); }

 private:
  void check_names(Node const& node, std::string_view space);
  enum class State { running, done, failed };
  struct Memo {
    State state = State::running;
    Value value;
    std::size_t size = 1;
  };
  struct Link {
    Node const* node;
    std::string label;
  };
  struct Found {
    enum class Status { value, unset, failed } status = Status::failed;
    Value value = nullptr;
    std::string why = {};  ///< of unset
    Mark where = {};       ///< what to mend, of unset
  };

  std::optional<Value> walk(Node const& node, std::string& pointer, Places* origins);
  std::optional<Value> walk_list(Node const& node, std::string& pointer, Places* origins);
  std::optional<Value> walk_join(Node const& node, std::string& pointer, Places* origins);
  bool add_part(Node const& part, Array& out, std::string& pointer, Places* origins);
  std::optional<Value> walk_map(Node const& node, std::string& pointer, Places* origins);
  std::optional<Value> text(Node const& node);
  std::optional<Value> instantiate(Template const& pieces, Node const& node);
  bool append(Value const& value, std::vector<Segment>& segments, Piece const& piece,
              Node const& node);
  std::optional<Value> resolve(Piece const& piece, Node const& node);
  Found look_up(Piece const& piece, Node const& node);
  Found look_up_variable(Piece const& piece, Node const& node);
  Found look_up_tenant(Piece const& piece);
  Found look_up_value(Piece const& piece);
  Found look_up_row(Piece const& piece, Node const& node);
  std::optional<Mark> cell_behind(Node const& node, std::size_t depth) const;
  std::optional<Mark> cell_within(Node const& node, std::size_t depth) const;
  std::optional<Mark> cell_within(Piece const& piece, std::size_t depth) const;
  bool check_row_piece(Piece const& piece, Node const& node);
  void report_unset(Found const& found, Piece const& piece, Node const& node);
  Found memoized(std::string const& label, Node const& target);
  void report_cycle(Node const& again);
  bool check_piece(Piece const& piece, Node const& node);
  bool is_known_value(std::string_view name) const;
  bool charge(std::size_t nodes, std::size_t bytes, Mark const& at);
  static Mark place_of(Node const& node, std::size_t offset);

  VariableTable const& variables_;
  ScopeKind kind_;
  TenantScope const& scope_;
  Reporter& reporter_;
  std::unordered_map<Node const*, Memo> memos_;
  std::vector<Link> chain_;
  std::size_t nodes_ = 0;
  std::size_t bytes_ = 0;
  bool cells_masked_ = false;
};

}  // namespace tenantry::config
