#include "state/state_names.hpp"

#include "engine/core/address.hpp"
#include "state/journal.hpp"
#include "state/state_file.hpp"
#include "state/state_reader.hpp"

namespace tenantry::state {
namespace {

using Names = std::vector<std::string>;

Result<Names> read_names(std::filesystem::path const& path,
                         std::function<Result<Names>(Connection&)> const& query) {
  constexpr std::chrono::milliseconds kBusyMax{20};
  auto const located = locate_state_file(path);
  if (!located) return located.error();
  StateReader reader(*located, kBusyMax);
  auto db = reader.open();
  if (!db) return db.error();
  Names names;
  CommitQueue::Work<void> const work = [&](Connection& view) -> Result<void> {
    auto const sound = check_state(view, Depth::head);
    if (!sound) return sound;
    auto found = query(view);
    if (!found) return found.error();
    names = std::move(*found);
    return {};
  };
  auto const done = reader.read(*db, work);
  if (!done) return done.error();
  // They land on a command line, and a shell would run a part of some that no address can have.
  std::erase_if(names, [](std::string const& name) { return !parse_address(name); });
  return names;
}

}  // namespace

Result<Names> tenant_names(std::filesystem::path const& path) {
  return read_names(path, &journal::tenants);
}

Result<Names> address_names(std::filesystem::path const& path, std::string const& tenant) {
  return read_names(path, [&](Connection& db) -> Result<Names> {
    auto rows = db.query("SELECT section, key FROM resources WHERE tenant = ? ORDER BY 1, 2");
    rows.with(tenant);
    Names names;
    while (true) {
      auto const row = rows.next();
      if (!row) return row.error();
      if (!*row) return names;
      names.push_back(Address{tenant, rows.text(0), rows.text(1)}.text());
    }
  });
}

}  // namespace tenantry::state
