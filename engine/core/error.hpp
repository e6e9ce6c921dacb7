// What can go wrong outside this program, as a value.
#pragma once
#include <boost/system/result.hpp>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace tenantry {

/// The kinds of failure that callers tell apart. Everything else is in the text.
enum class Errc {
  invalid,          ///< input or configuration that cannot work, found before any call
  not_found,        ///< the object, file or address does not exist (404)
  conflict,         ///< exists already, or is in use (409, some 400 and 403)
  rejected,         ///< the server refused the request for another reason (other 4xx)
  unauthorized,     ///< no valid token (401)
  tenant_disabled,  ///< 401 of a deactivated tenant
  forbidden,        ///< scope, role or quota is missing (403)
  precondition,     ///< 412, or the object is no longer as planned
  throttled,        ///< 429
  unavailable,      ///< 5xx: whether the server did the work is not known
  connection,       ///< could not connect, or the request never left
  unknown_host,     ///< there is no such host name: the request never left
  lost_reply,       ///< sent, but no whole reply came: whether the work was done is not known
  timeout,          ///< a deadline passed after sending: as lost_reply
  tls,              ///< certificate or protocol not acceptable
  protocol,         ///< an answer that breaks HTTP, JSON or the API's contract
  too_large,        ///< over a size limit
  cancelled,        ///< the user asked to stop
  io,               ///< files, disk
  locked,           ///< somebody else holds the lock
  corrupt,          ///< a state or plan file that cannot be trusted
  stale,            ///< made from an older serial than the present one
  guard,            ///< a protection rule stopped it
  ambiguous,        ///< more than one answer fits and a person must decide
  internal,         ///< a defect in this program
};

/// Stable word for a code, used in JSON output and the journal: "not_found".
std::string_view name_of(Errc code);

/// The error body that Qlik's APIs share: {"errors":[{code,title,detail}],"traceId"}.
struct ApiProblem {
  int status = 0;        ///< HTTP status
  std::string code;      ///< "TENANTS-21"; empty when the body had none
  std::string title;     ///< short text
  std::string detail;    ///< longer text, may be empty
  std::string trace_id;  ///< for Qlik's support, may be empty
};

/// A failure with what a person needs: what, where, why, what to do.
struct Error {
  Errc code = Errc::internal;
  std::string message;            ///< what failed and why, one line, no full stop
  std::string hint;               ///< what to do about it; may be empty
  std::string request;            ///< "POST https://host/path", empty if none was made
  std::optional<ApiProblem> api;  ///< what the server said
  std::optional<std::chrono::seconds> retry_after;  ///< of a 429 or 503

  Error() = default;
  Error(Errc c, std::string text, std::string advice = {})
      : code(c), message(std::move(text)), hint(std::move(advice)) {}

  /// True where the server may have done the work although no success was seen.
  bool outcome_unknown() const {
    return code == Errc::unavailable || code == Errc::lost_reply || code == Errc::timeout ||
           code == Errc::protocol || code == Errc::too_large;
  }
};

/// One line for a person: message, request, API code, title, detail and trace id.
std::string describe(Error const& error);

/// The value, or why there is none.
template <class T>
using Result = boost::system::result<T, Error>;

/// Called by Result::value() of a failed result: a defect, not a way to handle errors.
[[noreturn]] void throw_exception_from_error(Error const& error,
                                             boost::source_location const& where);

/// Stops the program when `condition` is false, in release builds too: a promise of ours is broken.
void ensure(bool condition, std::string_view promise);

}  // namespace tenantry
