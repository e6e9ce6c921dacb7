// A program that is run to its end, with a secret on its standard input.
#pragma once
#include <atomic>
#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include "engine/core/error.hpp"
#include "engine/core/secret.hpp"

namespace tenantry::sinks {

/// Asked for on one thread, seen by others.
class Interrupt {
 public:
  void request() { requested_ = true; }
  bool requested() const { return requested_; }

 private:
  std::atomic<bool> requested_ = false;
};

struct ChildProcess {
  std::filesystem::path program;       ///< the file that is executed
  std::vector<std::string> arguments;  ///< after the program's name
  std::filesystem::path folder;        ///< where it runs
  std::vector<std::string> hidden;     ///< variables of the environment that it does not get
  Secret input;
  std::chrono::milliseconds time_max{std::chrono::seconds(60)};
};

struct ChildEnding {
  enum class Kind { exited, killed_by_signal, timed_out, interrupted };
  Kind kind = Kind::exited;
  int code = 0;            ///< exit code or number of the signal
  bool read_input = true;  ///< false: not a byte of its input was read
  std::string output;      ///< the last of what it wrote to stdout and stderr, as it came
};

/// Runs it without a shell, in a process group of its own (Ctrl-C at the terminal does not reach
/// it), with this process's environment but for what is hidden, and none of its open files. When
/// the time is over, or `interrupt` is requested, the whole group is killed. Blocks. Errors: io
/// when it cannot be started.
Result<ChildEnding> run_child(ChildProcess const& child, Interrupt const& interrupt);

}  // namespace tenantry::sinks
