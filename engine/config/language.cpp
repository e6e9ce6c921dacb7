#include "engine/config/language.hpp"

#include <algorithm>

#include "engine/core/error.hpp"

namespace tenantry::config::language {
namespace {

Attribute api_version() {
  return {.name = "apiVersion",
          .use = Use::required,
          .doc = "Says that the file is Tenantry's, and of which version.",
          .one_of = {"tenantry/v1"}};
}

Attribute regions() {
  return {.name = "regions",
          .kind = Kind::object,
          .doc = "A region of Qlik Cloud by its name, with its region-level OAuth client."};
}

Attribute organization_key() {
  return {.name = "organization",
          .kind = Kind::object,
          .doc = "An organization-level OAuth client: it lists the tenants of all regions."};
}

Attribute state_key() {
  return {.name = "state",
          .kind = Kind::object,
          .doc =
              "Where the state is kept; `tenantry.state` beside the configuration when it is "
              "not written."};
}

Attribute variables_key() {
  return {.name = "variables",
          .kind = Kind::object,
          .doc =
              "Values from outside, used as `${var.NAME}`. --var wins over --var-file, that "
              "over TENANTRY_VAR_NAME, that over `env` or `file`, that over `default`."};
}

Attribute client_id() {
  return {.name = "clientId", .doc = "Id of an OAuth client for client credentials."};
}

Attribute client_secret() {
  return {.name = "clientSecret",
          .doc = "Its secret: a sensitive variable, as `${var.NAME}`.",
          .sensitive = true};
}

Attribute endpoint() {
  return {.name = "endpoint",
          .doc = "Every host is dialled there, as `http://127.0.0.1:8480`: for an emulator.",
          .format = Format::url};
}

Attribute ca_file() {
  return {.name = "caFile",
          .doc = "Certificates to trust besides the system's; relative to this file."};
}

Attribute rate_limits() {
  return {.name = "rateLimits",
          .doc =
              "Whether calls keep to Qlik Cloud's rate limits by themselves; `off` against a "
              "test server.",
          .one_of = {"documented", "off"},
          .server_default = "documented"};
}

Attribute license_key() {
  return {.name = "licenseKey",
          .doc = "Signed licence key that new tenants are created with.",
          .sensitive = true};
}

Attribute values(std::string doc) {
  return {.name = "values", .kind = Kind::object, .doc = std::move(doc)};
}

Attribute lifecycle_key() {
  return {.name = "lifecycle",
          .kind = Kind::object,
          .doc = "What may be done to it, and what is left alone."};
}

Attribute purge_after_days() {
  return {.name = "purgeAfterDays",
          .kind = Kind::integer,
          .doc = "Days from a deactivation until Qlik Cloud purges the tenant.",
          .minimum = 10,
          .maximum = 90};
}

Attribute limit(std::string name, std::string doc) {
  return {.name = std::move(name), .kind = Kind::any, .doc = std::move(doc)};
}

}  // namespace

Table const& configuration() {
  static Table const table{
      api_version(),
      variables_key(),
      regions(),
      organization_key(),
      state_key(),
      {.name = "blueprints", .kind = Kind::object, .doc = "What every tenant of a class gets."},
      {.name = "tenants", .kind = Kind::object, .doc = "The tenants, each by its key."},
      {.name = "fleets",
       .kind = Kind::object,
       .doc = "Tenants that are the rows of a CSV, YAML or JSON file."},
      {.name = "rollout",
       .kind = Kind::object,
       .doc = "How a change reaches the tenants: wave by wave."},
      {.name = "policy", .kind = Kind::object, .doc = "Limits of a run, and what drift means."},
      {.name = "moved",
       .kind = Kind::list,
       .doc = "Renames: what the state has under `from` belongs to `to`.",
       .element = Kind::object},
      {.name = "removed",
       .kind = Kind::list,
       .doc = "What is no longer managed, and stays as it is.",
       .element = Kind::object},
  };
  return table;
}

Table const& connections() {
  static Table const table{
      api_version(),
      variables_key(),
      regions(),
      organization_key(),
      state_key(),
      {.name = "sinks",
       .kind = Kind::object,
       .doc = "Where secrets of OAuth clients go, by a glob of their addresses; the last that "
              "fits counts."},
  };
  return table;
}

Table const& variable() {
  static Table const table{
      {.name = "default", .kind = Kind::any, .doc = "The value where no source has one."},
      {.name = "description", .doc = "What it is, for people."},
      {.name = "env", .doc = "Environment variable that holds the value; sensitive."},
      {.name = "file", .doc = "File that holds the value, relative to this one; sensitive."},
      {.name = "sensitive",
       .kind = Kind::boolean,
       .doc = "Never shown nor stored, and allowed only where a secret is expected; true by "
              "default for `env` and `file`."},
  };
  return table;
}

Table const& region() {
  static Table const table{
      client_id(),
      client_secret(),
      {.name = "clients",
       .kind = Kind::list,
       .doc = "In place of clientId and clientSecret, while one client is exchanged for another: "
              "tried in this order.",
       .element = Kind::object,
       .items_max = 2},
      license_key(),
      values("Values that every tenant of the region gets; a blueprint and a tenant win."),
      endpoint(),
      ca_file(),
      rate_limits(),
  };
  return table;
}

Table const& client() {
  static Table const table{client_id(), client_secret()};
  return table;
}

Table const& organization() {
  static Table const table{
      client_id(),
      client_secret(),
      {.name = "subscriptionId", .doc = "Of the tenant list, where it asks for one."},
      endpoint(),
      ca_file(),
      rate_limits(),
  };
  return table;
}

Table const& state() {
  static Table const table{
      {.name = "backend",
       .doc = "A SQLite file, or a PostgreSQL database for any number of runners.",
       .one_of = {"local", "postgres"},
       .server_default = "local"},
      {.name = "path", .doc = "Of a local state, relative to the configuration."},
      {.name = "dsn", .doc = "Connection string of PostgreSQL (libpq).", .sensitive = true},
  };
  return table;
}

Table const& parameter() {
  static Table const table{
      {.name = "type",
       .doc = "What the value must be.",
       .one_of = {"string", "text", "number", "integer", "boolean", "list", "map"},
       .server_default = "string"},
      {.name = "required", .kind = Kind::boolean, .doc = "A tenant must give a value."},
      {.name = "default", .kind = Kind::any, .doc = "The value of a tenant that gives none."},
      {.name = "description", .doc = "What it is, for people."},
  };
  return table;
}

Table const& blueprint() {
  static Table const table{
      {.name = "parameters",
       .kind = Kind::object,
       .doc = "What `values` of a tenant may and must hold."},
      values("Values that every tenant of the blueprint gets; the tenant wins."),
      lifecycle_key(),
      purge_after_days(),
  };
  return table;
}

Table const& tenant() {
  static Table const table{
      {.name = "region", .doc = "Where the tenant lives: a key of `regions`. Required."},
      {.name = "blueprint",
       .kind = Kind::any,
       .doc = "A key of `blueprints`, or a list of them that is merged left to right."},
      {.name = "hostname",
       .doc = "Of a tenant that exists already and is taken over, not created.",
       .format = Format::hostname},
      values("What the parameters of its blueprints are for this tenant."),
      {.name = "auth",
       .kind = Kind::object,
       .doc = "A tenant-level credential, where there is no region-level client."},
      {.name = "status",
       .doc = "`deactivated` ends the tenant: it is purged after the countdown.",
       .one_of = {"active", "deactivated"},
       .server_default = "active"},
      {.name = "paused", .kind = Kind::boolean, .doc = "No call is made for it."},
      purge_after_days(),
      {.name = "hold",
       .kind = Kind::object,
       .doc = "A deactivated tenant is not to be purged yet."},
      {.name = "wave", .doc = "Name of a wave of the rollout; the last one when not written."},
      lifecycle_key(),
  };
  return table;
}

Table const& auth() {
  static Table const table{
      client_id(),
      client_secret(),
      {.name = "apiKey",
       .doc = "An API key of the tenant, in place of an OAuth client.",
       .sensitive = true},
  };
  return table;
}

Table const& hold() {
  static Table const table{
      {.name = "until",
       .use = Use::required,
       .doc = "A date such as 2030-01-31, or a time as in RFC 3339."},
      {.name = "reason", .doc = "Why, for people."},
  };
  return table;
}

Table const& fleet() {
  static Table const table{
      {.name = "from",
       .use = Use::required,
       .doc = "The file of the rows (.csv, .yaml, .yml, .json), in the folder of this file or "
              "below."},
      {.name = "separator",
       .doc = "Between the cells of a CSV file.",
       .one_of = {",", ";", "\t", "|"},
       .server_default = ","},
      {.name = "columns",
       .kind = Kind::object,
       .doc = "What a column holds; a text when it is not named here."},
      {.name = "key", .doc = "The key of the tenant of a row.", .server_default = "${row.key}"},
      {.name = "formerKeys",
       .kind = Kind::any,
       .doc = "Keys that tenants had before: a column's placeholder, or a map of a key to its "
              "former ones."},
      {.name = "onMissingRow",
       .doc = "What it means that the row of a known tenant is gone.",
       .one_of = {"error", "deactivate"},
       .server_default = "error"},
      {.name = "overrides",
       .kind = Kind::object,
       .doc = "What a tenant has over its row, by its key."},
  };
  return table;
}

Table const& column() {
  static Table const table{
      {.name = "type",
       .doc = "What the cells hold.",
       .one_of = {"text", "string", "number", "integer", "boolean", "list"},
       .server_default = "text"},
      {.name = "separator",
       .doc = "Between the elements of a list.",
       .length_min = 1,
       .server_default = ";"},
      {.name = "header", .doc = "How the column is called in the file."},
  };
  return table;
}

Table const& resource() {
  static Table const table{
      {.name = "when",
       .kind = Kind::any,
       .doc = "The resource is left out where this is empty or `false`, as in "
              "`${values.kmsArn:-}`."},
      lifecycle_key(),
      {.name = "dependsOn",
       .kind = Kind::list,
       .doc = "Resources of the same tenant that come first, as `groups/analysts`. Naming a key "
              "in an attribute orders the two by itself."},
  };
  return table;
}

Table const& lifecycle() {
  static Table const table{
      {.name = "preventDestroy",
       .kind = Kind::boolean,
       .doc = "Never deleted, nor replaced or deactivated; kept in the state, so that it holds "
              "when the block is gone.",
       .server_default = false},
      {.name = "adopt",
       .kind = Kind::boolean,
       .doc = "Take over what exists under the same natural key.",
       .server_default = false},
      {.name = "ignoreChanges",
       .kind = Kind::list,
       .doc = "Attributes that are set at creation and then left alone."},
  };
  return table;
}

Table const& policy() {
  static Table const table{
      limit("maxCreates", "Tenants that a run may create: a count, or a share such as \"2%\"."),
      limit("maxDeletes", "Resources that a run may delete: a count or a share."),
      limit("maxDeactivates", "Tenants that a run may deactivate: a count or a share."),
      {.name = "listDelaySeconds",
       .kind = Kind::integer,
       .doc = "How long it may take until a create shows in lists, also one whose sender has died.",
       .minimum = 0,
       .maximum = 600,
       .server_default = 30},
      {.name = "historyDays",
       .kind = Kind::integer,
       .doc = "How long the history of operations is kept; those without an outcome stay.",
       .minimum = 1,
       .maximum = 36500,
       .server_default = 400},
      {.name = "drift",
       .kind = Kind::object,
       .doc = "What drift means, by a glob of an address or of address/attribute; the last that "
              "fits counts."},
  };
  return table;
}

Attribute const& drift_mode() {
  static Attribute const mode{.name = "drift",
                              .doc = "revert it (the default), report it, or ignore it",
                              .one_of = {"revert", "report", "ignore"}};
  return mode;
}

Table const& rollout() {
  static Table const table{
      {.name = "waves",
       .kind = Kind::list,
       .use = Use::required,
       .doc = "In their order; tenants without a wave belong to the last.",
       .element = Kind::object},
      limit("maxFailures",
            "Tenants of a wave that may fail, a count or a share; past it the next wave does not "
            "start."),
  };
  return table;
}

Table const& wave() {
  static Table const table{
      {.name = "name", .use = Use::required, .doc = "What tenants say in `wave`."},
      {.name = "blueprints",
       .kind = Kind::object,
       .doc = "Another version of a blueprint for the tenants of this wave: written name to used "
              "name."},
  };
  return table;
}

Table const& moved() {
  static Table const table{
      {.name = "from",
       .use = Use::required,
       .doc = "The address until now; the tenant may be `*`."},
      {.name = "to", .use = Use::required, .doc = "The address from now on."},
  };
  return table;
}

Table const& removed() {
  static Table const table{
      {.name = "from", .use = Use::required, .doc = "The address; the tenant may be `*`."},
  };
  return table;
}

std::vector<std::string> names(Table const& table) {
  std::vector<std::string> out;
  for (auto const& key : table) out.push_back(key.name);
  return out;
}

std::vector<std::string> const& words(Table const& table, std::string_view name) {
  auto const found = std::ranges::find(table, name, &Attribute::name);
  ensure(found != table.end() && !found->one_of.empty(), "a key with words has them in its table");
  return found->one_of;
}

}  // namespace tenantry::config::language
