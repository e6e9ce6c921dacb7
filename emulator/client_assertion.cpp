#include "emulator/client_assertion.hpp"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/param_build.h>

#include <algorithm>

#include "emulator/base64.hpp"
#include "emulator/body.hpp"
#include "emulator/openssl.hpp"

namespace tenantry::emulator {
namespace {

constexpr int kRsaBitsMin = 2048;
constexpr std::size_t kCoordinateBytes = 48;  // of the curve P-384
constexpr std::chrono::seconds kLifeMax{300};
constexpr std::chrono::seconds kClockSkew{60};  // assumed; the documents do not name one

using Number = std::unique_ptr<BIGNUM, Free<BN_free>>;
using Builder = std::unique_ptr<OSSL_PARAM_BLD, Free<OSSL_PARAM_BLD_free>>;
using Parameters = std::unique_ptr<OSSL_PARAM, Free<OSSL_PARAM_free>>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, Free<EVP_PKEY_CTX_free>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, Free<EVP_MD_CTX_free>>;
using EcSignature = std::unique_ptr<ECDSA_SIG, Free<ECDSA_SIG_free>>;

unsigned char const* raw(std::string_view bytes) {
  return reinterpret_cast<unsigned char const*>(bytes.data());
}

Number number_of(std::string_view bytes) {
  return Number(BN_bin2bn(raw(bytes), static_cast<int>(bytes.size()), nullptr));
}

Key make_key(char const* type, Builder const& builder) {
  Parameters const parameters(OSSL_PARAM_BLD_to_param(builder.get()));
  KeyContext const context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
  EVP_PKEY* key = nullptr;
  if (!parameters || !context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters.get()) != 1) {
    return nullptr;
  }
  return Key(key);
}

/// The bytes of a member in base64url; "" where there are none.
std::string bytes_at(Object const& jwk, std::string_view name) {
  auto bytes = from_base64(text_at(jwk, name));
  return bytes ? std::move(*bytes) : std::string();
}

Key rsa_key(Object const& jwk) {
  auto const modulus = number_of(bytes_at(jwk, "n"));
  auto const exponent = number_of(bytes_at(jwk, "e"));
  Builder const builder(OSSL_PARAM_BLD_new());
  if (!builder || !modulus || !exponent || BN_num_bits(modulus.get()) < kRsaBitsMin ||
      OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, modulus.get()) != 1 ||
      OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, exponent.get()) != 1) {
    return nullptr;
  }
  return make_key("RSA", builder);
}

Key ec_key(Object const& jwk) {
  auto const x = bytes_at(jwk, "x");
  auto const y = bytes_at(jwk, "y");
  if (text_at(jwk, "crv") != "P-384" || x.size() != kCoordinateBytes ||
      y.size() != kCoordinateBytes) {
    return nullptr;
  }
  auto const point = '\x04' + x + y;  // the uncompressed form
  Builder const builder(OSSL_PARAM_BLD_new());
  if (!builder ||
      OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, "P-384", 0) != 1 ||
      OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                       point.size()) != 1) {
    return nullptr;
  }
  return make_key("EC", builder);
}

/// A signature of RFC 7518, 3.4, both numbers one after the other, as OpenSSL wants it; "" where
/// it is none.
std::string der_signature(std::string_view signature) {
  if (signature.size() != 2 * kCoordinateBytes) return {};
  auto r = number_of(signature.substr(0, kCoordinateBytes));
  auto s = number_of(signature.substr(kCoordinateBytes));
  EcSignature const pair(ECDSA_SIG_new());
  if (!pair || !r || !s || ECDSA_SIG_set0(pair.get(), r.get(), s.get()) != 1) return {};
  // The pair owns both from here on.
  static_cast<void>(r.release());
  static_cast<void>(s.release());
  auto const size = i2d_ECDSA_SIG(pair.get(), nullptr);
  if (size <= 0) return {};
  std::string der(static_cast<std::size_t>(size), '\0');
  auto* out = reinterpret_cast<unsigned char*>(der.data());
  i2d_ECDSA_SIG(pair.get(), &out);
  return der;
}

bool signature_fits(Object const& jwk, std::string_view text, std::string signature) {
  auto const algorithm = text_at(jwk, "alg");
  auto const is_ec = algorithm == "ES384";
  auto const key = is_ec ? ec_key(jwk) : rsa_key(jwk);
  if (is_ec) signature = der_signature(signature);
  if (!key || signature.empty()) return false;
  auto const* const digest = is_ec                  ? EVP_sha384()
                             : algorithm == "RS512" ? EVP_sha512()
                                                    : EVP_sha256();
  DigestContext const context(EVP_MD_CTX_new());
  return context && EVP_DigestVerifyInit(context.get(), nullptr, digest, nullptr, key.get()) == 1 &&
         EVP_DigestVerify(context.get(), raw(signature), signature.size(), raw(text),
                          text.size()) == 1;
}

/// A part of the token: a JSON object in base64url. Empty where it is none.
Object object_of(std::string_view part) {
  auto const bytes = from_base64(part);
  if (!bytes) return {};
  auto value = parse_body(*bytes);
  return value && value->is_object() ? std::move(value->get_object()) : Object();
}

Error wrong(std::string what) { return Error(Errc::invalid, "the assertion " + std::move(what)); }

bool has_audience(Object const& claims, std::vector<std::string> const& audiences) {
  auto const* const audience = find(claims, "aud");
  if (audience == nullptr) return false;
  auto const is_known = [&](Value const& value) {
    return value.is_string() &&
           std::ranges::find(audiences, std::string_view(value.get_string())) != audiences.end();
  };
  auto const* const list = audience->if_array();
  return list == nullptr ? is_known(*audience) : std::ranges::any_of(*list, is_known);
}

Result<void> check_claims(Object const& claims, AssertionCheck const& check) {
  if (text_at(claims, "iss") != check.client_id || text_at(claims, "sub") != check.client_id) {
    return wrong("must have the client's id as iss and as sub");
  }
  if (!has_audience(claims, check.audiences)) return wrong("is for another audience");
  if (text_at(claims, "jti").empty()) return wrong("has no jti");
  auto const* const issued = find(claims, "iat");
  auto const* const expires = find(claims, "exp");
  if (issued == nullptr || !issued->is_int64() || expires == nullptr || !expires->is_int64()) {
    return wrong("must have iat and exp in seconds");
  }
  auto const now =
      std::chrono::duration_cast<std::chrono::seconds>(check.now.time_since_epoch()).count();
  auto const from = issued->get_int64();
  auto const until = expires->get_int64();
  if (from < 0 || from > now + kClockSkew.count()) return wrong("is from the future");
  if (until <= now - kClockSkew.count()) return wrong("has expired");
  if (until > from + kLifeMax.count()) return wrong("lives longer than five minutes");
  return {};
}

}  // namespace

Result<void> verify_assertion(std::string_view assertion, Array const& keys,
                              AssertionCheck const& check) {
  auto const first = assertion.find('.');
  auto const last = assertion.rfind('.');
  if (first == std::string_view::npos || first == last) return wrong("is no signed token");
  auto const header = object_of(assertion.substr(0, first));
  auto const kid = text_at(header, "kid");
  auto const key = std::ranges::find_if(
      keys, [&](Value const& jwk) { return text_at(jwk.as_object(), "kid") == kid; });
  if (kid.empty() || key == keys.end()) return wrong("names no key of the client");
  if (text_at(header, "alg") != text_at(key->as_object(), "alg")) {
    return wrong("is signed with another algorithm than the key is for");
  }
  auto signature = from_base64(assertion.substr(last + 1));
  if (!signature ||
      !signature_fits(key->as_object(), assertion.substr(0, last), std::move(*signature))) {
    return wrong("has a wrong signature");
  }
  return check_claims(object_of(assertion.substr(first + 1, last - first - 1)), check);
}

}  // namespace tenantry::emulator
