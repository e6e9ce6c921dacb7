#include "providers/http/transport.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "engine/core/text.hpp"

namespace tenantry::http {
namespace {

bool same_name(std::string_view a, std::string_view b) {
  auto const lower_case = [](char c) { return c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c; };
  return std::ranges::equal(a, b, {}, lower_case, lower_case);
}

}  // namespace

std::string_view name_of(Method method) {
  switch (method) {
    case Method::get:
      return "GET";
    case Method::post:
      return "POST";
    case Method::put:
      return "PUT";
    case Method::patch:
      return "PATCH";
    case Method::delete_:
      return "DELETE";
  }
  return "GET";
}

bool is_idempotent(Method method) {
  return method == Method::get || method == Method::put || method == Method::delete_;
}

std::string_view header(Headers const& headers, std::string_view name) {
  for (auto const& [key, value] : headers) {
    if (same_name(key, name)) return value;
  }
  return {};
}

std::string Request::text() const {
  std::string_view const scheme = route.endpoint.starts_with("http://") ? "http" : "https";
  std::string_view const path = std::string_view(target).substr(0, target.find_first_of("?#"));
  return fmt::format("{} {}://{}{}", name_of(method), scheme, visible(host), visible(path));
}

}  // namespace tenantry::http
