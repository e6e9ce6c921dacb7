// What other programs want to know of the tenants: from the state alone.
#pragma once
#include <string>
#include <vector>

#include "state/model.hpp"

namespace tenantry::cli {

/// Version of `output --json`. Members may be added; what is there keeps its meaning.
inline constexpr int kOutputFormat = 1;

/// One value: "acme/hostname", "acme/oauthClients/portal".
struct Output {
  Address subject;    ///< the tenant, or the client
  std::string name;   ///< "id", "hostname", "region", "status", "purgeDate"; of a client "clientId"
  std::string value;  ///< may be empty where a tenant has none
  std::string label() const;
};

/// Those of one tenant, its clients last; none where it is not in the state.
std::vector<Output> outputs_of(state::TenantState const& tenant);

/// {"formatVersion", "tenants": {KEY: {"id", "hostname", "region", "status", "purgeDate",
/// "oauthClients": {KEY: id}}}}; `purgeDate` is null where there is none.
Value outputs_json(std::vector<Output> const& outputs);
std::string outputs_text(std::vector<Output> const& outputs);

/// `TENANT_ACME_HOSTNAME=...` a line. Values that a tenant has not are left out. Errors: conflict
/// where two names would be the same, invalid for a value that needs quotes, which readers of such
/// files do not agree on.
Result<std::string> outputs_dotenv(std::vector<Output> const& outputs);

}  // namespace tenantry::cli
