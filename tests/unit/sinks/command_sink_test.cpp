#include "sinks/command_sink.hpp"

#include <doctest/doctest.h>
#include <signal.h>

#include <thread>

#include "engine/core/file.hpp"
#include "tests/support/temp_folder.hpp"

namespace tenantry::sinks {
namespace {

constexpr std::string_view kSecretText = "s3cret-value";

run::Delivery delivery() {
  return {{"acme", "oauthClients", "portal"},
          {"client-1", Secret(std::string(kSecretText)), "acme.eu.qlikcloud.com"}};
}

/// A folder with a shell script in it, as a sink.
struct Script {
  test::TempFolder folder;
  Interrupt interrupt;
  std::chrono::milliseconds time_max{std::chrono::seconds(20)};

  explicit Script(std::string_view body) {
    auto const file = folder.write("deliver.sh", "#!/bin/sh\n" + std::string(body) + "\n");
    std::filesystem::permissions(file, std::filesystem::perms::owner_all);
  }
  Result<std::string> run(Array arguments = {}) const {
    Array command{"./deliver.sh"};
    for (auto& argument : arguments) command.push_back(argument);
    auto sink = command_sink(command, folder.path());
    REQUIRE(sink.has_value());
    sink->time_max = time_max;
    return run_command_sink(*sink, delivery(), interrupt);
  }
  std::string file(std::string_view name) const {
    auto const text = read_file(folder.path() / name, 1'000'000);
    return text ? *text : std::string();
  }
};

bool is_running(int process) {
  auto const status = read_file("/proc/" + std::to_string(process) + "/stat", 10'000);
  return status && status->find(") Z ") == std::string::npos;
}

}  // namespace

TEST_SUITE("command_sink") {
  TEST_CASE("run_command_sink: the secret is on standard input, and nowhere else") {
    Script const script("cat > got.json; tr '\\0' '\\n' < /proc/$$/cmdline > args; env > env");
    auto const where = script.run({"two words", "$HOME"});
    REQUIRE(where.has_value());
    CHECK(*where == "the command ./deliver.sh");
    CHECK(script.file("got.json") ==
          R"({"address":"acme/oauthClients/portal","clientId":"client-1",)"
          R"("clientSecret":"s3cret-value","host":"acme.eu.qlikcloud.com"})"
          "\n");
    CHECK(script.file("args").find("\ntwo words\n$HOME\n") != std::string::npos);
    CHECK(script.file("args").find(kSecretText) == std::string::npos);
    CHECK(script.file("env").find(kSecretText) == std::string::npos);
  }

  TEST_CASE("run_command_sink: it inherits no open file") {
    Script const script("cat > /dev/null; ls /proc/self/fd > open");
    REQUIRE(script.run().has_value());
    CHECK(script.file("open") == "0\n1\n2\n3\n");  // 3 is the folder that ls reads
  }

  TEST_CASE("run_command_sink: another exit code is a failure, told with the output, masked") {
    Script const script("cat; echo 'no such vault' >&2; exit 3");
    auto const refused = script.run();
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().code == Errc::rejected);
    auto const& message = refused.error().message;
    CHECK(message.find("ended with exit code 3") != std::string::npos);
    CHECK(message.find("no such vault") != std::string::npos);
    CHECK(message.find("\"clientSecret\":\"(sensitive)\"") != std::string::npos);
    CHECK(message.find(kSecretText) == std::string::npos);
  }

  TEST_CASE("run_command_sink: much output is neither a block nor a long message") {
    Script const script("cat > /dev/null; head -c 300000 /dev/zero | tr '\\0' x; exit 1");
    auto const refused = script.run();
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().message.size() < 1200);
  }

  TEST_CASE("run_command_sink: success without reading the secret is none") {
    Script const script("exit 0");
    auto const refused = script.run();
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().message.find("did not read its standard input") != std::string::npos);
  }

  TEST_CASE("run_command_sink: one that hangs is killed with all it started; it may be done") {
    Script script("cat > /dev/null; sleep 1000 & echo $! > child; wait");
    script.time_max = std::chrono::milliseconds(300);
    auto const refused = script.run();
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().outcome_unknown());
    CHECK(refused.error().message.find("was killed") != std::string::npos);
    auto const child = std::stoi(script.file("child"));
    for (int i = 0; i < 200 && is_running(child); ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    CHECK_FALSE(is_running(child));
  }

  TEST_CASE("run_command_sink: an interrupt ends it") {
    Script script("cat > /dev/null; sleep 1000");
    script.interrupt.request();
    auto const refused = script.run();
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().outcome_unknown());
    CHECK(refused.error().message.find("the run was stopped") != std::string::npos);
  }

  TEST_CASE("command_sink: a program that is not there or may not run is refused") {
    test::TempFolder const folder;
    folder.write("plain.txt", "no program");
    auto const missing = command_sink(Array{"./missing"}, folder.path());
    REQUIRE_FALSE(missing.has_value());
    CHECK(missing.error().message.find("does not exist") != std::string::npos);
    auto const plain = command_sink(Array{"./plain.txt"}, folder.path());
    REQUIRE_FALSE(plain.has_value());
    CHECK(plain.error().hint.find("chmod") != std::string::npos);
    auto const nowhere = command_sink(Array{"no-such-program-here"}, folder.path());
    REQUIRE_FALSE(nowhere.has_value());
    CHECK(nowhere.error().message.find("PATH") != std::string::npos);
    CHECK_FALSE(command_sink(Array{}, folder.path()).has_value());
    CHECK_FALSE(command_sink(Array{7}, folder.path()).has_value());
  }
}
}  // namespace tenantry::sinks
