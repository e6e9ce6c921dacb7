#include "engine/config/attribute_schema.hpp"

#include "engine/config/merge.hpp"

namespace tenantry::config {
namespace {

// ECMA 262, as JSON Schema wants it. They accept a little more than the checks of the program:
// what an editor marks must be wrong.
constexpr std::string_view kPlaceholder = "\\$\\{";
constexpr std::string_view kKey = "^(?!\\.{1,2}$)[A-Za-z0-9_.-]+$";
constexpr std::string_view kOrigin = "^[A-Za-z][A-Za-z0-9+.-]*://[^/?#@]+$";
constexpr std::string_view kUrl = "^[Hh][Tt][Tt][Pp][Ss]?://[^/?#]";
constexpr std::string_view kHostname = "^[A-Za-z0-9-]{1,63}(\\.[A-Za-z0-9-]{1,63})*$";
constexpr std::string_view kLabel = "^[A-Za-z0-9][A-Za-z0-9-]{1,61}[A-Za-z0-9]$";

constexpr std::string_view kPlaceholderName = "placeholder";
constexpr std::string_view kLimitName = "limit";

std::string_view pattern_of(Format format) {
  switch (format) {
    case Format::none:
    case Format::file:
      return {};
    case Format::origin:
      return kOrigin;
    case Format::url:
      return kUrl;
    case Format::hostname:
      return kHostname;
    case Format::hostname_label:
      return kLabel;
  }
  return {};
}

Array texts(std::vector<std::string> const& list) {
  Array out;
  for (auto const& text : list) out.emplace_back(text);
  return out;
}

std::string description(Attribute const& a, Writing writing) {
  auto out = a.doc;
  auto const add = [&](std::string_view sentence) {
    if (!out.empty()) out += ' ';
    out += sentence;
  };
  bool const is_said = writing.completeness == Completeness::whole;
  if (a.use == Use::required && !is_said) add("Required, here or in a blueprint.");
  if (a.use == Use::meta) return out;
  if (a.on_change == OnChange::replace) add("A change deletes the object and creates it anew.");
  if (a.on_change == OnChange::refuse) add("It cannot be changed afterwards.");
  return out;
}

/// The schemas of which one has to fit; none: anything goes.
class Alternatives {
 public:
  Alternatives(Attribute const& a, Writing writing) : a_(a), writing_(writing) {}

  Array run() {
    value(a_.kind);
    if (!out_.empty()) out_.emplace_back(Object{{"type", "null"}});
    return std::move(out_);
  }

  /// Of an element of the list.
  Array element() {
    value(a_.element);
    return std::move(out_);
  }

 private:
  void value(Kind kind) {
    switch (kind) {
      case Kind::any:
        return;
      case Kind::string:
        return text();
      case Kind::boolean:
        out_.emplace_back(Object{{"type", "boolean"}});
        return placeholder();
      case Kind::integer:
      case Kind::number:
        number(kind);
        return placeholder();
      case Kind::list:
      case Kind::set:
        list(kind);
        return placeholder();
      case Kind::object:
        out_.emplace_back(a_.fields.empty() ? Object{{"type", "object"}}
                                            : map_schema(a_.fields, writing_));
        return placeholder();
    }
  }

  void placeholder() {
    if (writing_.placeholders == Placeholders::allowed) {
      out_.emplace_back(reference_to(kPlaceholderName));
    }
  }

  void text() {
    Object schema{{"type", "string"}};
    if (!a_.one_of.empty()) schema["enum"] = texts(a_.one_of);
    if (a_.length_min > 0) schema["minLength"] = a_.length_min;
    if (a_.length_max > 0) schema["maxLength"] = a_.length_max;
    if (auto const pattern = pattern_of(a_.format); !pattern.empty()) schema["pattern"] = pattern;
    bool const any_text = schema.size() == 1;
    out_.emplace_back(std::move(schema));
    if (!any_text) placeholder();
  }

  void number(Kind kind) {
    Object schema{{"type", kind == Kind::integer ? "integer" : "number"}};
    if (a_.minimum) schema["minimum"] = *a_.minimum;
    if (a_.maximum) schema["maximum"] = *a_.maximum;
    out_.emplace_back(std::move(schema));
  }

  Object array() const {
    Object out{{"type", "array"}};
    // What is in a list is not merged with anything.
    auto elements = Alternatives(a_, {writing_.placeholders, Completeness::whole}).element();
    if (elements.size() == 1) {
      out["items"] = elements.front();
    } else if (!elements.empty()) {
      out["items"] = Object{{"anyOf", std::move(elements)}};
    }
    return out;
  }

  void list(Kind kind) {
    auto plain = array();
    if (a_.items_max > 0) plain["maxItems"] = a_.items_max;
    out_.emplace_back(std::move(plain));
    if (writing_.placeholders == Placeholders::refused) return;
    if (writing_.completeness == Completeness::layer) {
      wrapped(kAppend, "Elements after those of the layers below.",
              Array{array(), reference_to(kPlaceholderName)});
    }
    if (kind == Kind::set && a_.element == Kind::string) {
      wrapped(kContains, "Elements that are there; others stay.", Array{array()});
    }
  }

  void wrapped(std::string_view key, std::string_view doc, Array alternatives) {
    out_.emplace_back(
        Object{{"type", "object"},
               {"properties",
                Object{{key, Object{{"description", doc}, {"anyOf", std::move(alternatives)}}}}},
               {"required", Array{Value(key)}},
               {"additionalProperties", false}});
  }

  Attribute const& a_;
  Writing writing_;
  Array out_;
};

}  // namespace

Object reference_to(std::string_view name) {
  return {{"$ref", "#/definitions/" + std::string(name)}};
}

Object attribute_definitions() {
  return {
      {kPlaceholderName, Object{{"type", "string"}, {"pattern", kPlaceholder}}},
      {kLimitName, Object{{"anyOf", Array{Object{{"type", "integer"}, {"minimum", 0}},
                                          Object{{"type", "string"}, {"pattern", "^[0-9.]+%?$"}},
                                          Object{{"type", "null"}}}}}},
  };
}

Object or_null(std::string_view doc, Object schema) {
  Object out;
  if (!doc.empty()) out["description"] = doc;
  out["anyOf"] = Array{std::move(schema), Object{{"type", "null"}}};
  return out;
}

Object attribute_schema(Attribute const& attribute, Writing writing) {
  Object out;
  auto text = description(attribute, writing);
  if (!text.empty()) out["description"] = std::move(text);
  if (!attribute.server_default.is_null()) out["default"] = attribute.server_default;
  auto alternatives = Alternatives(attribute, writing).run();
  if (!alternatives.empty()) out["anyOf"] = std::move(alternatives);
  return out;
}

Object map_schema(std::vector<Attribute> const& table, Writing writing) {
  Object properties;
  Array required;
  for (auto const& a : table) {
    if (a.use == Use::computed) continue;
    properties[a.name] = attribute_schema(a, writing);
    if (a.use == Use::required) required.emplace_back(a.name);
  }
  Object out{{"type", "object"}, {"properties", std::move(properties)}};
  if (writing.completeness == Completeness::whole && !required.empty()) {
    out["required"] = std::move(required);
  }
  close(out);
  return out;
}

Object keyed_schema(Object element) {
  return {{"type", "object"},
          {"propertyNames", Object{{"pattern", kKey}}},
          {"additionalProperties", std::move(element)}};
}

void close(Object& out) { out["additionalProperties"] = false; }

}  // namespace tenantry::config
