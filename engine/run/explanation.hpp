// Why an address is planned as it is: the change, and where each part of it comes from.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "engine/config/provenance.hpp"
#include "engine/run/context.hpp"
#include "plans/plan.hpp"

namespace tenantry::run {

/// Something that decides what becomes of a difference.
struct Rule {
  std::string name;     ///< "policy.drift", "lifecycle.ignoreChanges", "on change: replace"
  std::string meaning;  ///< a sentence
  SourceRange where;    ///< in the YAML; unknown where the kind itself has the rule
};

/// One written attribute, or one that was.
struct AttributeExplanation {
  enum class Effect {
    changes,
    released,    ///< no longer written
    left_alone,  ///< it differs, and a rule lets it be
    unchanged,
  };
  std::string name;
  Effect effect = Effect::unchanged;
  bool sensitive = false;        ///< then there are no values
  Value wanted = nullptr;        ///< may be deferred
  Value live = nullptr;          ///< of an unrefreshed plan: what the state knows
  Value last_applied = nullptr;  ///< null: never
  bool config_changed = false;
  bool drifted = false;
  std::vector<Rule> rules;
  config::Trace trace;  ///< statements and uses; without values where it is sensitive
};
std::string_view name_of(AttributeExplanation::Effect effect);

/// Something that the address stands on, or that stands on it.
struct Neighbour {
  Address address;
  plans::Action action = plans::Action::no_op;
  plans::Reason reason = plans::Reason::none;
};

struct Explanation {
  Address address;
  bool declared = false;
  bool owned = false;     ///< in the state
  bool refreshed = true;  ///< false: live values are those of the state
  std::string region;
  std::string wave;                              ///< empty: there is no rollout
  std::string fleet;                             ///< whose row the tenant is; empty: of none
  plans::Change change;                          ///< a no-op where nothing is planned
  std::string because;                           ///< a sentence or two, no final newline
  std::optional<Error> error;                    ///< the tenant could not be planned
  config::Trace trace;                           ///< of the block; its statements have no values
  std::vector<AttributeExplanation> attributes;  ///< in the schema's order
  std::vector<Neighbour> needs;
  std::vector<Neighbour> needed_by;
  std::optional<state::HistoryEntry> last_operation;  ///< that changed it
};

/// Explains `address` by the plan of its tenant, which was made with Unchanged::listed. Errors:
/// not_found, naming what is near, where neither the configuration nor the state has it; those of
/// reading the state.
Task<Explanation> explain(Context& context, plans::TenantPlan const& plan, Address address);

/// The error of an address whose tenant nobody knows. `known` are the tenants of the state.
Error unknown_tenant(config::Configuration const& configuration, std::vector<std::string> known,
                     Address const& address);

}  // namespace tenantry::run
