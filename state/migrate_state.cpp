#include "state/migrate_state.hpp"

#include <fmt/format.h>

#include "engine/core/digest.hpp"
#include "engine/core/value.hpp"

namespace tenantry::state {
namespace {

/// Undone unless committed.
class Alone {
 public:
  explicit Alone(StateTables& tables) : tables_(tables), begun_(tables.begin()) {}
  Alone(Alone const&) = delete;
  Alone& operator=(Alone const&) = delete;
  ~Alone() {
    if (begun_ && !ended_) tables_.rollback();
  }
  Result<void> const& begun() const { return begun_; }
  Result<void> commit() {
    auto done = tables_.commit();
    ended_ = done.has_value();
    return done;
  }

 private:
  StateTables& tables_;
  Result<void> begun_;
  bool ended_ = false;
};

/// What is in a state: the number of rows and a digest of them, by table.
struct Content {
  std::map<std::string, std::pair<std::size_t, std::string>> tables;
  bool operator==(Content const&) const = default;
  bool empty() const {
    for (auto const& [name, found] : tables) {
      if (found.first != 0) return false;
    }
    return true;
  }
};

std::string text_of(TextRow const& row) {
  Array values;
  for (auto const& value : row) values.emplace_back(value);
  return canonical(Value(std::move(values)));
}

Result<Content> read_content(
    StateTables& tables,
    std::function<Result<void>(TableLayout const&, TextRow const&)> const& take) {
  Content content;
  for (auto const& table : table_layouts()) {
    auto& [count, digest] = content.tables[std::string(table.name)];
    auto done = tables.each_row(table, [&](TextRow const& row) -> Result<void> {
      ++count;
      digest = sha256_hex(digest + text_of(row));
      return take(table, row);
    });
    if (!done) return done.error();
  }
  return content;
}

Result<Content> content_of(StateTables& tables) {
  return read_content(tables, [](TableLayout const&, TextRow const&) { return Result<void>(); });
}

/// Reads one state and fills the other; gives what was read.
Result<Content> copy(StateTables& from, StateTables& to) {
  constexpr std::size_t kRowsMax = 1'000;
  std::vector<TextRow> rows;
  TableLayout const* of = nullptr;
  auto const flush = [&]() -> Result<void> {
    if (rows.empty()) return {};
    auto added = to.add_rows(*of, rows);
    rows.clear();
    return added;
  };
  auto content = read_content(from, [&](TableLayout const& table, TextRow const& row) {
    auto done = Result<void>();
    if (of != &table || rows.size() >= kRowsMax) done = flush();
    of = &table;
    rows.push_back(row);
    return done;
  });
  if (!content) return content;
  auto last = flush();
  if (!last) return last.error();
  return content;
}

Error occupied(StateTables const& to, std::string_view why) {
  return {Errc::conflict, fmt::format("{} {}", to.location(), why),
          "name another place; nothing was changed"};
}

/// Whether what is at the new place may be written over.
Result<void> check_place(StateHead const& source, StateTables& to, StateHead const& target) {
  bool const same = source.lineage == target.lineage;
  if (!target.tombstone.arriving_from.empty()) {
    return same ? Result<void>() : occupied(to, "holds an incomplete copy of another state");
  }
  if (!target.tombstone.moved_to.empty()) {
    return same ? Result<void>() : occupied(to, "is what another state left when it was moved");
  }
  if (same) return occupied(to, "holds the same state already, and it is in use");
  auto const content = content_of(to);
  if (!content) return content.error();
  return content->empty() ? Result<void>() : occupied(to, "holds another state");
}

/// One place under two names would wait for itself.
Result<void> check_apart(StateTables& from, StateTables& to) {
  auto const source = from.head();
  if (!source) return source.error();
  auto const target = to.head();
  if (!target) return target.error();
  if (source->lineage != target->lineage || !source->tombstone.moved_to.empty()) return {};
  if (target->tombstone == Tombstone{}) {
    return occupied(to, "holds the same state already, and it is in use");
  }
  return {};
}

Result<Content> fill(StateTables& from, StateTables& to) {
  Alone source(from);
  if (!source.begun()) return source.begun().error();
  auto head = from.head();
  if (!head) return head.error();
  if (auto moved = moved_error(head->tombstone, from.location())) return *moved;
  Alone target(to);
  if (!target.begun()) return target.begun().error();
  auto const there = to.head();
  if (!there) return there.error();
  auto done = check_place(*head, to, *there);
  if (done) done = to.clear();
  if (!done) return done.error();
  auto content = copy(from, to);
  if (!content) return content;
  head->tombstone = {{}, {}, from.location()};
  done = to.set_head(*head);
  if (done) done = to.settle();
  if (done) done = target.commit();
  if (!done) return done.error();
  return content;
}

Result<void> verify(StateTables& to, Content const& expected) {
  Alone target(to);
  if (!target.begun()) return target.begun().error();
  auto const found = content_of(to);
  if (!found) return found.error();
  if (*found == expected) return {};
  return Error(Errc::corrupt, fmt::format("the copy in {} is not what was copied", to.location()),
               "the old state is as it was, and in use; run the command again");
}

Result<void> leave_tombstone(StateTables& from, StateTables const& to, Content const& expected,
                             Clock const& clock) {
  Alone source(from);
  if (!source.begun()) return source.begun().error();
  auto head = from.head();
  if (!head) return head.error();
  if (auto moved = moved_error(head->tombstone, from.location())) return *moved;
  auto const now = content_of(from);
  if (!now) return now.error();
  if (*now != expected) {
    return Error(Errc::stale,
                 fmt::format("the state {} was changed while it was copied", from.location()),
                 "run the command again when no other is at work");
  }
  head->tombstone = {to.location(), format_time(clock.wall()), {}};
  auto done = from.set_head(*head);
  return done ? source.commit() : done;
}

/// Gives what is in it.
Result<Content> declare_complete(StateTables& to) {
  Alone target(to);
  if (!target.begun()) return target.begun().error();
  auto head = to.head();
  if (!head) return head.error();
  auto content = content_of(to);
  if (!content) return content;
  head->tombstone = {};
  auto done = to.set_head(*head);
  if (done) done = target.commit();
  if (!done) return done.error();
  return content;
}

MigrationReport report_of(Content const& content) {
  MigrationReport report;
  for (auto const& [name, found] : content.tables) report.rows[name] = found.first;
  return report;
}

}  // namespace

Result<bool> only_end_is_missing(StateTables& from, StateTables& to) {
  auto const source = from.head();
  if (!source) return source.error();
  auto const target = to.head();
  if (!target) return target.error();
  return source->tombstone.moved_to == to.location() && source->lineage == target->lineage &&
         target->tombstone.arriving_from == from.location();
}

Result<MigrationReport> migrate_state(StateTables& from, StateTables& to, Clock const& clock) {
  auto const near = only_end_is_missing(from, to);
  if (!near) return near.error();
  if (*near) {
    auto const content = declare_complete(to);
    if (!content) return content.error();
    auto report = report_of(*content);
    report.continued = true;
    return report;
  }
  auto apart = check_apart(from, to);
  if (!apart) return apart.error();
  auto const copied = fill(from, to);
  if (!copied) return copied.error();
  auto done = verify(to, *copied);
  if (done) done = leave_tombstone(from, to, *copied, clock);
  if (!done) return done.error();
  auto const complete = declare_complete(to);
  if (!complete) return complete.error();
  return report_of(*complete);
}

}  // namespace tenantry::state
