#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "cli/configuration_loading.hpp"
#include "cli/planning.hpp"
#include "engine/core/text.hpp"
#include "plans/plan_file.hpp"

namespace tenantry::cli {

void declare(Options& options, GraphArguments& arguments) {
  options.list("--target", "ADDRESS", arguments.targets,
               "Only tenants of this address or glob; may be repeated");
  options.text("--plan", "FILE", arguments.plan_file,
               "Draw the changes of a saved plan instead of the configuration");
  declare(options, arguments.configuration);
  options.examples(
      {{"tenantry graph | dot -Tsvg > graph.svg", "Draw what depends on what"},
       {"tenantry graph --plan tenantry.plan --target acme", "Draw the changes of one tenant"}});
}

namespace {

using plans::Action;

/// A resource as it is drawn, by its name inside of its tenant; "" is the tenant itself.
struct Node {
  std::string label;
  std::string style;  ///< further attributes of DOT
  std::set<std::string> needs;
  auto operator<=>(Node const&) const = default;
};
/// What one tenant has. Tenants with equal ones are drawn once.
using Shape = std::map<std::string, Node>;

std::string local_name(Address const& address) {
  if (address.is_tenant()) return {};
  return address.key.empty() ? address.section : address.section + '/' + address.key;
}

std::string dot_string(std::string_view text) {
  std::string out = "\"";
  for (char const c : visible(text)) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

constexpr std::string_view kTenantStyle = ", shape=house";

Shape shape_of(config::Tenant const& tenant) {
  Shape shape;
  shape[""] = {"the tenant", std::string(kTenantStyle), {}};
  for (auto const& resource : tenant.resources) {
    auto& node = shape[local_name(resource.address)];
    node.label = local_name(resource.address);
    for (auto const& needed : resource.depends_on) node.needs.insert(local_name(needed));
    if (node.needs.empty()) node.needs.insert("");
  }
  return shape;
}

std::string_view color_of(Action action) {
  switch (action) {
    case Action::create:
    case Action::reactivate:
      return "palegreen";
    case Action::update:
      return "khaki";
    case Action::replace:
      return "orange";
    case Action::delete_:
    case Action::deactivate:
      return "lightcoral";
    case Action::adopt:
      return "lightskyblue";
    case Action::no_op:
    case Action::release:
    case Action::forget:
      return "lightgray";
  }
  return "white";
}

Shape shape_of(plans::TenantPlan const& tenant) {
  Shape shape;
  for (auto const& change : tenant.changes) {
    if (!change.changes_something()) continue;
    auto& node = shape[local_name(change.address)];
    auto const name = change.address.is_tenant() ? "the tenant" : local_name(change.address);
    node.label = fmt::format("{} {}", name_of(change.action), name);
    node.style = fmt::format(", style=filled, fillcolor={}", color_of(change.action));
    if (change.guard && !change.guard->acknowledged) node.style += ", color=red, penwidth=3";
    if (change.address.is_tenant()) node.style += kTenantStyle;
  }
  for (auto const& change : tenant.changes) {
    if (!change.changes_something() || change.address.is_tenant()) continue;
    std::set<std::string> needs;
    for (auto const& needed : change.depends_on) needs.insert(local_name(needed));
    if (needs.empty() && shape.contains("")) needs.insert("");
    for (auto const& needed : needs) {
      // What stays as it is, drawn where something that changes stands on it.
      if (!shape.contains(needed)) shape[needed] = {needed, ", style=dashed", {}};
    }
    shape[local_name(change.address)].needs = std::move(needs);
  }
  return shape;
}

class Drawing {
 public:
  void add(std::string const& tenant, Shape shape) {
    if (!shape.empty()) tenants_[std::move(shape)].push_back(tenant);
  }

  std::string write() {
    std::string out =
        "digraph tenantry {\n  rankdir=LR;\n  node [shape=box, fontname=\"sans-serif\"];\n"
        "  graph [fontname=\"sans-serif\"];\n";
    std::vector<std::pair<std::vector<std::string> const*, Shape const*>> groups;
    for (auto const& [shape, tenants] : tenants_) groups.emplace_back(&tenants, &shape);
    std::ranges::sort(groups, {}, [](auto const& group) { return group.first->front(); });
    for (std::size_t i = 0; i < groups.size(); ++i) {
      cluster(out, i, *groups[i].first, *groups[i].second);
    }
    return out + "}\n";
  }

 private:
  static std::string title_of(std::vector<std::string> const& tenants) {
    constexpr std::size_t kNamed = 3;
    if (tenants.size() == 1) return tenants.front();
    std::vector<std::string> const named(
        tenants.begin(),
        tenants.begin() + static_cast<std::ptrdiff_t>(std::min(kNamed, tenants.size())));
    auto text = fmt::format("{} tenants: {}", tenants.size(), fmt::join(named, ", "));
    if (tenants.size() > kNamed) text += fmt::format(" and {} more", tenants.size() - kNamed);
    return text;
  }

  static void cluster(std::string& out, std::size_t number, std::vector<std::string> const& tenants,
                      Shape const& shape) {
    auto const id = [&](std::string const& name) {
      return dot_string(name.empty() ? tenants.front() : tenants.front() + '/' + name);
    };
    out += fmt::format("  subgraph cluster_{} {{\n    label={};\n", number,
                       dot_string(title_of(tenants)));
    for (auto const& [name, node] : shape) {
      out += fmt::format("    {} [label={}{}];\n", id(name), dot_string(node.label), node.style);
    }
    for (auto const& [name, node] : shape) {
      for (auto const& needed : node.needs) {
        if (shape.contains(needed)) out += fmt::format("    {} -> {};\n", id(name), id(needed));
      }
    }
    out += "  }\n";
  }

  std::map<Shape, std::vector<std::string>> tenants_;
};

/// Checks that each pattern meant a tenant of `known`, and gives those that are meant.
Result<std::vector<std::string>> chosen(std::vector<std::string> const& known,
                                        std::vector<std::string> const& targets) {
  if (targets.empty()) return known;
  auto const means = [](std::string const& target, std::string const& tenant) {
    return glob_matches(target.substr(0, target.find('/')), tenant);
  };
  for (auto const& target : targets) {
    if (std::ranges::any_of(known, [&](auto const& key) { return means(target, key); })) continue;
    return Error(Errc::not_found, fmt::format("--target {} fits no tenant{}", visible(target),
                                              did_you_mean(target, known)));
  }
  std::vector<std::string> out;
  for (auto const& key : known) {
    if (std::ranges::any_of(targets, [&](auto const& t) { return means(t, key); })) {
      out.push_back(key);
    }
  }
  return out;
}

Result<std::string> draw_plan(std::string const& file, std::vector<std::string> const& targets) {
  auto const plan = plans::read_plan(file);
  if (!plan) return plan.error();
  std::vector<std::string> known;
  for (auto const& tenant : plan->tenants) known.push_back(tenant.key);
  auto const keys = chosen(known, targets);
  if (!keys) return keys.error();
  Drawing drawing;
  auto const read = plan->tenants.for_each([&](plans::TenantPlan const& tenant) {
    if (std::ranges::find(*keys, tenant.key) != keys->end()) {
      drawing.add(tenant.key, shape_of(tenant));
    }
  });
  if (!read) return read.error();
  return drawing.write();
}

Result<std::string> draw_configuration(config::Configuration const& configuration,
                                       std::vector<std::string> const& targets) {
  std::vector<std::string> known;
  for (auto const& tenant : configuration.tenants()) known.push_back(tenant.key);
  auto const keys = chosen(known, targets);
  if (!keys) return keys.error();
  Drawing drawing;
  for (auto const& key : *keys) drawing.add(key, shape_of(configuration.expand(key)));
  return drawing.write();
}

}  // namespace

Exit run_graph(Invocation& invocation, GraphArguments const& arguments) {
  Result<std::string> drawn = std::string();
  if (arguments.plan_file) {
    drawn = draw_plan(*arguments.plan_file, arguments.targets);
  } else {
    auto const configuration = load_configuration(invocation, arguments.configuration);
    if (!configuration) return Exit::failed;
    drawn = draw_configuration(*configuration, arguments.targets);
  }
  if (!drawn) return fail(invocation, drawn.error());
  invocation.console.out(*drawn);
  return Exit::done;
}

}  // namespace tenantry::cli
