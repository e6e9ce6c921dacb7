# The quick start, applied. Then its configuration goes on, and somebody renames the web integration.
cd examples/quickstart
tenantry apply --auto-approve
sed -i 's/assignedRoles: \[AnalyticsAdmin\]/assignedRoles: [AnalyticsAdmin, Steward]/' tenantry.yaml
sed -i 's|https://portal.acme.example|https://bi.acme.example|' tenantry.yaml
PYTHONPATH=$REPOSITORY/tests/e2e python3 -B - <<'PYTHON'
from emulator import Emulator
emulator = Emulator("--data", ".tenantry/emulator.db")
portal, host = emulator.find("Acme Analytics", "webIntegrations", "Portal")
emulator.api(host, "PATCH", f"/api/v1/web-integrations/{portal['id']}",
             [{"op": "replace", "path": "/name", "value": "Portal (old)"}])
emulator.stop()
PYTHON
