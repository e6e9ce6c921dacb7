// Chance as an interface, so that a seed replays a run.
#pragma once
#include <cstdint>
#include <random>
#include <string>

namespace tenantry {

class Random {
 public:
  virtual ~Random() = default;
  virtual std::uint64_t next() = 0;
  /// A number in [0, bound); 0 when bound is 0.
  std::uint64_t below(std::uint64_t bound) { return bound == 0 ? 0 : next() % bound; }
  /// `bytes` random bytes as lower-case hex.
  std::string hex(std::size_t bytes);
};

/// Unpredictable bytes from OpenSSL, for ids, salts and secrets.
class SystemRandom final : public Random {
 public:
  std::uint64_t next() override;
};

/// The same sequence for the same seed.
class SeededRandom final : public Random {
 public:
  explicit SeededRandom(std::uint64_t seed) : engine_(seed) {}
  std::uint64_t next() override { return engine_(); }

 private:
  std::mt19937_64 engine_;
};

}  // namespace tenantry
