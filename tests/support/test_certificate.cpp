#include "test_certificate.hpp"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "engine/core/error.hpp"

namespace tenantry::test {
namespace ssl = boost::asio::ssl;
namespace {

template <auto kFree>
struct Freed {
  template <class T>
  void operator()(T* object) const {
    kFree(object);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Freed<X509_free>>;
using Bio = std::unique_ptr<BIO, Freed<BIO_free_all>>;

std::string text_of(BIO* bio) {
  char* data = nullptr;
  auto const length = BIO_get_mem_data(bio, &data);
  return {data, static_cast<std::size_t>(length)};
}

void add_extension(X509* certificate, X509* issuer, int kind, std::string const& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  auto* const extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str());
  ensure(extension != nullptr, "a test's certificate extension is well-formed");
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

std::string alternative_name(std::string const& host) {
  bool const is_address = host.find_first_not_of("0123456789.") == std::string::npos;
  return (is_address ? "IP:" : "DNS:") + host;
}

TestCertificate make(CertificateWishes const& wishes, TestCertificate const* authority,
                     bool is_authority) {
  static long serial = 1;
  Key const key(EVP_EC_gen("P-256"));
  Certificate const made(X509_new());
  X509_set_version(made.get(), X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(made.get()), serial++);
  X509_gmtime_adj(X509_getm_notBefore(made.get()), wishes.not_before_seconds);
  X509_gmtime_adj(X509_getm_notAfter(made.get()), wishes.not_after_seconds);
  X509_set_pubkey(made.get(), key.get());
  auto* const name = X509_get_subject_name(made.get());
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                             reinterpret_cast<unsigned char const*>(wishes.host.c_str()), -1, -1,
                             0);
  Certificate issuer;
  Key issuer_key;
  if (authority != nullptr) {
    Bio const certificate(BIO_new_mem_buf(authority->certificate.data(), -1));
    issuer.reset(PEM_read_bio_X509(certificate.get(), nullptr, nullptr, nullptr));
    Bio const secret(BIO_new_mem_buf(authority->key.data(), -1));
    issuer_key.reset(PEM_read_bio_PrivateKey(secret.get(), nullptr, nullptr, nullptr));
  }
  auto* const signer = issuer ? issuer.get() : made.get();
  X509_set_issuer_name(made.get(), X509_get_subject_name(signer));
  add_extension(made.get(), signer, NID_basic_constraints,
                is_authority ? "critical,CA:TRUE" : "critical,CA:FALSE");
  add_extension(made.get(), signer, NID_subject_key_identifier, "hash");
  if (!is_authority) {
    add_extension(made.get(), signer, NID_subject_alt_name, alternative_name(wishes.host));
  }
  X509_sign(made.get(), issuer_key ? issuer_key.get() : key.get(), EVP_sha256());

  Bio const certificate(BIO_new(BIO_s_mem()));
  PEM_write_bio_X509(certificate.get(), made.get());
  Bio const secret(BIO_new(BIO_s_mem()));
  PEM_write_bio_PrivateKey(secret.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  return {text_of(certificate.get()), text_of(secret.get())};
}

}  // namespace

TestCertificate make_authority() {
  CertificateWishes wishes;
  static int number = 0;  // distinct names: a stranger's signature is not even tried
  wishes.host = "Test authority " + std::to_string(++number);
  return make(wishes, nullptr, true);
}

TestCertificate make_certificate(CertificateWishes const& wishes,
                                 TestCertificate const* authority) {
  return make(wishes, authority, false);
}

std::shared_ptr<ssl::context> make_server_context(TestCertificate const& certificate,
                                                  int version_max) {
  auto context = std::make_shared<ssl::context>(ssl::context::tls_server);
  context->use_certificate_chain(boost::asio::buffer(certificate.certificate));
  context->use_private_key(boost::asio::buffer(certificate.key), ssl::context::pem);
  auto* const native = context->native_handle();
  SSL_CTX_set_max_proto_version(native, version_max);
  if (version_max != 0 && version_max < TLS1_2_VERSION) {
    SSL_CTX_set_min_proto_version(native, 0);
    SSL_CTX_set_cipher_list(native, "DEFAULT:@SECLEVEL=0");
  }
  return context;
}

}  // namespace tenantry::test
