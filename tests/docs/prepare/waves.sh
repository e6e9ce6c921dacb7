# A fleet of sixty tenants of which three are canaries, applied; then the canaries' blueprint goes on.
mkdir waves
cd waves
python3 - <<'PYTHON'
import json

blueprint = {"groups": {"analysts": {"name": "Analysts", "providerType": "custom"}}}
tenants = {f"c{n:03}": {"region": "eu", "blueprint": "standard", "name": f"Customer {n}",
                        "alias": f"c{n:03}", **({"wave": "canary"} if n < 3 else {})}
           for n in range(60)}
variables = {"secret": {"env": "QLIK_EU_CLIENT_SECRET"}, "license": {"env": "QLIK_LICENSE_KEY"}}
before = {
    "apiVersion": "tenantry/v1", "variables": variables,
    "regions": {"eu": {"clientId": "oem-eu", "clientSecret": "${var.secret}",
                       "licenseKey": "${var.license}"}},
    "blueprints": {"standard": blueprint}, "tenants": tenants}
changed = {"groups": {"analysts": {**blueprint["groups"]["analysts"], "description": "Version 12"}}}
after = {**before, "blueprints": {"standard": blueprint, "standard-v12": changed},
         "rollout": {"waves": [{"name": "canary", "blueprints": {"standard": "standard-v12"}},
                               {"name": "rest"}], "maxFailures": "2%"}}
for name, configuration in (("before.json", before), ("after.json", after)):
    open(name, "w").write(json.dumps(configuration))
PYTHON
cp before.json tenantry.yaml
tenantry apply --auto-approve > /dev/null
mv after.json tenantry.yaml
rm before.json
