#include "engine/run/resource_verification.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "engine/core/text.hpp"
#include "engine/run/live_tenant.hpp"
#include "plans/diff.hpp"

namespace tenantry::run {
using plans::Action;
using plans::Change;
namespace {

/// Names of attributes in which the object moved since the plan was made.
std::vector<std::string> moved_attributes(Schema const& schema, Object const& planned_before,
                                          Object const& live) {
  std::vector<std::string> moved;
  for (auto const& member : planned_before) {
    // Another change of the same plan may have taken such a flag from this object.
    if (std::ranges::find(schema.exclusive, std::string_view(member.key())) !=
        schema.exclusive.end()) {
      continue;
    }
    auto const* now = find(live, member.key());
    if (now == nullptr || !equal(*now, member.value())) moved.emplace_back(member.key());
  }
  return moved;
}

}  // namespace

Task<void> verify_resource(TenantRuntime& runtime, Change const& change) {
  auto const& type = *runtime.context().provider.find(change.address.section);
  auto session = runtime.session();
  if (!session) co_return session.error();
  auto const stale = [&](std::string what) {
    return Error(Errc::stale, fmt::format("{} {}", change.address.text(), what), "plan again");
  };
  if (change.action == Action::create) {
    auto live = co_await type.list(**session);
    if (!live) co_return live.error();
    auto const key = natural_key(type.schema(), runtime.with_tenant(change.after));
    for (auto const& object : *live) {
      auto const shape = plans::comparable(type.schema(), object.attributes, runtime.names());
      if (natural_key(type.schema(), shape) == key) {
        co_return stale("exists by now: " + object.id.text());
      }
    }
    co_return Result<void>();
  }
  if (change.action == Action::release || change.action == Action::forget) co_return Result<void>();
  if (type.refers_by_id(change.after)) {
    auto known = co_await runtime.know_references(type.schema(), change.before);
    if (!known) co_return known.error();
  }
  auto read = co_await read_whole(type, **session, change.id);
  if (!read && read.error().code == Errc::not_found) co_return stale("no longer exists");
  if (!read) co_return read.error();
  auto const live = plans::comparable(type.schema(), read->attributes, runtime.names());
  auto const moved = moved_attributes(type.schema(), change.before, live);
  if (!moved.empty()) co_return stale("was changed since it was planned: " + join_words(moved));
  co_return Result<void>();
}

}  // namespace tenantry::run
