#include "engine/run/secret_plan.hpp"

#include <doctest/doctest.h>

#include "providers/qlik/provider.hpp"

namespace tenantry::run {
namespace {

WallTime at(std::string_view text) { return *parse_time(text); }

/// A web client that is owned, declared and as wanted.
struct Client {
  ResourceType const& type = *qlik_provider().find("oauthClients");
  state::ResourceRecord row;
  plans::Change change;
  WallTime now = at("2026-06-01T00:00:00Z");
  bool asked = false;

  Client() {
    row.created_at = "2026-01-01T00:00:00Z";
    change.address = row.address = {"acme", "oauthClients", "portal"};
    change.before = {{"appType", "web"}, {"clientName", "Portal"}};
    change.after = change.before;
    change.meta = {{"deliverSecret", Object{{"file", "x.json"}}}};
  }
  Result<void> plan() {
    return plan_secret({.type = type, .prior = &row, .asked = asked, .now = now}, change);
  }
  void keep_record(SecretRecord const& record) { keep(record, row); }
};

}  // namespace

TEST_SUITE("secret_plan") {
  TEST_CASE("plan_secret: a secret of the wanted age is rotated, with a note that tells its age") {
    Client c;
    c.keep_record({.hint = "aaaaa", .made_at = "2026-03-02T00:00:00Z"});
    c.change.meta[kRotateAfter] = 91;
    REQUIRE(c.plan().has_value());
    CHECK(secret_steps(c.change).rotate);
    CHECK(c.change.action == plans::Action::update);
    CHECK(c.change.reason == plans::Reason::secret_due);
    REQUIRE(c.change.notes.size() == 1);
    CHECK(c.change.notes[0] == "rotates the secret (made 91 days ago)");
  }

  TEST_CASE("plan_secret: a younger secret stays, and so does the change") {
    Client c;
    c.keep_record({.hint = "aaaaa", .made_at = "2026-03-02T00:00:01Z"});
    c.change.meta[kRotateAfter] = 91;
    REQUIRE(c.plan().has_value());
    CHECK_FALSE(secret_steps(c.change).any());
    CHECK(c.change.action == plans::Action::no_op);
  }

  TEST_CASE("plan_secret: the days of an adopted client count from its adoption") {
    Client c;
    c.change.meta[kRotateAfter] = 90;
    REQUIRE(c.plan().has_value());
    CHECK(secret_steps(c.change).rotate);
    CHECK(c.change.notes.at(0) == "rotates the secret (adopted 151 days ago)");
  }

  TEST_CASE("plan_secret: --rotate needs no age; a sink it does") {
    Client c;
    c.asked = true;
    c.now = at("2026-01-01T12:00:00Z");
    REQUIRE(c.plan().has_value());
    CHECK(secret_steps(c.change).rotate);
    Client without;
    without.asked = true;
    without.change.meta.clear();
    CHECK_FALSE(without.plan().has_value());
  }

  TEST_CASE("plan_secret: an old secret is retired from its day on") {
    Client c;
    c.keep_record({.hint = "bbbbb",
                   .made_at = "2026-05-20T00:00:00Z",
                   .old = {{"aaaaa", "2026-06-01T00:00:00Z"}, {"zzzzz", "2026-06-02T00:00:00Z"}}});
    REQUIRE(c.plan().has_value());
    CHECK(secret_steps(c.change).retire == std::vector<std::string>{"aaaaa"});
    CHECK_FALSE(secret_steps(c.change).rotate);
    CHECK(c.change.notes.at(0) == "retires the old secret ...aaaaa");
  }

  TEST_CASE("plan_secret: a delivery that was cut off is done again") {
    Client c;
    c.keep_record({.hint = "aaaaa", .made_at = "2026-05-31T00:00:00Z", .doubtful = {"ddddd"}});
    REQUIRE(c.plan().has_value());
    CHECK(secret_steps(c.change).rotate);
  }

  TEST_CASE("plan_secret: another place gets a new secret, since the old one is not known") {
    Client c;
    c.keep_record({.hint = "aaaaa", .made_at = "2026-05-31T00:00:00Z", .place = "old.json"});
    REQUIRE(c.plan().has_value());
    CHECK(secret_steps(c.change).rotate);
    CHECK(c.change.reason_detail == "its secret goes to another place");
    CHECK(c.change.notes.at(0) ==
          "rotates the secret (it was delivered to old.json and goes to x.json now; old.json is "
          "left as it is)");
  }

  TEST_CASE("plan_secret: nothing where the place is the same, or one of them is not known") {
    for (std::string const place : {"x.json", ""}) {
      Client c;
      c.keep_record({.hint = "aaaaa", .made_at = "2026-05-31T00:00:00Z", .place = place});
      REQUIRE(c.plan().has_value());
      CHECK_FALSE(secret_steps(c.change).any());
    }
    Client c;
    c.keep_record({.hint = "aaaaa", .made_at = "2026-05-31T00:00:00Z", .place = "old.json"});
    c.change.meta.clear();
    REQUIRE(c.plan().has_value());
    CHECK_FALSE(secret_steps(c.change).any());
  }

  TEST_CASE("sink_place: what only says how to get there does not count") {
    Object vault{{"address", "https://vault.example"}, {"path", "acme/portal"}};
    auto const place = sink_place(Object{{"vault", vault}});
    CHECK(place == "Vault https://vault.example acme/portal");
    vault["token"] = Object{{"any", "thing"}};
    vault["caFile"] = "other.pem";
    CHECK(sink_place(Object{{"vault", vault}}) == place);
    vault["path"] = "acme/other";
    CHECK(sink_place(Object{{"vault", vault}}) != place);
    CHECK(sink_place(Object{{"file", "./a/../b.json"}}) == "b.json");
    auto const command = sink_place(Object{{"command", Array{"store", "a b"}}});
    CHECK(command.starts_with("command store ("));
    CHECK(command.find("a b") == std::string::npos);
    CHECK(sink_place(Object{{"command", Array{"store", "a", "b"}}}) != command);
  }

  TEST_CASE("plan_secret: nothing for a new, an adopted or a public client") {
    for (auto const action :
         {plans::Action::create, plans::Action::adopt, plans::Action::replace}) {
      Client c;
      c.asked = true;
      c.change.action = action;
      REQUIRE(c.plan().has_value());
      CHECK_FALSE(secret_steps(c.change).any());
      CHECK(c.change.action == action);
    }
    Client c;
    c.asked = true;
    c.change.before["appType"] = "spa";
    c.change.after["appType"] = "spa";
    REQUIRE(c.plan().has_value());
    CHECK_FALSE(secret_steps(c.change).any());
  }

  TEST_CASE("secret_record: what is kept is read again, and leaves nothing behind") {
    state::ResourceRecord row;
    keep({.hint = "aaaaa", .made_at = "t", .old = {{"bbbbb", "u"}}, .doubtful = {"ccccc"}}, row);
    note_doubtful(row, "ccccc");
    auto const record = secret_record(row);
    CHECK(record.hint == "aaaaa");
    CHECK(record.made_at == "t");
    REQUIRE(record.old.size() == 1);
    CHECK(record.old[0].retire_at == "u");
    CHECK(record.doubtful == std::vector<std::string>{"ccccc"});
    note_removed(row, "bbbbb");
    note_removed(row, "ccccc");
    CHECK(secret_record(row).old.empty());
    keep({}, row);
    CHECK(row.extra.empty());
  }
}
}  // namespace tenantry::run
