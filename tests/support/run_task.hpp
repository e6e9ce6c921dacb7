// Runs a coroutine to its end on an io_context of its own.
#pragma once
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>
#include <optional>

#include "engine/core/task.hpp"

namespace tenantry::test {

/// The result of `task`. For tasks whose objects live outside of the io_context; where a test needs
/// the executor first, it makes its own io_context and calls run_on.
template <class T>
Result<T> run_on(boost::asio::io_context& io, Task<T> task) {
  std::optional<Result<T>> result;
  std::exception_ptr failure;
  boost::asio::co_spawn(
      io,
      [](Task<T> inner, std::optional<Result<T>>& out) -> boost::asio::awaitable<void> {
        auto value = co_await std::move(inner);
        out.emplace(std::move(value));
      }(std::move(task), result),
      [&](std::exception_ptr e) { failure = e; });
  io.restart();
  io.run();
  if (failure) std::rethrow_exception(failure);
  ensure(result.has_value(), "the task has ended");
  return std::move(*result);
}

template <class T>
Result<T> run(Task<T> task) {
  boost::asio::io_context io;
  return run_on(io, std::move(task));
}

}  // namespace tenantry::test
