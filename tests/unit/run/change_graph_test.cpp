#include "engine/run/change_graph.hpp"

#include <doctest/doctest.h>

#include "providers/qlik/provider.hpp"

namespace tenantry::run {
using plans::Action;
using plans::Change;
namespace {

Change change(std::string const& address, Action action,
              std::vector<std::string> const& needs = {}) {
  Change out;
  out.address = *parse_address(address);
  out.action = action;
  for (auto const& needed : needs) out.depends_on.push_back(*parse_address(needed));
  return out;
}

state::ResourceRecord row(std::string const& address, std::vector<std::string> const& needs) {
  state::ResourceRecord out;
  out.address = *parse_address(address);
  for (auto const& needed : needs) out.depends_on.push_back(*parse_address(needed));
  return out;
}

/// True when `second` waits for `first` in the order of `changes`.
bool waits(std::vector<Change> const& changes, state::TenantState const& state, std::size_t first,
           std::size_t second) {
  std::vector<Change const*> pointers;
  for (auto const& c : changes) pointers.push_back(&c);
  auto const graph = order_changes(pointers, state, qlik_provider());
  CHECK_FALSE(graph.cycle().has_value());
  auto const& after = graph.dependents(first);
  return std::ranges::find(after, second) != after.end();
}

}  // namespace

TEST_SUITE("change_graph") {
  TEST_CASE("order_changes: everything in a new tenant waits for the tenant") {
    std::vector<Change> const changes{change("acme/roles/author", Action::create),
                                      change("acme", Action::create)};
    CHECK(waits(changes, {}, 1, 0));
  }

  TEST_CASE("order_changes: an update of the tenant holds nothing up") {
    std::vector<Change> const changes{change("acme/roles/author", Action::create),
                                      change("acme", Action::update)};
    CHECK_FALSE(waits(changes, {}, 1, 0));
  }

  TEST_CASE("order_changes: what is needed comes first when created") {
    std::vector<Change> const changes{
        change("acme/groups/authors", Action::create, {"acme/roles/author"}),
        change("acme/roles/author", Action::create)};
    CHECK(waits(changes, {}, 1, 0));
    CHECK_FALSE(waits(changes, {}, 0, 1));
  }

  TEST_CASE("order_changes: what is needed goes last when deleted") {
    state::TenantState state;
    state.key = "acme";
    auto const group = row("acme/groups/authors", {"acme/roles/author"});
    state.resources[group.address] = group;
    SUBCASE("both are deleted") {
      std::vector<Change> const changes{
          change("acme/groups/authors", Action::delete_, {"acme/roles/author"}),
          change("acme/roles/author", Action::delete_)};
      CHECK(waits(changes, state, 0, 1));
    }
    SUBCASE("the group lets go of the role") {
      std::vector<Change> const changes{change("acme/groups/authors", Action::update),
                                        change("acme/roles/author", Action::delete_)};
      CHECK(waits(changes, state, 0, 1));
    }
  }

  TEST_CASE("order_changes: a renamed key frees its name before it is taken again") {
    auto old = change("acme/groups/old", Action::delete_);
    auto fresh = change("acme/groups/new", Action::create);
    old.before = {{"name", "Analysts"}, {"providerType", "custom"}};
    fresh.after = {{"name", "Analysts"}, {"providerType", "custom"}};
    CHECK(waits({fresh, old}, {}, 1, 0));
  }
}
}  // namespace tenantry::run
