// Runs coroutines to their end.
#pragma once
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>
#include <optional>

#include "engine/core/task.hpp"

namespace tenantry::cli {

template <class T>
boost::asio::awaitable<void> keep_result(Task<T> task, std::optional<Result<T>>& result) {
  auto value = co_await std::move(task);
  result.emplace(std::move(value));
}

/// Runs `io` until `task` has ended, and gives its result. What else waits on `io` (signals, kept
/// connections) goes on waiting.
template <class T>
Result<T> run_on(boost::asio::io_context& io, Task<T> task) {
  std::optional<Result<T>> result;
  std::exception_ptr failure;
  boost::asio::co_spawn(io, keep_result(std::move(task), result), [&](std::exception_ptr thrown) {
    failure = thrown;
    io.stop();
  });
  io.restart();
  io.run();
  if (failure) std::rethrow_exception(failure);
  ensure(result.has_value(), "a task ends before its loop does");
  return std::move(*result);
}

}  // namespace tenantry::cli
