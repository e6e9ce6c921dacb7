#include "emulator/journal.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "emulator/body.hpp"
#include "emulator/multipart.hpp"
#include "emulator/router.hpp"
#include "engine/core/secret.hpp"
#include "engine/core/text.hpp"

namespace tenantry::emulator {
namespace {

constexpr std::string_view kSecretNames[] = {
    "client_secret", "clientSecret",  "client_assertion", "access_token", "refresh_token",
    "token",         "licenseKey",    "subject_token",    "password",     "emailPassword",
    "secret",        "code_verifier", "qConnectionSecret"};

bool is_secret(std::string_view name) {
  return std::ranges::find(kSecretNames, name) != std::end(kSecretNames);
}

void mask(Value& value) {
  if (auto* const list = value.if_array()) {
    for (auto& item : *list) mask(item);
  } else if (auto* const object = value.if_object()) {
    for (auto& member : *object) {
      if (is_secret(member.key()) && member.value().is_string()) {
        member.value() = kMasked;
      } else {
        mask(member.value());
      }
    }
  }
}

/// The body as the checkers want it: JSON parsed, forms as objects, anything else as text.
std::optional<Value> body_of(std::string_view content_type, std::string_view bytes) {
  if (bytes.empty()) return std::nullopt;
  auto const type = media_type(content_type);
  if (type == "application/x-www-form-urlencoded") {
    auto const form = parse_form(bytes);
    if (!form) return std::nullopt;
    Object fields;
    for (auto const& [name, text] : *form) fields[name] = text;
    return Value(std::move(fields));
  }
  if (type == "multipart/form-data") {
    auto const parts = parse_multipart(content_type, bytes);
    if (!parts) return std::nullopt;
    Object fields;
    for (auto const& part : *parts) {
      if (!is_utf8(part.name)) return std::nullopt;
      fields[part.name] = part.is_file          ? "(file)"
                          : is_utf8(part.bytes) ? std::string_view(part.bytes)
                                                : "(bytes)";
    }
    return Value(std::move(fields));
  }
  if (type == "application/json") {
    auto value = parse_body(bytes);
    if (!value) return std::nullopt;
    return std::move(*value);
  }
  return Value("(bytes)");
}

}  // namespace

Result<void> Journal::open(std::filesystem::path const& file) {
  file_.reset(std::fopen(file.c_str(), "ae"));
  if (!file_) {
    return Error(Errc::io, fmt::format("cannot open the journal {}", file.string()),
                 "check the folder and its permissions");
  }
  return {};
}

Object journal_line(Request const& request, Reply const& reply) {
  Object headers;
  for (auto const& header : request.headers) {
    auto const name = visible(lower(header.name));
    auto const hide = name == "authorization" || name == "cookie";
    headers[name] = hide ? std::string(kMasked) : visible(header.value);
  }
  Object line{{"method", visible(request.method)},
              {"path", visible(request.target)},
              {"headers", std::move(headers)},
              {"reqType", visible(request.header("content-type"))}};
  if (auto body = body_of(request.header("content-type"), request.body)) {
    mask(*body);
    line["reqBody"] = std::move(*body);
  }
  line["status"] = reply.status;
  line["resType"] = reply.content_type;
  if (auto body = body_of(reply.content_type, reply.body)) {
    mask(*body);
    line["resBody"] = std::move(*body);
  }
  return line;
}

void Journal::add(Request const& request, Reply const& reply) {
  auto text = boost::json::serialize(journal_line(request, reply));
  text += '\n';
  std::fwrite(text.data(), 1, text.size(), file_.get());
  std::fflush(file_.get());
}

}  // namespace tenantry::emulator
