# The quick start, applied. Then its configuration goes on, and somebody renames the web integration.
cd examples/quickstart
tenantry apply --auto-approve
sed -i 's/assignedRoles: \[AnalyticsAdmin\]/assignedRoles: [AnalyticsAdmin, Steward]/' tenantry.yaml
sed -i 's|https://portal.acme.example|https://bi.acme.example|' tenantry.yaml
. "$REPOSITORY/tests/docs/prepare/renamed_portal.sh"
