#include "engine/run/reactivated.hpp"

#include <doctest/doctest.h>

namespace tenantry::run {
using plans::Action;
namespace {

plans::Change change(Action action, bool destructive = false) {
  plans::Change made;
  made.address = {"acme", "groups", "g"};
  made.action = action;
  made.destructive = destructive;
  return made;
}

TEST_CASE("what a reactivated tenant turns out to need is done where nothing goes for it") {
  CHECK(is_within(change(Action::update), change(Action::create)));
  CHECK(is_within(change(Action::create), change(Action::adopt)));
  CHECK(is_within(change(Action::replace), change(Action::create)));
  CHECK(is_within(change(Action::replace), change(Action::replace)));
  CHECK(is_within(change(Action::delete_), change(Action::delete_)));
}

TEST_CASE("what a reactivated tenant would lose without being told is not done") {
  CHECK_FALSE(is_within(change(Action::update), change(Action::replace)));
  CHECK_FALSE(is_within(change(Action::create), change(Action::delete_)));
  CHECK_FALSE(is_within(change(Action::delete_), change(Action::update)));
  CHECK_FALSE(is_within(change(Action::release), change(Action::update)));
  CHECK_FALSE(is_within(change(Action::update), change(Action::update, true)));
  CHECK(is_within(change(Action::update, true), change(Action::update, true)));
}

}  // namespace
}  // namespace tenantry::run
