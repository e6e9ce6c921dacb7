#include "providers/qlik/key_migration.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "engine/core/text.hpp"

namespace tenantry::qlik {
namespace {

constexpr std::chrono::milliseconds kPollFirst{250};
constexpr std::chrono::milliseconds kPollMax{30'000};  // between two looks: each time twice the last

int status_of(Error const& error) { return error.api ? error.api->status : 0; }

/// The running or last migration, as MigrationInformation tells it.
struct Migration {
  bool running = false;  ///< New or InProgress
  std::string state;
  std::string target;        ///< fingerprint; empty where it is not told
  std::string target_label;  ///< `migratingTo`: what the server calls the target
  std::string started;
  std::string progress;  ///< "40 %"; empty where it is not told

  /// True where it leads to `provider`. The reference and the guide spell the fingerprint's name
  /// differently, and `migratingTo` is not explained: any that fits will do.
  bool leads_to(KeyProvider const& provider) const {
    return target == provider.id.text() ||
           (!target_label.empty() &&
            (target_label == provider.id.text() || target_label == provider.arn));
  }
  std::string text() const {
    auto out = state;
    if (!progress.empty()) out += ", " + progress;
    if (!started.empty()) out += ", started " + started;
    return visible(out);
  }
};

std::string percent(Value const* progress) {
  if (progress == nullptr || !progress->is_number()) return {};
  boost::system::error_code ignored;
  return fmt::format("{} %", std::lround(progress->to_number<double>(ignored)));
}

Migration migration_of(Object const& body) {
  Migration out;
  out.state = text_at(body, "state");
  out.running = !out.state.empty() && out.state != "Completed";
  out.target = text_at(body, "migratingToFingerprint");
  if (out.target.empty()) out.target = text_at(body, "migratingToFingerPrint");
  out.target_label = text_at(body, "migratingTo");
  out.started = text_at(body, "initiatedAt");
  out.progress = percent(find(body, "progress"));
  return out;
}

std::string under_providers(std::string_view path) {
  return std::string(kKeyProvidersPath) + std::string(path);
}

std::string path_of(KeyProvider const& provider) {
  return under_providers('/' + encode_segment(provider.id.text()));
}

Task<Migration> last_migration(Session& session) {
  auto path = under_providers("/migration/actions/details");
  auto body = co_await get(session, std::move(path));
  if (!body && body.error().code == Errc::not_found) co_return Migration();  // there was none
  if (!body) co_return body.error();
  auto const* object = body->if_object();
  if (object == nullptr) co_return Migration();
  co_return migration_of(*object);
}

Task<bool> is_current(Session& session, KeyProvider provider) {
  auto body = co_await get(session, path_of(provider));
  if (!body && body.error().code == Errc::not_found) co_return false;
  if (!body) co_return body.error();
  auto const* object = body->if_object();
  auto const* current = object != nullptr ? find(*object, "current") : nullptr;
  co_return current != nullptr && current->is_bool() && current->get_bool();
}

Task<Reply> act(Session& session, std::string path) {
  Call call{.verb = Verb::post, .path = std::move(path)};
  co_return co_await session.call(std::move(call));
}

Error another_runs(Migration const& migration) {
  auto const target =
      migration.target_label.empty() ? std::string("another key") : migration.target_label;
  return Error(
      Errc::conflict,
      fmt::format("another migration is running, to {} ({})", visible(target), migration.text()),
      "a tenant has one migration at a time: apply again when it has ended");
}

struct Goal {
  bool current = false;  ///< what `provider` is when the work is done
  std::string title;     ///< "migration to Customer key"
};

Error took_too_long(Goal const& goal, Migration const& migration) {
  return Error(
      Errc::timeout,
      fmt::format("the {} has not ended after {} hours ({})", goal.title, kMigrationMax.count(),
                  migration.state.empty() ? "no state is told" : migration.text()),
      "Qlik Cloud goes on with it in the background: apply again to go on following it; "
      "if its progress stands still, ask Qlik's support");
}

/// Waits until `provider` is or no longer is the current one, which is the only sign of success
/// that does not depend on which migration the details are about.
Task<void> follow(Operation operation, KeyProvider provider, Goal goal) {
  std::chrono::milliseconds waited{0};
  auto delay = kPollFirst;
  std::string told;
  while (true) {
    auto migration = co_await last_migration(operation.session);
    if (!migration) co_return migration.error();
    if (migration->running) {
      auto text = goal.title;
      if (!migration->progress.empty()) text += ": " + migration->progress;
      if (text != told) operation.tell(text);
      told = std::move(text);
    } else {
      auto current = co_await is_current(operation.session, provider);
      if (!current) co_return current.error();
      if (*current == goal.current) co_return Result<void>();
    }
    if (waited >= kMigrationMax) co_return took_too_long(goal, *migration);
    auto slept = co_await operation.session.wait(delay);
    if (!slept) co_return slept.error();
    waited += delay;
    delay = std::min(2 * delay, kPollMax);
  }
}

}  // namespace

Task<void> test_key(Session& session, KeyProvider provider) {
  auto tested = co_await act(session, path_of(provider) + "/actions/test");
  if (!tested) co_return explain_key_error(tested.error());
  co_return Result<void>();
}

Task<void> migrate_to(Operation operation, KeyProvider target) {
  auto const title = "migration to " + visible(target.name);
  auto running = co_await last_migration(operation.session);
  if (!running) co_return running.error();
  if (running->running && !running->leads_to(target)) co_return another_runs(*running);
  if (!running->running) {
    auto tested = co_await test_key(operation.session, target);
    if (!tested) co_return tested.error();
    operation.tell(title);
    auto started = co_await act(operation.session, path_of(target) + "/actions/migrate");
    if (!started) {
      // The answer may have been lost, or somebody may have been faster.
      auto const error = started.error();
      if (!error.outcome_unknown() && status_of(error) != 428) co_return explain_key_error(error);
      running = co_await last_migration(operation.session);
      if (!running || !running->running) co_return error;
      if (!running->leads_to(target)) co_return another_runs(*running);
    }
  }
  Goal goal{true, title};
  co_return co_await follow(std::move(operation), std::move(target), std::move(goal));
}

Task<void> reset_from(Operation operation, KeyProvider provider) {
  auto current = co_await is_current(operation.session, provider);
  if (!current) co_return current.error();
  if (!*current) co_return Result<void>();
  Goal goal{false, "migration to Qlik's own key"};
  operation.tell(goal.title);
  auto path = under_providers("/actions/reset-to-default-provider");
  auto reset = co_await act(operation.session, std::move(path));
  if (!reset) {
    auto const error = reset.error();
    if (!error.outcome_unknown() && status_of(error) != 406) co_return explain_key_error(error);
    auto running = co_await last_migration(operation.session);
    if (!running || !running->running) co_return error;
    // Any migration away from this provider does what is wanted.
    if (running->leads_to(provider)) co_return another_runs(*running);
  } else if (reset->status == 200) {
    current = co_await is_current(operation.session, provider);
    if (!current) co_return current.error();
    if (!*current) co_return Result<void>();
    co_return Error(Errc::protocol,
                    fmt::format("{} says that Qlik's own key is the current one already, but also "
                                "that \"{}\" is",
                                operation.session.host(), visible(provider.name)));
  }
  co_return co_await follow(std::move(operation), std::move(provider), std::move(goal));
}

Error explain_key_error(Error error) {
  switch (status_of(error)) {
    case 403:
      error.hint = "the policy of the key must let Qlik Cloud use it: check it in AWS";
      break;
    case 406:
      error.message = "the key service refused to register the key";
      error.hint = "check in AWS that the key is enabled, is of several regions and of this ARN";
      break;
    case 408:
      error.message = "the key service did not answer in time";
      error.hint = "apply again later";
      break;
    case 417:
      error.message = "Qlik Cloud does not accept the ARN of the key";
      error.hint = "copy the ARN of the key itself from AWS, not of an alias";
      break;
    case 412:
    case 424:
      error.message = "the migration to the key could not be started";
      error.hint = "check in AWS that the key and its replicas are enabled, then apply again";
      break;
    default:
      break;
  }
  return error;
}

}  // namespace tenantry::qlik
