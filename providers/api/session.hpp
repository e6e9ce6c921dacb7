// A signed-in connection to one host of Qlik Cloud, as resource kinds see it.
#pragma once
#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/core/clock.hpp"
#include "engine/core/task.hpp"
#include "engine/core/value.hpp"

namespace tenantry {

enum class Verb { get, post, put, patch, delete_ };

/// Rate tier of an operation (x-rate-limit of the API documents).
struct Tier {
  std::string name;    ///< "1", "2", or a name of its own for an operation with a special limit
  int per_minute = 0;  ///< allowed over five minutes: five times this
};
Tier const& tier_1();  ///< most reads: 1000 a minute
Tier const& tier_2();  ///< creates, updates, deletes: 100 a minute

/// One part of a multipart/form-data body.
struct FormPart {
  std::string name;
  std::string file_name;     ///< empty for a plain field
  std::string content_type;  ///< empty for a plain field
  std::string bytes;
};

/// One call. The session adds the token, encodes, limits and retries.
struct Call {
  Verb verb = Verb::get;
  std::string path;  ///< "/api/v1/groups/5f..": each segment already encoded, see encode_segment
  std::vector<std::pair<std::string, std::string>> query =
      {};  ///< plain text, encoded by the session
  std::vector<std::pair<std::string, std::string>> headers = {};
  std::optional<Value> body = {};   ///< sent as JSON
  std::vector<FormPart> form = {};  ///< sent as multipart/form-data when not empty
  std::optional<Tier> tier = {};    ///< default: tier 1 for get, tier 2 otherwise
  /// A PATCH or POST that may be sent twice, e.g. because all operations of the patch `replace`.
  bool repeatable = false;
};

struct Reply {
  int status = 0;
  Value body = nullptr;                 ///< parsed JSON; null when there was none
  std::string bytes;                    ///< the body as it came
  std::optional<WallTime> server_time;  ///< the Date header
};

/// Errors of every call: the status is turned into an Errc (400 rejected, 401 unauthorized or
/// tenant_disabled, 403 forbidden, 404 not_found, 409 conflict, 412 precondition, 429 throttled,
/// 5xx unavailable) with the API's own code, title, detail and trace id.
class Session {
 public:
  virtual ~Session() = default;
  virtual Task<Reply> call(Call call) = 0;
  /// Host that is called, for messages and for links.
  virtual std::string const& host() const = 0;
  /// Waits between two looks at work in progress. Errors: cancelled, at a stop.
  virtual Task<void> wait(std::chrono::milliseconds time) = 0;
  /// True where this session's own credential is the OAuth client `client_id`: deleting it would
  /// lock the program out.
  virtual bool signs_in_as(std::string_view) const { return false; }
  /// What the host's clock shows now, by the Date header of its last answer. Nothing before it.
  virtual std::optional<WallTime> server_time() const { return std::nullopt; }
};

/// Percent-encodes one path segment (RFC 3986).
std::string encode_segment(std::string_view text);

/// True where a segment of the path is `.` or `..`, encoded or not: a server may take it for
/// another path than the one that was checked.
bool has_dot_segment(std::string_view path);

/// How a list hands out its pages.
struct Paging {
  int limit = 100;              ///< 0: the list knows no limit parameter
  std::string member = "data";  ///< where the elements are; "" for a plain array
};

Task<Value> get(Session& session, std::string path);
/// Every element of a list: follows links.next.href until it is missing or null. The links must
/// stay on the session's host (Errc::protocol otherwise); at most 10,000 pages.
Task<std::vector<Object>> list_all(Session& session, std::string path,
                                   std::vector<std::pair<std::string, std::string>> query,
                                   Paging paging);
Task<Reply> post(Session& session, std::string path, Value body);
/// PATCH with JSON Patch `replace` operations, one per member of `changes`: path "/<name>".
Task<Reply> patch_replace(Session& session, std::string path, Object changes);
/// DELETE; an object that is already gone counts as deleted.
Task<void> remove(Session& session, std::string path,
                  std::vector<std::pair<std::string, std::string>> headers = {});

}  // namespace tenantry
