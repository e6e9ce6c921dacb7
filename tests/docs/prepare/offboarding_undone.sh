# The reader takes the two lines out again.
sed -i '/^    status: deactivated$/d; /^    purgeAfterDays: 60$/d' tenantry.yaml
