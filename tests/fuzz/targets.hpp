// What takes bytes of others, one function for each: it gives the bytes to the code under test and
// stops the program (ensure) where a promise about them is broken. Every call is on its own, so
// that an input that was found says all.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/error.hpp"

namespace tenantry::fuzz {

void address(std::string_view input);
void api_answers(std::string_view input);
void configuration(std::string_view input);
void emulator_connection(std::string_view input);
void emulator_request(std::string_view input);
void emulator_yaml(std::string_view input);
void endpoint(std::string_view input);
void filter(std::string_view input);
void fleet_rows(std::string_view input);
void http_response(std::string_view input);
void json(std::string_view input);
void multipart(std::string_view input);
void placeholders(std::string_view input);
void plan_file(std::string_view input);
void state_file(std::string_view input);
void text(std::string_view input);
void time(std::string_view input);
void zip(std::string_view input);

/// Between the parts of an input that has several: a line of its own.
inline constexpr std::string_view kSeparator = "\n%%\n";

/// The parts of `input`, at most `parts_max`: the last one has all the rest.
inline std::vector<std::string_view> parts(std::string_view input, std::size_t parts_max) {
  std::vector<std::string_view> out;
  while (out.size() + 1 < parts_max) {
    auto const at = input.find(kSeparator);
    if (at == std::string_view::npos) break;
    out.push_back(input.substr(0, at));
    input.remove_prefix(at + kSeparator.size());
  }
  out.push_back(input);
  return out;
}

/// The part with this number, or "".
inline std::string_view part(std::vector<std::string_view> const& all, std::size_t number) {
  return number < all.size() ? all[number] : std::string_view();
}

/// True where nothing in `text` but line ends could move the cursor of a terminal.
inline bool is_plain(std::string_view text) {
  for (char const c : text) {
    auto const byte = static_cast<unsigned char>(c);
    if ((byte < 0x20 && c != '\n') || byte == 0x7F) return false;
  }
  return true;
}

}  // namespace tenantry::fuzz
