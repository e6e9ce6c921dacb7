#include "engine/core/digest.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>

#include "engine/core/error.hpp"
#include "engine/core/running_digest.hpp"

namespace tenantry {
namespace {

std::string hex(unsigned char const* bytes, unsigned size) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out;
  out.reserve(std::size_t{size} * 2);
  for (unsigned i = 0; i < size; ++i) {
    out += kDigits[bytes[i] >> 4];
    out += kDigits[bytes[i] & 15];
  }
  return out;
}

std::string digest(EVP_MD const* kind, std::string_view bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> out{};
  unsigned size = 0;
  auto const ok = EVP_Digest(bytes.data(), bytes.size(), out.data(), &size, kind, nullptr);
  ensure(ok == 1, "OpenSSL cannot compute a digest");
  return hex(out.data(), size);
}

}  // namespace

std::string sha256_hex(std::string_view bytes) { return digest(EVP_sha256(), bytes); }
std::string md5_hex(std::string_view bytes) { return digest(EVP_md5(), bytes); }

std::string keyed_digest_hex(std::string_view key, std::string_view bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> out{};
  unsigned size = 0;
  auto const* const done =
      HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
           reinterpret_cast<unsigned char const*>(bytes.data()), bytes.size(), out.data(), &size);
  ensure(done != nullptr, "OpenSSL cannot compute a keyed digest");
  return hex(out.data(), size);
}

struct RunningDigest::State {
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  State() = default;
  State(State const&) = delete;
  State& operator=(State const&) = delete;
  ~State() { EVP_MD_CTX_free(context); }
};

RunningDigest::RunningDigest() : state_(std::make_unique<State>()) {
  auto const ok = EVP_DigestInit_ex(state_->context, EVP_sha256(), nullptr);
  ensure(ok == 1, "OpenSSL cannot begin a digest");
}
RunningDigest::RunningDigest(RunningDigest&&) noexcept = default;
RunningDigest::~RunningDigest() = default;

void RunningDigest::add(std::string_view bytes) {
  auto const ok = EVP_DigestUpdate(state_->context, bytes.data(), bytes.size());
  ensure(ok == 1, "OpenSSL cannot go on with a digest");
}

std::string RunningDigest::hex() {
  std::array<unsigned char, EVP_MAX_MD_SIZE> out{};
  unsigned size = 0;
  auto const ok = EVP_DigestFinal_ex(state_->context, out.data(), &size);
  ensure(ok == 1, "OpenSSL cannot end a digest");
  return tenantry::hex(out.data(), size);
}

}  // namespace tenantry
