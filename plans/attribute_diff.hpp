// The attributes of one resource that is there: desired, live and last applied. Internal.
#pragma once
#include <string>
#include <vector>

#include "plans/diff.hpp"

namespace tenantry::plans {

/// What becomes of the live object.
enum class Fate {
  kept,      ///< changed in place where need be
  replaced,  ///< made anew: nothing is ignored or left alone, every secret is sent again
  absent,    ///< there is none: everything that is written is new
};

/// What is known before the attributes are compared.
struct AttributeInput {
  DiffInput const& diff;
  Object const& desired;               ///< comparable, null members left out
  Object const* live;                  ///< comparable; null: state stands for it
  state::ResourceRecord const* prior;  ///< null: never applied by us
  Fate fate = Fate::kept;
};

/// A changed attribute that nothing can change, and why.
struct RefusedAttribute {
  std::string name;
  std::string reason;
};

struct AttributeOutput {
  std::vector<AttributeChange> changed;
  std::vector<AttributeChange> released;
  std::vector<AttributeChange> drift_only;
  std::vector<std::string> left_alone;
  std::vector<RefusedAttribute> refused;
  Object parts;     ///< elements that are ours, of lists that are ours in part
  Object after;     ///< desired, live values where those are left alone
  Object secrets;   ///< marks of the secrets that are to be sent
  Object applied;   ///< what the record would hold without any call
  Object observed;  ///< likewise
};

/// Compares every attribute that is written or was. Errors: those of DiffInput::reveal.
Result<AttributeOutput> diff_attributes(AttributeInput const& input);

}  // namespace tenantry::plans
