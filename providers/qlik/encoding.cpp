#include "providers/qlik/encoding.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace tenantry::qlik {
namespace {

/// A quoted parameter of Content-Disposition, escaped as browsers do (WHATWG, "multipart form
/// data"), so that a file name cannot end the header.
std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (char const c : text) {
    if (c == '"') {
      out += "%22";
    } else if (c == '\r') {
      out += "%0D";
    } else if (c == '\n') {
      out += "%0A";
    } else {
      out += c;
    }
  }
  return out + '"';
}

std::string unused_boundary(std::vector<FormPart> const& parts, Random& random) {
  while (true) {
    auto boundary = "tenantry-" + random.hex(16);
    bool const used = std::ranges::any_of(
        parts, [&](auto const& part) { return part.bytes.find(boundary) != std::string::npos; });
    if (!used) return boundary;
  }
}

}  // namespace

std::string encode_query(std::vector<std::pair<std::string, std::string>> const& query) {
  std::string out;
  for (auto const& [name, value] : query) {
    if (!out.empty()) out += '&';
    out += encode_segment(name) + '=' + encode_segment(value);
  }
  return out;
}

EncodedForm encode_form(std::vector<FormPart> const& parts, Random& random) {
  auto const boundary = unused_boundary(parts, random);
  std::string bytes;
  for (auto const& part : parts) {
    bytes +=
        fmt::format("--{}\r\nContent-Disposition: form-data; name={}", boundary, quoted(part.name));
    if (!part.file_name.empty()) bytes += "; filename=" + quoted(part.file_name);
    bytes += "\r\n";
    if (!part.content_type.empty()) bytes += "Content-Type: " + part.content_type + "\r\n";
    bytes += "\r\n" + part.bytes + "\r\n";
  }
  bytes += "--" + boundary + "--\r\n";
  return {"multipart/form-data; boundary=" + boundary, std::move(bytes)};
}

http::Request encode(Call const& call, std::string const& host, http::Route const& route,
                     Random& random) {
  ensure(call.path.starts_with('/'), "a path starts at the root");
  ensure(!call.body || call.form.empty(), "a call has one body");
  http::Request request;
  request.method = method_of(call.verb);
  request.host = host;
  request.route = route;
  request.target = call.path;
  if (!call.query.empty()) {
    // The path of a further page brings a query of its own.
    request.target += call.path.find('?') == std::string::npos ? '?' : '&';
    request.target += encode_query(call.query);
  }
  bool const accepts =
      std::ranges::any_of(call.headers, [](auto const& field) { return field.first == "Accept"; });
  if (!accepts) request.headers.emplace_back("Accept", "application/json");
  for (auto const& field : call.headers) request.headers.push_back(field);
  if (call.body) {
    request.headers.emplace_back("Content-Type", "application/json");
    request.body = boost::json::serialize(*call.body);
  } else if (!call.form.empty()) {
    auto form = encode_form(call.form, random);
    request.headers.emplace_back("Content-Type", std::move(form.content_type));
    request.body = std::move(form.bytes);
  }
  return request;
}

http::Method method_of(Verb verb) {
  switch (verb) {
    case Verb::get:
      return http::Method::get;
    case Verb::post:
      return http::Method::post;
    case Verb::put:
      return http::Method::put;
    case Verb::patch:
      return http::Method::patch;
    case Verb::delete_:
      return http::Method::delete_;
  }
  return http::Method::get;
}

}  // namespace tenantry::qlik
