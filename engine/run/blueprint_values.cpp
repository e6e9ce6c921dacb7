#include "engine/run/blueprint_values.hpp"

#include <algorithm>

namespace tenantry::run {
namespace {

/// "X" of "${values.X}" and "${values.X:-fallback}"; "" for any other text.
std::string value_name(Value const& written) {
  constexpr std::string_view kPrefix = "${values.";
  auto const* text = written.if_string();
  if (text == nullptr) return {};
  std::string_view rest(*text);
  if (!rest.starts_with(kPrefix) || !rest.ends_with('}')) return {};
  rest = rest.substr(kPrefix.size(), rest.size() - kPrefix.size() - 1);
  if (rest.find("${") != std::string_view::npos) return {};
  auto const name = rest.substr(0, rest.find(":-"));
  return is_key(name) ? std::string(name) : std::string();
}

std::string replaced(std::string text, std::string_view what, std::string_view by) {
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size())) {
    text.replace(at, what.size(), by);
  }
  return text;
}

class Finder {
 public:
  Finder(Provider const& provider, std::string const& key, std::string const& name,
         LiveTenant const& live)
      : provider_(provider), key_(key), name_(name), live_(live) {}

  Object run(Object const& blueprint) {
    for (auto const& section : blueprint) {
      auto const list = live_.lists.find(std::string(section.key()));
      auto const* type = provider_.find(section.key());
      if (type == nullptr || list == live_.lists.end() || !section.value().is_object()) continue;
      for (auto const& block : section.value().get_object()) {
        if (!block.value().is_object()) continue;
        look(type->schema(), block.value().get_object(), list->second);
      }
    }
    return std::move(found_);
  }

 private:
  void look(Schema const& schema, Object const& block, std::vector<RemoteObject> const& live) {
    Object wanted;
    for (auto const& name : schema.natural_key) {
      auto const* attribute = schema.find(name);
      auto const text = written_text(block, name);
      if (!text.empty() && attribute->refers_to.empty()) wanted[name] = text;
    }
    if (wanted.empty()) return;
    auto const object = std::ranges::find_if(live, [&](RemoteObject const& each) {
      return std::ranges::all_of(wanted, [&](auto const& member) {
        return text_at(each.attributes, member.key()) == text_at(wanted, member.key());
      });
    });
    if (object != live.end()) take(block, object->attributes);
  }

  std::string written_text(Object const& block, std::string const& name) const {
    auto text = replaced(text_at(block, name), "${tenant.key}", key_);
    text = replaced(std::move(text), "${tenant.name}", name_);
    return text.find("${") == std::string::npos ? text : std::string();
  }

  void take(Object const& block, Object const& live) {
    for (auto const& member : block) {
      auto const name = value_name(member.value());
      auto const* value = find(live, member.key());
      if (name.empty() || value == nullptr || found_.contains(name)) continue;
      found_[name] = *value;
    }
  }

  Provider const& provider_;
  std::string const& key_;
  std::string const& name_;
  LiveTenant const& live_;
  Object found_;
};

}  // namespace

Object values_from_live(Provider const& provider, Object const& blueprint, std::string const& key,
                        std::string const& name, LiveTenant const& live) {
  return Finder(provider, key, name, live).run(blueprint);
}

}  // namespace tenantry::run
