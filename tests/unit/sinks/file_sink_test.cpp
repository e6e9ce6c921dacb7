#include "sinks/file_sink.hpp"

#include <doctest/doctest.h>
#include <git2.h>
#include <sys/stat.h>

#include "engine/core/file.hpp"
#include "tests/support/temp_folder.hpp"

namespace tenantry::sinks {
namespace {

run::Delivery delivery() {
  return {{"acme", "oauthClients", "portal"},
          {"client-1", Secret("s3cret-value"), "acme.eu.qlikcloud.com"}};
}

void make_work_tree(std::filesystem::path const& path) {
  git_libgit2_init();
  git_repository* repository = nullptr;
  REQUIRE(git_repository_init(&repository, path.c_str(), 0) == 0);
  git_repository_free(repository);
  git_libgit2_shutdown();
}

}  // namespace

TEST_SUITE("file_sink") {
  TEST_CASE("write_file_sink: a private file with the client's id, secret and host") {
    test::TempFolder const folder;
    auto const path = file_sink("secrets/acme.json", folder.path());
    auto const where = write_file_sink(path, delivery());
    REQUIRE(where.has_value());
    auto const file = folder.path() / "secrets/acme.json";
    CHECK(*where == file.string());
    CHECK(*read_file(file, 1000) ==
          "{\n  \"clientId\": \"client-1\",\n  \"clientSecret\": \"s3cret-value\",\n"
          "  \"host\": \"acme.eu.qlikcloud.com\"\n}\n");
    struct stat info{};
    REQUIRE(::stat(file.c_str(), &info) == 0);
    CHECK((info.st_mode & 0777) == 0600);
  }

  TEST_CASE("check_file_sink: a file that git would pick up is refused") {
    test::TempFolder const folder;
    make_work_tree(folder.path());
    auto const path = file_sink("secrets/acme.json", folder.path());
    auto const refused = check_file_sink(path, path.parent_path());
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().code == Errc::guard);
    folder.write(".gitignore", "secrets/\n");
    CHECK(check_file_sink(path, path.parent_path()).has_value());
  }

  TEST_CASE("check_file_sink: what names no file is refused with the form to write") {
    auto const refused = check_file_sink(file_sink(7, "/tmp"), "/tmp");
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().hint.find("file:") != std::string::npos);
  }
}
}  // namespace tenantry::sinks
