#include "state/counters.hpp"

#include "engine/core/text.hpp"

namespace tenantry::state {
namespace {

Result<void> write_part(Connection& db, Contribution const& contribution, std::string const& part,
                        std::int64_t amount, std::string const& now) {
  return db
      .query(
          "INSERT INTO counters (run_group, counter, part, amount, noted_at)"
          " VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET"
          " amount = excluded.amount, noted_at = excluded.noted_at")
      .with(contribution.group, contribution.counter, part, amount, now)
      .run();
}

}  // namespace

Result<std::int64_t> contribute(Connection& db, Contribution const& contribution, WallTime now) {
  if (!is_utf8(contribution.group)) return Error(Errc::invalid, "the run's name is not UTF-8");
  auto forgotten =
      db.query("DELETE FROM counters WHERE noted_at < ?").with(format_time(now - kGroupKept)).run();
  if (!forgotten) return forgotten.error();
  auto const at = format_time(now);
  for (auto const& [part, amount] : contribution.parts) {
    auto written = write_part(db, contribution, part, amount, at);
    if (!written) return written.error();
  }
  auto sum =
      db.query("SELECT COALESCE(SUM(amount), 0) FROM counters WHERE run_group = ? AND counter = ?");
  auto const row = sum.with(contribution.group, contribution.counter).next();
  if (!row) return row.error();
  return sum.integer(0);
}

Result<std::map<std::string, std::int64_t>> contributions(Connection& db, std::string const& group,
                                                          std::string const& counter) {
  if (!is_utf8(group)) return Error(Errc::invalid, "the run's name is not UTF-8");
  auto rows = db.query("SELECT part, amount FROM counters WHERE run_group = ? AND counter = ?");
  rows.with(group, counter);
  std::map<std::string, std::int64_t> parts;
  while (true) {
    auto const row = rows.next();
    if (!row) return row.error();
    if (!*row) return parts;
    parts.emplace(rows.text(0), rows.integer(1));
  }
}

}  // namespace tenantry::state
