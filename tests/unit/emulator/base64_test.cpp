#include "emulator/base64.hpp"

#include <doctest/doctest.h>

namespace tenantry {

TEST_SUITE("emulator/base64") {
  TEST_CASE("to_base64: the examples of RFC 4648") {
    CHECK(emulator::to_base64("") == "");
    CHECK(emulator::to_base64("f") == "Zg==");
    CHECK(emulator::to_base64("fo") == "Zm8=");
    CHECK(emulator::to_base64("foo") == "Zm9v");
    CHECK(emulator::to_base64("foobar") == "Zm9vYmFy");
  }

  TEST_CASE("from_base64: both alphabets, with and without padding, bytes as they were") {
    std::string bytes;
    for (int i = 0; i < 256; ++i) bytes += static_cast<char>(i);
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      auto const part = bytes.substr(bytes.size() - size);
      CHECK(*emulator::from_base64(emulator::to_base64(part)) == part);
    }
    CHECK(*emulator::from_base64("-_8") == "\xfb\xff");
    CHECK(*emulator::from_base64("+/8=") == "\xfb\xff");
  }

  TEST_CASE("from_base64: anything else is refused") {
    for (auto const* text : {"Z", "Zm9vY", "Zg==Zg", "Zm 9v", "Zm9v\n", "Zm9$", "=a"}) {
      CAPTURE(text);
      CHECK_FALSE(emulator::from_base64(text).has_value());
    }
  }
}
}  // namespace tenantry
