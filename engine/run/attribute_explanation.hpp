// The attributes of an explanation. Internal to this layer.
#pragma once
#include <string>
#include <vector>

#include "engine/core/schema.hpp"
#include "engine/run/explanation.hpp"

namespace tenantry::run {

/// All of it must outlive the call.
struct AttributeInput {
  Schema const& schema;
  config::Configuration const& configuration;
  plans::Change const& change;
  DesiredResource const* wanted = nullptr;        ///< null: not declared
  state::ResourceRecord const* record = nullptr;  ///< null: not owned
  bool is_in_configuration = false;               ///< the tenant is
};

/// Those that are written, and those that the change has besides, in the order of the table.
std::vector<AttributeExplanation> explain_attributes(AttributeInput const& input);

/// The path of the block of `address` in a layer.
std::vector<std::string> path_of(Address const& address);

/// Keeps the places alone.
void drop_values(config::Trace& trace);

}  // namespace tenantry::run
