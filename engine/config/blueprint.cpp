#include "engine/config/blueprint.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "engine/config/language.hpp"
#include "engine/config/layer_check.hpp"
#include "engine/config/layers.hpp"
#include "engine/config/scalar.hpp"
#include "engine/config/structure.hpp"
#include "engine/core/text.hpp"

namespace tenantry::config {
namespace {

struct TypeName {
  std::string_view name;
  ParameterType type;
};
constexpr std::array kTypes{
    TypeName{"string", ParameterType::text},     TypeName{"text", ParameterType::text},
    TypeName{"number", ParameterType::number},   TypeName{"integer", ParameterType::integer},
    TypeName{"boolean", ParameterType::boolean}, TypeName{"list", ParameterType::list},
    TypeName{"map", ParameterType::map}};

std::string_view describe(ParameterType type) {
  switch (type) {
    case ParameterType::text:
      return "a text";
    case ParameterType::number:
      return "a number";
    case ParameterType::integer:
      return "a whole number";
    case ParameterType::boolean:
      return "true or false";
    case ParameterType::list:
      return "a list";
    case ParameterType::map:
      return "a map";
  }
  return "a value";
}

Kind kind_of(ParameterType type) {
  switch (type) {
    case ParameterType::text:
      return Kind::string;
    case ParameterType::number:
      return Kind::number;
    case ParameterType::integer:
      return Kind::integer;
    case ParameterType::boolean:
      return Kind::boolean;
    case ParameterType::list:
      return Kind::list;
    case ParameterType::map:
      return Kind::object;
  }
  return Kind::any;
}

bool fits(ParameterType type, Value const& value) {
  if (is_deferred(value)) return type == ParameterType::text;
  switch (type) {
    case ParameterType::text:
      return value.is_string();
    case ParameterType::number:
      return value.is_number();
    case ParameterType::integer:
      return value.is_int64();
    case ParameterType::boolean:
      return value.is_bool();
    case ParameterType::list:
      return value.is_array();
    case ParameterType::map:
      return value.is_object();
  }
  return false;
}

Parameter read_parameter(Member const& member, Reporter& reporter) {
  static auto const kKeys = language::names(language::parameter());
  Parameter p{.name = member.key, .where = member.key_mark, .default_value = nullptr};
  auto const& map = *member.value;
  if (map.is_null()) return p;
  if (!map.is_map()) {
    report_type(map, fmt::format("The parameter \"{}\"", member.key), "a map", reporter);
    return p;
  }
  check_keys(map, kKeys, reporter);
  if (auto const* type = text_member(map, "type", reporter)) {
    auto const found = std::ranges::find(kTypes, type->text(), &TypeName::name);
    if (found != kTypes.end()) {
      p.type = found->type;
    } else {
      std::vector<std::string> names;
      for (auto const& t : kTypes) names.emplace_back(t.name);
      reporter.error(type->mark,
                     fmt::format("invalid value \"{}\"{}", visible(type->text()),
                                 did_you_mean(type->text(), names)),
                     fmt::format("A type is one of: {}.", fmt::join(names, ", ")));
    }
  }
  p.required = bool_member(map, "required", reporter).value_or(false);
  auto const* given = map.find("default");
  if (given == nullptr || given->value->is_null()) return p;
  p.default_value = given->value;
  if (p.required) {
    reporter.error(given->key_mark, "default of a required parameter",
                   fmt::format("\"{}\" is required, so that its default never counts.", p.name),
                   "remove one of the two");
  }
  return p;
}

Blueprint read_blueprint(Member const& member, Model const& model, Reporter& reporter) {
  Blueprint b{.key = member.key,
              .where = member.key_mark,
              .parameters = {},
              .values = nullptr,
              .body = nullptr};
  auto const& map = *member.value;
  if (auto const parameters = map_member(map, "parameters", reporter)) {
    for (auto const& p : parameters->members) {
      if (check_key(p, "parameter", reporter)) b.parameters.push_back(read_parameter(p, reporter));
    }
  }
  b.values = map_member(map, "values", reporter);
  check_layer(map, LayerKind::blueprint, model, reporter);
  std::vector<Member> rest;
  for (auto const& m : map.members) {
    if (m.key != "parameters" && m.key != "values") rest.push_back(m);
  }
  b.body = make_map(map.mark, std::move(rest));
  return b;
}

}  // namespace

void read_blueprints(Node const& map, Model& model, Reporter& reporter) {
  for (auto const& member : map.members) {
    if (!check_key(member, "blueprint", reporter)) continue;
    if (!member.value->is_map()) {
      report_type(*member.value, fmt::format("The blueprint \"{}\"", member.key), "a map",
                  reporter);
      continue;
    }
    model.blueprints.emplace(member.key, read_blueprint(member, model, reporter));
  }
}

void check_unused(Blueprint const& blueprint, Model const& model, Reporter& reporter) {
  TenantScope scope;
  scope.known = region_value_names(model);
  for (auto const& p : blueprint.parameters) scope.known.insert(p.name);
  scope.values = blueprint.values;
  Evaluator evaluator(model.variables, ScopeKind::tenant, scope, reporter);
  evaluator.check_names(*blueprint.body);
  if (blueprint.values != nullptr) evaluator.check_names(*blueprint.values);
  for (auto const& p : blueprint.parameters) {
    if (p.default_value != nullptr) evaluator.check_names(*p.default_value);
  }
}

Parameter const* find_parameter(TenantEntry const& tenant, std::string_view name) {
  for (auto const* blueprint : tenant.blueprints) {
    auto const found = std::ranges::find(blueprint->parameters, name, &Parameter::name);
    if (found != blueprint->parameters.end()) return &*found;
  }
  return nullptr;
}

NodePtr with_defaults(NodePtr const& values, TenantEntry const& tenant) {
  std::vector<Member> members;
  if (values != nullptr) members = values->members;
  auto const before = members.size();
  // Of two blueprints with the same parameter the later one's default counts.
  for (auto const* blueprint : tenant.blueprints) {
    for (auto const& p : blueprint->parameters) {
      if (p.default_value == nullptr) continue;
      auto const found = std::ranges::find(members, p.name, &Member::key);
      if (found == members.end()) {
        members.push_back({p.name, p.where, p.default_value});
      } else if (static_cast<std::size_t>(found - members.begin()) >= before) {
        *found = {p.name, p.where, p.default_value};
      }
    }
  }
  if (members.size() == before) return values;
  return make_map(values == nullptr ? tenant.where : values->mark, std::move(members));
}

namespace {

void check_known(TenantEntry const& tenant, Reporter& reporter) {
  auto const check = [&](NodePtr const& values) {
    if (values == nullptr) return;
    for (auto const& member : values->members) {
      if (find_parameter(tenant, member.key) != nullptr) continue;
      std::vector<std::string> names;
      for (auto const* b : tenant.blueprints) {
        for (auto const& p : b->parameters) names.push_back(p.name);
      }
      reporter.error(member.key_mark,
                     fmt::format("unknown value \"{}\"{}", visible(member.key),
                                 did_you_mean(member.key, names)),
                     names.empty()
                         ? "The blueprints of the tenant have no parameters."
                         : fmt::format("The parameters are: {}.", fmt::join(names, ", ")));
    }
  };
  for (auto const* blueprint : tenant.blueprints) check(blueprint->values);
  for (auto const& layer : {tenant.body, tenant.override_body}) {
    auto const* member = layer == nullptr ? nullptr : layer->find("values");
    if (member != nullptr && member->value->is_map()) check(member->value);
  }
}

}  // namespace

std::vector<std::pair<Parameter const*, Blueprint const*>> missing_values(TenantEntry const& tenant,
                                                                          NodePtr const& values) {
  std::vector<std::pair<Parameter const*, Blueprint const*>> out;
  for (auto const* blueprint : tenant.blueprints) {
    for (auto const& p : blueprint->parameters) {
      bool const given = values != nullptr && values->find(p.name) != nullptr;
      if (p.required && !given) out.emplace_back(&p, blueprint);
    }
  }
  return out;
}

void check_values(TenantEntry const& tenant, TenantScope const& scope, Evaluator& evaluator,
                  Reporter& reporter) {
  if (!tenant.blueprints.empty()) check_known(tenant, reporter);
  for (auto const& [p, blueprint] : missing_values(tenant, scope.values)) {
    auto const* written = tenant.own("values");
    auto const where = written == nullptr ? tenant.where : written->key_mark;
    reporter.error(place_of_empty_cell(tenant, "values." + p->name).value_or(where),
                   "missing attribute",
                   fmt::format("\"{}\" is required by the blueprint \"{}\" ({}).", p->name,
                               blueprint->key, p->where.range().text()),
                   "write it under `values` of the tenant");
  }
  if (scope.values == nullptr) return;
  for (auto const& member : scope.values->members) {
    auto value = evaluator.value_of("values." + member.key, *member.value);
    auto const* parameter = find_parameter(tenant, member.key);
    if (!value || parameter == nullptr || value->is_null()) continue;
    auto const fitting = converted(std::move(*value), *member.value, kind_of(parameter->type));
    if (fits(parameter->type, fitting)) continue;
    evaluator.reject(*member.value);
    reporter.error(evaluator.place(*member.value), "wrong type",
                   fmt::format("The value \"{}\" must be {}, not {}.", member.key,
                               describe(parameter->type), describe_type(fitting)),
                   fmt::format("the parameter is defined at {}", parameter->where.range().text()));
  }
}

Value converted(Value value, Node const& node, Kind wanted) {
  if (!node.has_placeholder || !value.is_string()) return value;
  if (wanted != Kind::boolean && wanted != Kind::integer && wanted != Kind::number) return value;
  auto plain = resolve_plain(std::string_view(value.get_string()));
  if (!plain) return value;
  bool const fits = (wanted == Kind::boolean && plain->is_bool()) ||
                    (wanted == Kind::integer && plain->is_int64()) ||
                    (wanted == Kind::number && plain->is_number());
  return fits ? std::move(*plain) : value;
}

}  // namespace tenantry::config
