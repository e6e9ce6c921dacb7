# What `cmake --install` puts where: the folders of the Filesystem Hierarchy Standard below the prefix.
include(GNUInstallDirs)
set(doc ${CMAKE_INSTALL_DATADIR}/doc/tenantry)

install(TARGETS tenantry RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})

# The manual page, which the target tenantry_man writes, and the completions of shells.
install(DIRECTORY ${CMAKE_BINARY_DIR}/share/ DESTINATION ${CMAKE_INSTALL_DATADIR})
install(FILES ${CMAKE_BINARY_DIR}/share/man/man1/tenantry.1
  DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)

# README.md links to docs/ and examples/ beside it.
install(FILES README.md CHANGELOG.md LICENSE DESTINATION ${doc})
install(DIRECTORY docs examples DESTINATION ${doc} USE_SOURCE_PERMISSIONS
  PATTERN .tenantry EXCLUDE
  PATTERN secrets EXCLUDE
  PATTERN "*.state*" EXCLUDE
  PATTERN "*.plan" EXCLUDE)

# The manual page and the completions of shells, as cli/CMakeLists.txt lays them out.
install(DIRECTORY ${CMAKE_BINARY_DIR}/share/ DESTINATION share)
