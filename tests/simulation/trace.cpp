#include "tests/simulation/trace.hpp"

#include <fmt/format.h>

namespace tenantry::simulation {

void Trace::add(std::string_view event) {
  auto const at = std::chrono::duration_cast<std::chrono::microseconds>(clock_.elapsed()).count();
  auto const line = fmt::format("{:>12}.{:06} {}\n", at / 1'000'000, at % 1'000'000, event);
  for (auto const c : line) {  // FNV-1a: it only has to notice a difference
    digest_ ^= static_cast<unsigned char>(c);
    digest_ *= 0x100000001b3;
  }
  if (out_ != nullptr) std::fputs(line.c_str(), out_);
}

}  // namespace tenantry::simulation
