#include "providers/qlik/platform.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <vector>

#include "engine/core/text.hpp"
#include "providers/qlik/session.hpp"

namespace tenantry {
namespace qlik {
namespace {

constexpr std::string_view kDomain = "qlikcloud.com";

/// Counts the requests that left.
class CountingTransport final : public http::Transport {
 public:
  explicit CountingTransport(http::Transport& inner) : inner_(inner) {}

  Task<http::Response> send(http::Request request) override {
    auto response = co_await inner_.send(std::move(request));
    if (response || left(response.error().code)) ++sent_;
    co_return response;
  }
  void cancel_all() override { inner_.cancel_all(); }
  std::size_t sent() const { return sent_; }

 private:
  static bool left(Errc code) {
    return code != Errc::connection && code != Errc::unknown_host && code != Errc::tls;
  }

  http::Transport& inner_;
  std::size_t sent_ = 0;
};

/// True for "<label>.<region>.qlikcloud.com".
bool is_host_of(std::string_view host, std::string_view region) {
  auto const dot = host.find('.');
  if (dot == 0 || dot == std::string_view::npos) return false;
  bool const is_label = std::ranges::all_of(host.substr(0, dot), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
  return is_label && host.substr(dot + 1) == fmt::format("{}.{}", region, kDomain);
}

/// Stands for a host outside of its region: a configuration that names one must not get the
/// credential sent there.
class RefusedHost final : public Session {
 public:
  RefusedHost(std::string host, std::string region)
      : host_(std::move(host)), region_(std::move(region)) {}

  Task<Reply> call(Call) override {
    co_return Error(Errc::invalid,
                    fmt::format("{} is no host of region {}, so no credential is sent to it",
                                visible(host_), visible(region_)),
                    fmt::format("the tenants of a region are at <name>.{}.{}: check `region` and "
                                "`hostname` of the tenant",
                                visible(region_), kDomain));
  }
  Task<void> wait(std::chrono::milliseconds) override { co_return Result<void>(); }
  std::string const& host() const override { return host_; }

 private:
  std::string host_;
  std::string region_;
};

class QlikPlatform final : public Platform {
 public:
  QlikPlatform(PlatformAccess access, http::Transport& transport, Clock& clock, Random& random,
               std::chrono::seconds rate_window)
      : access_(std::move(access)),
        transport_(transport),
        limiter_(clock),
        wire_{transport_, clock, random, limiter_, rate_window} {}

  Session& tenant(std::string const& region, std::string const& hostname,
                  std::optional<Credential> const& own) override {
    auto const host = lower(hostname);
    if (!is_host_of(host, region)) return refused(host, region);
    auto const& access = region_access(region);
    auto sign_in = own ? SignIn{{*own}, "the tenant " + host, "auth"} : sign_in_to(access);
    return session(host, route_of(access), access.rate_limits, std::move(sign_in));
  }

  Session& registration(std::string const& region) override {
    auto const& access = region_access(region);
    return session(fmt::format("register.{}.{}", region, kDomain), route_of(access),
                   access.rate_limits, sign_in_to(access));
  }

  Session* organization() override {
    if (!access_.organization) return nullptr;
    auto const& access = *access_.organization;
    return &session(fmt::format("console.{}", kDomain), route_of(access), access.rate_limits,
                    {{access.credential}, "the organization", "organization"});
  }

  std::size_t calls() const override { return transport_.sent(); }

  void stop() override {
    wire_.stopping = true;
    limiter_.stop();
  }

  void abort() override {
    stop();
    transport_.cancel_all();
  }

 private:
  template <class Access>
  static http::Route route_of(Access const& access) {
    return {access.endpoint, access.ca_file};
  }

  /// A region that is not configured has no credential; its first call says so.
  RegionAccess const& region_access(std::string const& region) {
    auto const [found, added] = access_.regions.try_emplace(region);
    if (added) found->second.region = region;
    return found->second;
  }

  SignIn sign_in_to(RegionAccess const& access) {
    std::vector<Credential> credentials{access.credential};
    credentials.insert(credentials.end(), access.fallbacks.begin(), access.fallbacks.end());
    auto& accepted = accepted_[access.region];
    if (!accepted) accepted = std::make_shared<std::size_t>(0);
    return {std::move(credentials), "region " + access.region, "regions." + access.region,
            accepted};
  }

  Session& session(std::string const& host, http::Route route, bool rate_limits, SignIn sign_in) {
    auto& of_host = sessions_[host];
    for (auto const& known : of_host) {
      if (known->uses(sign_in.credentials)) return *known;
    }
    of_host.push_back(std::make_unique<QlikSession>(wire_, host, std::move(route), rate_limits,
                                                    std::move(sign_in)));
    return *of_host.back();
  }

  Session& refused(std::string const& host, std::string const& region) {
    auto& known = refused_[{host, region}];
    if (!known) known = std::make_unique<RefusedHost>(host, region);
    return *known;
  }

  PlatformAccess access_;
  CountingTransport transport_;
  http::RateLimiter limiter_;
  Wire wire_;
  // More than one of a host only where tenants sign in to it with different credentials.
  std::map<std::string, std::vector<std::unique_ptr<QlikSession>>> sessions_;
  std::map<std::pair<std::string, std::string>, std::unique_ptr<RefusedHost>> refused_;
  std::map<std::string, std::shared_ptr<std::size_t>> accepted_;  // by region, see SignIn
};

}  // namespace
}  // namespace qlik

std::unique_ptr<Platform> make_platform(PlatformAccess access, http::Transport& transport,
                                        Clock& clock, Random& random,
                                        std::chrono::seconds rate_window) {
  return std::make_unique<qlik::QlikPlatform>(std::move(access), transport, clock, random,
                                              rate_window);
}

}  // namespace tenantry
