#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <netinet/in.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>

#include "emulator/emulator.hpp"
#include "emulator/multipart.hpp"

namespace tenantry {
namespace {

/// Connects with TLS, verifies the certificate for `name`, and gives the answer to one GET; "" when
/// the handshake fails.
std::string get_with_tls(emulator::Emulator const& emulator, std::string const& ca_pem,
                         char const* name) {
  auto* const context = SSL_CTX_new(TLS_client_method());
  auto* const memory = BIO_new_mem_buf(ca_pem.data(), static_cast<int>(ca_pem.size()));
  auto* const ca = PEM_read_bio_X509(memory, nullptr, nullptr, nullptr);
  X509_STORE_add_cert(SSL_CTX_get_cert_store(context), ca);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  auto const descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(emulator.port());
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  REQUIRE(::connect(descriptor, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  auto* const ssl = SSL_new(context);
  SSL_set_fd(ssl, descriptor);
  if (name[0] >= '0' && name[0] <= '9') {
    X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), name);
  } else {
    SSL_set_tlsext_host_name(ssl, name);
    SSL_set1_host(ssl, name);
  }
  std::string out;
  if (SSL_connect(ssl) == 1) {
    std::string const request =
        "GET /_emulator/clock HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
    SSL_write(ssl, request.data(), static_cast<int>(request.size()));
    char buffer[4096];
    for (int count = 0; (count = SSL_read(ssl, buffer, sizeof buffer)) > 0;) {
      out.append(buffer, static_cast<std::size_t>(count));
    }
  }
  SSL_free(ssl);
  ::close(descriptor);
  X509_free(ca);
  BIO_free(memory);
  SSL_CTX_free(context);
  return out;
}

}  // namespace

TEST_SUITE("emulator/tls") {
  TEST_CASE("handshake: whatever name is asked for has a certificate of the emulator's authority") {
    emulator::Options options;
    options.tls = true;
    auto const started = emulator::Emulator::start(options);
    REQUIRE(started.has_value());
    auto const& emulator = **started;
    CHECK(emulator.url().starts_with("https://127.0.0.1:"));
    auto const ca = emulator.ca_certificate();
    for (auto const* name : {"acme.eu.qlikcloud.com", "register.us.qlikcloud.com",
                             "console.qlikcloud.com", "localhost", "127.0.0.1"}) {
      CAPTURE(name);
      CHECK(get_with_tls(emulator, ca, name).starts_with("HTTP/1.1 200 OK\r\n"));
    }
    auto const other = emulator::Emulator::start(options);
    REQUIRE(other.has_value());
    CHECK(get_with_tls(emulator, (*other)->ca_certificate(), "localhost").empty());
  }
}

TEST_SUITE("emulator/multipart") {
  constexpr char kType[] = "multipart/form-data; boundary=\"x-y\"";

  TEST_CASE("parse: fields and files, bytes as they are") {
    std::string const body =
        "preamble--x-y\r\nContent-Disposition: form-data; name=\"name\"\r\n\r\nHouse\r\n"
        "--x-y\r\nContent-Disposition: form-data; name=\"logo\"; filename=\"l.png\"\r\n"
        "Content-Type: image/png\r\n\r\n\x89PNG\r\n--x\r\n\r\n"
        "--x-y\r\n\r\n\r\n--x-y--\r\n";
    CHECK_FALSE(emulator::parse_multipart(kType, body).has_value());  // a part without a name
    auto const cut = body.substr(0, body.find("--x-y\r\n\r\n\r\n")) + "--x-y--\r\n";
    auto const parts = emulator::parse_multipart(kType, cut);
    REQUIRE(parts.has_value());
    REQUIRE(parts->size() == 2);
    CHECK(parts->at(0).name == "name");
    CHECK(parts->at(0).bytes == "House");
    CHECK_FALSE(parts->at(0).is_file);
    CHECK(parts->at(1).is_file);
    CHECK(parts->at(1).file_name == "l.png");
    CHECK(parts->at(1).content_type == "image/png");
    CHECK(parts->at(1).bytes == "\x89PNG\r\n--x\r\n");
  }

  TEST_CASE("parse: what ends too early is refused") {
    for (auto const* body : {"", "--x-y", "--x-y\r\n", "--x-y\r\nA: b\r\n\r\nc", "--x-yz", "x"}) {
      CAPTURE(body);
      CHECK_FALSE(emulator::parse_multipart(kType, body).has_value());
    }
    CHECK_FALSE(emulator::parse_multipart("multipart/form-data", "--x--").has_value());
  }
}
}  // namespace tenantry
