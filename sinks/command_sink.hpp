// deliverSecret: {command: [PROGRAM, ARGUMENT...]}.
#pragma once
#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include "engine/run/secret_sink.hpp"
#include "sinks/child_process.hpp"

namespace tenantry::sinks {

struct CommandSink {
  std::string shown;              ///< the program as written, for people
  std::filesystem::path program;  ///< the file that it is
  std::vector<std::string> arguments;
  std::filesystem::path folder;     ///< where it runs: the configuration's
  std::vector<std::string> hidden;  ///< see ChildProcess
  std::chrono::milliseconds time_max{std::chrono::seconds(60)};
};

/// Reads `written`. A program with a slash is relative to `folder`, any other is looked for in
/// PATH. Errors: invalid where there is no such program, or it may not be executed.
Result<CommandSink> command_sink(Value const& written, std::filesystem::path const& folder);

/// Gives the program {"address", "clientId", "clientSecret", "host"} on its standard input and
/// waits for its end; blocks. Anything but exit code 0 is a failure, told with the last of what the
/// program printed, the secret masked. Errors: rejected; timeout where it had to be killed, since
/// the secret may have been stored by then; io.
Result<std::string> run_command_sink(CommandSink const& command, run::Delivery const& delivery,
                                     Interrupt const& interrupt);

}  // namespace tenantry::sinks
