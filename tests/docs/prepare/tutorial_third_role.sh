# The reader edits a line.
sed -i 's/assignedRoles: \[author, Steward\]/assignedRoles: [author, Steward, AnalyticsAdmin]/' blueprints.yaml
