// Small checks of what a map holds, shared by everything that reads a part of the configuration.
#pragma once
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "engine/config/report.hpp"
#include "engine/config/tree.hpp"

namespace tenantry::config {

/// Reports a key that is_key() does not accept. `what` names the thing: "tenant".
bool check_key(Member const& member, std::string_view what, Reporter& reporter);

/// Reports `unknown key` for a member, with the nearest of `valid`.
void report_unknown_key(Member const& member, std::span<std::string const> valid,
                        Reporter& reporter);

/// Reports keys of `map` that are not in `valid`. False where there was one.
bool check_keys(Node const& map, std::span<std::string const> valid, Reporter& reporter);

/// Reports `wrong type` of a value: "`what` must be `wanted`, not ...".
void report_type(Node const& node, std::string_view what, std::string_view wanted,
                 Reporter& reporter);

/// The member as a map; nullptr when it is missing, null or (reported) something else.
NodePtr map_member(Node const& map, std::string_view key, Reporter& reporter);
/// The member as a text; nullptr when it is missing, null or (reported) something else.
Node const* text_member(Node const& map, std::string_view key, Reporter& reporter);
/// The member as true or false.
std::optional<bool> bool_member(Node const& map, std::string_view key, Reporter& reporter);

/// Reports placeholders in a value that must be written out.
void check_literal(Node const& node, Reporter& reporter);

/// Reports a missing member at `where`.
void report_missing(Mark const& where, std::string_view key, std::string_view why,
                    Reporter& reporter);

}  // namespace tenantry::config
