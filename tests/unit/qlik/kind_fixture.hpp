// What the tests of all kinds need.
#pragma once
#include <doctest/doctest.h>

#include <map>
#include <string>
#include <vector>

#include "providers/api/resource_type.hpp"
#include "tests/support/run_task.hpp"
#include "tests/support/scripted_session.hpp"

namespace tenantry::test {

inline Object object(std::string_view json) { return parse_json(json).value().as_object(); }

class NamedReferences final : public References {
 public:
  /// Id by "section/name".
  std::map<std::string, std::string> ids;
  RemoteId id_of(std::string_view section, std::string_view name) const override {
    auto const found = ids.find(std::string(section) + '/' + std::string(name));
    return found == ids.end() ? RemoteId() : RemoteId(found->second);
  }
};

/// A scripted session and what goes with it.
struct KindFixture {
  ScriptedSession session;
  NamedReferences references;
  Operation operation() { return {session, references}; }
};

/// "pointer: summary" of everything that the schema finds wrong.
inline std::vector<std::string> problems(Schema const& schema, std::string_view written) {
  std::vector<std::string> out;
  check(schema, object(written),
        [&](SchemaProblem problem) { out.push_back(problem.pointer + ": " + problem.summary); });
  return out;
}

}  // namespace tenantry::test
