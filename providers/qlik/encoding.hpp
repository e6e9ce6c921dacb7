// A call as the bytes of an HTTP request.
#pragma once
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/core/random.hpp"
#include "providers/api/session.hpp"
#include "providers/http/transport.hpp"

namespace tenantry::qlik {

/// "limit=100&sort=%2Bname": everything but unreserved characters percent-encoded (RFC 3986), since
/// the API reads a bare `+` as a space.
std::string encode_query(std::vector<std::pair<std::string, std::string>> const& query);

/// A multipart/form-data body (RFC 7578).
struct EncodedForm {
  std::string content_type;  ///< with the boundary
  std::string bytes;
};
/// `random` gives the boundary, which occurs in none of the parts.
EncodedForm encode_form(std::vector<FormPart> const& parts, Random& random);

/// The request of `call` to `host`, without a token.
http::Request encode(Call const& call, std::string const& host, http::Route const& route,
                     Random& random);

http::Method method_of(Verb verb);

}  // namespace tenantry::qlik
