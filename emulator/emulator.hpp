// Qlik Cloud in one process: every tenant, register and console host of every region on one port.
#pragma once
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/clock.hpp"
#include "engine/core/error.hpp"
#include "engine/core/secret.hpp"

namespace tenantry::emulator {

/// The credential that every emulator knows: a region-level client in every region, and an
/// organization-level client.
inline constexpr std::string_view kClientId = "emulator";
inline constexpr std::string_view kClientSecret = "emulator-secret";
/// A licence for any number of tenants. "emulator-license-3" is another one, for three tenants (any
/// number up to 999999), to see what an exhausted quota looks like.
inline constexpr std::string_view kLicenseKey = "emulator-license";

/// `real` meters as Qlik does: per host, caller and tier, five times the minute rate in any window.
enum class RateLimits { real, off };

/// A client that works as a region-level client in every region and as an organization-level one.
struct ClientCredential {
  std::string id;
  Secret secret;
};

struct Options {
  std::string address = "127.0.0.1";  ///< to listen on; anything else opens it to the network
  std::uint16_t port = 0;             ///< 0: a free one
  std::optional<std::filesystem::path> data_file;  ///< none: all is gone at the end
  std::chrono::milliseconds latency{0};            ///< added to each answer
  RateLimits rate_limits = RateLimits::real;
  std::chrono::seconds rate_window{300};
  std::uint64_t seed = 0;  ///< of ids and of the faults' dice; 0: unpredictable
  bool tls = false;        ///< HTTPS with a certificate for whatever name the client asks for
  std::optional<std::filesystem::path> journal_file;  ///< each exchange as a line of JSON
  std::vector<ClientCredential> clients;              ///< besides the built-in one
  Clock const* clock = nullptr;  ///< must outlive the emulator; null: the system's time
};

/// Serves from a thread of its own until stopped or destroyed.
class Emulator {
 public:
  /// Errors: io (address or port not available, files), corrupt and locked (data file).
  static Result<std::unique_ptr<Emulator>> start(Options options);

  std::uint16_t port() const;
  /// "http://127.0.0.1:PORT", with TLS "https://...".
  std::string url() const;
  /// The authority that signs the certificates, PEM; empty without TLS.
  std::string ca_certificate() const;
  /// Ends all connections. What was answered is in the data file.
  void stop();

  Emulator(Emulator const&) = delete;
  Emulator& operator=(Emulator const&) = delete;
  ~Emulator();

 private:
  struct Parts;
  explicit Emulator(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace tenantry::emulator
