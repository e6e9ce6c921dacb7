// Where secrets that the API shows once are delivered.
#pragma once
#include <string>

#include "engine/core/address.hpp"
#include "engine/core/task.hpp"
#include "engine/core/value.hpp"
#include "providers/api/resource_type.hpp"

namespace tenantry::run {

/// A secret on its way: whose it is, and what is delivered.
struct Delivery {
  Address address;
  DeliverableSecret secret;
};

/// Every kind of sink that `deliverSecret` can name. Implemented in sinks/, which may use the
/// network. In `sink` the tenant's properties are filled in; sensitive variables are still names.
class SecretSinks {
 public:
  virtual ~SecretSinks() = default;
  /// Whether `sink` can take a secret, as far as that can be told without reaching it: before
  /// anything is called. Errors: invalid, guard.
  virtual Result<void> check(Value const& sink) const = 0;
  /// Brings the secret to `sink` and returns where it is, for messages; durable on return. Where
  /// the error's outcome_unknown() is true, the sink may hold the secret all the same. No error
  /// holds the secret.
  virtual Task<std::string> deliver(Value sink, Delivery delivery) = 0;
};

}  // namespace tenantry::run
