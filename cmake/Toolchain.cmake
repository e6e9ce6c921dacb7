# Compiler, warnings, sanitizers and build speed: everything that is about how, not what.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  message(FATAL_ERROR "g++ below 13 miscompiles C++20 coroutines; configure with "
                      "-DCMAKE_CXX_COMPILER=clang++-19 (the presets do).")
endif()

find_program(CCACHE ccache)
if(CCACHE)
  # Paths relative to the checkout, so that checkouts share what they have compiled.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env
      CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1
      CCACHE_IGNOREOPTIONS=-ffile-prefix-map=*
      CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime ${CCACHE})
endif()

set(TENANTRY_SANITIZER "" CACHE STRING "address,undefined or thread; empty for none")

# Every target of the project links this one, so that flags are said once.
add_library(tenantry_options INTERFACE)
target_include_directories(tenantry_options INTERFACE ${CMAKE_SOURCE_DIR})
target_compile_options(tenantry_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Werror)
if(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
  # A precompiled header without a time stamp is what lets ccache answer for its users.
  target_compile_options(tenantry_options INTERFACE "SHELL:-Xclang -fno-pch-timestamp")
  # libstdc++ 12's own std::stable_sort uses a function that it marks as deprecated.
  target_compile_options(tenantry_options INTERFACE -Wno-deprecated-declarations)
endif()
# Paths are kept relative to the folder of the build, as ccache makes them too: the same source gives
# the same program in any checkout (scripts/reproducible.sh proves it), and none names its builder.
file(RELATIVE_PATH to_source ${CMAKE_BINARY_DIR} ${CMAKE_SOURCE_DIR})
string(REGEX REPLACE "/$" "" to_source "${to_source}")
foreach(map ${CMAKE_SOURCE_DIR}=${to_source} ${CMAKE_BINARY_DIR}=. ${CMAKE_BINARY_DIR}/=)
  target_compile_options(tenantry_options INTERFACE $<$<CONFIG:Release>:-ffile-prefix-map=${map}>)
endforeach()
if(TENANTRY_SANITIZER)
  target_compile_options(tenantry_options INTERFACE
    -fsanitize=${TENANTRY_SANITIZER} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  target_link_options(tenantry_options INTERFACE -fsanitize=${TENANTRY_SANITIZER})
endif()
option(TENANTRY_FUZZ "Instrument everything for libFuzzer and build the targets of tests/fuzz" OFF)
if(TENANTRY_FUZZ)
  # A quarter of the time to compile goes into checks of each pointer before its use. A null one ends
  # the program in any case, and the asan preset replays the corpus with all checks.
  target_compile_options(tenantry_options INTERFACE
    -fno-sanitize=null,alignment,vptr,object-size -fsanitize=fuzzer-no-link)
endif()
find_program(MOLD mold)
find_program(LLD NAMES ld.lld ld.lld-19)
if(MOLD)
  target_link_options(tenantry_options INTERFACE -fuse-ld=mold)
elseif(LLD)
  target_link_options(tenantry_options INTERFACE -fuse-ld=lld)
endif()
