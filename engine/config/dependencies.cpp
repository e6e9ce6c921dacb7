#include "engine/config/dependencies.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <unordered_map>

#include "engine/core/text.hpp"

namespace tenantry::config {
namespace {

using Known = std::unordered_map<std::string, std::size_t>;

Known index_of(std::vector<ReadResource> const& resources) {
  Known known;
  for (std::size_t i = 0; i < resources.size(); ++i) {
    known.emplace(local_name(resources[i].desired.address), i);
  }
  return known;
}

void resolve_written(ReadResource& resource, std::vector<ReadResource> const& all,
                     Known const& known, LeftOut const& left_out, Reporter& reporter) {
  for (auto const& [name, mark] : resource.depends_on) {
    auto const found = known.find(name);
    if (found != known.end()) {
      resource.desired.depends_on.push_back(all[found->second].desired.address);
    } else if (left_out.unclear.contains(name)) {
      continue;
    } else if (left_out.by_when.contains(name)) {
      reporter.error(mark, "dependency that is left out",
                     fmt::format("`when` leaves \"{}\" out, but not what depends on it.", name),
                     "give both the same `when`");
    } else {
      std::vector<std::string> names;
      for (auto const& r : all) names.push_back(local_name(r.desired.address));
      reporter.error(
          mark, fmt::format("unknown resource \"{}\"{}", visible(name), did_you_mean(name, names)),
          "The tenant has no such resource; write SECTION/KEY, or the section alone where it is "
          "one "
          "resource.");
    }
  }
}

/// Depth-first search that names each cycle once.
class CycleSearch {
 public:
  CycleSearch(std::vector<ReadResource> const& resources, Reporter& reporter)
      : resources_(resources),
        reporter_(reporter),
        known_(index_of(resources)),
        states_(resources.size(), State::fresh) {}

  void run() {
    for (std::size_t i = 0; i < resources_.size(); ++i) {
      if (states_[i] == State::fresh) from(i);
    }
  }

 private:
  enum class State { fresh, open, done };
  struct Step {
    std::size_t node;
    std::size_t next = 0;
  };

  void from(std::size_t start) {
    enter(start);
    while (!path_.empty()) {
      auto& step = path_.back();
      auto const& edges = resources_[step.node].desired.depends_on;
      if (step.next == edges.size()) {
        states_[step.node] = State::done;
        path_.pop_back();
        continue;
      }
      auto const target = known_.at(local_name(edges[step.next++]));
      if (states_[target] == State::fresh) {
        enter(target);
      } else if (states_[target] == State::open) {
        report(target);
      }
    }
  }

  void enter(std::size_t node) {
    states_[node] = State::open;
    path_.push_back({node});
  }

  void report(std::size_t again) {
    auto const start = std::ranges::find(path_, again, &Step::node);
    auto const first = std::min_element(start, path_.end(), [&](auto const& a, auto const& b) {
      return resources_[a.node].where < resources_[b.node].where;
    });
    std::string text;
    auto const add = [&](auto from, auto to) {
      for (auto i = from; i != to; ++i) {
        text += local_name(resources_[i->node].desired.address) + " -> ";
      }
    };
    add(first, path_.end());
    add(start, first);
    reporter_.error(resources_[first->node].where, "cycle of dependencies",
                    text + local_name(resources_[first->node].desired.address) + '.',
                    "remove one of these dependencies");
  }

  std::vector<ReadResource> const& resources_;
  Reporter& reporter_;
  Known known_;
  std::vector<State> states_;
  std::vector<Step> path_;
};

/// The natural key as one text; empty where a part is not known.
std::string natural_key(ReadResource const& resource) {
  Array parts;
  for (auto const& name : resource.schema->natural_key) {
    auto const* value = find(resource.desired.attributes, name);
    auto const* attribute = resource.schema->find(name);
    if (value == nullptr && attribute != nullptr && !attribute->server_default.is_null()) {
      value = &attribute->server_default;  // what the server takes when it is not written
    }
    if (value == nullptr || is_unknown(*value) || is_sensitive(*value)) return {};
    parts.push_back(*value);
  }
  return parts.empty() ? std::string() : resource.schema->section + canonical(parts);
}

/// Where the natural key is written; of several attributes the last, since the first may be left to
/// a default and tells less (a group's `providerType` before its `name`).
SourceRange const& key_origin(ReadResource const& resource) {
  auto const& names = resource.schema->natural_key;
  for (auto name = names.rbegin(); name != names.rend(); ++name) {
    if (resource.desired.attributes.contains(*name)) return resource.desired.origin('/' + *name);
  }
  return resource.desired.origin('/' + names.front());
}

/// In the order of the files.
std::vector<ReadResource const*> in_written_order(std::vector<ReadResource> const& resources) {
  std::vector<ReadResource const*> out;
  out.reserve(resources.size());
  for (auto const& r : resources) out.push_back(&r);
  std::ranges::stable_sort(out, {}, [](auto const* r) -> Mark const& { return r->where; });
  return out;
}

}  // namespace

std::string local_name(Address const& address) {
  return address.key.empty() ? address.section : address.section + '/' + address.key;
}

void resolve_dependencies(std::vector<ReadResource>& resources, LeftOut const& left_out,
                          Reporter& reporter) {
  auto const known = index_of(resources);
  for (auto& resource : resources) {
    resolve_written(resource, resources, known, left_out, reporter);
    each_reference(
        resource.schema->attributes, resource.desired.attributes,
        [&](Attribute const& attribute, std::string const& text) {
          auto const found = known.find(attribute.refers_to + '/' + text);
          if (found == known.end()) return;  // a live name, or an id
          resource.desired.depends_on.push_back(resources[found->second].desired.address);
        });
    auto& list = resource.desired.depends_on;
    std::ranges::sort(list);
    auto const [first, last] = std::ranges::unique(list);
    list.erase(first, last);
  }
}

void check_cycles(std::vector<ReadResource> const& resources, Reporter& reporter) {
  CycleSearch(resources, reporter).run();
}

void check_natural_keys(std::vector<ReadResource> const& resources, Reporter& reporter) {
  std::unordered_map<std::string, ReadResource const*> seen;
  for (auto const* resource : in_written_order(resources)) {
    auto key = natural_key(*resource);
    if (key.empty()) continue;
    auto const [earlier, is_new] = seen.emplace(std::move(key), resource);
    if (is_new) continue;
    auto const& names = resource->schema->natural_key;
    auto const& other = *earlier->second;
    reporter.error(
        key_origin(*resource), "natural key in use",
        fmt::format("{} and {} have the same {} ({}).", local_name(resource->desired.address),
                    local_name(other.desired.address), join_words(names), key_origin(other).text()),
        with_article(resource->schema->singular) + " is recognised by it; change one");
  }
}

void check_exclusive(std::vector<ReadResource> const& resources, Reporter& reporter) {
  std::map<std::pair<Schema const*, std::string>, ReadResource const*> holders;
  for (auto const* resource : in_written_order(resources)) {
    for (auto const& flag : resource->schema->exclusive) {
      auto const* value = find(resource->desired.attributes, flag);
      if (value == nullptr || *value != Value(true)) continue;
      auto const [earlier, is_new] = holders.emplace(std::pair(resource->schema, flag), resource);
      if (is_new) continue;
      auto const& other = *earlier->second;
      reporter.error(
          resource->desired.origin('/' + flag), "flag in use",
          fmt::format("{} and {} both have \"{}\" ({}).", local_name(resource->desired.address),
                      local_name(other.desired.address), flag,
                      other.desired.origin('/' + flag).text()),
          fmt::format("at most one {} of a tenant can have it", resource->schema->singular));
    }
  }
}

}  // namespace tenantry::config
