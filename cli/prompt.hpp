// A question to a person.
#pragma once
#include <boost/asio/any_io_executor.hpp>
#include <string>

#include "cli/console.hpp"
#include "cli/signals.hpp"
#include "engine/core/task.hpp"

namespace tenantry::cli {

/// Asks on standard error and reads one line from the terminal; true when it is "yes" and nothing
/// else. The end of input is a no. Errors: cancelled when a signal comes first. Ask only where
/// can_ask() is true. All references must outlive the task.
Task<bool> confirm(boost::asio::any_io_executor executor, Console& console, Signals& signals,
                   std::string question);

/// Asks for a text and reads one line; an empty one means `usual`. Errors: cancelled at the end of
/// input. Waits for the person, so it is for commands that do nothing else meanwhile.
Result<std::string> ask(Console& console, std::string_view question, std::string const& usual);

}  // namespace tenantry::cli
