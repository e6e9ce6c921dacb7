// Resources of each kind as a scenario declares them, and how they are changed.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/value.hpp"
#include "tests/simulation/dice.hpp"

namespace tenantry::simulation {

/// Sections that a scenario uses, those first that others refer to.
std::vector<std::string_view> const& sections();
/// A section that is one object, without keys.
bool is_singleton(std::string_view section);

/// A new resource of `section` for `tenant` (the tenant's whole block, for references). `serial`
/// makes its name unique.
Object make_resource(Dice& dice, std::string_view section, Object const& tenant,
                     std::string const& key, std::uint64_t serial);

/// Changes something of `resource`: an attribute, its name, or what needs a new object.
void change_resource(Dice& dice, std::string_view section, Object const& tenant, Object& resource,
                     std::uint64_t serial);

/// The attribute that an object is recognised by, and that no two have alike.
std::string_view natural_key(std::string_view section);

/// What referred to `from` in `section` of `tenant`, refers to `to`.
void rename_references(Object& tenant, std::string_view section, std::string_view from,
                       std::string_view to);

/// Takes references to what is not declared out of `tenant`.
void drop_dangling(Object& tenant);

}  // namespace tenantry::simulation
