#include "providers/http/resolver.hpp"

#include <doctest/doctest.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

using namespace tenantry::http;
using namespace std::chrono_literals;

namespace {

struct Fixture {
  void ask(std::string const& name) {
    resolver.resolve(name, [this](Lookup const& lookup) { answers.push_back(lookup); });
  }
  /// Runs until `count` answers have come.
  void wait_for(std::size_t count) {
    io.restart();
    auto const guard = boost::asio::make_work_guard(io);
    while (answers.size() < count && io.run_one_for(5s) > 0) continue;
    REQUIRE(answers.size() == count);
  }

  boost::asio::io_context io;
  Resolver resolver{io.get_executor()};
  std::vector<Lookup> answers;
};

}  // namespace

TEST_SUITE("resolver") {
  TEST_CASE("resolve: an address is itself, and the answer never comes from within") {
    Fixture f;
    f.ask("192.0.2.1");
    f.ask("2001:db8::1");
    CHECK(f.answers.empty());
    f.wait_for(2);
    CHECK(f.answers[0].addresses.at(0).to_string() == "192.0.2.1");
    CHECK(f.answers[1].addresses.at(0).to_string() == "2001:db8::1");
  }

  TEST_CASE("resolve: all who ask for a name at the same time are answered") {
    Fixture f;
    for (int i = 0; i < 20; ++i) f.ask("localhost");
    f.wait_for(20);
    for (auto const& lookup : f.answers) {
      REQUIRE_FALSE(lookup.addresses.empty());
      CHECK(lookup.addresses[0].is_loopback());
    }
    f.ask("localhost");  // remembered
    f.wait_for(21);
    CHECK(f.answers[20].addresses == f.answers[0].addresses);
  }

  TEST_CASE("resolve: a name that cannot exist gives a reason") {
    Fixture f;
    for (int i = 0; i < 12; ++i) f.ask("n" + std::to_string(i) + ".invalid");  // more than threads
    f.wait_for(12);
    for (auto const& lookup : f.answers) {
      CHECK(lookup.addresses.empty());
      CHECK_FALSE(lookup.problem.empty());
    }
  }

  TEST_CASE("close: no answer comes any more") {
    Fixture f;
    f.ask("localhost");
    f.resolver.close();
    f.ask("localhost");
    f.io.run_for(10ms);
    CHECK(f.answers.empty());
  }
}
