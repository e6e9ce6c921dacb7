// The state alone, for commands that look at it or repair it.
#pragma once
#include <boost/asio/io_context.hpp>
#include <memory>

#include "cli/commands.hpp"
#include "cli/run_loop.hpp"
#include "state/location.hpp"

namespace tenantry::cli {

/// Which state the command line names. The configuration is read only where --state does not say
/// it. Errors: invalid, after the configuration's errors were printed.
Result<state::StateLocation> location_of_state(Invocation& invocation,
                                               ConfigurationArguments const& arguments);

/// A state and the thread that its calls run on.
class StateAccess {
 public:
  /// Opens the state of location_of_state. Errors: those of it, and those of the state.
  static Result<std::unique_ptr<StateAccess>> open(Invocation& invocation,
                                                   ConfigurationArguments const& arguments,
                                                   state::OpenMode mode);
  /// The same of a state that is known already.
  static Result<std::unique_ptr<StateAccess>> open(Invocation& invocation,
                                                   state::StateLocation const& location,
                                                   state::OpenMode mode);

  state::Store& store() { return *store_; }
  template <class T>
  Result<T> run(Task<T> task) {
    return run_on(io_, std::move(task));
  }

 private:
  StateAccess() = default;
  boost::asio::io_context io_{1};
  std::unique_ptr<state::Store> store_;
};

/// Every tenant of a state, in the order of keys.
Task<std::vector<state::TenantState>> load_all(state::Store& store);

/// A record as JSON: everything but the digests of secrets.
Value to_json(state::ResourceRecord const& record);
/// A state as JSON, with the tenants' operations that are open.
Value to_json(state::StoreInfo const& info, std::vector<state::TenantState> const& tenants);

/// An operation whose outcome is not known yet, for a person.
std::string describe(state::OpenOperation const& operation);

}  // namespace tenantry::cli
