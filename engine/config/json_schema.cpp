#include "engine/config/json_schema.hpp"

#include <map>

#include "engine/config/attribute_schema.hpp"
#include "engine/config/language.hpp"
#include "engine/config/schema_index.hpp"

namespace tenantry::config {
namespace {

constexpr Writing kLiteral{Placeholders::refused, Completeness::whole};
constexpr Writing kWhole{Placeholders::allowed, Completeness::whole};
constexpr Writing kLayer{Placeholders::allowed, Completeness::layer};

/// Both of a pair of keys, or none.
Object together(std::string const& one, std::string const& other) {
  return {{one, Array{Value(other)}}, {other, Array{Value(one)}}};
}

/// A map that does not hold all of `keys`.
Object without(std::vector<std::string> const& keys) {
  Object properties;
  Array required;
  for (auto const& key : keys) {
    properties[key] = true;
    required.emplace_back(key);
  }
  return {{"not", Object{{"type", "object"},
                         {"properties", std::move(properties)},
                         {"required", std::move(required)}}}};
}

class Builder {
 public:
  explicit Builder(std::vector<Schema const*> const& schemas) : index_(schemas) {}

  Object build(DocumentKind kind) {
    bool const is_configuration = kind == DocumentKind::configuration;
    definitions_ = attribute_definitions();
    for (auto const* schema : index_.sections()) define(*schema);
    Object out{{"$schema", "http://json-schema.org/draft-07/schema#"},
               {"title", is_configuration ? "Tenantry configuration" : "Tenantry connections"},
               {"type", "object"}};
    auto const& table = is_configuration ? language::configuration() : language::connections();
    Object properties;
    for (auto const& key : table) properties[key.name] = top_level(key);
    out["properties"] = std::move(properties);
    if (is_configuration) out["required"] = Array{Value("apiVersion")};
    close(out);
    out["definitions"] = std::move(definitions_);
    return out;
  }

 private:
  Object top_level(Attribute const& key) {
    if (key.name == "apiVersion") {
      return {{"description", key.doc}, {"const", key.one_of.front()}};
    }
    return or_null(key.doc, block(key.name));
  }

  Object block(std::string const& name) {
    if (name == "variables") return keyed_schema(variable());
    if (name == "regions") return keyed_schema(or_null({}, region()));
    if (name == "organization") return organization();
    if (name == "state") return map_schema(language::state(), kWhole);
    if (name == "blueprints") return keyed_schema(blueprint());
    if (name == "tenants") return keyed_schema(tenant());
    if (name == "fleets") return keyed_schema(fleet());
    if (name == "rollout") return rollout();
    if (name == "policy") return policy();
    if (name == "moved") return list_of(map_schema(language::moved(), kLiteral));
    if (name == "removed") return list_of(map_schema(language::removed(), kLiteral));
    ensure(name == "sinks", "every key of a file has its schema");
    return Object{{"type", "object"}, {"additionalProperties", sink()}};
  }

  static Object list_of(Object element) {
    return {{"type", "array"}, {"items", std::move(element)}};
  }

  static Object& members(Object& map) { return map["properties"].as_object(); }

  static Object variable() {
    auto out = map_schema(language::variable(), kLiteral);
    out["not"] = without({"env", "file"})["not"];
    return out;
  }

  static Object client() {
    auto out = map_schema(language::client(), kWhole);
    out["required"] = Array{Value("clientId"), Value("clientSecret")};
    return out;
  }

  static Object region() {
    auto out = map_schema(language::region(), kWhole);
    auto& clients = members(out)["clients"].as_object();
    auto list = list_of(client());
    list["minItems"] = 1;
    list["maxItems"] = 2;
    clients["anyOf"] = Array{std::move(list), Object{{"type", "null"}}};
    auto needs = together("clientId", "clientSecret");
    needs["clients"] = without({"clientId"});
    out["dependencies"] = std::move(needs);
    map_only(out, "values");
    return out;
  }

  static Object organization() {
    auto out = map_schema(language::organization(), kWhole);
    out["required"] = Array{Value("clientId"), Value("clientSecret")};
    return out;
  }

  static Object rollout() {
    auto wave = map_schema(language::wave(), kLiteral);
    set(wave, "blueprints", keyed_schema(Object{{"type", "string"}}));
    auto out = map_schema(language::rollout(), kLiteral);
    auto list = list_of(std::move(wave));
    list["minItems"] = 1;
    set(out, "waves", std::move(list));
    limit(out, "maxFailures");
    return out;
  }

  static Object policy() {
    auto out = map_schema(language::policy(), kLiteral);
    for (auto const* name : {"maxCreates", "maxDeletes", "maxDeactivates"}) limit(out, name);
    set(out, "drift",
        Object{{"type", "object"},
               {"additionalProperties", attribute_schema(language::drift_mode(), kLiteral)}});
    return out;
  }

  /// Gives `name` a form that its attribute cannot express.
  static void set(Object& map, std::string const& name, Object schema) {
    members(map)[name].as_object()["anyOf"] = Array{std::move(schema), Object{{"type", "null"}}};
  }

  static void limit(Object& map, std::string const& name) {
    members(map)[name].as_object()["anyOf"] = Array{reference_to("limit")};
  }

  /// A map as such: no placeholder stands for it.
  static void map_only(Object& map, std::string const& name) {
    set(map, name, Object{{"type", "object"}});
  }

  // --- what a tenant gets ---

  Object sink() const {
    for (auto const* schema : index_.sections()) {
      auto const* a = schema->find(kDeliverSecret);
      if (a != nullptr) return attribute_schema(*a, kLayer);
    }
    return {};
  }

  static Object lifecycle(Schema const& schema) {
    auto out = map_schema(language::lifecycle(), kLayer);
    auto ignored = language::lifecycle();
    for (auto& key : ignored) {
      if (key.name != "ignoreChanges") continue;
      for (auto const& a : schema.attributes) key.one_of.push_back(a.name);
      members(out)[key.name] = attribute_schema(key, kLayer);
    }
    return out;
  }

  /// The attributes of a kind as they are written: those of a block in it.
  static void add_attributes(Object& properties, Schema const& schema) {
    std::map<std::string, std::vector<Attribute>> blocks;
    for (auto const& a : schema.attributes) {
      if (!a.block.empty()) {
        blocks[a.block].push_back(a);
      } else if (a.use != Use::computed) {
        properties[a.name] = attribute_schema(a, kLayer);
      }
    }
    for (auto const& [name, table] : blocks) {
      properties[name] = or_null({}, map_schema(table, kLayer));
    }
  }

  void define(Schema const& schema) {
    auto own = map_schema(language::resource(), kLayer);
    auto& properties = members(own);
    // The kind's attributes first: editors offer them in this order.
    Object all;
    add_attributes(all, schema);
    for (auto& key : properties) all[key.key()] = std::move(key.value());
    properties = std::move(all);
    set(own, std::string(kLifecycle), lifecycle(schema));
    own["title"] = schema.singular;
    definitions_[schema.section] = std::move(own);
  }

  void add_sections(Object& properties) const {
    for (auto const* schema : index_.sections()) {
      auto resource = reference_to(schema->section);
      properties[schema->section] =
          schema->singleton ? or_null(schema->doc, std::move(resource))
                            : or_null(schema->doc, keyed_schema(or_null({}, std::move(resource))));
    }
  }

  /// A layer of a tenant with the language's keys of `table`.
  Object layer(language::Table const& table) const {
    auto out = map_schema(table, kLayer);
    auto& properties = members(out);
    add_attributes(properties, index_.tenant());
    add_sections(properties);
    map_only(out, "values");
    set(out, std::string(kLifecycle), lifecycle(index_.tenant()));
    return out;
  }

  Object blueprint() const {
    auto out = layer(language::blueprint());
    set(out, "parameters", keyed_schema(or_null({}, map_schema(language::parameter(), kLiteral))));
    return out;
  }

  Object tenant_layer() const {
    auto out = layer(language::tenant());
    members(out)["blueprint"].as_object()["anyOf"] = Array{
        Object{{"type", "string"}}, list_of(Object{{"type", "string"}}), Object{{"type", "null"}}};
    set(out, "auth", map_schema(language::auth(), kLayer));
    set(out, "hold", map_schema(language::hold(), kLayer));
    return out;
  }

  /// Defined once, since a tenant, a fleet's override and a fleet have it.
  Object tenant() {
    if (!definitions_.contains("tenant")) {
      auto out = tenant_layer();
      out["title"] = "tenant";
      definitions_["tenant"] = std::move(out);
    }
    return reference_to("tenant");
  }

  Object fleet() {
    auto out = tenant_layer();
    auto own = map_schema(language::fleet(), kLiteral);
    for (auto& key : members(own)) members(out)[key.key()] = std::move(key.value());
    out["required"] = own["required"];
    auto const& types = language::words(language::column(), "type");
    Array words;
    for (auto const& word : types) words.emplace_back(word);
    Object const type{{"type", "string"}, {"enum", std::move(words)}};
    Object const column{
        {"anyOf", Array{type, map_schema(language::column(), kLiteral), Object{{"type", "null"}}}}};
    set(out, "columns", keyed_schema(column));
    set(out, "overrides", keyed_schema(or_null({}, tenant())));
    return out;
  }

  SchemaIndex index_;
  Object definitions_;
};

}  // namespace

Object json_schema(DocumentKind kind, std::vector<Schema const*> const& schemas) {
  return Builder(schemas).build(kind);
}

}  // namespace tenantry::config
