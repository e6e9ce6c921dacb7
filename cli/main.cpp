#include <unistd.h>

#include <exception>

#include "cli/command_line.hpp"
#include "cli/process.hpp"

int main(int argc, char** argv) {
  using namespace tenantry;
  cli::protect_process();
  cli::Console console(cli::to_descriptor(STDOUT_FILENO), cli::to_descriptor(STDERR_FILENO),
                       cli::terminal_facts(cli::process_environment));
  SystemClock clock;
  SystemRandom random;
  try {
    auto const exit = cli::run_command_line({argv + 1, argv + argc}, console,
                                            cli::process_environment, clock, random);
    return static_cast<int>(exit);
  } catch (std::exception const& defect) {
    console.error(Error(Errc::internal, defect.what(), "this is a defect in tenantry"));
    return static_cast<int>(cli::Exit::failed);
  }
}
