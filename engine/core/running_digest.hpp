// The digest of what comes in pieces.
#pragma once
#include <memory>
#include <string>
#include <string_view>

namespace tenantry {

/// SHA-256.
class RunningDigest {
 public:
  RunningDigest();
  RunningDigest(RunningDigest&&) noexcept;
  RunningDigest& operator=(RunningDigest&&) = delete;
  ~RunningDigest();

  void add(std::string_view bytes);
  /// As sha256_hex of all that was added. To be called once.
  std::string hex();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace tenantry
