#include "providers/qlik/problem.hpp"

#include <fmt/format.h>

#include "engine/core/masking.hpp"
#include "engine/core/text.hpp"
#include "engine/core/value.hpp"
#include "providers/api/session.hpp"
#include "providers/http/retry.hpp"

namespace tenantry::qlik {
namespace {

constexpr std::size_t kTextMax = 400;

std::string readable(std::string_view text) {
  auto cut = text.substr(0, kTextMax);
  // Not in the middle of a UTF-8 sequence.
  while (cut.size() < text.size() && !cut.empty() && !is_utf8(cut) && kTextMax - cut.size() < 4) {
    cut.remove_suffix(1);
  }
  auto out = visible(cut);
  if (cut.size() < text.size()) out += " ...";
  return out;
}

std::string text_of(Object const& object, std::string_view name) {
  return readable(text_at(object, name));
}

/// A text in most APIs, a number in that of the tenant settings.
std::string code_of(Object const& problem) {
  auto const* code = find(problem, "code");
  if (code != nullptr && code->is_int64()) return std::to_string(code->get_int64());
  return text_of(problem, "code");
}

/// PATCH /tenants explains a refused value only here: one {code, title}, or a list of them.
std::string meta_titles(Object const& problem) {
  auto const* meta = find(problem, "meta");
  if (meta == nullptr) return {};
  if (auto const* one = meta->if_object()) return text_of(*one, "title");
  std::vector<std::string> titles;
  if (auto const* many = meta->if_array()) {
    for (auto const& entry : *many) {
      if (entry.is_object()) titles.push_back(text_of(entry.get_object(), "title"));
    }
  }
  return fmt::format("{}", fmt::join(titles, "; "));
}

/// "/hostnames/1" or "limit": the part of the request that is wrong.
std::string source_of(Object const& problem) {
  auto const* source = find(problem, "source");
  if (source == nullptr || !source->is_object()) return {};
  auto pointer = text_of(source->get_object(), "pointer");
  return pointer.empty() ? text_of(source->get_object(), "parameter") : pointer;
}

void append(std::string& detail, std::string_view more) {
  if (more.empty()) return;
  if (!detail.empty()) detail += "; ";
  detail += more;
}

void read_errors(Array const& errors, ApiProblem& out) {
  constexpr std::size_t kDetailMax = 2000;  // more is not read to the end
  bool first = true;
  for (auto const& entry : errors) {
    auto const* problem = entry.if_object();
    if (problem == nullptr) continue;
    if (out.detail.size() > kDetailMax) break;
    if (first) {
      out.code = code_of(*problem);
      out.title = text_of(*problem, "title");
      first = false;
    } else {
      append(out.detail, text_of(*problem, "title"));
    }
    append(out.detail, text_of(*problem, "detail"));
    append(out.detail, meta_titles(*problem));
    if (auto const source = source_of(*problem); !source.empty())
      append(out.detail, "at " + source);
  }
}

/// The title of an HTML page, else the first line.
std::string first_words(std::string_view body) {
  auto const open = body.find("<title>");
  if (open != std::string_view::npos) {
    body.remove_prefix(open + 7);
    return readable(body.substr(0, body.find("</title>")));
  }
  while (!body.empty() && (body.front() == '\n' || body.front() == '\r' || body.front() == ' ')) {
    body.remove_prefix(1);
  }
  return readable(body.substr(0, body.find_first_of("\r\n")));
}

bool says_deactivated(ApiProblem const& problem) {
  // The platform operations guide has the first, the tenant guide the second.
  return problem.code == "TENANT_DEACTIVATED" || problem.code == "TENANT_DISABLED";
}

struct Meaning {
  Errc code;
  std::string_view message;
  std::string_view hint = {};
};

Meaning meaning_of(int status, bool deactivated) {
  if (status >= 500) {
    return {Errc::unavailable, "Qlik Cloud could not handle the request",
            "apply again later; give the trace id to Qlik's support where it stays so"};
  }
  switch (status) {
    case 401:
      if (deactivated) {
        return {Errc::tenant_disabled, "the tenant is deactivated",
                "reactivate it before its purge date: remove `status: deactivated` and apply"};
      }
      return {Errc::unauthorized, "the token was not accepted",
              "check that the OAuth client still exists and that its bot user is enabled"};
    case 403:
      return {Errc::forbidden, "Qlik Cloud does not allow this",
              "check the scopes of the OAuth client and the roles of its bot user; a quota that is "
              "used up answers the same"};
    case 404:
    case 410:
      return {Errc::not_found, "Qlik Cloud does not know this object",
              "plan again to see whether somebody deleted it; a missing permission answers the "
              "same"};
    case 409:
      return {Errc::conflict, "this exists already or is in use",
              "choose another name, or take over what is there by `lifecycle: {adopt: true}`"};
    case 412:
      return {Errc::precondition, "a precondition of the request does not hold",
              "plan again to see what it is like now"};
    case 413:
      return {Errc::too_large, "the request is larger than Qlik Cloud takes",
              "make the file or the list smaller"};
    case 429:
      return {Errc::throttled, "Qlik Cloud's rate limit is reached",
              "apply again later, or with a lower --parallelism"};
    default:
      break;
  }
  if (status >= 400) {
    return {Errc::rejected, "Qlik Cloud refused the request",
            "correct what the answer names; the reference of the API tells what is accepted"};
  }
  return {Errc::protocol, "the answer is none that this request can have",
          "check that the host is Qlik Cloud's, with no proxy that answers in its place"};
}

}  // namespace

ApiProblem read_problem(http::Response const& response) {
  ApiProblem out;
  out.status = response.status;
  auto const body = parse_json(response.body);
  if (!body || !body->is_object()) {
    out.title = first_words(response.body);
    return out;
  }
  auto const& object = body->get_object();
  out.trace_id = text_of(object, "traceId");
  if (auto const* errors = find(object, "errors"); errors != nullptr && errors->is_array()) {
    read_errors(errors->get_array(), out);
  }
  if (out.code.empty()) out.code = code_of(object);
  if (out.title.empty()) out.title = text_of(object, "error");
  if (out.title.empty()) out.title = text_of(object, "title");
  append(out.detail, text_of(object, "message"));
  append(out.detail, text_of(object, "error_description"));
  return out;
}

Error error_of(http::Request const& request, http::Response const& response, WallTime now) {
  auto problem = read_problem(response);
  auto const meaning = meaning_of(response.status, says_deactivated(problem));
  Error error(meaning.code, std::string(meaning.message), std::string(meaning.hint));
  error.request = request.text();
  error.api = std::move(problem);
  error.retry_after = http::retry_after(response, now);
  return error;
}

void mask(Error& error, Secret const& secret) {
  if (secret.empty()) return;
  auto const text = secret.reveal();
  tenantry::mask(error.message, text);
  tenantry::mask(error.hint, text);
  if (!error.api) return;
  for (auto* const part :
       {&error.api->code, &error.api->title, &error.api->detail, &error.api->trace_id}) {
    tenantry::mask(*part, text);
  }
}

}  // namespace tenantry::qlik
