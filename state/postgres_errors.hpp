// What PostgreSQL and libpq say, as errors for people.
#pragma once
#include <string>
#include <string_view>

#include "engine/core/error.hpp"

namespace tenantry::state {

/// Why there is no connection. `reason` is libpq's text, in which `password` is masked.
Error connect_error(std::string_view location, std::string reason, std::string_view password,
                    bool needs_password);

/// What a statement was refused for. `sqlstate` and `reason` are those of the server.
Error statement_error(std::string_view location, std::string_view sqlstate,
                      std::string_view reason);

/// True for the codes with which a server ends a session.
bool ends_session(std::string_view sqlstate);
/// True where the same again may work: deadlock, serialization failure.
bool may_pass(std::string_view sqlstate);

/// A text of several lines as one.
std::string in_one_line(std::string_view text);

}  // namespace tenantry::state
