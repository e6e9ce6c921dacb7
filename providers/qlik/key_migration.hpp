// Migrations of a tenant's data from one encryption key to another: work of hours in the
// background.
#pragma once
#include <chrono>
#include <string>

#include "providers/api/resource_type.hpp"

namespace tenantry::qlik {

inline constexpr std::string_view kKeyProvidersPath = "/api/v1/encryption/keyproviders";

/// Longest wait for one migration. No failed state is documented, so nothing but time tells a
/// migration that will not end.
inline constexpr std::chrono::hours kMigrationMax{6};

/// A key provider as a migration needs it.
struct KeyProvider {
  RemoteId id;  ///< arnFingerPrint
  std::string arn;
  std::string name;  ///< for people
};

/// Tests the key, starts the migration to it and follows that to its end. One that already runs to
/// the same key is followed, not started again. Errors: conflict where another one runs, timeout
/// after kMigrationMax (the next call goes on following), cancelled at a stop.
Task<void> migrate_to(Operation operation, KeyProvider target);

/// Checks that Qlik Cloud can use the key.
Task<void> test_key(Session& session, KeyProvider provider);

/// Makes `provider` no longer the current one, by a migration to Qlik's own key, and waits for its
/// end; at once done where another is current. Errors: as migrate_to.
Task<void> reset_from(Operation operation, KeyProvider provider);

/// What a person can do about an answer of the encryption service; `error` with a hint.
Error explain_key_error(Error error);

}  // namespace tenantry::qlik
