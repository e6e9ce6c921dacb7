#include "tests/unit/emulator/di_workshop.hpp"

namespace tenantry::test {
TEST_SUITE("emulator/di_tasks") {
  TEST_CASE("list and get: the tasks of the last import, by their own ids") {
    Workshop shop;
    shop.import_sales();
    auto const tasks = shop.call("GET", shop.path("/di-tasks")).json().at("dataTasks");
    REQUIRE(tasks.as_array().size() == 2);
    CHECK(tasks.at(1).at("description") == "star");
    auto const one = shop.task("GET", "").json();
    CHECK(one == tasks.at(0));
    CHECK(one.at("type") == "LANDING");
    CHECK(text(one, "spaceId") == shop.space);
    CHECK(shop.call("GET", shop.path("/di-tasks/none")).status == 404);
  }

  TEST_CASE("prepare: all tasks or those selected; prepared ones only with allowRecreate") {
    Workshop shop;
    shop.import_sales();
    auto const prepare = [&](Value const& body) {
      return shop.finish(shop.call("POST", shop.path("/actions/prepare"), body));
    };
    Object const one{{"taskId", "landing-x7d2"}};
    auto const first = prepare({{"selectedTasks", Array{one}}});
    CHECK(first.at("type") == "PROJECT_PREPARE");
    CHECK(first.at("taskProgress").at("completed") == 1);
    auto const rest = prepare({{"selectedTasks", Array{}}});
    CHECK(rest.at("taskProgress").at("completed") == 1);
    CHECK(rest.at("taskProgress").at("skipped") == 1);
    CHECK(prepare({{"allowRecreate", true}}).at("taskProgress").at("completed") == 2);
    auto const unknown = Value{{"selectedTasks", Array{Object{{"taskId", "none"}}}}};
    CHECK(shop.call("POST", shop.path("/actions/prepare"), unknown).status == 400);
    CHECK(shop.call("POST", shop.path("/actions/validate"), unknown).status == 400);
    CHECK(shop.call("POST", shop.path("/actions/prepare")).status == 400);
    auto const validated = shop.finish(shop.call("POST", shop.path("/actions/validate"), Object{}));
    CHECK(validated.at("type") == "PROJECT_VALIDATE");
    CHECK(validated.at("state") == "COMPLETED");
  }

  TEST_CASE("task actions: prepare and validate have types, recreate-datasets has none") {
    Workshop shop;
    shop.import_sales();
    auto const run = [&](std::string_view action, Value const& body = {}) {
      return shop.finish(shop.task("POST", fmt::format("/actions/{}", action), body));
    };
    CHECK(run("validate").at("type") == "TASK_VALIDATE");
    CHECK(run("prepare", {{"allowRecreate", false}}).at("type") == "TASK_PREPARE");
    CHECK(run("prepare").at("taskProgress").at("skipped") == 1);
    auto const recreated = run("recreate-datasets", Object{});
    CHECK(recreated.at("state") == "COMPLETED");
    CHECK_FALSE(recreated.as_object().contains("type"));
    CHECK(shop.task("POST", "/actions/prepare", Object{}).status == 400);
  }

  TEST_CASE("start and stop: a task that is prepared runs until it is stopped") {
    Workshop shop;
    shop.import_sales();
    auto const readiness = [&] {
      auto const state = shop.task("GET", "/runtime/state").json();
      return std::string(state.at("runReadiness").at("state").as_string());
    };
    CHECK(readiness() == "NOT_RUNNABLE");
    CHECK(shop.task("POST", "/runtime/actions/start").status == 400);
    auto const prepare = shop.call("POST", shop.path("/actions/prepare"), Object{});
    CHECK(shop.finish(prepare).at("state") == "COMPLETED");
    CHECK(readiness() == "READY_TO_RUN");
    CHECK(shop.task("POST", "/runtime/actions/stop").status == 400);
    auto const options = Value{{"option", "PROCESS_CHANGES_FROM_TIMESTAMP"}};
    CHECK(shop.task("POST", "/runtime/actions/start", options).status == 400);
    CHECK(shop.task("POST", "/runtime/actions/start").status == 204);
    CHECK(readiness() == "ALREADY_RUNNING");
    CHECK(shop.task("POST", "/runtime/actions/start").status == 400);
    CHECK(shop.task("POST", "/runtime/actions/stop").status == 204);
    auto const state = shop.task("GET", "/runtime/state").json();
    CHECK(state.at("lastRun").at("state") == "CANCELED");
    CHECK(state.at("type") == "LANDING");
  }

  TEST_CASE("an import: tasks that it leaves as they were stay prepared, changed ones do not") {
    Workshop shop;
    shop.import_sales();
    auto const prepare = shop.call("POST", shop.path("/actions/prepare"), Object{});
    CHECK(shop.finish(prepare).at("state") == "COMPLETED");
    std::string changed = kSales;
    changed.replace(changed.find("star"), 4, "flat");
    CHECK(shop.finish(shop.import_async(zip_of("project.yaml", changed))).at("state") ==
          "COMPLETED");
    auto const again = shop.finish(shop.call("POST", shop.path("/actions/prepare"), Object{}));
    CHECK(again.at("taskProgress").at("skipped") == 1);
    CHECK(again.at("taskProgress").at("completed") == 1);
  }
}
}  // namespace tenantry::test
