// Multipart bodies and base64 texts as the emulator gets them. Input: content type, body.
#include "emulator/multipart.hpp"

#include "emulator/base64.hpp"
#include "emulator/router.hpp"
#include "tests/fuzz/targets.hpp"

namespace tenantry::fuzz {

void multipart(std::string_view input) {
  auto const all = parts(input, 2);
  auto const body = part(all, 1);
  auto const read = emulator::parse_multipart(part(all, 0), body);
  if (read) {
    std::size_t bytes = 0;
    for (auto const& one : *read) bytes += one.bytes.size();
    ensure(bytes <= body.size(), "parts are no more than the body");
  }
  (void)emulator::parse_form(body);
  (void)emulator::parse_target(body);
  auto const decoded = emulator::from_base64(body);
  auto const encoded = emulator::to_base64(body);
  auto const again = emulator::from_base64(encoded);
  ensure(again.has_value() && *again == body, "base64 is read as it was written");
  if (decoded) ensure(decoded->size() <= body.size(), "base64 is longer than its bytes");
}

}  // namespace tenantry::fuzz
