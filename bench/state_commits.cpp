// How many journalled calls a state takes: begin and finish, as many tenants at once as asked for.
//
//   state_commits FILE|env:NAME [--calls N] [--at-once N]
//
// The state must not be there yet, or be that of an earlier run. Prints calls per
// second.
#include <fmt/format.h>
#include <stdlib.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <charconv>
#include <chrono>
#include <string_view>

#include "state/location.hpp"

namespace {
using namespace tenantry;
using namespace tenantry::state;

ResourceRecord record_of(std::string const& tenant, int call) {
  ResourceRecord record;
  record.address = {tenant, "groups", fmt::format("g{}", call)};
  record.id = RemoteId(fmt::format("{:032x}", call));
  record.applied = {{"name", fmt::format("Group {}", call)},
                    {"description", "What a group of people is for"},
                    {"providerType", "custom"},
                    {"assignedRoles", {"author", "Steward"}}};
  record.depends_on = {{tenant, "", ""}, {tenant, "roles", "author"}};
  record.created_at = record.updated_at = "2026-03-01T00:00:00Z";
  return record;
}

Task<void> calls_of(Store& store, std::string tenant, int calls) {
  for (int i = 0; i < calls; ++i) {
    auto record = record_of(tenant, i);
    Intent intent;
    intent.address = record.address;
    intent.action = "create";
    intent.request_digest = std::string(64, 'd');
    intent.natural_key = "Group";
    intent.planned = record.applied;
    intent.run_id = "bench";
    intent.started_at = record.created_at;
    auto const operation = co_await store.begin(std::move(intent));
    if (!operation) co_return operation.error();
    Outcome outcome;
    outcome.upsert = std::move(record);
    auto const finished = co_await store.finish(*operation, std::move(outcome));
    if (!finished) co_return finished.error();
  }
  co_return Result<void>();
}

int number(std::string_view text) {
  int value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

Result<StateLocation> place(std::string const& word) {
  if (!word.starts_with("env:")) return StateLocation(std::filesystem::path(word));
  auto const* const text = ::getenv(word.c_str() + 4);
  auto dsn = PostgresDsn::parse(Secret(text ? text : ""));
  if (!dsn) return dsn.error();
  return StateLocation(std::move(*dsn));
}

Result<void> run(StateLocation location, int calls, int at_once) {
  boost::asio::io_context io;
  SystemClock clock;
  SystemRandom random;
  auto store = open_store(io.get_executor(), std::move(location), OpenMode::create_if_missing,
                          clock, random);
  if (!store) return store.error();
  Result<void> outcome;
  auto const begun = std::chrono::steady_clock::now();
  for (int i = 0; i < at_once; ++i) {
    boost::asio::co_spawn(io, calls_of(**store, fmt::format("t{:04}", i), calls / at_once),
                          [&outcome](std::exception_ptr, Result<void> result) {
                            if (!result) outcome = std::move(result);
                          });
  }
  io.run();
  std::chrono::duration<double> const took = std::chrono::steady_clock::now() - begun;
  if (!outcome) return outcome;
  fmt::print("{} at once: {:.0f} calls/s\n", at_once, calls / took.count());
  return {};
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    fmt::print(stderr, "state_commits FILE|env:NAME [--calls N] [--at-once N]\n");
    return 1;
  }
  int calls = 20'000;
  int at_once = 64;
  for (int i = 2; i + 1 < argc; i += 2) {
    std::string_view const name(argv[i]);
    if (name == "--calls") calls = number(argv[i + 1]);
    if (name == "--at-once") at_once = number(argv[i + 1]);
  }
  auto location = place(argv[1]);
  auto done = location ? run(std::move(*location), calls, at_once) : location.error();
  if (!done) fmt::print(stderr, "{}\n", describe(done.error()));
  return done ? 0 : 1;
}
