#include <doctest/doctest.h>
#include <sqlite3.h>

#include <fstream>

#include "emulator/service.hpp"
#include "tests/support/temp_folder.hpp"

namespace tenantry::emulator {
namespace {

/// A data file with a tenant, a token and an object in it.
class DataFile {
 public:
  DataFile() {
    Service service(options());
    REQUIRE(service.open().has_value());
    auto const registration = post(service, "register.eu.qlikcloud.com", "/oauth/token", {},
                                   {{"client_id", kClientId},
                                    {"client_secret", kClientSecret},
                                    {"grant_type", "client_credentials"}});
    post(service, "register.eu.qlikcloud.com", "/api/v1/tenants",
         text_at(registration, "access_token"), {{"licenseKey", kLicenseKey}});
  }

  std::filesystem::path path() const { return folder_.path() / "emulator.db"; }

  Options options() const {
    Options options;
    options.seed = 1;
    options.data_file = path();
    return options;
  }

  void change(std::string const& sql) const {
    sqlite3* database = nullptr;
    REQUIRE(sqlite3_open(path().c_str(), &database) == SQLITE_OK);
    CHECK(sqlite3_exec(database, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK);
    CHECK(sqlite3_total_changes(database) > 0);
    sqlite3_close(database);
  }

  Result<void> open() const {
    Service service(options());
    return service.open();
  }

 private:
  static Object post(Service& service, std::string host, std::string target, std::string token,
                     Object const& body) {
    Request request{"POST", std::move(target), {{"Host", std::move(host)}}, canonical(body)};
    request.headers.push_back({"Content-Type", "application/json"});
    if (!token.empty()) request.headers.push_back({"Authorization", "Bearer " + token});
    auto const reply = service.handle(request).reply;
    REQUIRE(reply.status < 300);
    return parse_json(reply.body).value().as_object();
  }

  test::TempFolder folder_;
};

}  // namespace

TEST_SUITE("data file") {
  TEST_CASE("open: a file that was written is taken again") {
    DataFile const file;
    CHECK(file.open().has_value());
  }

  TEST_CASE("open: a file with a broken object is refused, with what to do") {
    for (std::string const body : {"no JSON", "[]", "{}"}) {
      for (std::string const kind : {"tenants", "clock", "tokens"}) {
        if (kind == "tokens" && body == "{}") continue;  // one that ended long ago
        CAPTURE(body);
        CAPTURE(kind);
        DataFile const file;
        file.change("UPDATE objects SET body = '" + body + "' WHERE kind = '" + kind + "'");
        auto const opened = file.open();
        REQUIRE(opened.has_error());
        CHECK(opened.error().code == Errc::corrupt);
        CHECK(opened.error().message.find(file.path().string()) != std::string::npos);
        CHECK(opened.error().message.find("holds a broken object") != std::string::npos);
        CHECK(opened.error().hint == "delete the file and start anew");
      }
    }
  }

  TEST_CASE("open: two objects in one place are a broken file") {
    DataFile const file;
    file.change(
        "INSERT INTO objects SELECT owner, kind, 'another', sequence, body FROM objects"
        " WHERE kind = 'tenants'");
    auto const opened = file.open();
    REQUIRE(opened.has_error());
    CHECK(opened.error().code == Errc::corrupt);
  }

  TEST_CASE("open: a file with bytes of something else in it is refused, with what to do") {
    DataFile const file;
    auto const size = std::filesystem::file_size(file.path());
    for (auto at = std::uintmax_t{0}; at < size; at += 4096) {
      CAPTURE(at);
      DataFile const damaged;
      {
        std::fstream bytes(damaged.path(), std::ios::in | std::ios::out | std::ios::binary);
        bytes.seekp(static_cast<std::streamoff>(at));
        bytes << std::string(4096, '\x5a');
      }
      auto const opened = damaged.open();
      REQUIRE(opened.has_error());
      CHECK(opened.error().code == Errc::corrupt);
      CHECK_FALSE(opened.error().hint.empty());
    }
  }
}

}  // namespace tenantry::emulator
