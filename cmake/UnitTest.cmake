# tenantry_unit_test(<layer> [TOGETHER] SOURCES <files> [ALONE <files>] [DEPS <layers>]
#                    [LAUNCHER <words>])
#
# One doctest program per layer, `unit_<layer>`, so that a change rebuilds and runs only what it
# touches. TOGETHER compiles the sources together, since most of the time goes into what
# they all include; ALONE are those whose names would meet others'. LAUNCHER is a command that runs
# the program. Support code shared by them is in tests/support.
find_package(doctest REQUIRED)

function(tenantry_unit_test layer)
  cmake_parse_arguments(arg "TOGETHER" "" "SOURCES;ALONE;DEPS;LAUNCHER" ${ARGN})
  set(target unit_${layer})
  add_executable(${target} ${CMAKE_SOURCE_DIR}/tests/support/main.cpp ${arg_SOURCES}
                 ${arg_ALONE})
  # The only source that knows where the checkout is: a path in it would keep checkouts from sharing
  # what they compile.
  set_source_files_properties(${CMAKE_SOURCE_DIR}/tests/support/golden.cpp PROPERTIES
    COMPILE_DEFINITIONS "TENANTRY_TESTS=\"${CMAKE_SOURCE_DIR}/tests\"")
  target_precompile_headers(${target} REUSE_FROM tenantry_pch)
  set_target_properties(${target} PROPERTIES
    UNITY_BUILD ${arg_TOGETHER} UNITY_BUILD_BATCH_SIZE 8)
  set_source_files_properties(
    ${CMAKE_SOURCE_DIR}/tests/support/main.cpp ${arg_ALONE} PROPERTIES
    SKIP_UNITY_BUILD_INCLUSION ON)
  target_link_libraries(${target} PRIVATE tenantry_options tenantry_asio doctest::doctest)
  foreach(dep IN LISTS arg_DEPS)
    target_link_libraries(${target} PRIVATE tenantry_${dep})
  endforeach()
  add_test(NAME unit.${layer} COMMAND ${arg_LAUNCHER} $<TARGET_FILE:${target}>)
  set_tests_properties(unit.${layer} PROPERTIES LABELS unit TIMEOUT 120)
endfunction()
