#include "engine/config/resource_reader.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "engine/config/blueprint.hpp"
#include "engine/config/sink_check.hpp"
#include "engine/config/structure.hpp"
#include "engine/core/text.hpp"

namespace tenantry::config {
namespace {

std::string_view first_name(std::string_view pointer) {
  pointer.remove_prefix(std::min<std::size_t>(1, pointer.size()));
  return pointer.substr(0, pointer.find('/'));
}

Node const* node_of(Schema const& schema, Node const& block, std::string_view name) {
  auto const* a = schema.find(name);
  if (a == nullptr) return nullptr;
  if (a->block.empty()) return block.value_of(name);
  auto const* inner = block.value_of(a->block);
  return inner == nullptr ? nullptr : inner->value_of(name);
}

struct WrittenPart {
  Member const* member = nullptr;  ///< where a map holds it
  Node const* node = nullptr;
};

/// What the JSON pointer leads to as it is written. A value that a placeholder stands for has no
/// parts.
WrittenPart find_written(Schema const& schema, Node const& block, std::string_view pointer) {
  auto const name = first_name(pointer);
  WrittenPart out{nullptr, node_of(schema, block, name)};
  auto rest = pointer.substr(std::min(pointer.size(), name.size() + 1));
  while (out.node != nullptr && !rest.empty()) {
    rest.remove_prefix(1);
    auto const step = rest.substr(0, rest.find('/'));
    rest.remove_prefix(step.size());
    auto const& parent = *out.node;
    out = {};
    if (parent.is_map()) {
      out.member = parent.find(step);
      if (out.member != nullptr) out.node = out.member->value.get();
    } else if (parent.is_list()) {
      std::size_t index = 0;
      for (char const c : step) index = index * 10 + static_cast<std::size_t>(c - '0');
      if (index < parent.items.size()) out.node = parent.items[index].get();
    }
  }
  return out;
}

/// The node of the value, or of the innermost value around it that is written.
Node const* innermost_written(Schema const& schema, Node const& block, std::string_view pointer) {
  while (!pointer.empty()) {
    if (auto const found = find_written(schema, block, pointer); found.node != nullptr) {
      return found.node;
    }
    pointer = pointer.substr(0, pointer.rfind('/'));
  }
  return nullptr;
}

}  // namespace

ReadResource ResourceReader::read(Schema const& schema, Address address, NodePtr const& block,
                                  Mark const& where) {
  ReadResource out;
  out.schema = &schema;
  out.block = block;
  out.where = where;
  out.desired.address = std::move(address);
  out.desired.where = where.range();
  auto written = attributes(out);
  sink(out, written);
  if (checks_ == Checks::all) check_attributes(out, written);
  for (auto& member : written.values) {
    std::string_view const name = member.key();
    if (std::ranges::find(written.failed, name) != written.failed.end()) continue;
    auto const* a = schema.find(name);
    if (a->format == Format::file && !file(*a, member.value(), out)) continue;
    auto& target = a->use == Use::meta ? out.desired.meta : out.desired.attributes;
    target[name] = std::move(member.value());
  }
  if (auto const* node = block->value_of(kLifecycle); node != nullptr && node->is_map()) {
    lifecycle(*node, out);
  }
  if (schema.section.empty()) return out;
  if (auto const* node = block->value_of(kDependsOn)) dependencies(*node, out);
  return out;
}

ResourceReader::Wanted ResourceReader::wanted(Node const& block) {
  auto const* node = block.value_of(kWhen);
  if (node == nullptr) return Wanted::yes;
  auto const value = evaluator_.evaluate(*node);
  if (!value) return Wanted::unclear;  // its attributes would only repeat the message
  if (is_sensitive(*value) || is_unknown(*value)) {
    evaluator_.plain_text(*node, "\"when\"");
    return Wanted::unclear;
  }
  bool const says_something = [&] {
    if (auto const* text = value->if_string()) return !text->empty() && *text != "false";
    if (auto const* list = value->if_array()) return !list->empty();
    if (auto const* map = value->if_object()) return !map->empty();
    return !value->is_null() && *value != Value(false);
  }();
  return says_something ? Wanted::yes : Wanted::no;
}

ResourceReader::Written ResourceReader::attributes(ReadResource& resource) {
  Written written;
  auto const& schema = *resource.schema;
  for (auto const& member : resource.block->members) {
    if (has_block(schema, member.key)) {
      for (auto const& inner : member.value->members) {
        auto const* a = find_attribute(schema, member.key, inner.key);
        if (a != nullptr) attribute(*a, *inner.value, resource, written);
      }
    } else if (auto const* a = find_attribute(schema, "", member.key)) {
      attribute(*a, *member.value, resource, written);
    }
  }
  return written;
}

void ResourceReader::attribute(Attribute const& a, Node const& node, ReadResource& resource,
                               Written& written) {
  if (a.use == Use::computed) return;  // reported with its layer
  auto value = evaluator_.evaluate(node, '/' + a.name, &resource.desired.origins);
  if (!value) {
    // Stands in for the value, so that the attribute does not count as missing.
    written.values[a.name] = make_deferred({{Segment::Kind::tenant, a.name}});
    written.failed.push_back(a.name);
  } else if (!value->is_null()) {
    written.values[a.name] = converted(std::move(*value), node, a.kind);
    bool const may_hold_cells = checks_ == Checks::all && evaluator_.has_row();
    if (a.name == kDeliverSecret && may_hold_cells) {
      check_sink_of_cells(node, evaluator_, reporter_);
    }
  }
}

void ResourceReader::sink(ReadResource& resource, Written& written) {
  auto const* a = resource.schema->find(kDeliverSecret);
  if (a == nullptr || model_.sinks.empty()) return;
  // The last that fits counts, as in `policy.drift`.
  auto const found = std::find_if(model_.sinks.rbegin(), model_.sinks.rend(), [&](auto const& s) {
    return selects(s.pattern, resource.desired.address);
  });
  if (found == model_.sinks.rend()) return;
  attribute(*a, *found->value, resource, written);
  if (std::ranges::find(written.failed, a->name) != written.failed.end()) return;
  check_sink_of_connections(*found->value, evaluator_, reporter_);
}

/// Puts what stands for the content in the place of the path. False where it cannot: reported.
bool ResourceReader::file(Attribute const& a, Value& value, ReadResource& resource) {
  auto const* node = node_of(*resource.schema, *resource.block, a.name);
  if (is_deferred(value) && !is_sensitive(value)) {
    evaluator_.plain_text(*node, fmt::format("\"{}\"", a.name));
  }
  if (!value.is_string()) return false;
  std::string const written(std::string_view(value.get_string()));
  if (written.empty()) return true;  // no file
  auto const& found = model_.assets->find(a, written, *node->mark.source);
  if (auto const* problem = std::get_if<AssetProblem>(&found)) {
    reporter_.error(evaluator_.place(*node), problem->summary, problem->detail, problem->hint);
    return false;
  }
  auto const& declared = std::get<DeclaredFile>(found);
  value = declared.digest;
  resource.desired.files.emplace(a.name, declared);
  return true;
}

void ResourceReader::check_attributes(ReadResource const& resource, Written const& written) {
  check(*resource.schema, written.values, [&](SchemaProblem const& problem) {
    auto const name = first_name(problem.pointer);
    if (std::ranges::find(written.failed, name) != written.failed.end()) return;
    auto where = resource.desired.origin(problem.pointer);
    bool const is_about_key =
        problem.summary.starts_with("unknown key") || problem.summary == "attribute cannot be set";
    if (is_about_key) {
      auto const found = find_written(*resource.schema, *resource.block, problem.pointer);
      if (found.member != nullptr) where = found.member->key_mark.range();
    } else if (problem.summary.starts_with("sensitive value")) {
      // Of a text that a cell and a variable make together the variable is what is wrong.
      auto const* node = innermost_written(*resource.schema, *resource.block, problem.pointer);
      if (node != nullptr) where = node->mark.range();
    }
    if (problem.warning) {
      reporter_.warning(std::move(where), problem.summary, problem.detail, problem.hint);
    } else {
      reporter_.error(std::move(where), problem.summary, problem.detail, problem.hint);
    }
  });
}

void ResourceReader::lifecycle(Node const& node, ReadResource& resource) {
  auto& out = resource.desired.lifecycle;
  out.prevent_destroy = flag(node, "preventDestroy").value_or(false);
  out.adopt = flag(node, "adopt").value_or(false);
  if (auto const* list = node.value_of("ignoreChanges")) ignored(*list, resource);
}

std::optional<bool> ResourceReader::flag(Node const& map, std::string_view key) {
  auto const* node = map.value_of(key);
  if (node == nullptr) return std::nullopt;
  auto value = evaluator_.evaluate(*node);
  if (!value) return std::nullopt;
  auto const known = converted(std::move(*value), *node, Kind::boolean);
  if (known.is_bool()) return known.get_bool();
  reporter_.error(evaluator_.place(*node), "wrong type",
                  fmt::format("\"{}\" must be true or false, not {}.", key, describe_type(known)));
  return std::nullopt;
}

void ResourceReader::ignored(Node const& node, ReadResource& resource) {
  Places places;
  auto const value = evaluator_.evaluate(node, "/i", &places);
  if (!value) return;
  if (!value->is_array()) {
    report_type(node, "\"ignoreChanges\"", "a list of attributes", reporter_);
    return;
  }
  std::size_t index = 0;
  for (auto const& element : value->get_array()) {
    auto const* place = places.find(fmt::format("/i/{}", index++));
    auto const where = place == nullptr ? node.mark.range() : *place;
    if (!element.is_string()) {
      reporter_.error(where, "wrong type",
                      fmt::format("Each element of \"ignoreChanges\" must be a text, not {}.",
                                  describe_type(element)));
      continue;
    }
    std::string name(std::string_view(element.get_string()));
    if (resource.schema->find(name) != nullptr) {
      resource.desired.lifecycle.ignore_changes.push_back(std::move(name));
      continue;
    }
    std::vector<std::string> names;
    for (auto const& a : resource.schema->attributes) names.push_back(a.name);
    reporter_.error(
        where, fmt::format("unknown attribute \"{}\"{}", visible(name), did_you_mean(name, names)),
        fmt::format("A {} has no such attribute to ignore.", resource.schema->singular));
  }
}

void ResourceReader::dependencies(Node const& node, ReadResource& resource) {
  auto const add = [&](Node const& item) {
    auto text = evaluator_.plain_text(item, "An element of \"dependsOn\"");
    if (text) resource.depends_on.emplace_back(std::move(*text), item.mark);
  };
  if (node.is_list()) {
    for (auto const& item : node.items) add(*item);
  } else if (node.type == Node::Type::join) {
    for (auto const& part : node.items) {
      for (auto const& item : part->items) add(*item);
    }
  } else {
    report_type(node, "\"dependsOn\"", "a list such as [groups/analysts]", reporter_);
  }
}

}  // namespace tenantry::config
