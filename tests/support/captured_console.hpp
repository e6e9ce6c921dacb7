// A console whose two streams end in strings.
#pragma once
#include <string>

#include "cli/console.hpp"

namespace tenantry::test {

/// Not copyable or movable: the console writes into its members.
struct CapturedConsole {
  explicit CapturedConsole(cli::TerminalFacts facts = {})
      : console(
            [this](std::string_view text) {
              if (output_broken) return false;
              output += text;
              return true;
            },
            [this](std::string_view text) {
              error += text;
              return true;
            },
            facts) {}
  CapturedConsole(CapturedConsole const&) = delete;
  CapturedConsole& operator=(CapturedConsole const&) = delete;

  std::string output;
  std::string error;
  bool output_broken = false;
  cli::Console console;
};

}  // namespace tenantry::test
