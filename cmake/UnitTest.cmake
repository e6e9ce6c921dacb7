# tenantry_unit_test(<layer> SOURCES <files> [DEPS <layers>])
#
# One doctest program per layer, `unit_<layer>`, so that a change rebuilds and runs only what it
# touches. Support code shared by them is in tests/support.
find_package(doctest REQUIRED)

function(tenantry_unit_test layer)
  cmake_parse_arguments(arg "" "" "SOURCES;DEPS" ${ARGN})
  set(target unit_${layer})
  add_executable(${target} ${CMAKE_SOURCE_DIR}/tests/support/main.cpp ${arg_SOURCES})
  target_precompile_headers(${target} REUSE_FROM tenantry_pch)
  target_link_libraries(${target} PRIVATE tenantry_options tenantry_asio doctest::doctest)
  foreach(dep IN LISTS arg_DEPS)
    target_link_libraries(${target} PRIVATE tenantry_${dep})
  endforeach()
  add_test(NAME unit.${layer} COMMAND ${target})
  set_tests_properties(unit.${layer} PROPERTIES LABELS unit TIMEOUT 120)
endfunction()
