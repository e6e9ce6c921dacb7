#include "emulator/client_assertion.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include "emulator/base64.hpp"
#include "emulator/openssl.hpp"
#include "tests/support/emulated_cloud.hpp"

namespace tenantry::emulator {
namespace {

std::string base64url(std::string_view bytes) {
  auto text = to_base64(bytes);
  for (auto& c : text) c = c == '+' ? '-' : c == '/' ? '_' : c;
  return text.substr(0, text.find('='));
}

std::string number_of(Key const& key, char const* name, int size = 0) {
  BIGNUM* number = nullptr;
  REQUIRE(EVP_PKEY_get_bn_param(key.get(), name, &number) == 1);
  auto const count = size == 0 ? BN_num_bytes(number) : size;
  std::string bytes(static_cast<std::size_t>(count), '\0');
  BN_bn2binpad(number, reinterpret_cast<unsigned char*>(bytes.data()), count);
  BN_free(number);
  return base64url(bytes);
}

/// The keys of the tests, made once: the slow part is the RSA key.
Key const& rsa_key() {
  static Key const key(EVP_RSA_gen(2048));
  return key;
}
Key const& ec_key() {
  static Key const key(EVP_EC_gen("P-384"));
  return key;
}

Object jwk_of(Key const& key, std::string_view algorithm) {
  if (algorithm == "ES384") {
    return {{"kty", "EC"},
            {"use", "sig"},
            {"alg", algorithm},
            {"kid", algorithm},
            {"crv", "P-384"},
            {"x", number_of(key, OSSL_PKEY_PARAM_EC_PUB_X, 48)},
            {"y", number_of(key, OSSL_PKEY_PARAM_EC_PUB_Y, 48)}};
  }
  return {{"kty", "RSA"},
          {"use", "sig"},
          {"alg", algorithm},
          {"kid", algorithm},
          {"n", number_of(key, OSSL_PKEY_PARAM_RSA_N)},
          {"e", number_of(key, OSSL_PKEY_PARAM_RSA_E)}};
}

/// Both numbers of an ECDSA signature one after the other, as a token has them.
std::string plain_signature(std::string const& der) {
  auto const* at = reinterpret_cast<unsigned char const*>(der.data());
  auto* const pair = d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size()));
  std::string out(96, '\0');
  auto* const bytes = reinterpret_cast<unsigned char*>(out.data());
  BN_bn2binpad(ECDSA_SIG_get0_r(pair), bytes, 48);
  BN_bn2binpad(ECDSA_SIG_get0_s(pair), bytes + 48, 48);
  ECDSA_SIG_free(pair);
  return out;
}

std::string sign(Key const& key, std::string_view algorithm, Object const& claims) {
  Object const header{{"alg", algorithm}, {"kid", algorithm}};
  auto const text =
      base64url(boost::json::serialize(header)) + '.' + base64url(boost::json::serialize(claims));
  auto const* const digest = algorithm == "RS256"   ? EVP_sha256()
                             : algorithm == "RS512" ? EVP_sha512()
                                                    : EVP_sha384();
  auto* const context = EVP_MD_CTX_new();
  std::string signature(512, '\0');
  auto size = signature.size();
  REQUIRE(EVP_DigestSignInit(context, nullptr, digest, nullptr, key.get()) == 1);
  REQUIRE(EVP_DigestSign(context, reinterpret_cast<unsigned char*>(signature.data()), &size,
                         reinterpret_cast<unsigned char const*>(text.data()), text.size()) == 1);
  EVP_MD_CTX_free(context);
  signature.resize(size);
  if (algorithm == "ES384") signature = plain_signature(signature);
  return text + '.' + base64url(signature);
}

constexpr std::int64_t kNow = 1'800'000'000;

Object claims_of(std::string_view client, std::string_view audience, std::int64_t now = kNow) {
  return {{"iss", client},   {"sub", client},
          {"aud", audience}, {"jti", "550e8400-e29b-41d4-a716-446655440000"},
          {"iat", now},      {"exp", now + 300}};
}

AssertionCheck const kCheck{
    "me", {"https://a.eu.qlikcloud.com/oauth/token"}, WallTime(std::chrono::seconds(kNow))};

/// What is wrong with an assertion of these claims; "" when nothing is.
std::string fault(Object const& claims) {
  static Array const keys{jwk_of(ec_key(), "ES384")};
  auto const done = verify_assertion(sign(ec_key(), "ES384", claims), keys, kCheck);
  return done ? "" : done.error().message;
}

}  // namespace

TEST_SUITE("emulator/client_assertion") {
  TEST_CASE("verify: each documented algorithm, with the key that the header names") {
    Array const keys{jwk_of(rsa_key(), "RS256"), jwk_of(rsa_key(), "RS512"),
                     jwk_of(ec_key(), "ES384")};
    auto const claims = claims_of("me", kCheck.audiences[0]);
    CHECK(verify_assertion(sign(rsa_key(), "RS256", claims), keys, kCheck).has_value());
    CHECK(verify_assertion(sign(rsa_key(), "RS512", claims), keys, kCheck).has_value());
    CHECK(verify_assertion(sign(ec_key(), "ES384", claims), keys, kCheck).has_value());
  }

  TEST_CASE("verify: a token that was changed, or signed with another key, is refused") {
    Array const keys{jwk_of(ec_key(), "ES384")};
    auto const good = sign(ec_key(), "ES384", claims_of("me", kCheck.audiences[0]));
    auto const other = sign(ec_key(), "ES384", claims_of("you", kCheck.audiences[0]));
    auto const swapped = other.substr(0, other.rfind('.')) + good.substr(good.rfind('.'));
    Key const stranger(EVP_EC_gen("P-384"));
    auto const foreign = sign(stranger, "ES384", claims_of("me", kCheck.audiences[0]));
    auto const unsigned_one = good.substr(0, good.rfind('.') + 1);
    for (auto const& text : {std::string(), std::string("a.b"), std::string(".."), swapped, foreign,
                             unsigned_one, good + "A"}) {
      CAPTURE(text);
      CHECK_FALSE(verify_assertion(text, keys, kCheck).has_value());
    }
    CHECK_FALSE(verify_assertion(good, Array(), kCheck).has_value());
    Array const wrong_algorithm{[&] {
      auto jwk = jwk_of(rsa_key(), "RS256");
      jwk["kid"] = "ES384";
      return Value(jwk);
    }()};
    CHECK_FALSE(verify_assertion(good, wrong_algorithm, kCheck).has_value());
  }

  TEST_CASE("verify: RSA keys have at least 2,048 bits") {
    Key const weak(EVP_RSA_gen(1024));
    Array const keys{jwk_of(weak, "RS256")};
    auto const text = sign(weak, "RS256", claims_of("me", kCheck.audiences[0]));
    CHECK_FALSE(verify_assertion(text, keys, kCheck).has_value());
  }

  TEST_CASE("verify: the claims are those of this client, for this tenant, for five minutes") {
    auto const good = claims_of("me", kCheck.audiences[0]);
    CHECK(fault(good) == "");
    auto const with = [&](char const* name, Value value) {
      auto claims = good;
      claims[name] = std::move(value);
      return fault(claims);
    };
    CHECK(with("aud", Array{"x", Value(kCheck.audiences[0])}) == "");
    CHECK(with("iss", "you") != "");
    CHECK(with("sub", "you") != "");
    CHECK(with("aud", "https://b.eu.qlikcloud.com/oauth/token") ==
          "the assertion is for another audience");
    CHECK(with("aud", "https://a.eu.qlikcloud.com/oauth/token/") != "");
    CHECK(with("jti", "") != "");
    CHECK(with("iat", "now") != "");
    CHECK(with("exp", kNow + 301) == "the assertion lives longer than five minutes");
    CHECK(with("iat", kNow + 61) == "the assertion is from the future");
    auto const old = claims_of("me", kCheck.audiences[0], kNow - 400);
    CHECK(fault(old) == "the assertion has expired");
    for (auto const* name : {"iss", "sub", "aud", "jti", "iat", "exp"}) {
      CAPTURE(name);
      auto claims = good;
      claims.erase(name);
      CHECK(fault(claims) != "");
    }
  }

  TEST_CASE("token: a client with a key gets one for an assertion, and for nothing else") {
    test::EmulatedCloud cloud;
    auto const tenant = cloud.create_tenant();
    auto const made = cloud.call(tenant, "POST", "/api/v1/oauth-clients",
                                 {{"appType", "web"},
                                  {"clientName", "Machine"},
                                  {"allowedScopes", {"admin_classic", "user_default"}},
                                  {"allowedGrantTypes", {"client_credentials"}},
                                  {"allowedAuthMethods", {"private_key_jwt"}},
                                  {"connectionConfig", {{"consentMethod", "trusted"}}},
                                  {"publicKeys", Array{jwk_of(ec_key(), "ES384")}}});
    REQUIRE(made.status == 201);
    std::string const client(made.json().at("clientId").as_string());
    auto const audience = fmt::format("https://{}/oauth/token", tenant.host);
    auto const now =
        std::chrono::duration_cast<std::chrono::seconds>(SystemClock().wall().time_since_epoch())
            .count();
    auto const assertion = sign(ec_key(), "ES384", claims_of(client, audience, now));
    Object const good{
        {"client_id", client},
        {"grant_type", "client_credentials"},
        {"client_assertion", assertion},
        {"client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"}};
    auto const ask = [&](Object const& body, std::string const& host) {
      return cloud.call(host, "", "POST", "/oauth/token", body);
    };
    auto const token = ask(good, tenant.host);
    REQUIRE(token.status == 200);
    std::string const text(token.json().at("access_token").as_string());
    CHECK(cloud.call(tenant.host, text, "GET", "/api/v1/groups").status == 200);
    auto const with = [&](char const* name, char const* value) {
      auto body = good;
      body[name] = value;
      return ask(body, tenant.host).status;
    };
    CHECK(with("client_assertion", "a.b.c") == 401);
    CHECK(with("client_assertion", "") == 400);
    CHECK(with("client_assertion_type", "jwt") == 400);
    CHECK(with("client_secret", "x") == 400);
    CHECK(with("client_id", "emulator") == 401);
    CHECK(ask(good, cloud.create_tenant().host).status == 401);
    CHECK(cloud.token(tenant.host, client, "").empty());
    cloud.control("POST", "clock", {{"advanceSeconds", 400}});
    CHECK(ask(good, tenant.host).status == 401);
  }
}
}  // namespace tenantry::emulator
