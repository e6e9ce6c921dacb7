#include "emulator/problem.hpp"

#include <fmt/format.h>

namespace tenantry::emulator {

Problem invalid(std::string pointer, std::string detail) {
  return {.status = 400, .detail = std::move(detail), .pointer = std::move(pointer)};
}

Problem bad_parameter(std::string name, std::string detail) {
  return {.status = 400, .detail = std::move(detail), .parameter = std::move(name)};
}

Problem forbidden(std::string detail) { return {.status = 403, .detail = std::move(detail)}; }

Problem missing(std::string detail, std::string code) {
  return {.status = 404, .detail = std::move(detail), .code = std::move(code)};
}

Problem conflict(std::string pointer, std::string detail) {
  return {.status = 409, .detail = std::move(detail), .pointer = std::move(pointer)};
}

Reply error_reply(Problem const& problem, ErrorForm form, std::string trace_id) {
  Object error;
  error["code"] = problem.code.empty() ? fmt::format("HTTP-{}", problem.status) : problem.code;
  // The platform itself, which answers 401 and 429, has texts everywhere.
  if (form.code_number && problem.status != 401 && problem.status != 429) {
    error["code"] = problem.status;
  }
  error["title"] = problem.title.empty() ? reason_of(problem.status) : problem.title;
  bool const title_only = !form.detail && !form.source;
  if (title_only && !problem.detail.empty()) error["title"] = problem.detail;
  if (!problem.detail.empty() && form.detail) error["detail"] = problem.detail;
  if (form.status == StatusForm::text) error["status"] = std::to_string(problem.status);
  if (form.status == StatusForm::number) error["status"] = problem.status;
  Object source;
  if (!problem.pointer.empty()) {
    source["pointer"] = problem.pointer;
  } else if (!problem.parameter.empty()) {
    source["parameter"] = problem.parameter;
  }
  if (form.source_in_meta && !source.empty()) {
    error["meta"] = Object{{"source", std::move(source)}};
  } else if (form.source && !source.empty()) {
    error["source"] = std::move(source);
  }
  if (form.source && !problem.meta.is_null()) {
    error["meta"] = problem.meta;
  } else if (form.source && !form.detail && !problem.detail.empty()) {
    error["meta"] = Object{{"code", error["code"]}, {"title", problem.detail}};
  }
  Object body;
  if (form.legacy) {
    body["error"] = "util.Error";
    body["message"] = error["title"];
  }
  body["errors"] = Array{std::move(error)};
  if (form.trace_id) body["traceId"] = std::move(trace_id);
  auto reply = json_reply(problem.status, body);
  if (problem.retry_after_s >= 0) {
    reply.headers.push_back({"Retry-After", std::to_string(problem.retry_after_s)});
  }
  return reply;
}

Reply json_reply(unsigned status, Value const& body) {
  return {status, "application/json", boost::json::serialize(body), {}};
}

Reply empty_reply(unsigned status) { return {status, {}, {}, {}}; }

Reply redirect_reply(unsigned status, std::string location) {
  return {status, {}, {}, {{"Location", std::move(location)}}};
}

}  // namespace tenantry::emulator
