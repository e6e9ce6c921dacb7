# What `cmake --install` puts where: the folders of the Filesystem Hierarchy Standard below the prefix.
include(GNUInstallDirs)
set(doc share/doc/tenantry)

install(TARGETS tenantry RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})

# README.md links to docs/ and examples/ beside it.
install(FILES README.md CHANGELOG.md LICENSE DESTINATION ${doc})
install(DIRECTORY docs examples DESTINATION ${doc} USE_SOURCE_PERMISSIONS
  PATTERN .tenantry EXCLUDE
  PATTERN secrets EXCLUDE
  PATTERN "*.state*" EXCLUDE
  PATTERN "*.plan" EXCLUDE)

# The manual page and the completions of shells, as cli/CMakeLists.txt lays them out.
install(DIRECTORY ${CMAKE_BINARY_DIR}/share/ DESTINATION share)
