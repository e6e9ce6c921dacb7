// HTTP messages as the emulator's logic sees them: no sockets, no Beast.
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace tenantry::emulator {

struct Header {
  std::string name;
  std::string value;
};

struct Request {
  std::string method;  ///< "GET", as sent
  std::string target;  ///< path and query, as sent
  std::vector<Header> headers;
  std::string body;

  /// Value of the first header of that name (any case); "" when there is none.
  std::string_view header(std::string_view name) const;
};

struct Reply {
  unsigned status = 200;
  std::string content_type;  ///< empty: there is no body
  std::string body;
  std::vector<Header> headers;  ///< beyond Date, Content-Type, Content-Length and Connection
};

/// ASCII comparison without regard to case.
bool same_word(std::string_view a, std::string_view b);

/// The reason phrase of a status: "Not Found". "Error" where HTTP has none.
std::string_view reason_of(unsigned status);

/// A header value without its parameters, in lower case: "application/json".
std::string media_type(std::string_view content_type);

}  // namespace tenantry::emulator
