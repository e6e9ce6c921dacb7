#include "state/postgres_rows.hpp"

#include <fmt/format.h>

#include "engine/core/text.hpp"
#include "state/rows.hpp"

namespace tenantry::state::postgres_journal {
namespace {

Statement add_tenant(std::string const& tenant) {
  return {"INSERT INTO tenantry.tenants (key) VALUES ($1) ON CONFLICT DO NOTHING", {tenant}};
}

/// Rows of a tenant as they are from now on.
constexpr char const* kChangeRows =
    "WITH gone AS ("
    "  DELETE FROM tenantry.resources AS r"
    "  USING json_to_recordset($2::json) AS g (section text, key text)"
    "  WHERE r.tenant = $1 AND r.section = g.section AND r.key = g.key RETURNING 1),"
    " written AS ("
    "  INSERT INTO tenantry.resources AS r (tenant, section, key, remote_id, applied, observed,"
    "   secrets, extra, prevent_destroy, depends_on, created_at, updated_at)"
    "  SELECT $1, w.section, w.key, w.remote_id, w.applied, w.observed, w.secrets, w.extra,"
    "   w.prevent_destroy, w.depends_on, w.created_at, w.updated_at"
    "  FROM json_to_recordset($3::json) AS w (section text, key text, remote_id text,"
    "   applied text, observed text, secrets text, extra text, prevent_destroy smallint,"
    "   depends_on text, created_at text, updated_at text)"
    "  ON CONFLICT (tenant, section, key) DO UPDATE SET remote_id = excluded.remote_id,"
    "   applied = excluded.applied, observed = excluded.observed, secrets = excluded.secrets,"
    "   extra = excluded.extra, prevent_destroy = excluded.prevent_destroy,"
    "   depends_on = excluded.depends_on, created_at = excluded.created_at,"
    "   updated_at = excluded.updated_at"
    "  WHERE (r.remote_id, r.applied, r.observed, r.secrets, r.extra, r.prevent_destroy,"
    "   r.depends_on, r.created_at, r.updated_at) IS DISTINCT FROM (excluded.remote_id,"
    "   excluded.applied, excluded.observed, excluded.secrets, excluded.extra,"
    "   excluded.prevent_destroy, excluded.depends_on, excluded.created_at, excluded.updated_at)"
    "  RETURNING 1)"
    " UPDATE tenantry.tenants SET serial = serial + 1, config_digest = '' WHERE key = $1"
    " AND ($4 = 'always' OR ($4 = 'when different' AND (EXISTS (SELECT FROM gone)"
    "  OR EXISTS (SELECT FROM written))))";

Result<std::string> removals_json(std::set<Address> const& removals) {
  Array list;
  for (auto const& address : removals) {
    list.push_back(Object{{"section", address.section}, {"key", address.key}});
  }
  return canonical(Value(std::move(list)));
}

Result<std::string> upserts_json(std::map<Address, ResourceRecord const*> const& upserts) {
  Array list;
  for (auto const& [address, record] : upserts) {
    auto texts = encode(*record);
    if (!texts) return texts.error();
    list.push_back(Object{{"section", address.section},
                          {"key", address.key},
                          {"remote_id", record->id.text()},
                          {"applied", texts->applied},
                          {"observed", texts->observed},
                          {"secrets", texts->secrets},
                          {"extra", texts->extra},
                          {"prevent_destroy", record->prevent_destroy ? 1 : 0},
                          {"depends_on", texts->depends_on},
                          {"created_at", record->created_at},
                          {"updated_at", record->updated_at}});
  }
  return canonical(Value(std::move(list)));
}

std::string text_of(Raise raise) {
  switch (raise) {
    case Raise::when_different:
      return "when different";
    case Raise::always:
      return "always";
    case Raise::never:
      return "never";
  }
  return "always";
}

}  // namespace

Error wrong_tenant(Address const& address, std::string const& tenant) {
  return {Errc::internal, fmt::format("a row of {} was to be written with {}",
                                      visible(address.text()), visible(tenant))};
}

Result<void> change_rows(std::string const& tenant, Changes const& changes, Raise raise,
                         std::vector<Statement>& out) {
  for (auto const& address : changes.removals) {
    if (address.tenant != tenant) return wrong_tenant(address, tenant);
  }
  for (auto const& [address, record] : changes.upserts) {
    if (address.tenant != tenant) return wrong_tenant(address, tenant);
  }
  auto removals = changes.removals;
  // One statement cannot remove a row and write it.
  for (auto const& [address, record] : changes.upserts) removals.erase(address);
  auto gone = removals_json(removals);
  if (!gone) return gone.error();
  auto written = upserts_json(changes.upserts);
  if (!written) return written.error();
  if (raise == Raise::always || !changes.upserts.empty()) out.push_back(add_tenant(tenant));
  out.push_back({kChangeRows, {tenant, std::move(*gone), std::move(*written), text_of(raise)}});
  return {};
}

Changes changes_of(std::vector<ResourceRecord> const& upserts,
                   std::vector<Address> const& removals) {
  Changes changes;
  for (auto const& record : upserts) changes.upserts[record.address] = &record;
  changes.removals.insert(removals.begin(), removals.end());
  return changes;
}

}  // namespace tenantry::state::postgres_journal
