# A policy for plans, for conftest and OPA:
#
#   tenantry plan --json > plan.json
#   conftest test --policy examples/policy plan.json
#   opa eval --data examples/policy/tenants.rego --input plan.json data.main.deny
package main

import rego.v1

# Terraform's representation is enough for most rules.
deny contains message if {
	some resource in input.resource_changes
	resource.type == "qlik_tenants"
	"delete" in resource.change.actions
	message := sprintf("%s: a tenant is taken down by a person, not by a pipeline", [resource.address])
}

deny contains message if {
	some resource in input.resource_changes
	resource.type == "qlik_oauth_clients"
	some scope in resource.change.after.allowedScopes
	scope == "admin_classic"
	message := sprintf("%s: the scope admin_classic needs a review", [resource.address])
}

# A replaced client has a new id and a new secret: who uses it has to know.
deny contains message if {
	some resource in input.resource_changes
	resource.type == "qlik_oauth_clients"
	"delete" in resource.change.actions
	"create" in resource.change.actions
	message := sprintf("%s: would be replaced, since %s cannot change", [
		resource.address,
		concat(", ", [name | some path in resource.change.replace_paths; name := path[0]]),
	])
}

# What only Tenantry knows is under `tenantry`.
deny contains message if {
	some resource in input.resource_changes
	resource.tenantry.reason == "drifted"
	"update" in resource.change.actions
	message := sprintf("%s: was changed by hand; find out by whom first", [resource.address])
}

deny contains message if {
	deletions := [resource.address |
		some resource in input.resource_changes
		resource.change.actions == ["delete"]
	]
	count(deletions) > 20
	message := sprintf("%d deletions in one plan", [count(deletions)])
}

deny contains message if {
	input.errored
	message := "some tenants could not be planned"
}
