#include "engine/core/random.hpp"

#include <fmt/format.h>
#include <openssl/rand.h>

#include "engine/core/error.hpp"

namespace tenantry {

std::string Random::hex(std::size_t bytes) {
  std::string out;
  while (out.size() < bytes * 2) out += fmt::format("{:016x}", next());
  out.resize(bytes * 2);
  return out;
}

std::uint64_t SystemRandom::next() {
  std::uint64_t value = 0;
  auto const ok = RAND_bytes(reinterpret_cast<unsigned char*>(&value), sizeof value);
  ensure(ok == 1, "the system has no random numbers");
  return value;
}

}  // namespace tenantry
