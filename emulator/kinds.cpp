// The registry. Explicit, because objects that register themselves vanish from static libraries.
#include "emulator/kind.hpp"

namespace tenantry::emulator {

Kind tokens_kind();
Kind tenants_kind();
Kind organization_kind();
Kind licenses_kind();
Kind roles_kind();
Kind groups_kind();
Kind users_kind();
Kind web_integrations_kind();
Kind oauth_clients_kind();
Kind tenant_settings_kind();

std::vector<Kind> const& kinds() {
  static std::vector<Kind> const all = {
      tokens_kind(),        tenants_kind(),         organization_kind(), licenses_kind(),
      roles_kind(),         groups_kind(),          users_kind(),        web_integrations_kind(),
      oauth_clients_kind(), tenant_settings_kind(),
  };
  return all;
}

}  // namespace tenantry::emulator
