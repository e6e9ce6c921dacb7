#include "engine/core/masking.hpp"

#include <openssl/evp.h>

#include <boost/json.hpp>
#include <boost/url/encode.hpp>
#include <boost/url/rfc/unreserved_chars.hpp>

#include "engine/core/secret.hpp"
#include "engine/core/text.hpp"

namespace tenantry {
namespace {

constexpr std::size_t kBase64Min = 6;  ///< bytes of a secret

void mask_form(std::string& text, std::string_view form) {
  if (form.empty()) return;
  for (auto at = text.find(form); at != std::string::npos;
       at = text.find(form, at + kMasked.size())) {
    text.replace(at, form.size(), kMasked);
  }
}

std::string base64(std::string_view bytes) {
  std::string out((bytes.size() + 2) / 3 * 4 + 1, '\0');  // EVP writes a null behind it
  auto const length = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                                      reinterpret_cast<unsigned char const*>(bytes.data()),
                                      static_cast<int>(bytes.size()));
  out.resize(static_cast<std::size_t>(length));
  return out;
}

std::string url_safe(std::string text) {
  std::ranges::replace(text, '+', '-');
  std::ranges::replace(text, '/', '_');
  return text;
}

void mask_base64(std::string& text, std::string_view secret) {
  auto const both = [&](std::string const& form) {
    mask_form(text, form);
    mask_form(text, url_safe(form));
  };
  both(base64(secret));
  // Inside something longer: three bytes are four characters, so that it depends on the number of
  // bytes before it how it looks. Characters which neighbours have a part in are left out.
  for (std::size_t before = 0; before < 3; ++before) {
    auto const form = base64(std::string(before, '\0') + std::string(secret));
    auto const begin = (before * 8 + 5) / 6;
    auto const end = (before + secret.size()) * 8 / 6;
    both(form.substr(begin, end - begin));
  }
}

}  // namespace

void mask(std::string& text, std::string_view secret) {
  mask_form(text, secret);
  auto const quoted = boost::json::serialize(boost::json::string(secret));
  mask_form(text, std::string_view(quoted).substr(1, quoted.size() - 2));
  auto const encoded = boost::urls::encode(secret, boost::urls::unreserved_chars);
  mask_form(text, encoded);
  boost::urls::encoding_opts form;
  form.space_as_plus = true;
  mask_form(text, boost::urls::encode(secret, boost::urls::unreserved_chars, form));
  if (secret.size() >= kBase64Min) mask_base64(text, secret);
}

}  // namespace tenantry
