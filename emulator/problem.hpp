// Refusals, and the error bodies that the APIs make of them.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "emulator/http_message.hpp"
#include "engine/core/value.hpp"

namespace tenantry::emulator {

/// How an API writes `errors[].status`; the contract has all three.
enum class StatusForm { none, text, number };

/// What an API's error body holds beside code, title and detail.
struct ErrorForm {
  StatusForm status = StatusForm::text;
  bool trace_id = true;         ///< `traceId` beside `errors`
  bool source = true;           ///< `errors[].source` and `errors[].meta`
  bool source_in_meta = false;  ///< `errors[].meta.source` instead of both (spaces)
  bool detail = true;   ///< `errors[].detail`; without it the text goes into `meta`, or the title
  bool legacy = false;  ///< `error` and `message` beside `errors` (licences)
  bool code_number = false;  ///< `errors[].code` is the status, as a number; not of a 401 or 429
};

/// The form of what no API answers for: unknown hosts and paths, injected faults.
inline constexpr ErrorForm kPlatformForm{.source = false};

/// Why a request is refused.
struct Problem {
  unsigned status = 400;
  std::string detail = {};     ///< for people; may be empty
  std::string code = {};       ///< documented code; empty: "HTTP-<status>"
  std::string title = {};      ///< empty: the status' reason phrase
  std::string pointer = {};    ///< JSON pointer into the body, may be empty
  std::string parameter = {};  ///< name of a query parameter or header, may be empty
  Value meta = {};             ///< null: none
  long retry_after_s = -1;     ///< >= 0: a Retry-After header
};

/// What a handler gives back.
using Answer = std::variant<Reply, Problem>;
/// What a check gives back: nothing when all is well.
using Refusal = std::optional<Problem>;

Problem invalid(std::string pointer, std::string detail);     ///< 400, about the body
Problem bad_parameter(std::string name, std::string detail);  ///< 400, about the query or a header
Problem forbidden(std::string detail);                        ///< 403
Problem missing(std::string detail, std::string code = {});   ///< 404
Problem conflict(std::string pointer, std::string detail);    ///< 409

/// The error answer in the form of one API.
Reply error_reply(Problem const& problem, ErrorForm form, std::string trace_id);

Reply json_reply(unsigned status, Value const& body);
Reply empty_reply(unsigned status);  ///< 204 and kin
Reply redirect_reply(unsigned status, std::string location);

}  // namespace tenantry::emulator
