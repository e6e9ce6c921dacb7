# tenantry_unit_test(<layer> SOURCES <files> [DEPS <layers>] [LAUNCHER <words>])
#
# One doctest program per layer, `unit_<layer>`, so that a change rebuilds and runs only what it
# touches. LAUNCHER is a command that runs the program. Support code shared by them is in tests/support.
find_package(doctest REQUIRED)

function(tenantry_unit_test layer)
  cmake_parse_arguments(arg "" "" "SOURCES;DEPS;LAUNCHER" ${ARGN})
  set(target unit_${layer})
  add_executable(${target} ${CMAKE_SOURCE_DIR}/tests/support/main.cpp ${arg_SOURCES})
  # The only source that knows where the checkout is: a path in it would keep checkouts from sharing
  # what they compile.
  set_source_files_properties(${CMAKE_SOURCE_DIR}/tests/support/golden.cpp PROPERTIES
    COMPILE_DEFINITIONS "TENANTRY_TESTS=\"${CMAKE_SOURCE_DIR}/tests\"")
  target_precompile_headers(${target} REUSE_FROM tenantry_pch)
  target_link_libraries(${target} PRIVATE tenantry_options tenantry_asio doctest::doctest)
  foreach(dep IN LISTS arg_DEPS)
    target_link_libraries(${target} PRIVATE tenantry_${dep})
  endforeach()
  add_test(NAME unit.${layer} COMMAND ${arg_LAUNCHER} $<TARGET_FILE:${target}>)
  set_tests_properties(unit.${layer} PROPERTIES LABELS unit TIMEOUT 120)
endfunction()
