#include "providers/qlik/provider.hpp"

#include "providers/qlik/kinds.hpp"

namespace tenantry {
namespace {

/// An explicit list: objects that register themselves would vanish from a static library.
class QlikProvider final : public Provider {
 public:
  std::vector<ResourceType const*> const& types() const override { return types_; }
  TenantType const& tenant() const override { return qlik::tenant_type(); }

 private:
  std::vector<ResourceType const*> types_{
      &qlik::tenant_settings_type(),
      &qlik::role_type(),
      &qlik::group_type(),
      &qlik::group_settings_type(),
      &qlik::web_integration_type(),
      &qlik::oauth_client_type(),
      &qlik::brand_type(),
      &qlik::key_provider_type(),
      &qlik::space_type(),
      &qlik::di_project_type(),
  };
};

}  // namespace

Provider const& qlik_provider() {
  static QlikProvider const provider;
  return provider;
}

std::string_view qlik_api_contract() { return "2026-07-24"; }

}  // namespace tenantry
