#include "tests/simulation/person.hpp"

#include <fmt/format.h>

#include <set>

#include "engine/run/state_commands.hpp"
#include "state/journal.hpp"
#include "tests/simulation/process.hpp"

namespace tenantry::simulation {
namespace {

struct Question {
  Address address;
  std::string region;
};

struct Knowledge {
  std::vector<Question> questions;
  std::set<std::string> owned;
};

Knowledge look_at_state(Installation& installation) {
  Knowledge out;
  auto const keys = state::journal::tenants(installation.disk.connection());
  ensure(keys.has_value(), "the state can be read");
  for (auto const& key : *keys) {
    auto const state = state::journal::load(installation.disk.connection(), key);
    ensure(state.has_value(), "the state can be read");
    Address const self{key, {}, {}};
    if (auto const* row = state->find(self)) out.owned.insert(row->id.text());
    for (auto const& open : state->open) {
      if (open.intent.address != self || open.intent.action != "create") continue;
      out.questions.push_back({self, text_at(open.intent.context, "region")});
    }
  }
  return out;
}

/// A tenant of the region that has no name yet, and that no row owns.
bool fits(Object const& tenant, Question const& question, std::set<std::string> const& owned) {
  std::string const host(std::string_view(tenant.at("hostnames").as_array()[0].as_string()));
  return text_at(tenant, "region") == question.region && !owned.contains(text_at(tenant, "id")) &&
         text_at(tenant, "status") == "active" &&
         text_at(tenant, "name") == host.substr(0, host.find('.'));
}

}  // namespace

int answer_open_creations(Installation& installation) {
  auto knowledge = look_at_state(installation);
  auto const snapshot = installation.cloud.snapshot();
  for (auto const& question : knowledge.questions) {
    std::string id;
    std::string host;
    for (auto const& value : snapshot.at("tenants").as_array()) {
      auto const& tenant = value.as_object();
      if (!fits(tenant, question, knowledge.owned)) continue;
      id = text_at(tenant, "id");
      host = std::string_view(tenant.at("hostnames").as_array()[0].as_string());
      break;
    }
    knowledge.owned.insert(id);
    installation.trace.add(fmt::format("a person: {} is {}", question.address.text(),
                                       id.empty() ? "not created" : host));
    state::Run run;
    run.id = fmt::format("answer-{}-{}", installation.processes, question.address.text());
    auto const answered = with_store(installation, [&](state::Store& store) {
      return run::resolve(store, question.address, RemoteId(id), host, run, {}, installation.clock);
    });
    ensure(answered.has_value(), "an open creation can be resolved");
  }
  return static_cast<int>(knowledge.questions.size());
}

}  // namespace tenantry::simulation
