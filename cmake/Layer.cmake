# tenantry_layer(<name> RANK <n> SOURCES <files> [DEPS <layers>] [LIBS <libraries>])
#
# A static library `tenantry_<name>`. Its dependencies on other layers must point downward: the
# configure step fails when one of DEPS has a rank that is not lower than its own.
add_library(tenantry_pch STATIC ${CMAKE_SOURCE_DIR}/cmake/pch.cpp)
target_link_libraries(tenantry_pch PUBLIC tenantry_options tenantry_asio fmt::fmt)
target_precompile_headers(tenantry_pch PUBLIC <cmake/pch.hpp>)

function(tenantry_layer name)
  cmake_parse_arguments(arg "" "RANK" "SOURCES;DEPS;LIBS" ${ARGN})
  set(target tenantry_${name})
  add_library(${target} STATIC ${arg_SOURCES})
  set_target_properties(${target} PROPERTIES TENANTRY_RANK ${arg_RANK})
  target_precompile_headers(${target} REUSE_FROM tenantry_pch)
  target_link_libraries(${target} PUBLIC tenantry_options tenantry_asio fmt::fmt ${arg_LIBS})
  foreach(dep IN LISTS arg_DEPS)
    get_target_property(rank tenantry_${dep} TENANTRY_RANK)
    if(NOT rank LESS ${arg_RANK})
      message(FATAL_ERROR "layer ${name} (rank ${arg_RANK}) may not use ${dep} (rank ${rank})")
    endif()
    target_link_libraries(${target} PUBLIC tenantry_${dep})
  endforeach()
endfunction()
