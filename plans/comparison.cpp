#include "plans/comparison.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "engine/core/text.hpp"

namespace tenantry::plans {
namespace {

/// References that are names already.
class NamesAsTheyAre final : public ReferenceNames {
 public:
  std::string of_written(std::string_view, std::string_view text) const override {
    return std::string(text);
  }
  std::string of_live(std::string_view, std::string_view id, std::string_view name) const override {
    return std::string(name.empty() ? id : name);
  }
};

/// What of an attribute, or of an element or member of one, decides how its values compare.
struct Shape {
  Kind kind = Kind::any;
  Kind element = Kind::any;
  std::vector<Attribute> const* fields = nullptr;
  std::string_view refers_to = {};

  static Shape of(Attribute const& a) { return {a.kind, a.element, &a.fields, a.refers_to}; }
  Shape of_element() const {
    if (kind != Kind::list && kind != Kind::set) return {};
    return {element, Kind::any, fields, refers_to};
  }
  Shape of_member(std::string_view name) const {
    if (fields == nullptr) return {};
    auto const found = std::ranges::find(*fields, name, &Attribute::name);
    return found == fields->end() ? Shape{} : of(*found);
  }
};

Value reference_text(std::string_view section, Value const& value, ReferenceNames const& names) {
  if (auto const* text = value.if_string()) {
    return Value(names.of_written(section, std::string_view(*text)));
  }
  if (auto const* live = value.if_object(); live != nullptr && !is_deferred(value)) {
    return Value(names.of_live(section, text_at(*live, "id"), text_at(*live, "name")));
  }
  return value;
}

void sort_unique(Array& elements) {
  std::vector<std::pair<std::string, Value>> keyed;
  keyed.reserve(elements.size());
  for (auto& element : elements) keyed.emplace_back(canonical(element), std::move(element));
  std::ranges::sort(keyed, {}, [](auto const& pair) -> auto const& { return pair.first; });
  auto const [first, last] =
      std::ranges::unique(keyed, {}, [](auto const& pair) -> auto const& { return pair.first; });
  keyed.erase(first, last);
  elements.clear();
  for (auto& [key, element] : keyed) elements.push_back(std::move(element));
}

bool asks_for_nothing(Value const& value) {
  if (value.is_null()) return true;
  if (auto const* text = value.if_string()) return text->empty();
  if (auto const* array = value.if_array()) return array->empty();
  if (auto const* object = value.if_object()) return object->empty();
  return false;
}

bool values_match(Shape const& shape, Value const& want, Value const& have);

bool lists_match(Shape const& element, Array const& want, Array const& have) {
  return std::ranges::equal(
      want, have, [&](auto const& a, auto const& b) { return values_match(element, a, b); });
}

/// Each wanted element finds one of its own. Greedy: elements of sets are told apart by what is
/// written of them.
bool sets_match(Shape const& element, Array const& want, Array const& have) {
  if (want.size() != have.size()) return false;
  if (lists_match(element, want, have)) return true;  // both are sorted
  std::vector<bool> taken(have.size(), false);
  return std::ranges::all_of(want, [&](auto const& wanted) {
    for (std::size_t i = 0; i < have.size(); ++i) {
      if (taken[i] || !values_match(element, wanted, have[i])) continue;
      taken[i] = true;
      return true;
    }
    return false;
  });
}

bool objects_match(Shape const& shape, Object const& want, Object const& have) {
  return std::ranges::all_of(want, [&](auto const& member) {
    auto const* live = find(have, member.key());
    return values_match(shape.of_member(member.key()), member.value(),
                        live != nullptr ? *live : Value(nullptr));
  });
}

bool values_match(Shape const& shape, Value const& want, Value const& have) {
  if (have.is_null() && asks_for_nothing(want)) return true;
  if (is_deferred(want) || is_deferred(have)) return equal(want, have);
  if (want.is_array() && have.is_array()) {
    auto const element = shape.of_element();
    return shape.kind == Kind::set ? sets_match(element, want.get_array(), have.get_array())
                                   : lists_match(element, want.get_array(), have.get_array());
  }
  if (want.is_object() && have.is_object()) {
    return objects_match(shape, want.get_object(), have.get_object());
  }
  return equal(want, have);
}

Value normalised_as(Shape const& shape, Value const& value, ReferenceNames const& names) {
  if (is_deferred(value)) return value;
  if (auto const* part = contained(value); part != nullptr && shape.kind == Kind::set) {
    return make_contained(normalised_as(shape, Value(*part), names).get_array());
  }
  if (auto const* array = value.if_array(); array != nullptr) {
    auto const element = shape.of_element();
    Array out;
    for (auto const& item : *array) out.push_back(normalised_as(element, item, names));
    if (shape.kind == Kind::set) sort_unique(out);
    return out;
  }
  if (!shape.refers_to.empty()) return reference_text(shape.refers_to, value, names);
  if (auto const* object = value.if_object(); object != nullptr) {
    Object out;
    for (auto const& member : *object) {
      out[member.key()] = normalised_as(shape.of_member(member.key()), member.value(), names);
    }
    return out;
  }
  return value;
}

/// ASCII lower case without one trailing slash.
std::string plain_form(std::string_view text) {
  if (text.size() > 1 && text.ends_with('/')) text.remove_suffix(1);
  return lower(text);
}

/// A text that is equal for values that differ only by form.
std::string form_of(Value const& value) {
  if (auto const* text = value.if_string()) return canonical(Value(plain_form(*text)));
  if (auto const* array = value.if_array()) {
    std::vector<std::string> elements;
    for (auto const& element : *array) elements.push_back(form_of(element));
    std::ranges::sort(elements);
    std::string out = "[";
    for (auto const& element : elements) out += element + ',';
    return out + ']';
  }
  if (auto const* object = value.if_object(); object != nullptr && !is_deferred(value)) {
    std::vector<std::string> members;
    for (auto const& member : *object) {
      members.push_back(canonical(Value(member.key())) + ':' + form_of(member.value()));
    }
    std::ranges::sort(members);
    std::string out = "{";
    for (auto const& member : members) out += member + ',';
    return out + '}';
  }
  return canonical(value);
}

Object comparable_attributes(Schema const& schema, Object const& attributes,
                             ReferenceNames const& names) {
  Object out;
  for (auto const& attribute : schema.attributes) {
    if (attribute.use == Use::meta) continue;
    auto const* value = find(attributes, attribute.name);
    if (value == nullptr || value->is_null()) continue;
    out[attribute.name] = normalised(attribute, *value, names);
  }
  return out;
}

}  // namespace

Value normalised(Attribute const& attribute, Value const& value, ReferenceNames const& names) {
  return normalised_as(Shape::of(attribute), value, names);
}

Value normalised(Attribute const& attribute, Value const& value) {
  return normalised_as(Shape::of(attribute), value, NamesAsTheyAre());
}

bool matches(Attribute const& attribute, Value const& want, Value const& have) {
  return values_match(Shape::of(attribute), want, have);
}

bool is_part(Attribute const& attribute, Value const& want) {
  return attribute.kind == Kind::set && contained(want) != nullptr;
}

Value joined(Attribute const& attribute, Array const& ours, Value const& formerly,
             Value const& live) {
  auto const element = Shape::of(attribute).of_element();
  auto const holds = [&](Array const& list, Value const& wanted) {
    return std::ranges::any_of(
        list, [&](Value const& have) { return values_match(element, wanted, have); });
  };
  Array out;
  auto const* dropped = contained(formerly);  // of a list that was wholly ours nothing is dropped
  if (auto const* elements = live.if_array()) {
    for (auto const& have : *elements) {
      bool const was_ours =
          dropped != nullptr && std::ranges::any_of(*dropped, [&](auto const& old) {
            return values_match(element, old, have) && !holds(ours, old);
          });
      if (!was_ours) out.push_back(have);
    }
  }
  for (auto const& wanted : ours) {
    if (!holds(out, wanted)) out.push_back(wanted);
  }
  sort_unique(out);
  return out;
}

Value joined_part(Attribute const& attribute, Value const& ours, Value const& formerly,
                  Value const& live) {
  auto const elements = ours.is_array() ? ours.get_array() : Array();
  return joined(attribute, elements, formerly, live);
}

Value written_part(Value const& want, Value const& have) {
  if (auto const *a = want.if_array(), *b = have.if_array();
      a != nullptr && b != nullptr && a->size() == b->size()) {
    Array out;
    for (std::size_t i = 0; i < a->size(); ++i) out.push_back(written_part((*a)[i], (*b)[i]));
    return out;
  }
  auto const* written = want.if_object();
  auto const* live = have.if_object();
  if (written == nullptr || live == nullptr || is_deferred(want)) return have;
  Object out;
  for (auto const& member : *live) {
    auto const* wanted = find(*written, member.key());
    if (wanted != nullptr) out[member.key()] = written_part(*wanted, member.value());
  }
  return out;
}

bool same_but_for_form(Value const& sent, Value const& server) {
  return form_of(sent) == form_of(server);
}

Object comparable(Schema const& schema, Object const& live, ReferenceNames const& names) {
  return comparable_attributes(schema, live, names);
}

Object comparable_desired(Schema const& schema, Object const& desired,
                          ReferenceNames const& names) {
  return comparable_attributes(schema, desired, names);
}

}  // namespace tenantry::plans
