// The JSON Schema of the configuration for editors, and the tables of the resource kinds for
// programs: documentation, tests.
#include "cli/commands.hpp"
#include "engine/config/json_schema.hpp"
#include "providers/qlik/provider.hpp"

namespace tenantry::cli {
namespace {

std::string_view word(Kind kind) {
  switch (kind) {
    case Kind::string:
      return "string";
    case Kind::boolean:
      return "boolean";
    case Kind::integer:
      return "integer";
    case Kind::number:
      return "number";
    case Kind::list:
      return "list";
    case Kind::set:
      return "set";
    case Kind::object:
      return "object";
    case Kind::any:
      return "any";
  }
  return "any";
}

std::string_view word(Use use) {
  switch (use) {
    case Use::required:
      return "required";
    case Use::optional:
      return "optional";
    case Use::computed:
      return "computed";
    case Use::meta:
      return "meta";
  }
  return "optional";
}

std::string_view word(OnChange on_change) {
  switch (on_change) {
    case OnChange::update:
      return "update";
    case OnChange::replace:
      return "replace";
    case OnChange::refuse:
      return "refuse";
  }
  return "update";
}

std::string_view word(Format format) {
  switch (format) {
    case Format::none:
      return "";
    case Format::origin:
      return "origin";
    case Format::url:
      return "url";
    case Format::hostname:
      return "hostname";
    case Format::hostname_label:
      return "hostnameLabel";
    case Format::file:
      return "file";
  }
  return "";
}

Array texts(std::vector<std::string> const& list) {
  Array out;
  for (auto const& text : list) out.emplace_back(text);
  return out;
}

/// Only what says something: a table of defaults would bury it.
Object table_of(Attribute const& a) {
  Object out{{"name", a.name}, {"kind", word(a.kind)}, {"use", word(a.use)}};
  if (a.use != Use::meta) out["onChange"] = word(a.on_change);
  if (!a.doc.empty()) out["doc"] = a.doc;
  if (a.kind == Kind::list || a.kind == Kind::set) out["element"] = word(a.element);
  if (!a.one_of.empty()) out["oneOf"] = texts(a.one_of);
  if (a.length_min > 0) out["lengthMin"] = a.length_min;
  if (a.length_max > 0) out["lengthMax"] = a.length_max;
  if (a.items_max > 0) out["itemsMax"] = a.items_max;
  if (a.minimum) out["minimum"] = *a.minimum;
  if (a.maximum) out["maximum"] = *a.maximum;
  if (a.format != Format::none) out["format"] = word(a.format);
  if (a.format == Format::file) {
    out["file"] =
        Object{{"bytesMax", a.file.bytes_max}, {"contentTypes", texts(a.file.content_types)}};
  }
  if (a.sensitive) out["sensitive"] = true;
  if (a.write_only) out["writeOnly"] = true;
  if (!a.refers_to.empty()) out["refersTo"] = a.refers_to;
  if (!a.block.empty()) out["block"] = a.block;
  if (!a.refusal.empty()) out["refusal"] = a.refusal;
  if (!a.server_default.is_null()) out["serverDefault"] = a.server_default;
  if (!a.fields.empty()) {
    Array fields;
    for (auto const& field : a.fields) fields.emplace_back(table_of(field));
    out["fields"] = std::move(fields);
  }
  return out;
}

Object table_of(Schema const& schema) {
  Object out{{"section", schema.section},
             {"singular", schema.singular},
             {"type", schema.type()},
             {"doc", schema.doc},
             {"singleton", schema.singleton}};
  out["naturalKey"] = texts(schema.natural_key);
  out["exclusive"] = texts(schema.exclusive);
  Array attributes;
  for (auto const& attribute : schema.attributes) attributes.emplace_back(table_of(attribute));
  out["attributes"] = std::move(attributes);
  return out;
}

}  // namespace

void declare(Options& options, SchemaArguments& arguments) {
  options.flag("--connections-file", arguments.connections,
               "Give the schema of the file that --connections names");
  options.flag("--kinds", arguments.kinds, "Give the attribute tables of the resource kinds");
  options.excludes("--kinds", "--connections-file");
  options.examples(
      {{"tenantry schema > tenantry.schema.json", "Write the JSON Schema that editors read"},
       {"tenantry schema --kinds", "Show what each kind has, as JSON"}});
}

Exit run_schema(Invocation& invocation, SchemaArguments const& arguments) {
  auto const schemas = qlik_provider().schemas();
  if (!arguments.kinds) {
    auto const document = arguments.connections ? config::DocumentKind::connections
                                                : config::DocumentKind::configuration;
    invocation.console.out(pretty(config::json_schema(document, schemas)) + '\n');
    return Exit::done;
  }
  Array kinds;
  for (auto const* schema : schemas) kinds.emplace_back(table_of(*schema));
  invocation.console.out(pretty(kinds) + '\n');
  return Exit::done;
}

}  // namespace tenantry::cli
