// Access tokens by client credentials: POST /oauth/token of the host they are for.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "engine/core/secret.hpp"
#include "providers/api/provider.hpp"
#include "providers/qlik/channel.hpp"

namespace tenantry::qlik {

/// How one host is signed in to, and what to call it when that fails.
struct SignIn {
  std::vector<Credential> credentials;  ///< one at least; tried in turn where one is not accepted
  std::string whose;  ///< "region eu": in "the client id or secret of region eu is wrong"
  std::string where;  ///< "regions.eu": the place in the configuration, for the hint
  /// Which of them was accepted last. The hosts of a region share it, so that a client that is
  /// refused is tried once in a run, not once for each tenant.
  std::shared_ptr<std::size_t> accepted = std::make_shared<std::size_t>(0);

  /// "`regions.eu`", or each client's own place where there are several.
  std::string places() const;
};

/// The token of one host: asked for when it is first needed, renewed some minutes before it
/// expires, and asked for once however many callers wait for it.
class TokenSource {
 public:
  /// `channel` must outlive the source.
  TokenSource(Channel& channel, SignIn sign_in);
  ~TokenSource();

  /// An API key is its own token. Errors: unauthorized, tenant_disabled, and those of a call.
  Task<Secret> get();
  /// A server refused `token`: the next get() asks for another, unless that has happened already.
  void discard(Secret const& token);
  /// Leaves out of the error what the server repeats of the token and the credentials.
  void mask_secrets(Error& error) const;
  /// False for an API key, which no renewal can replace.
  bool renewable() const { return sign_in_.credentials.front().api_key.empty(); }
  SignIn const& sign_in() const { return sign_in_; }

 private:
  struct Renewal;
  struct Grant;

  Task<Grant> request_token();
  Task<Grant> request_token_with(Credential credential);
  Error explain(Error error) const;
  bool fresh() const;

  Channel& channel_;
  SignIn sign_in_;
  Secret token_;
  WallTime renew_at_{};
  std::shared_ptr<Renewal> renewal_;  // the one under way
};

}  // namespace tenantry::qlik
