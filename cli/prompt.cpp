#include "cli/prompt.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace tenantry::cli {

namespace asio = boost::asio;

Task<bool> confirm(asio::any_io_executor executor, Console& console, Signals& signals,
                   std::string question) {
  // A copy of the descriptor: closing it must not close the terminal. It stays in blocking mode,
  // which belongs to the terminal and so to the shell as well; only its readiness is waited for.
  auto const input = std::make_shared<asio::posix::stream_descriptor>(executor);
  boost::system::error_code failure;
  input->assign(::dup(STDIN_FILENO), failure);
  if (failure) co_return Error(Errc::io, "cannot read from the terminal: " + failure.message());
  std::weak_ptr<asio::posix::stream_descriptor> const waiting = input;
  signals.on_stop([waiting] {
    boost::system::error_code ignored;
    if (auto const descriptor = waiting.lock()) descriptor->cancel(ignored);
  });
  console.err(question);
  constexpr auto token = asio::as_tuple(asio::use_awaitable);
  auto [waited] = co_await input->async_wait(asio::posix::stream_descriptor::wait_read, token);
  if (waited) {
    console.err("\n");
    co_return Error(Errc::cancelled, "interrupted before anything was changed");
  }
  std::array<char, 4096> line{};
  auto const length = ::read(STDIN_FILENO, line.data(), line.size());
  std::string_view answer(line.data(), length > 0 ? static_cast<std::size_t>(length) : 0);
  while (!answer.empty() && (answer.back() == '\n' || answer.back() == '\r')) {
    answer.remove_suffix(1);
  }
  co_return answer == "yes";
}

Result<std::string> ask(Console& console, std::string_view question, std::string const& usual) {
  console.err(fmt::format("{} [{}]: ", question, usual));
  std::array<char, 4096> line{};
  ssize_t length = -1;
  do {
    length = ::read(STDIN_FILENO, line.data(), line.size());
  } while (length < 0 && errno == EINTR);
  if (length <= 0) {
    console.err("\n");
    return Error(Errc::cancelled, "nothing was answered, and nothing is written");
  }
  std::string_view answer(line.data(), static_cast<std::size_t>(length));
  while (!answer.empty() && (answer.back() == '\n' || answer.back() == ' ')) {
    answer.remove_suffix(1);
  }
  while (answer.starts_with(' ')) answer.remove_prefix(1);
  return answer.empty() ? usual : std::string(answer);
}

}  // namespace tenantry::cli
