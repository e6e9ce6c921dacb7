#include "emulator/base64.hpp"

#include <openssl/evp.h>

#include <algorithm>

namespace tenantry::emulator {
namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

unsigned char const* raw(std::string_view text) {
  return reinterpret_cast<unsigned char const*>(text.data());
}

unsigned char* raw(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

}  // namespace

std::string to_base64(std::string_view bytes) {
  // OpenSSL writes a null byte behind the text.
  std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0');
  EVP_EncodeBlock(raw(text), raw(bytes), static_cast<int>(bytes.size()));
  text.pop_back();
  return text;
}

Result<std::string> from_base64(std::string_view text) {
  Error const broken(Errc::invalid, "it is not base64");
  std::string block(text.substr(0, text.find('=')));
  if (text.substr(block.size()).find_first_not_of('=') != std::string_view::npos) return broken;
  std::ranges::replace(block, '-', '+');
  std::ranges::replace(block, '_', '/');
  // OpenSSL skips white space, so the alphabet is checked here.
  if (block.find_first_not_of(kAlphabet) != std::string::npos || block.size() % 4 == 1) {
    return broken;
  }
  auto const size = block.size() * 3 / 4;
  block.append((4 - block.size() % 4) % 4, '=');
  std::string bytes(block.size() / 4 * 3, '\0');
  auto const done = EVP_DecodeBlock(raw(bytes), raw(block), static_cast<int>(block.size()));
  if (done < 0) return broken;
  bytes.resize(size);
  return bytes;
}

}  // namespace tenantry::emulator
