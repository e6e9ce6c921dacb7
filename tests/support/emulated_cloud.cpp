#include "tests/support/emulated_cloud.hpp"

#include <fmt/format.h>

#include <cstdlib>

namespace tenantry::test {

EmulatedCloud::EmulatedCloud(emulator::Options options) {
  auto const* const journal = std::getenv("TENANTRY_TEST_JOURNAL");
  if (journal != nullptr && !options.journal_file) options.journal_file = journal;
  auto started = emulator::Emulator::start(std::move(options));
  ensure(started.has_value(), started ? "" : describe(started.error()));
  emulator_ = std::move(*started);
  http_ = std::make_unique<HttpClient>(emulator_->port());
}

std::string EmulatedCloud::token(std::string const& host, std::string_view client,
                                 std::string_view secret) {
  auto const reply = http_->send(
      "POST", host, "/oauth/token",
      boost::json::serialize(Value{
          {"client_id", client}, {"client_secret", secret}, {"grant_type", "client_credentials"}}));
  auto const body = reply.json();
  return body.is_object() ? text_at(body.get_object(), "access_token") : std::string();
}

EmulatedTenant EmulatedCloud::create_tenant(std::string const& region) {
  auto const register_host = fmt::format("register.{}.qlikcloud.com", region);
  auto const reply = call(register_host, token(register_host), "POST", "/api/v1/tenants",
                          {{"licenseKey", emulator::kLicenseKey}});
  ensure(reply.status == 201, "a tenant is created");
  auto const body = reply.json();
  EmulatedTenant tenant{text_at(body.as_object(), "id"),
                        std::string(body.at("hostnames").at(0).as_string()), ""};
  tenant.token = token(tenant.host);
  return tenant;
}

HttpReply EmulatedCloud::call(EmulatedTenant const& tenant, std::string_view method,
                              std::string_view target, Value const& body,
                              std::map<std::string, std::string> headers) {
  return call(tenant.host, tenant.token, method, target, body, std::move(headers));
}

HttpReply EmulatedCloud::call(std::string const& host, std::string const& token,
                              std::string_view method, std::string_view target, Value const& body,
                              std::map<std::string, std::string> headers) {
  if (!token.empty()) headers.emplace("Authorization", "Bearer " + token);
  return http_->send(method, host, target,
                     body.is_null() ? std::string() : boost::json::serialize(body),
                     std::move(headers));
}

HttpReply EmulatedCloud::control(std::string_view method, std::string_view what,
                                 Value const& body) {
  return http_->send(method, "localhost", fmt::format("/_emulator/{}", what),
                     body.is_null() ? std::string() : boost::json::serialize(body));
}

}  // namespace tenantry::test
