// Roles, as the other kinds refer to them.
#pragma once
#include <string>
#include <variant>

#include "emulator/call.hpp"

namespace tenantry::emulator {

/// [{id, name, type, level}] of a list of role ids; null: none.
Array describe_roles(Tenant const& tenant, Value const* ids);

/// The ids of [{"id": ...}] or [{"name": ...}], each once. Refuses a mixture, unknown roles and
/// more than 100 of them.
std::variant<Array, Problem> read_roles(Tenant const& tenant, Value const& references,
                                        std::string const& pointer);

/// True when the list of ids has `id`.
bool lists_id(Value const* ids, std::string_view id);

}  // namespace tenantry::emulator
