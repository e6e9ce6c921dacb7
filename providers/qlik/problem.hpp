// What an answer that is no success says, as an Error.
#pragma once
#include <string_view>

#include "engine/core/clock.hpp"
#include "engine/core/error.hpp"
#include "engine/core/secret.hpp"
#include "providers/http/transport.hpp"

namespace tenantry::qlik {

/// Reads every documented form of an error body: {"errors": [{code, title, detail, meta, source}],
/// "traceId"} with `status` as text or number, {"error", "message"} of the licence service and
/// {"error", "error_description"} of OAuth; any other body by its title or first line. Texts are
/// made visible and cut to a readable length.
ApiProblem read_problem(http::Response const& response);

/// The Error of `response` to `request`, by its status: 400 rejected, 401 unauthorized (of a
/// deactivated tenant: tenant_disabled), 403 forbidden, 404 and 410 not_found, 409 conflict,
/// 412 precondition, 413 too_large, 429 throttled, 5xx unavailable, other 4xx rejected, everything
/// else protocol.
Error error_of(http::Request const& request, http::Response const& response, WallTime now);

/// Removes `secret` from every text of `error`, in case a server repeats what it was sent.
void mask(Error& error, Secret const& secret);

}  // namespace tenantry::qlik
