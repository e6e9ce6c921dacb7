# cmake -DFOLDER=<folder> -DFILES=<group/file;...> -DFUNCTION=<name> -DOUTPUT=<file> -P EmbedFiles.cmake
#
# Writes a C++ source with a function that gives the files, byte by byte: text and pictures alike.
set(entries "")
list(LENGTH FILES count)
foreach(file IN LISTS FILES)
  string(REGEX MATCH "^([^/]+)/(.+)$" ignored "${file}")
  set(group ${CMAKE_MATCH_1})
  set(path ${CMAKE_MATCH_2})
  file(READ "${FOLDER}/${file}" content HEX)
  string(LENGTH "${content}" digits)
  math(EXPR bytes "${digits} / 2")
  string(REGEX REPLACE "(..)" "\\\\x\\1" content "${content}")
  string(APPEND entries "    {\"${group}\", \"${path}\", {\"${content}\", ${bytes}}},\n")
endforeach()
file(WRITE "${OUTPUT}" "#include \"cli/starter.hpp\"

#include <array>

namespace tenantry::cli {
namespace {
constexpr std::array<StarterFile, ${count}> kFiles{{
${entries}}};
}  // namespace

std::span<StarterFile const> ${FUNCTION}() { return kFiles; }

}  // namespace tenantry::cli
")
