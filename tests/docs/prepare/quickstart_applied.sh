# The quick start, applied.
cd examples/quickstart
tenantry apply --auto-approve
