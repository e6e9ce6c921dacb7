// Certificates made while a test runs, so that none expires in the repository.
#pragma once
#include <boost/asio/ssl/context.hpp>
#include <memory>
#include <string>

namespace tenantry::test {

/// A certificate with its private key, both PEM.
struct TestCertificate {
  std::string certificate;
  std::string key;
};

struct CertificateWishes {
  std::string host = "localhost";   ///< DNS name, or an IPv4 address
  long not_before_seconds = -3600;  ///< from now
  long not_after_seconds = 3600;    ///< from now
};

/// A certificate authority of its own.
TestCertificate make_authority();
/// Signed by `authority`, or by itself when that is null.
TestCertificate make_certificate(CertificateWishes const& wishes, TestCertificate const* authority);

/// What a TLS server of a test runs on. `version_max` is TLS1_1_VERSION and the like, 0 for any.
std::shared_ptr<boost::asio::ssl::context> make_server_context(TestCertificate const& certificate,
                                                               int version_max = 0);

}  // namespace tenantry::test
