# The Debian package: `cmake --build --preset release --target package`, or `cpack` in the folder of the build.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_VENDOR "Tenantry")
set(CPACK_PACKAGE_CONTACT "Tenantry maintainers <maintainers@tenantry.example>")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)

set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_DEBIAN_PACKAGE_SECTION admin)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
# Below the summary, which is the project's description.
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION
"Tenantry is to a fleet of Qlik Cloud tenants what Terraform is to a cloud
account: desired state in YAML, a plan that shows the difference to what is
live, and an apply that makes the ordered calls and notes each one before it
is made.

It never creates a tenant twice, never loses a secret, and keeps within the
rate limits of Qlik Cloud. An emulator of the platform is built in, so that
everything can be tried without an account.")

# The libraries that the program is linked with, by what Debian knows of their symbols. The rest is
# what no linker sees: the certificates that TLS trusts.
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_DEPENDS ca-certificates)
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "bash-completion, postgresql")

# Permissions of the files as Debian wants them, whatever the umask and the checkout say.
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
  OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_PRE_BUILD_SCRIPTS ${CMAKE_SOURCE_DIR}/cmake/DebianFiles.cmake)
set(CPACK_TENANTRY_SOURCE ${CMAKE_SOURCE_DIR})
set(CPACK_VERBATIM_VARIABLES ON)
include(CPack)
