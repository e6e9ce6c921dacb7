#include "emulator/certificates.hpp"

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <fmt/format.h>

#include "emulator/openssl.hpp"
#include "engine/core/text.hpp"

namespace tenantry::emulator {
namespace {

using Certificate = std::unique_ptr<X509, Free<X509_free>>;

constexpr long kDay = 24L * 3600;
constexpr long kLifeDays = 398;  // the longest that browsers take
constexpr std::size_t kNamesMax = 50'000;

bool add_extension(X509* certificate, X509* issuer, int nid, std::string const& text) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  auto* const extension = X509V3_EXT_conf_nid(nullptr, &context, nid, text.c_str());
  if (extension == nullptr) return false;
  auto const added = X509_add_ext(certificate, extension, -1) == 1;
  X509_EXTENSION_free(extension);
  return added;
}

/// A certificate without extensions and signature.
Certificate blank(std::string const& common_name, X509_NAME const* issuer, EVP_PKEY* key) {
  Certificate certificate(X509_new());
  if (!certificate) return nullptr;
  std::uint64_t serial = 0;
  RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof serial);
  X509_set_version(certificate.get(), 2);
  ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate.get()), serial >> 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -kDay);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), kLifeDays * kDay);
  auto* const subject = X509_get_subject_name(certificate.get());
  auto const* const text = reinterpret_cast<unsigned char const*>(common_name.c_str());
  X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, text, -1, -1, 0);
  X509_set_issuer_name(certificate.get(), issuer == nullptr ? subject : issuer);
  X509_set_pubkey(certificate.get(), key);
  return certificate;
}

/// A name that may stand in a certificate: letters, digits, dots and hyphens.
bool is_name(std::string_view name) {
  return !name.empty() && name.size() <= 253 &&
         name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-.") == std::string_view::npos;
}

}  // namespace

struct Certificates::Keys {
  Key ca_key, key;
  Certificate ca;
  ByText<Certificate> issued;

  /// The certificate for a server name; for anything that is no name, that of localhost.
  X509* certificate_for(std::string_view name) {
    auto const wanted = lower(name);
    auto const& common_name = is_name(wanted) ? wanted : std::string("localhost");
    auto const at = issued.find(common_name);
    if (at != issued.end()) return at->second.get();
    if (issued.size() >= kNamesMax) issued.clear();
    // The common name is at most 64 characters long; clients look at the alternative names.
    auto certificate = blank(common_name.substr(0, 64), X509_get_subject_name(ca.get()), key.get());
    if (!certificate ||
        !add_extension(certificate.get(), ca.get(), NID_subject_alt_name,
                       fmt::format("DNS:{},DNS:localhost,IP:127.0.0.1,IP:::1", common_name)) ||
        !add_extension(certificate.get(), ca.get(), NID_ext_key_usage, "serverAuth") ||
        !add_extension(certificate.get(), ca.get(), NID_basic_constraints, "CA:FALSE") ||
        !add_extension(certificate.get(), ca.get(), NID_authority_key_identifier, "keyid") ||
        X509_sign(certificate.get(), ca_key.get(), EVP_sha256()) == 0) {
      return nullptr;
    }
    return issued.emplace(common_name, std::move(certificate)).first->second.get();
  }
};

Certificates::Certificates(std::unique_ptr<Keys> keys) : keys_(std::move(keys)) {
  std::unique_ptr<BIO, Free<BIO_free_all>> const memory(BIO_new(BIO_s_mem()));
  PEM_write_bio_X509(memory.get(), keys_->ca.get());
  char* data = nullptr;
  auto const size = BIO_get_mem_data(memory.get(), &data);
  ca_pem_.assign(data, static_cast<std::size_t>(size));
}

Certificates::~Certificates() = default;

Result<std::unique_ptr<Certificates>> Certificates::create() {
  auto keys = std::make_unique<Keys>();
  keys->ca_key.reset(EVP_EC_gen("P-256"));
  keys->key.reset(EVP_EC_gen("P-256"));
  if (keys->ca_key && keys->key) {
    keys->ca = blank("Tenantry emulator CA", nullptr, keys->ca_key.get());
  }
  auto* const ca = keys->ca.get();
  if (ca == nullptr || !add_extension(ca, ca, NID_basic_constraints, "critical,CA:TRUE") ||
      !add_extension(ca, ca, NID_key_usage, "critical,keyCertSign,cRLSign") ||
      !add_extension(ca, ca, NID_subject_key_identifier, "hash") ||
      X509_sign(ca, keys->ca_key.get(), EVP_sha256()) == 0) {
    return Error(Errc::internal, "OpenSSL cannot make the emulator's certificates");
  }
  return std::unique_ptr<Certificates>(new Certificates(std::move(keys)));
}

void Certificates::install(SSL_CTX* context) {
  SSL_CTX_use_certificate(context, keys_->certificate_for("localhost"));
  SSL_CTX_use_PrivateKey(context, keys_->key.get());
  static constexpr unsigned char kSessions[] = "tenantry";
  SSL_CTX_set_session_id_context(context, kSessions, sizeof kSessions - 1);
  SSL_CTX_set_tlsext_servername_callback(context, &Certificates::on_server_name);
  SSL_CTX_set_tlsext_servername_arg(context, this);
}

int Certificates::on_server_name(SSL* ssl, int*, void* self) {
  auto* const keys = static_cast<Certificates*>(self)->keys_.get();
  auto const* const name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
  if (name == nullptr) return SSL_TLSEXT_ERR_NOACK;
  auto* const certificate = keys->certificate_for(name);
  if (certificate == nullptr || SSL_use_certificate(ssl, certificate) != 1 ||
      SSL_use_PrivateKey(ssl, keys->key.get()) != 1) {
    return SSL_TLSEXT_ERR_ALERT_FATAL;
  }
  return SSL_TLSEXT_ERR_OK;
}

}  // namespace tenantry::emulator
