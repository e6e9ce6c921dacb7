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
Kind invites_kind();
Kind web_integrations_kind();
Kind oauth_clients_kind();
Kind brands_kind();
Kind encryption_kind();
Kind spaces_kind();
Kind space_assignments_kind();
Kind di_projects_kind();
Kind di_imports_kind();
Kind di_actions_kind();
Kind di_tasks_kind();
Kind tenant_settings_kind();

std::vector<Kind> const& kinds() {
  // One a line, so that two new kinds do not meet in the same one.
  static std::vector<Kind> const all = {
      tokens_kind(),
      tenants_kind(),
      organization_kind(),
      licenses_kind(),
      roles_kind(),
      groups_kind(),
      users_kind(),
      invites_kind(),
      web_integrations_kind(),
      oauth_clients_kind(),
      brands_kind(),
      encryption_kind(),
      spaces_kind(),
      space_assignments_kind(),
      di_projects_kind(),
      di_imports_kind(),
      di_actions_kind(),
      di_tasks_kind(),
      tenant_settings_kind(),
  };
  return all;
}

}  // namespace tenantry::emulator
