// What a word on the command line may become: the answer that the shells' completions ask for.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "cli/console.hpp"
#include "engine/core/clock.hpp"
#include "engine/core/random.hpp"

namespace tenantry::cli {

/// The hidden command that the scripts of `completion` call, with all words up to the one that is
/// being typed.
inline constexpr std::string_view kCompleteCommand = "__complete";

/// `words` are those after the program's name, the last one half typed or empty. The first line of
/// the answer tells what follows: "words"; "names", which may go on behind them; "files" and
/// "folders", for which the shell looks itself. The others are candidates, each with a tab and its
/// meaning where there is one; of a last word --FLAG=TEXT they are what may stand behind the "=".
/// Never fails, and asks no network.
std::string complete(std::vector<std::string> words, Console& console,
                     EnvironmentReader const& environment, Clock& clock, Random& random);

}  // namespace tenantry::cli
