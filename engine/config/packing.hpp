// Numbers and texts in as few bytes as they need: small numbers take one.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace tenantry::config {

/// Small numbers of either sign become small numbers.
constexpr std::uint64_t folded(std::int64_t number) {
  return (static_cast<std::uint64_t>(number) << 1) ^ static_cast<std::uint64_t>(number >> 63);
}
constexpr std::int64_t unfolded(std::uint64_t number) {
  return static_cast<std::int64_t>(number >> 1) ^ -static_cast<std::int64_t>(number & 1);
}

class PackedBytes {
 public:
  void put_byte(std::uint8_t byte) { bytes_ += static_cast<char>(byte); }
  void put_number(std::uint64_t number) {
    while (number >= 0x80) {
      put_byte(static_cast<std::uint8_t>(0x80U | (number & 0x7FU)));
      number >>= 7;
    }
    put_byte(static_cast<std::uint8_t>(number));
  }
  void put_text(std::string_view text) {
    put_number(text.size());
    bytes_ += text;
  }

  std::size_t size() const { return bytes_.size(); }
  std::size_t capacity() const { return bytes_.capacity(); }
  std::string_view view() const { return bytes_; }
  std::string take() { return std::move(bytes_); }

 private:
  std::string bytes_;
};

/// Takes apart, in the same order, what was put together.
class PackedReader {
 public:
  /// From the byte `at` of `packed`, which must outlive the reader.
  explicit PackedReader(std::string_view packed, std::size_t at = 0) : packed_(packed), at_(at) {}

  bool done() const { return at_ >= packed_.size(); }
  std::uint8_t byte() { return static_cast<std::uint8_t>(packed_[at_++]); }
  std::uint64_t number() {
    std::uint64_t out = 0;
    for (unsigned shift = 0;; shift += 7) {
      auto const next = byte();
      out |= static_cast<std::uint64_t>(next & 0x7FU) << shift;
      if ((next & 0x80U) == 0) return out;
    }
  }
  std::string_view text() {
    auto const length = static_cast<std::size_t>(number());
    auto const out = packed_.substr(at_, length);
    at_ += length;
    return out;
  }

 private:
  std::string_view packed_;
  std::size_t at_;
};

}  // namespace tenantry::config
