# Somebody renames the web integration of a tenant.
PYTHONPATH=$REPOSITORY/tests/e2e python3 -B - <<'PYTHON'
from emulator import Emulator
emulator = Emulator("--data", ".tenantry/emulator.db")
portal, host = emulator.find("Acme Analytics", "webIntegrations", "Portal")
emulator.api(host, "PATCH", f"/api/v1/web-integrations/{portal['id']}",
             [{"op": "replace", "path": "/name", "value": "Portal (old)"}])
emulator.stop()
PYTHON
