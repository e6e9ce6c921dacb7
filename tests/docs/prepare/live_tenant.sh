# A tenant that was made by hand, and a configuration that knows how to reach it but not that it exists.
cp -r examples/quickstart live
cd live
sed -i 's/^ *licenseKey: ${var.licenseKey}/&\n    endpoint: ${var.endpoint}/; s/^variables:.*/&\n  endpoint: {}/' tenantry.yaml
cat >> tenantry.yaml <<'YAML'
organization: {clientId: emulator, clientSecret: "${var.euSecret}", endpoint: "${var.endpoint}"}
policy: {listDelaySeconds: 0}
YAML
tenantry apply --auto-approve
rm -r tenantry.state* secrets
sed -i '/^tenants:/,$d' tenantry.yaml
cat >> tenantry.yaml <<'YAML'
organization: {clientId: emulator, clientSecret: "${var.euSecret}", endpoint: "${var.endpoint}"}
tenants: {}
YAML
