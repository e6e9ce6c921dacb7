// A text that must not be seen: cannot be printed, formatted or put into JSON by accident.
#pragma once
#include <string>
#include <string_view>

namespace tenantry {

/// Owns a secret and wipes its bytes at the end. Only reveal() gives them out, and only the code
/// that sends or stores the secret at its destination calls it.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string text) : text_(std::move(text)) {}
  Secret(Secret const&) = default;
  Secret(Secret&& other) noexcept : text_(std::move(other.text_)) { other.wipe(); }
  Secret& operator=(Secret const& other);
  Secret& operator=(Secret&& other) noexcept;
  ~Secret() { wipe(); }

  bool empty() const { return text_.empty(); }
  std::string_view reveal() const { return text_; }
  bool operator==(Secret const&) const = default;

 private:
  void wipe() noexcept;
  std::string text_;
};

template <class Stream>
Stream& operator<<(Stream&, Secret const&) = delete;

/// What is printed in place of a secret.
inline constexpr std::string_view kMasked = "(sensitive)";

}  // namespace tenantry
