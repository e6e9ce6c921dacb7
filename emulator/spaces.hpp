// Spaces, as their assignments and contents refer to them.
#pragma once
#include <span>
#include <string>
#include <string_view>

#include "emulator/call.hpp"

namespace tenantry::emulator {

/// The roles that can be given in a space of this type; empty: there is no such type.
std::span<std::string_view const> space_roles(std::string_view type);

/// The space that the first parameter of the path names, unless it is missing or the caller may
/// not see it, which the API does not tell apart.
Row const* find_space(Call const& call);
Problem no_such_space();

/// True where the caller has the role TenantAdmin, owns the space or has a role in it.
bool can_see_space(Call const& call, Row const& space);

/// The roles of the caller in a space: all of them for the owner, those of assignments for others.
Array caller_roles(Call const& call, Row const& space);

/// Removes the assignments to a user or group that goes.
void remove_assignments_to(Tenant& tenant, std::string_view assignee_id);
/// Removes the assignments of a space that goes.
void remove_assignments_in(Tenant& tenant, std::string_view space_id);
/// Removes the assignment of one assignee in one space, if there is one.
void remove_assignment(Tenant& tenant, std::string_view space_id, std::string_view assignee_id);

}  // namespace tenantry::emulator
