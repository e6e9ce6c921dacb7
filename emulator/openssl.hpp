// Ownership of OpenSSL's objects.
#pragma once
#include <openssl/evp.h>

#include <memory>

namespace tenantry::emulator {

/// Deletes with one of OpenSSL's free functions.
template <auto free>
struct Free {
  template <class T>
  void operator()(T* pointer) const {
    free(pointer);
  }
};

using Key = std::unique_ptr<EVP_PKEY, Free<EVP_PKEY_free>>;

}  // namespace tenantry::emulator
