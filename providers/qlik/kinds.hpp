// The kinds of Qlik Cloud, one file each; provider.cpp lists them.
#pragma once
#include "providers/api/provider.hpp"

namespace tenantry::qlik {

TenantType const& tenant_type();
ResourceType const& role_type();
ResourceType const& group_type();
ResourceType const& group_settings_type();
ResourceType const& web_integration_type();
ResourceType const& oauth_client_type();
ResourceType const& brand_type();
ResourceType const& di_project_type();
ResourceType const& key_provider_type();
ResourceType const& space_type();
ResourceType const& tenant_settings_type();

}  // namespace tenantry::qlik
