# Writes OUTPUT, a C++ source whose function FUNCTION gives the text of every NNNN_*.sql in FOLDER, in
# order.
file(GLOB files ${FOLDER}/[0-9]*.sql)
list(SORT files)
set(entries "")
set(expected 1)
foreach(file IN LISTS files)
  get_filename_component(name ${file} NAME)
  string(REGEX REPLACE "^0*([0-9]+)_.*$" "\\1" version ${name})
  if(NOT version EQUAL expected)
    message(FATAL_ERROR "${name}: the next migration must have number ${expected}")
  endif()
  math(EXPR expected "${expected} + 1")
  file(READ ${file} sql)
  string(APPEND entries "    {${version}, R\"sql(${sql})sql\"},\n")
endforeach()
file(WRITE ${OUTPUT} "// Made by state/migrations/embed.cmake.
#include \"state/migrations.hpp\"

namespace tenantry::state {
namespace {
constexpr Migration kMigrations[] = {
${entries}};
}  // namespace

std::span<Migration const> ${FUNCTION}() { return kMigrations; }

}  // namespace tenantry::state
")
