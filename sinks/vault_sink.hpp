// deliverSecret: {vault: {address, mount, path, token, namespace, caFile}}: version 2 of Vault's
// key-value engine, https://developer.hashicorp.com/vault/api-docs/secret/kv/kv-v2.
#pragma once
#include <filesystem>
#include <string>

#include "engine/core/clock.hpp"
#include "engine/core/random.hpp"
#include "engine/run/context.hpp"
#include "engine/run/secret_sink.hpp"
#include "providers/http/transport.hpp"

namespace tenantry::sinks {

/// Where in which Vault.
struct VaultAddress {
  http::Route route;
  std::string host;
  std::string mount;  ///< "secret"
  std::string path;   ///< "tenants/acme/portal"
  std::string name_space;
  Secret token;
};

/// Reads `written`, its variables revealed. A caFile is relative to `folder`. The token goes over
/// https only, but for loopback. Errors: invalid; none holds the token.
Result<VaultAddress> vault_address(Value const& written, std::filesystem::path const& folder);

class VaultSink {
 public:
  /// All of it must outlive the sink.
  VaultSink(http::Transport& transport, Clock& clock, Random& random, run::StopFlag const& stop)
      : transport_(transport), clock_(clock), random_(random), stop_(stop) {}

  /// Writes {"clientId", "clientSecret", "host"} as a new version at the path and returns where.
  /// Repeated where its answer got lost: the same content twice is two versions. Errors: rejected
  /// where Vault says no, with what to do; those of the transport; none holds a secret.
  Task<std::string> deliver(VaultAddress vault, run::Delivery delivery);

 private:
  http::Transport& transport_;
  Clock& clock_;
  Random& random_;
  run::StopFlag const& stop_;
};

}  // namespace tenantry::sinks
