# cmake -DSOURCE=<checkout> -DOUTPUT=<header> [-DCOMMIT=<id>] -P Commit.cmake
#
# Writes the commit that is being built into a header, and leaves it alone where it says so already.
# COMMIT is for builds outside of a checkout; without it there the commit is empty.
set(modified false)
if(NOT COMMIT)
  # A source archive that was unpacked inside some other repository is not at that one's commit.
  execute_process(COMMAND git -C "${SOURCE}" rev-parse --show-prefix HEAD
    OUTPUT_VARIABLE answer ERROR_QUIET RESULT_VARIABLE failed OUTPUT_STRIP_TRAILING_WHITESPACE)
  if(NOT failed AND answer MATCHES "^\n?([0-9a-f]+)$")
    set(COMMIT ${CMAKE_MATCH_1})
    execute_process(COMMAND git --no-optional-locks -C "${SOURCE}" status --porcelain --untracked-files=no
      OUTPUT_VARIABLE changes)
    if(changes)
      set(modified true)
    endif()
  endif()
endif()
set(text "// Written by cmake/Commit.cmake.
#pragma once
#include <string_view>

namespace tenantry::cli {
inline constexpr std::string_view kCommit = \"${COMMIT}\";
inline constexpr bool kCommitModified = ${modified};
}  // namespace tenantry::cli
")
if(EXISTS "${OUTPUT}")
  file(READ "${OUTPUT}" written)
endif()
if(NOT "${written}" STREQUAL "${text}")
  file(WRITE "${OUTPUT}" "${text}")
endif()
