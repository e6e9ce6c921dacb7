// A resource kind with an attribute of every sort, and the inputs of a diff made from it.
#pragma once
#include <doctest/doctest.h>

#include <map>
#include <string>

#include "plans/diff.hpp"

namespace tenantry::plans::test {

inline Schema sample_schema() {
  Schema schema;
  schema.section = "widgets";
  schema.singular = "widget";
  schema.natural_key = {"name"};
  schema.attributes = {
      {.name = "name", .use = Use::required},
      {.name = "description"},
      {.name = "origins", .kind = Kind::set, .element = Kind::string},
      {.name = "steps", .kind = Kind::list, .element = Kind::string},
      {.name = "roles", .kind = Kind::set, .element = Kind::string, .refers_to = "roles"},
      {.name = "space", .refers_to = "spaces"},
      {.name = "limits",
       .kind = Kind::object,
       .fields = {{.name = "low", .kind = Kind::integer},
                  {.name = "high", .kind = Kind::integer},
                  {.name = "tags", .kind = Kind::set}}},
      {.name = "count", .kind = Kind::number},
      {.name = "enabled", .kind = Kind::boolean},
      {.name = "shape", .on_change = OnChange::replace},
      {.name = "platform", .on_change = OnChange::refuse, .refusal = "the API has no call for it"},
      {.name = "password", .sensitive = true, .write_only = true},
      {.name = "id", .use = Use::computed},
      {.name = "deliver", .kind = Kind::any, .use = Use::meta},
  };
  return schema;
}

/// Keys of this tenant by section and key; live names stand for themselves.
class SampleNames final : public ReferenceNames {
 public:
  std::string of_written(std::string_view section, std::string_view text) const override {
    auto const found = names.find(std::string(section) + '/' + std::string(text));
    return found != names.end() ? found->second : std::string(text);
  }
  std::string of_live(std::string_view, std::string_view id, std::string_view name) const override {
    return std::string(name.empty() ? id : name);
  }
  std::map<std::string, std::string> names{{"roles/author", "Report author"},
                                           {"spaces/pipelines", "Pipelines"}};
};

inline Object object(std::string_view json) { return parse_json(json).value().get_object(); }

/// One resource in its three sides. Unset sides are absent.
struct Sample {
  Schema schema = sample_schema();
  SampleNames names;
  Address address{"acme", "widgets", "main"};
  std::optional<DesiredResource> desired;
  std::optional<state::ResourceRecord> prior;
  std::optional<RemoteObject> live;

  Sample& want(std::string_view json) {
    desired.emplace();
    desired->address = address;
    desired->attributes = object(json);
    desired->where = {"tenantry.yaml", 3, 5};
    for (auto const& member : desired->attributes) {
      auto const name = std::string(std::string_view(member.key()));
      desired->origins.emplace('/' + name, SourceRange{"tenantry.yaml", 4, 7});
    }
    return *this;
  }
  Sample& applied(std::string_view json) {
    prior.emplace();
    prior->address = address;
    prior->id = RemoteId("w1");
    prior->applied = object(json);
    return *this;
  }
  Sample& observed(std::string_view json) {
    prior->observed = object(json);
    return *this;
  }
  Sample& is(std::string_view json) {
    live.emplace();
    live->id = RemoteId("w1");
    live->attributes = object(json);
    return *this;
  }
  DiffInput input() const {
    return {.schema = schema,
            .desired = desired ? &*desired : nullptr,
            .prior = prior ? &*prior : nullptr,
            .live = live ? &*live : nullptr,
            .names = names,
            .salt = "s1",
            .reveal = {},
            .drift = {}};
  }
  DiffOutput run() const { return diff(input()).value(); }
};

/// The one attribute that changes.
inline plans::AttributeChange const& only(plans::Change const& change) {
  REQUIRE(change.attributes.size() == 1);
  return change.attributes.front();
}

}  // namespace tenantry::plans::test
