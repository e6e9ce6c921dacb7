# The quick start, applied; the reader says that its tenant leaves.
(
  cd examples/quickstart
  tenantry apply --auto-approve
  sed -i 's/^    alias: acme$/&\n    status: deactivated\n    purgeAfterDays: 60/' tenantry.yaml
)
