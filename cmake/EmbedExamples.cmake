# cmake -DFOLDER=<examples> -DFILES=<example/file;...> -DOUTPUT=<file> -P EmbedExamples.cmake
#
# Writes a C++ source that holds the files as text.
set(entries "")
list(LENGTH FILES count)
foreach(file IN LISTS FILES)
  string(REGEX MATCH "^([^/]+)/(.+)$" ignored "${file}")
  set(example ${CMAKE_MATCH_1})
  set(path ${CMAKE_MATCH_2})
  file(READ "${FOLDER}/${file}" content)
  string(APPEND entries "    {\"${example}\", \"${path}\", R\"~~~(${content})~~~\"},\n")
endforeach()
file(WRITE "${OUTPUT}" "#include \"cli/starter.hpp\"

#include <array>

namespace tenantry::cli {
namespace {
constexpr std::array<StarterFile, ${count}> kFiles{{
${entries}}};
}  // namespace

std::span<StarterFile const> starter_files() { return kFiles; }

}  // namespace tenantry::cli
")
