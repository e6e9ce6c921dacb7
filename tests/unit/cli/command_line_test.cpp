#include "cli/command_line.hpp"

#include <doctest/doctest.h>

#include "cli/commands.hpp"
#include "tests/support/captured_console.hpp"
#include "tests/support/fake_clock.hpp"

using namespace tenantry;
using namespace tenantry::cli;

namespace {

using Words = std::vector<std::string>;

ParsedCommand parsed(Words words) {
  auto result = parse_command_line(std::move(words));
  if (auto const* usage = std::get_if<Usage>(&result)) FAIL(usage->text);
  return std::get<ParsedCommand>(std::move(result));
}

std::string refused(Words words) {
  auto result = parse_command_line(std::move(words));
  auto const* usage = std::get_if<Usage>(&result);
  REQUIRE(usage != nullptr);
  CHECK_FALSE(usage->help);
  return usage->text;
}

template <class Arguments>
Arguments const& arguments_of(ParsedCommand const& command) {
  return *std::any_cast<std::shared_ptr<Arguments const>>(command.arguments);
}

}  // namespace

TEST_SUITE("command_line") {
  TEST_CASE("parse: every command is known by its name") {
    for (auto const& words : std::vector<Words>{{"init"},
                                                {"validate"},
                                                {"render", "acme"},
                                                {"plan"},
                                                {"apply"},
                                                {"destroy"},
                                                {"drift"},
                                                {"show"},
                                                {"history"},
                                                {"emulator"},
                                                {"version"}}) {
      CHECK(parsed(words).command == words.front());
    }
    CHECK(parsed({"state", "list"}).command == "state list");
    CHECK(parsed({"state", "show", "acme"}).command == "state show");
    CHECK(parsed({"state", "rm", "acme"}).command == "state rm");
    CHECK(parsed({"state", "resolve", "acme", "--not-created"}).command == "state resolve");
  }

  TEST_CASE("parse: global options stand before and after the command alike") {
    for (auto const& words :
         {Words{"--chdir", "d", "--config", "a", "--config", "b", "--state=s", "plan"},
          Words{"plan", "--chdir", "d", "--config", "a", "--config", "b", "--state=s"},
          Words{"--chdir", "d", "plan", "--config", "a", "--state", "s", "--config", "b"}}) {
      auto const command = parsed(words);
      CHECK(command.global->chdir == "d");
      CHECK(command.global->configs == Words{"a", "b"});
      CHECK(command.global->state == "s");
      CHECK_FALSE(command.global->connections);
    }
    CHECK(parsed({"state", "list", "--state", "s"}).global->state == "s");
    CHECK(parsed({"state", "--state", "s", "list"}).global->state == "s");
  }

  TEST_CASE("parse: all flags of plan") {
    auto const command = parsed({"plan",
                                 "--out",
                                 "p",
                                 "--format",
                                 "json",
                                 "--detailed-exitcode",
                                 "--target",
                                 "a",
                                 "--target",
                                 "b/*",
                                 "--exclude",
                                 "c",
                                 "--replace",
                                 "d",
                                 "--refresh-only",
                                 "--no-refresh",
                                 "--destroy",
                                 "--adopt",
                                 "--var",
                                 "k=v",
                                 "--var-file",
                                 "f",
                                 "--parallelism",
                                 "8",
                                 "--allow-deactivate",
                                 "--acknowledge",
                                 "abc",
                                 "--lock-timeout",
                                 "30",
                                 "--emulated",
                                 "--shard",
                                 "1/2"});
    auto const& plan = arguments_of<PlanArguments>(command);
    CHECK(plan.out == "p");
    CHECK(plan.format == "json");
    CHECK(plan.detailed_exitcode);
    CHECK(plan.refresh_only);
    auto const& planning = plan.planning;
    CHECK(planning.targets == Words{"a", "b/*"});
    CHECK(planning.excludes == Words{"c"});
    CHECK(planning.replace == Words{"d"});
    CHECK(planning.acknowledged == Words{"abc"});
    CHECK(planning.no_refresh);
    CHECK(planning.destroy);
    CHECK(planning.adopt);
    CHECK(planning.allow_deactivate);
    CHECK(planning.parallelism == 8);
    CHECK(planning.lock_timeout_seconds == 30);
    CHECK(planning.shard == "1/2");
    CHECK(planning.configuration.variables == Words{"k=v"});
    CHECK(planning.configuration.variable_files == Words{"f"});
    CHECK(planning.configuration.emulated);
  }

  TEST_CASE("parse: what is not given keeps its default") {
    auto const command = parsed({"plan"});
    auto const& plan = arguments_of<PlanArguments>(command);
    CHECK(plan.format == "text");
    CHECK_FALSE(plan.json);
    CHECK_FALSE(plan.out);
    CHECK(plan.planning.parallelism == 64);
    CHECK(plan.planning.lock_timeout_seconds == 0);
    CHECK(command.global->color == "auto");
    CHECK(command.global->log_level == "info");
  }

  TEST_CASE("parse: a flag that may be repeated takes one value each time") {
    auto const command = parsed({"apply", "--var", "a=1", "saved.plan", "--auto-approve"});
    auto const& apply = arguments_of<ApplyArguments>(command);
    CHECK(apply.plan_file == "saved.plan");
    CHECK(apply.planning.configuration.variables == Words{"a=1"});
    CHECK(apply.auto_approve);
  }

  TEST_CASE("parse: all flags of the emulator") {
    auto const command = parsed({"emulator",  "--port",
                                 "8480",      "--data",
                                 "d",         "--latency",
                                 "5",         "--rate-limits",
                                 "off",       "--rate-window",
                                 "2",         "--seed",
                                 "7",         "--tls",
                                 "--ca-file", "ca",
                                 "--journal", "j",
                                 "--client",  "a:b",
                                 "--client",  "c:d",
                                 "--address", "::1"});
    auto const& emulator = arguments_of<EmulatorArguments>(command);
    CHECK(emulator.port == 8480);
    CHECK(emulator.data == "d");
    CHECK(emulator.latency_ms == 5);
    CHECK(emulator.rate_limits == "off");
    CHECK(emulator.rate_window_seconds == 2);
    CHECK(emulator.seed == 7);
    CHECK(emulator.tls);
    CHECK(emulator.ca_file == "ca");
    CHECK(emulator.journal == "j");
    CHECK(emulator.clients == Words{"a:b", "c:d"});
    CHECK(emulator.address == "::1");
  }

  TEST_CASE("parse: a word that names a command is an address where one is expected") {
    auto const command = parsed({"state", "show", "plan"});
    CHECK(arguments_of<StateShowArguments>(command).address == "plan");
    CHECK(arguments_of<RenderArguments>(parsed({"render", "apply"})).tenant == "apply");
  }

  TEST_CASE("parse: an unknown flag is refused with the nearest one") {
    CHECK(refused({"plan", "--detailed-exit-code"})
              .starts_with("error: unknown flag --detailed-exit-code (did you mean "
                           "\"--detailed-exitcode\"?)\n"));
    CHECK(refused({"plan", "--confg=x"}).find("--config") != std::string::npos);
    CHECK(refused({"--colour", "auto", "plan"}).find("--color") != std::string::npos);
  }

  TEST_CASE("parse: an unknown command is refused with the nearest one") {
    CHECK(refused({"aply"}).starts_with(
        "error: unknown command \"aply\" (did you mean \"apply\"?)\n"));
    CHECK(refused({"state", "lst"}).find("did you mean \"list\"?") != std::string::npos);
  }

  TEST_CASE("parse: an unknown flag is told even where something else is missing") {
    CHECK(refused({"render", "--orign"}).find("unknown flag --orign") != std::string::npos);
  }

  TEST_CASE("parse: an argument too many, a value missing, a value that cannot be") {
    CHECK(refused({"plan", "extra"}).find("unexpected argument \"extra\"") != std::string::npos);
    CHECK(refused({"plan", "--out"}).find("--out") != std::string::npos);
    CHECK(refused({"plan", "--parallelism", "0"})
              .find("\"0\" is not a whole number from 1 to 1024") != std::string::npos);
    CHECK(refused({"plan", "--parallelism", "4x"}).find("\"4x\"") != std::string::npos);
    CHECK(refused({"--color", "sometimes", "plan"})
              .find("\"sometimes\" is not one of auto, always and never") != std::string::npos);
    CHECK(refused({"render"}).find("TENANT") != std::string::npos);
    CHECK(refused({"state"}).find("list") != std::string::npos);
    CHECK(refused({"state", "resolve", "a", "--created", "x", "--not-created"}).find("--created") !=
          std::string::npos);
  }

  TEST_CASE("parse: control characters of a word do not reach the terminal") {
    CHECK(refused({"pl\x1b[2Jan"}).find('\x1b') == std::string::npos);
  }

  TEST_CASE("parse: no word at all shows the help, as an error") {
    CHECK(refused({}).find("apply") != std::string::npos);
  }

  TEST_CASE("parse: the help of every command has two examples") {
    for (auto const& words : std::vector<Words>{{"init"},
                                                {"validate"},
                                                {"render"},
                                                {"plan"},
                                                {"apply"},
                                                {"destroy"},
                                                {"drift"},
                                                {"show"},
                                                {"state"},
                                                {"state", "list"},
                                                {"state", "show"},
                                                {"state", "mv"},
                                                {"state", "rm"},
                                                {"state", "resolve"},
                                                {"state", "migrate"},
                                                {"history"},
                                                {"emulator"},
                                                {"version"}}) {
      auto with_help = words;
      with_help.emplace_back("--help");
      auto const result = parse_command_line(with_help);
      auto const* usage = std::get_if<Usage>(&result);
      REQUIRE(usage != nullptr);
      CHECK(usage->help);
      std::size_t examples = 0;
      for (std::size_t at = 0; (at = usage->text.find("\n  tenantry ", at)) != std::string::npos;
           ++at) {
        ++examples;
      }
      CHECK_MESSAGE(examples >= 2, words.front());
    }
  }
}

namespace {

struct Run {
  test::CapturedConsole captured;
  Exit exit = Exit::done;

  explicit Run(Words words, TerminalFacts facts = {}) : captured(facts) {
    test::FakeClock clock;
    SeededRandom random(1);
    exit = run_command_line(
        std::move(words), captured.console, [](std::string const&) { return std::nullopt; }, clock,
        random);
  }
};

}  // namespace

TEST_SUITE("run_command_line") {
  TEST_CASE("wrong usage is 1 and told on standard error alone") {
    Run const run({"plan", "--nonsense"});
    CHECK(run.exit == Exit::failed);
    CHECK(run.captured.output.empty());
    CHECK(run.captured.error.starts_with("error: unknown flag"));
  }

  TEST_CASE("help that was asked for is a result") {
    Run const run({"plan", "--help"});
    CHECK(run.exit == Exit::done);
    CHECK(run.captured.output.find("--detailed-exitcode") != std::string::npos);
    CHECK(run.captured.error.empty());
  }

  TEST_CASE("version: a line, and as JSON") {
    CHECK(Run({"version"}).captured.output.starts_with("tenantry "));
    CHECK(Run({"--version"}).captured.output.starts_with("tenantry "));
    auto const json = parse_json(Run({"version", "--json"}).captured.output);
    REQUIRE(json.has_value());
    auto const& described = json->as_object();
    for (auto const* name : {"version", "commit", "modified", "buildType", "compiler", "apiContract"}) {
      CHECK_MESSAGE(described.contains(name), name);
    }
    for (auto const& [name, version] : described.at("libraries").as_object()) {
      std::string_view const text = version.as_string();
      CHECK_MESSAGE((!text.empty() && text.find_first_not_of("0123456789.") == text.npos),
                    std::string_view(name), " ", text);
    }
    CHECK(described.at("libraries").as_object().size() >= 9);
  }

  TEST_CASE("apply: without a terminal and without --auto-approve nothing is begun") {
    Run const run({"apply", "--config", "does-not-exist"});
    CHECK(run.exit == Exit::failed);
    CHECK(run.captured.error.find("not a terminal") != std::string::npos);
    CHECK(run.captured.error.find("does-not-exist") == std::string::npos);
  }

  TEST_CASE("apply: --json needs an approval beforehand") {
    Run const run({"apply", "--json"}, {.input = true, .output = true, .error = true});
    CHECK(run.exit == Exit::failed);
    CHECK(run.captured.error.find("--auto-approve") != std::string::npos);
  }

  TEST_CASE("apply: a saved plan and planning flags contradict each other") {
    Run const run({"apply", "saved.plan", "--target", "acme"});
    CHECK(run.exit == Exit::failed);
    CHECK(run.captured.error.find("carried out as it is") != std::string::npos);
  }

  TEST_CASE("apply: the shard of a saved plan is the plan's") {
    Run const run({"apply", "saved.plan", "--shard", "1/2"});
    CHECK(run.exit == Exit::failed);
    CHECK(run.captured.error.find("carried out as it is") != std::string::npos);
  }

  TEST_CASE("--shard: what is no shard is refused before anything is read") {
    for (std::string const command : {"plan", "drift", "destroy", "apply"}) {
      Words words{command, "--shard", "5/4"};
      if (command == "apply" || command == "destroy") words.push_back("--auto-approve");
      Run const run(words);
      CHECK(run.exit == Exit::failed);
      CHECK(run.captured.error.find("--shard: 5/4 is no shard") != std::string::npos);
    }
  }

  TEST_CASE("--chdir: a folder that does not exist is an error") {
    Run const run({"--chdir", "/does/not/exist", "version"});
    CHECK(run.exit == Exit::failed);
    CHECK(run.captured.error.find("/does/not/exist") != std::string::npos);
  }

  TEST_CASE("--var without a name is refused without showing what may be a secret") {
    Run const run({"validate", "--var", "s3cret"});
    CHECK(run.exit == Exit::failed);
    CHECK(run.captured.error.find("s3cret") == std::string::npos);
  }
}
