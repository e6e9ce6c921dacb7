#include "engine/run/exported_values.hpp"

#include <algorithm>

namespace tenantry::run {
namespace {

class Values {
 public:
  Values(Schema const& schema, ExportScope const& scope) : schema_(schema), scope_(scope) {}

  ExportedValues run(Object const& live) const {
    ExportedValues out;
    for (auto const& attribute : schema_.attributes) {
      auto const* value = find(live, attribute.name);
      if (value == nullptr || !is_told(attribute, *value)) continue;
      if (attribute.format == Format::file) {
        out.files.push_back(attribute.name);
        continue;
      }
      auto written = told_value(attribute, *value);
      bool const recognises =
          std::ranges::find(schema_.natural_key, attribute.name) != schema_.natural_key.end();
      bool const is_default =
          !recognises && attribute.use != Use::required && equal(written, attribute.server_default);
      if (is_default && scope_.defaults == Defaults::left_out) continue;
      if (!says_nothing(written)) out.attributes[attribute.name] = std::move(written);
    }
    return out;
  }

 private:
  bool is_told(Attribute const& attribute, Value const& value) const {
    return !says_nothing(value) && !scope_.left_out.contains(attribute.name) &&
           attribute.use != Use::computed && attribute.use != Use::meta &&
           !plans::is_secret(attribute);
  }

  Value told_value(Attribute const& attribute, Value const& value) const {
    if (auto const* array = value.if_array()) {
      Array out;
      for (auto const& element : *array) out.push_back(told_value(attribute, element));
      return out;
    }
    if (!attribute.refers_to.empty()) return reference(attribute.refers_to, value);
    auto const* object = value.if_object();
    if (object == nullptr || attribute.fields.empty()) return value;
    Object out;
    for (auto const& field : attribute.fields) {
      auto const* member = find(*object, field.name);
      if (member == nullptr || field.use == Use::computed || says_nothing(*member)) continue;
      out[field.name] = told_value(field, *member);
    }
    return out;
  }

  /// The key of what is exported too, else the name, else the id.
  Value reference(std::string const& section, Value const& value) const {
    std::string id, name;
    if (auto const* object = value.if_object()) {
      id = text_at(*object, "id");
      name = text_at(*object, "name");
    } else if (auto const* text = value.if_string()) {
      id = std::string_view(*text);
    }
    auto const key = scope_.keys.find({section, RemoteId(id)});
    if (key != scope_.keys.end()) return Value(key->second);
    if (name.empty()) {
      auto const* live = scope_.live.find(section, RemoteId(id));
      if (live == nullptr) return Value(id);
      name = text_at(live->attributes, "name");
    }
    // A key comes before a name: what has the name of another's key is told by its id.
    auto const is_key = std::ranges::any_of(
        scope_.keys, [&](auto const& k) { return k.first.first == section && k.second == name; });
    return Value(name.empty() || is_key ? id : name);
  }

  Schema const& schema_;
  ExportScope const& scope_;
};

}  // namespace

bool says_nothing(Value const& value) {
  if (value.is_null()) return true;
  if (auto const* text = value.if_string()) return text->empty();
  if (auto const* array = value.if_array()) return array->empty();
  auto const* object = value.if_object();
  return object != nullptr && object->empty();
}

ExportedValues exported_values(Schema const& schema, Object const& live, ExportScope const& scope) {
  return Values(schema, scope).run(live);
}

Object only_different(Schema const& schema, Object const& attributes, Object const& base,
                      plans::ReferenceNames const& names) {
  auto const wanted = plans::comparable_desired(schema, base, names);
  auto const live = plans::comparable_desired(schema, attributes, names);
  Object out;
  for (auto const& attribute : schema.attributes) {
    auto const* is = find(attributes, attribute.name);
    auto const* same = find(live, attribute.name);
    auto const* want = find(wanted, attribute.name);
    if (is != nullptr &&
        (want == nullptr ? !equal(*is, attribute.server_default) : !equal(*same, *want))) {
      out[attribute.name] = *is;
    }
    bool const can_differ = attribute.format != Format::file && !plans::is_secret(attribute) &&
                            attribute.use != Use::required;
    if (is == nullptr && want != nullptr && can_differ && !says_nothing(*want)) {
      out[attribute.name] = nullptr;
    }
  }
  return out;
}

}  // namespace tenantry::run
