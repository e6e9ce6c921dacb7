# Libraries, all of them Debian packages (docs/building.md names each).
find_package(Threads REQUIRED)
find_package(Boost 1.81.0 EXACT CONFIG REQUIRED COMPONENTS json url)
find_package(OpenSSL 3.0 REQUIRED)
find_package(SQLite3 REQUIRED)
# libpq alone: the server's headers are another package.
set(PostgreSQL_TYPE_INCLUDE_DIR /usr/include/postgresql CACHE PATH "")
find_package(PostgreSQL REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(fmt REQUIRED)
find_package(CLI11 REQUIRED)
find_package(cereal REQUIRED)  # headers alone, in the compiler's own path
# Through pkg-config: libzip's own CMake files demand its command line tools, another package.
find_package(PkgConfig REQUIRED)
pkg_check_modules(LIBZIP REQUIRED IMPORTED_TARGET libzip)

# The allocator of programs, not of tests: docs/decisions/0013. Sanitizers bring one of their own.
add_library(tenantry_allocator INTERFACE)
find_library(JEMALLOC jemalloc REQUIRED)
if(NOT TENANTRY_SANITIZER AND NOT TENANTRY_FUZZ)
  target_link_libraries(tenantry_allocator INTERFACE ${JEMALLOC})
endif()

# Asio, Asio's TLS and Beast compiled once (BOOST_ASIO_SEPARATE_COMPILATION and kin): 1 to 4 s less
# in each file that uses them.
add_library(tenantry_asio STATIC ${CMAKE_SOURCE_DIR}/cmake/asio.cpp)
target_compile_definitions(tenantry_asio PUBLIC
  BOOST_ASIO_SEPARATE_COMPILATION BOOST_BEAST_SEPARATE_COMPILATION BOOST_ASIO_NO_DEPRECATED)
target_link_libraries(tenantry_asio
  PUBLIC Boost::headers Boost::json Boost::url OpenSSL::SSL OpenSSL::Crypto Threads::Threads
  PRIVATE tenantry_options)
