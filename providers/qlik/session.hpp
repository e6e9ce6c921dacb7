// A signed-in host of Qlik Cloud.
#pragma once
#include <string>
#include <vector>

#include "providers/api/session.hpp"
#include "providers/qlik/channel.hpp"
#include "providers/qlik/token.hpp"

namespace tenantry::qlik {

/// - Signs in on the first call; a 401 renews the token and repeats the call once, unless the
///   tenant is deactivated.
/// - A GET that answers 301 or 302 (/tenants/me, /users/me) is followed once, on the same host.
/// - A change that succeeded with an unreadable answer is a lost_reply: the work was done.
class QlikSession final : public Session {
 public:
  /// `wire` must outlive the session.
  QlikSession(Wire& wire, std::string host, http::Route route, bool rate_limits, SignIn sign_in)
      : channel_(wire, std::move(host), std::move(route), rate_limits),
        tokens_(channel_, std::move(sign_in)) {}

  Task<Reply> call(Call call) override;
  std::string const& host() const override { return channel_.host(); }
  Task<void> wait(std::chrono::milliseconds time) override;
  bool signs_in_as(std::string_view client_id) const override;
  std::optional<WallTime> server_time() const override;
  /// True where this session signs in with these `credentials`.
  bool uses(std::vector<Credential> const& credentials) const;

 private:
  Task<http::Response> exchange(http::Request request, Tier tier, bool repeatable);
  Result<http::Request> redirected(http::Request request, http::Response const& response) const;
  Result<Reply> read(http::Request const& request, http::Response response) const;
  Error explain(Error error) const;
  void learn_time(http::Response const& response);

  Channel channel_;
  TokenSource tokens_;
  std::optional<WallTime::duration> ahead_;  ///< the host's clock, of ours
};

}  // namespace tenantry::qlik
