#include "state/completion.hpp"

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <memory>
#include <utility>

namespace tenantry::state {
namespace asio = boost::asio;

Task<void> until_completed(asio::any_io_executor executor, std::function<void(Completion)> start) {
  auto initiate = [executor](auto handler, std::function<void(Completion)> begin) {
    using Handler = decltype(handler);
    asio::any_io_executor const target = asio::get_associated_executor(handler, executor);
    // The guard keeps the context running while only the other thread knows of this wait.
    auto done = [kept = std::make_shared<Handler>(std::move(handler)),
                 guard = asio::make_work_guard(target)](Result<void> result) mutable {
      auto const there = guard.get_executor();
      asio::post(there, [kept = std::move(kept), result = std::move(result)]() mutable {
        std::move (*kept)(std::move(result));
      });
      guard.reset();
    };
    begin(std::move(done));
  };
  return asio::async_initiate<asio::use_awaitable_t<> const, void(Result<void>)>(
      std::move(initiate), asio::use_awaitable, std::move(start));
}

}  // namespace tenantry::state
