// Names that somebody may mean while typing: of the configuration and of the state, as far as they
// can be read at once. Nothing is checked, nothing reported, and no network is asked.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/commands.hpp"
#include "engine/config/outline.hpp"

namespace tenantry::cli {

class KnownNames {
 public:
  /// `invocation` must outlive this. Files are read at the first question.
  KnownNames(Invocation& invocation, ConfigurationArguments const& arguments)
      : invocation_(invocation), arguments_(arguments) {}

  /// Keys of tenants that begin with `prefix`, sorted: declared or in the state.
  std::vector<std::string> tenants(std::string_view prefix);
  /// Those, and from the tenant's "/" on the addresses in it; where one tenant alone fits, both.
  std::vector<std::string> addresses(std::string_view prefix);
  std::vector<std::string> waves();
  std::vector<std::string> regions();
  std::vector<std::string> blueprints();
  std::vector<std::string> variables();

 private:
  config::Outline const& outline();
  std::vector<std::string> state_tenants();
  std::vector<std::string> addresses_of(std::string const& tenant);

  Invocation& invocation_;
  ConfigurationArguments const& arguments_;
  std::optional<config::Outline> outline_;
};

}  // namespace tenantry::cli
