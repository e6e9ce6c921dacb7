#include "sinks/child_process.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <spawn.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>

namespace tenantry::sinks {
namespace {

using SteadyClock = std::chrono::steady_clock;  // a thread of its own, out of reach of a fake clock

constexpr std::size_t kOutputMax = std::size_t{64} << 10;
constexpr std::chrono::milliseconds kInterruptDelay{100};  ///< how late an interrupt is seen

class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(Descriptor const&) = delete;
  Descriptor& operator=(Descriptor const&) = delete;
  ~Descriptor() { close(); }
  void reset(int fd) {
    close();
    fd_ = fd;
  }
  void close() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
  }
  int get() const { return fd_; }
  bool open() const { return fd_ >= 0; }

 private:
  int fd_ = -1;
};

struct Pipe {
  Descriptor read;
  Descriptor write;
  bool make() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) return false;
    read.reset(ends[0]);
    write.reset(ends[1]);
    return true;
  }
};

void make_nonblocking(Descriptor const& descriptor) {
  ::fcntl(descriptor.get(), F_SETFL, O_NONBLOCK);
}

/// This process's environment, ending with a null pointer.
std::vector<char*> environment_without(std::vector<std::string> const& hidden) {
  std::vector<char*> out;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    std::string_view const text = *entry;
    bool const is_hidden = std::ranges::any_of(hidden, [&](std::string const& name) {
      return text.starts_with(name) && text.substr(name.size()).starts_with('=');
    });
    if (!is_hidden) out.push_back(*entry);
  }
  out.push_back(nullptr);
  return out;
}

/// The files and attributes that posix_spawn needs, freed at the end.
class SpawnPlan {
 public:
  SpawnPlan(ChildProcess const& child, Pipe const& input, Pipe const& output) {
    posix_spawn_file_actions_init(&actions_);
    posix_spawn_file_actions_adddup2(&actions_, input.read.get(), STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions_, output.write.get(), STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions_, output.write.get(), STDERR_FILENO);
    posix_spawn_file_actions_addclosefrom_np(&actions_, STDERR_FILENO + 1);
    posix_spawn_file_actions_addchdir_np(&actions_, child.folder.c_str());
    posix_spawnattr_init(&attributes_);
    sigset_t none;
    sigemptyset(&none);
    posix_spawnattr_setsigmask(&attributes_, &none);
    sigset_t usual;  // what this program ignores or handles, its children do not
    sigemptyset(&usual);
    for (int const signal : {SIGPIPE, SIGINT, SIGTERM, SIGHUP}) sigaddset(&usual, signal);
    posix_spawnattr_setsigdefault(&attributes_, &usual);
    posix_spawnattr_setpgroup(&attributes_, 0);
    posix_spawnattr_setflags(
        &attributes_, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  }
  SpawnPlan(SpawnPlan const&) = delete;
  SpawnPlan& operator=(SpawnPlan const&) = delete;
  ~SpawnPlan() {
    posix_spawnattr_destroy(&attributes_);
    posix_spawn_file_actions_destroy(&actions_);
  }

  /// 0, or why not.
  int spawn(ChildProcess const& child, pid_t& pid) const {
    auto program = child.program.string();
    auto arguments = child.arguments;
    std::vector<char*> argv{program.data()};
    for (auto& argument : arguments) argv.push_back(argument.data());
    argv.push_back(nullptr);
    auto variables = environment_without(child.hidden);
    return ::posix_spawn(&pid, program.c_str(), &actions_, &attributes_, argv.data(),
                         variables.data());
  }

 private:
  posix_spawn_file_actions_t actions_{};
  posix_spawnattr_t attributes_{};
};

/// Feeds, listens to and waits for one running child.
class Conversation {
 public:
  Conversation(pid_t pid, Pipe& input, Pipe& output, ChildProcess const& child,
               Interrupt const& interrupt)
      : pid_(pid),
        process_(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0))),
        input_(input),
        output_(output),
        rest_(child.input.reveal()),
        interrupt_(interrupt),
        deadline_(SteadyClock::now() + child.time_max) {
    output_.write.close();  // so that its end is seen; that of the input is kept, to look into it
    make_nonblocking(input_.write);
    make_nonblocking(output_.read);
  }

  ChildEnding run() {
    auto const size = rest_.size();
    feed();
    while (!ended()) {
      if (interrupt_.requested() || SteadyClock::now() >= deadline_) {
        ending_.kind =
            interrupt_.requested() ? ChildEnding::Kind::interrupted : ChildEnding::Kind::timed_out;
        ::kill(-pid_, SIGKILL);
        while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) continue;
        listen();
        return std::move(ending_);
      }
      wait();
    }
    listen();
    ending_.read_input = size == 0 || unread() < size;
    return std::move(ending_);
  }

 private:
  /// Until something happens, but not long.
  void wait() {
    auto const left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline_ - SteadyClock::now());
    auto const time = std::clamp(left, std::chrono::milliseconds(1), kInterruptDelay);
    // A negative descriptor is not looked at.
    std::array<pollfd, 3> watched{pollfd{process_.get(), POLLIN, 0},
                                  pollfd{output_.read.get(), POLLIN, 0},
                                  pollfd{rest_.empty() ? -1 : input_.write.get(), POLLOUT, 0}};
    ::poll(watched.data(), watched.size(), static_cast<int>(time.count()));
    if (watched[1].revents != 0) listen();
    if (watched[2].revents != 0) feed();
  }

  void feed() {
    while (!rest_.empty()) {
      auto const n = ::write(input_.write.get(), rest_.data(), rest_.size());
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) return;  // the pipe is full
      rest_.remove_prefix(static_cast<std::size_t>(n));
    }
    input_.write.close();
  }

  std::size_t unread() const {
    int left = 0;
    ::ioctl(input_.read.get(), FIONREAD, &left);
    return rest_.size() + static_cast<std::size_t>(std::max(left, 0));
  }

  void listen() {
    std::array<char, 4096> buffer;
    while (output_.read.open()) {
      auto const n = ::read(output_.read.get(), buffer.data(), buffer.size());
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) return;
      if (n == 0) return output_.read.close();
      ending_.output.append(buffer.data(), static_cast<std::size_t>(n));
      if (ending_.output.size() > kOutputMax) {
        ending_.output.erase(0, ending_.output.size() - kOutputMax);
      }
    }
  }

  bool ended() {
    int status = 0;
    auto const waited = ::waitpid(pid_, &status, WNOHANG);
    if (waited != pid_) return false;
    bool const exited = WIFEXITED(status);
    ending_.kind = exited ? ChildEnding::Kind::exited : ChildEnding::Kind::killed_by_signal;
    ending_.code = exited ? WEXITSTATUS(status) : WTERMSIG(status);
    return true;
  }

  pid_t pid_;
  Descriptor process_;
  Pipe& input_;
  Pipe& output_;
  std::string_view rest_;
  Interrupt const& interrupt_;
  SteadyClock::time_point deadline_;
  ChildEnding ending_;
};

}  // namespace

Result<ChildEnding> run_child(ChildProcess const& child, Interrupt const& interrupt) {
  Pipe input;
  Pipe output;
  if (!input.make() || !output.make()) {
    return Error(Errc::io, fmt::format("cannot make a pipe: {}", std::strerror(errno)));
  }
  pid_t pid = 0;
  auto const failure = SpawnPlan(child, input, output).spawn(child, pid);
  if (failure != 0) {
    return Error(Errc::io, fmt::format("cannot start {}: {}", child.program.string(),
                                       std::strerror(failure)));
  }
  return Conversation(pid, input, output, child, interrupt).run();
}

}  // namespace tenantry::sinks
