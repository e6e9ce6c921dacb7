#include "cli/signals.hpp"

#include <unistd.h>

#include <csignal>
#include <string_view>

#include "cli/exit_code.hpp"

namespace tenantry::cli {
namespace {

/// nohup and some CI runners start programs with SIGHUP ignored; that is to stay so.
bool is_ignored(int signal) {
  struct sigaction action{};
  return ::sigaction(signal, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
}

/// A call into a library may wait without asking anybody (a name server, a server that accepts and
/// says nothing, a disk): the kernel's timer needs no thread that listens.
void end_after(std::chrono::seconds time) {
  struct sigaction action{};
  action.sa_handler = [](int) {
    constexpr std::string_view kText =
        "something does not answer: stopped here; what was under way is in the state's journal, "
        "and the same command goes on from there\n";
    (void)!::write(STDERR_FILENO, kText.data(), kText.size());
    ::_exit(static_cast<int>(Exit::interrupted));
  };
  ::sigaction(SIGALRM, &action, nullptr);
  ::alarm(static_cast<unsigned>(time.count()));
}

}  // namespace

Signals::Signals(boost::asio::io_context& io, run::StopFlag& stop, Console& console)
    : stop_(stop), console_(console), signals_(io), grace_(io) {
  boost::system::error_code ignored;
  for (int const signal : {SIGINT, SIGTERM, SIGHUP}) {
    if (!is_ignored(signal)) signals_.add(signal, ignored);
  }
  listen();
}

Signals::~Signals() {
  if (end_is_set_) ::alarm(0);
}

void Signals::listen() {
  signals_.async_wait([this](boost::system::error_code failure, int) {
    if (failure) return;
    if (stop_.requested()) {
      console_.status({});
      ::_exit(static_cast<int>(Exit::interrupted));
    }
    listen();
    first();
  });
}

void Signals::first() {
  stop_.request();
  console_.err(
      "stopping: no new calls are made, running ones have 5 s to end; "
      "once more stops at once\n");
  for (auto const& hook : stop_hooks_) hook();
  end_after(kEndPeriod);
  end_is_set_ = true;
  grace_.expires_after(kGracePeriod);
  grace_.async_wait([this](boost::system::error_code failure) {
    if (failure) return;
    for (auto const& hook : abort_hooks_) hook();
  });
}

void Signals::close() {
  stop_hooks_.clear();
  abort_hooks_.clear();
  boost::system::error_code ignored;
  signals_.cancel(ignored);
  signals_.clear(ignored);
  grace_.cancel();
}

}  // namespace tenantry::cli
