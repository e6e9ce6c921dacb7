#include "tests/fuzz/emulated_world.hpp"

namespace tenantry::fuzz {
namespace {

emulator::Options options() {
  emulator::Options out;
  out.seed = 1;
  return out;
}

}  // namespace

EmulatedWorld::EmulatedWorld() : service_(options()) {
  std::string const region = "register.eu.qlikcloud.com";
  registration_ = token(region);
  auto const tenant = call("POST", region, "/api/v1/tenants", registration_,
                           {{"licenseKey", emulator::kLicenseKey}});
  id_ = text_at(tenant, "id");
  host_ = std::string(tenant.at("hostnames").at(0).as_string());
  token_ = token(host_);
  console_ = token("console.qlikcloud.com");
}

Object EmulatedWorld::call(std::string method, std::string host, std::string target,
                           std::string_view token, Object const& body) {
  emulator::Request request{std::move(method), std::move(target), {}, canonical(body)};
  request.headers = {{"Host", std::move(host)}, {"Content-Type", "application/json"}};
  if (!token.empty()) request.headers.push_back({"Authorization", "Bearer " + std::string(token)});
  auto const outcome = service_.handle(request);
  ensure(outcome.reply.status < 300, "the emulator gives a tenant and its tokens");
  return parse_json(outcome.reply.body).value().as_object();
}

std::string EmulatedWorld::token(std::string const& host) {
  return text_at(call("POST", host, "/oauth/token", {},
                      {{"client_id", emulator::kClientId},
                       {"client_secret", emulator::kClientSecret},
                       {"grant_type", "client_credentials"}}),
                 "access_token");
}

std::string EmulatedWorld::fill(std::string_view text, std::string const& last) const {
  std::pair<std::string_view, std::string const&> const names[] = {
      {"{host}", host_},       {"{id}", id_},
      {"{token}", token_},     {"{registration}", registration_},
      {"{console}", console_}, {"{last}", last}};
  std::string out;
  while (!text.empty()) {
    auto const* const found =
        std::ranges::find_if(names, [&](auto const& name) { return text.starts_with(name.first); });
    if (found == std::end(names)) {
      out += text.front();
      text.remove_prefix(1);
    } else {
      out += found->second;
      text.remove_prefix(found->first.size());
    }
  }
  return out;
}

}  // namespace tenantry::fuzz
