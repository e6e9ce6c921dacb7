// libFuzzer's way into the target that this file is compiled for.
#include <cstddef>
#include <cstdint>

#include "tests/fuzz/targets.hpp"

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  tenantry::fuzz::TENANTRY_FUZZ_TARGET({reinterpret_cast<char const*>(data), size});
  return 0;
}
