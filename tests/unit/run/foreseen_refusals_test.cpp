#include "engine/run/foreseen_refusals.hpp"

#include <doctest/doctest.h>

#include "providers/qlik/provider.hpp"
#include "tests/support/scripted_session.hpp"

namespace tenantry::run {
using plans::Action;
using plans::Change;
namespace {

Change change(std::string const& address, std::string id, Action action, Object before = {},
              Object after = {}) {
  Change out;
  out.address = *parse_address(address);
  out.id = RemoteId(std::move(id));
  out.action = action;
  out.name = text_at(before, "name");
  out.before = std::move(before);
  out.after = std::move(after);
  return out;
}

void changes(Change& change, std::string name, Value after) {
  plans::AttributeChange attribute;
  attribute.name = std::move(name);
  attribute.after = std::move(after);
  change.attributes.push_back(std::move(attribute));
}

/// A role that a group has; both are owned.
struct Fixture {
  test::ScriptedSession session;
  state::TenantState state;
  LiveTenant live;
  std::vector<DesiredResource> none;

  Fixture() {
    state.key = "acme";
    own("acme/roles/author", "r1");
    own("acme/groups/readers", "g1");
    Object const role{{"id", "r1"}, {"name", "Author"}};
    live.lists["roles"] = {{RemoteId("r1"), {{"name", "Author"}}}};
    live.lists["groups"] = {
        {RemoteId("g1"), {{"name", "Readers"}, {"assignedRoles", Array{Value(role)}}}}};
  }
  void own(std::string const& address, std::string id) {
    state::ResourceRecord row;
    row.address = *parse_address(address);
    row.id = RemoteId(std::move(id));
    state.resources[row.address] = row;
  }
  std::string refusals(std::vector<Change> const& all) {
    TenantReferences const names(none, state, live);
    LiveView const view{qlik_provider(), session, state, live, names};
    std::string text;
    for (auto const& error : foreseen_refusals(view, all)) {
      text += error.message + " | " + error.hint + '\n';
    }
    return text;
  }
};

Change role_deleted() {
  auto deleted = change("acme/roles/author", "r1", Action::delete_, {{"name", "Author"}});
  deleted.name = "Author";
  return deleted;
}

}  // namespace

TEST_SUITE("foreseen_refusals") {
  TEST_CASE_FIXTURE(Fixture, "what something goes on to refer to cannot be deleted") {
    auto const stays = change("acme/groups/readers", "g1", Action::no_op);
    CHECK(refusals({stays, role_deleted()})
              .starts_with("acme/roles/author cannot be deleted while acme/groups/readers refers "
                           "to it | take the reference away first"));
    CHECK_FALSE(refusals({role_deleted()}).empty());  // the group is not selected
    state.resources.erase(*parse_address("acme/groups/readers"));
    CHECK(refusals({role_deleted()})
              .starts_with("acme/roles/author cannot be deleted while the group \"Readers\", which "
                           "is not managed here, refers to it"));
  }

  TEST_CASE_FIXTURE(Fixture, "what lets go in the same plan keeps nothing") {
    CHECK(refusals({change("acme/groups/readers", "g1", Action::delete_), role_deleted()}).empty());
    auto updated = change("acme/groups/readers", "g1", Action::update, {},
                          {{"assignedRoles", Array{Value("Steward")}}});
    changes(updated, "assignedRoles", Array{Value("Steward")});
    CHECK(refusals({updated, role_deleted()}).empty());
    updated.after["assignedRoles"] = Array{Value("Steward"), Value("Author")};
    CHECK_FALSE(refusals({updated, role_deleted()}).empty());
    auto renamed = change("acme/groups/readers", "g1", Action::update);
    changes(renamed, "name", "Other");
    CHECK_FALSE(refusals({renamed, role_deleted()}).empty());
  }

  TEST_CASE_FIXTURE(Fixture, "a renamed key is told with the move that is meant") {
    auto const twin = change("acme/roles/writer", "", Action::create, {}, {{"name", "Author"}});
    CHECK(refusals({change("acme/groups/readers", "g1", Action::no_op), role_deleted(), twin})
              .find("`moved: [{from: acme/roles/author, to: acme/roles/writer}]`") !=
          std::string::npos);
  }

  TEST_CASE_FIXTURE(Fixture, "the client that the run signs in with stays able to sign in") {
    auto const address = "acme/oauthClients/own";
    session.own_client = "c1";
    CHECK(refusals({change(address, "c1", Action::delete_)})
              .starts_with("acme/oauthClients/own: this is the OAuth client that the run itself "
                           "signs in with, and deleting it would lock it out | use another"));
    CHECK_FALSE(refusals({change(address, "c1", Action::replace)}).empty());
    CHECK(refusals({change(address, "c2", Action::delete_)}).empty());
    auto grants = change(address, "c1", Action::update);
    changes(grants, "allowedGrantTypes", Array{Value("authorization_code")});
    CHECK_FALSE(refusals({grants}).empty());
    auto name = change(address, "c1", Action::update);
    changes(name, "clientName", "Portal");
    CHECK(refusals({name}).empty());
  }

  TEST_CASE_FIXTURE(Fixture, "holder_sections: of what is no longer declared") {
    own("acme/spaces/data", "s1");
    std::set<Address> const declared{*parse_address("acme/roles/author")};
    using Sections = std::set<std::string>;
    CHECK(holder_sections(qlik_provider(), declared, state) == Sections{"diProjects"});
    CHECK(holder_sections(qlik_provider(), {}, state) == Sections{"diProjects", "groups"});
  }
}
}  // namespace tenantry::run
