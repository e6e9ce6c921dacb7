// /api/v1/encryption/keyproviders: keys that customers manage, and the migration from one to
// another.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "emulator/body.hpp"
#include "emulator/call.hpp"
#include "engine/core/digest.hpp"

namespace tenantry::emulator {
namespace {

// A key's account decides how the key service behaves, so that each refusal of the documents can be
// had at will. Keys of any other account work.
constexpr std::string_view kAccountDenies = "000000000403";       ///< create: 403, key policy
constexpr std::string_view kAccountSilent = "000000000408";       ///< create: 408, no answer
constexpr std::string_view kAccountNotStarted = "000000000412";   ///< migrate: 412
constexpr std::string_view kAccountNotPrepared = "000000000424";  ///< migrate: 424
constexpr std::string_view kAccountEndless = "000000000102";      ///< a migration never completes

constexpr std::string_view kNever = "0001-01-01T00:00:00Z";
constexpr std::string_view kQlikArn = "#QLIK_MANAGED_KEY_PROVIDER#";
constexpr std::string_view kCompleted = "Completed";

/// What a poll of the migration finds: one step further each time.
struct Step {
  std::string_view state;
  int percent;
};
constexpr Step kSteps[] = {{"New", 0}, {"InProgress", 40}, {"InProgress", 80}, {kCompleted, 100}};
/// A migration that nobody polls is done after this time of the emulator's clock.
constexpr std::chrono::minutes kUnwatchedTime{10};

Property const kName{.name = "name", .use = Use::required, .length_min = 1};
Property const kDescription{.name = "description"};

struct Arn {
  std::string_view region;
  std::string_view account;
  std::string_view key;
};

/// "arn:aws:kms:eu-west-1:111122223333:key/mrk-1234".
std::optional<Arn> parse_arn(std::string_view text) {
  constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyz0123456789-";
  std::array<std::string_view, 6> parts;
  for (auto& part : parts) {
    part = text.substr(0, &part == &parts.back() ? text.size() : text.find(':'));
    text.remove_prefix(std::min(part.size() + 1, text.size()));
  }
  auto const is_of = [](std::string_view word, std::string_view letters) {
    return !word.empty() && word.find_first_not_of(letters) == std::string_view::npos;
  };
  constexpr std::string_view kPartitions[] = {"aws", "aws-cn", "aws-us-gov"};
  constexpr std::string_view kKey = "key/";
  auto const partition = std::ranges::find(kPartitions, parts[1]);
  if (parts[0] != "arn" || partition == std::end(kPartitions) || parts[2] != "kms" ||
      !is_of(parts[3], kLetters) || parts[4].size() != 12 || !is_of(parts[4], "0123456789") ||
      !parts[5].starts_with(kKey) || !is_of(parts[5].substr(kKey.size()), kLetters)) {
    return std::nullopt;
  }
  return Arn{parts[3], parts[4], parts[5].substr(kKey.size())};
}

std::string account_of(Object const& provider) {
  auto const arn = text_at(provider, "arn");
  auto const parsed = parse_arn(arn);
  return parsed ? std::string(parsed->account) : std::string();
}

bool is_current(Object const& provider) { return provider.contains("current"); }

Problem no_such_provider() { return missing("no key provider has this fingerprint"); }

/// Qlik's own provider. Its fingerprint is the tenant's id, as in the documents' example.
Object qlik_provider(Tenant const& tenant) {
  return {{"arn", kQlikArn},
          {"name", "Qlik Internal Kms"},
          {"current", true},
          {"tenantId", tenant.id},
          {"createdAt", "Qlik managed"},
          {"description", "Default key management service"},
          {"keyprovider", "Qlik"},
          {"arnFingerPrint", tenant.id},
          {"promotedToCurrentAt", kNever},
          {"demotedFromCurrentAt", kNever}};
}

/// A provider as answers show it: `current` and an empty `description` only where they say
/// something. Qlik's has no row before the first migration.
std::optional<Object> find_provider(Call const& call, std::string_view fingerprint) {
  auto const* const row = call.table("keyProviders").find(fingerprint);
  if (row != nullptr) return row->data;
  if (fingerprint == call.tenant->id) return qlik_provider(*call.tenant);
  return std::nullopt;
}

void store(Table& table, std::string_view id, Object data) {
  if (table.find(id) == nullptr) {
    table.insert(std::string(id), std::move(data));
  } else {
    table.update(id, std::move(data));
  }
}

/// The running or last migration; null when there was none.
Row const* last_migration(Call const& call) { return call.table("keyMigrations").find("last"); }

bool is_running(Row const* migration) {
  return migration != nullptr && text_at(migration->data, "state") != kCompleted;
}

/// Brings the migration to a step of kSteps; the last one makes the target current.
void move_to(Call const& call, std::size_t step) {
  auto data = last_migration(call)->data;
  auto const to = text_at(data, "migratingToFingerprint");
  auto target = *find_provider(call, to);
  if (account_of(target) == kAccountEndless) step = std::min(step, std::size(kSteps) - 2);
  data["_step"] = step;
  data["state"] = kSteps[step].state;
  data["progress"] = kSteps[step].percent;
  if (kSteps[step].state == kCompleted) {
    auto const time = format_time(call.world.now());
    auto& providers = call.table("keyProviders");
    auto const from = text_at(data, "_from");
    auto former = *find_provider(call, from);
    former.erase("current");
    former["demotedFromCurrentAt"] = time;
    target["current"] = true;
    target["promotedToCurrentAt"] = time;
    store(providers, from, std::move(former));
    store(providers, to, std::move(target));
    data["completedAt"] = time;
  }
  call.table("keyMigrations").update("last", std::move(data));
}

/// Ends a migration whose time is over. Every handler begins with it.
void settle(Call const& call) {
  auto const* const migration = last_migration(call);
  if (!is_running(migration)) return;
  auto const started = parse_time(text_at(migration->data, "initiatedAt"));
  if (started && call.world.now() >= *started + kUnwatchedTime) {
    move_to(call, std::size(kSteps) - 1);
  }
}

Object current_provider(Call const& call) {
  for (auto const& [sequence, row] : call.table("keyProviders").rows()) {
    if (is_current(row.data)) return row.data;
  }
  return qlik_provider(*call.tenant);
}

Object start_migration(Call const& call, Object const& target) {
  auto const from = current_provider(call);
  Object data{{"id", call.world.hex_id(32)},
              {"state", kSteps[0].state},
              {"progress", kSteps[0].percent},
              {"tenantId", call.tenant->id},
              {"completedAt", kNever},
              {"initiatedAt", format_time(call.world.now())},
              {"migratingTo", target.at("arn")},
              {"migratingFrom", from.at("arn")},
              {"migratingToFingerprint", target.at("arnFingerPrint")},
              {"_from", from.at("arnFingerPrint")},
              {"_step", 0}};
  store(call.table("keyMigrations"), "last", data);
  return public_part(data);
}

Array aws_providers(Call const& call) {
  Array out;
  for (auto const& [sequence, row] : call.table("keyProviders").rows()) {
    if (row.id != call.tenant->id) out.push_back(row.data);
  }
  return out;
}

Answer list_aws(Call& call) {
  settle(call);
  return json_reply(200, aws_providers(call));
}

Answer list_all(Call& call) {
  settle(call);
  auto all = aws_providers(call);
  all.insert(all.begin(), *find_provider(call, call.tenant->id));
  return json_reply(200, all);
}

Answer get(Call& call) {
  settle(call);
  auto const provider = find_provider(call, call.id());
  if (!provider) return no_such_provider();
  return json_reply(200, *provider);
}

/// Why the key service does not let the key be registered.
Refusal check_key(Arn const& arn) {
  // Only keys with replicas in other regions are taken since single-region ones were given up.
  if (!arn.key.starts_with("mrk-")) {
    return Problem{.status = 406, .detail = "the key is not a multi-region key"};
  }
  if (arn.account == kAccountDenies) {
    // Code and text are those of an example in the documents.
    return Problem{.status = 403,
                   .detail = fmt::format("The policy of the provided key does not allow the "
                                         "required action [{}] [GenerateDataKey].",
                                         arn.region),
                   .code = "Encryption-88"};
  }
  if (arn.account == kAccountSilent) {
    return Problem{.status = 408, .detail = "the key service did not answer in time"};
  }
  return std::nullopt;
}

Answer create(Call& call) {
  static Property const kProperties[] = {
      {.name = "arn", .use = Use::required},
      kName,
      kDescription,
      {.name = "keyprovider", .use = Use::required, .values = {"AWS-KMS"}}};
  settle(call);
  if (auto refusal = check_object(call.body, kProperties)) return *refusal;
  auto const& body = call.body.get_object();
  auto const text = text_at(body, "arn");
  auto const arn = parse_arn(text);
  if (!arn) {
    return Problem{.status = 417,
                   .detail = "the ARN must be arn:aws:kms:<region>:<account>:key/<id>"};
  }
  auto const fingerprint = md5_hex(text);
  auto& table = call.table("keyProviders");
  if (table.find(fingerprint) != nullptr) return conflict("/arn", "the key is registered already");
  if (auto refusal = check_key(*arn)) return *refusal;
  Object data{{"arn", text},
              {"name", body.at("name")},
              {"tenantId", call.tenant->id},
              {"createdAt", format_time(call.world.now())},
              {"drCompliant", true},
              {"keyprovider", "AWS-KMS"},
              {"multiRegion", true},
              {"replicaKeys", Array()},
              {"arnFingerPrint", fingerprint},
              {"complianceError", {{"code", ""}, {"region", ""}, {"message", ""}}},
              {"promotedToCurrentAt", kNever},
              {"demotedFromCurrentAt", kNever}};
  auto const description = text_at(body, "description");
  if (!description.empty()) data["description"] = description;
  auto const& row = table.insert(fingerprint, std::move(data));
  return json_reply(201, row.data);
}

Answer patch(Call& call) {
  static PatchPath const kPaths[] = {{"/name", "replace", kName},
                                     {"/description", "replace", kDescription}};
  settle(call);
  auto draft = find_provider(call, call.id());
  if (!draft) return no_such_provider();
  if (call.id() == call.tenant->id) return invalid("", "the provider of Qlik cannot be changed");
  auto const refusal = apply_patch(call.body, kPaths, [&](PatchOperation const& op) -> Refusal {
    if (op.value.get_string().empty()) {
      draft->erase(op.path.substr(1));
    } else {
      (*draft)[op.path.substr(1)] = op.value;
    }
    return std::nullopt;
  });
  if (refusal) return *refusal;
  call.table("keyProviders").update(call.id(), std::move(*draft));
  return empty_reply(204);
}

Answer remove(Call& call) {
  settle(call);
  auto const provider = find_provider(call, call.id());
  if (!provider) return no_such_provider();
  auto const* const migration = last_migration(call);
  auto const is_target =
      is_running(migration) && text_at(migration->data, "migratingToFingerprint") == call.id();
  if (call.id() == call.tenant->id || is_current(*provider) || is_target) {
    return Problem{.status = 424, .detail = "the key is in use, or it is that of Qlik"};
  }
  call.table("keyProviders").erase(call.id());
  return empty_reply(204);
}

Answer test(Call& call) {
  settle(call);
  auto const provider = find_provider(call, call.id());
  if (!provider) return no_such_provider();
  return json_reply(201, *provider);
}

Answer migrate(Call& call) {
  settle(call);
  auto const target = find_provider(call, call.id());
  if (!target) return no_such_provider();
  if (is_running(last_migration(call))) {
    return Problem{.status = 428, .detail = "another migration is running"};
  }
  auto const account = account_of(*target);
  if (is_current(*target) || call.id() == call.tenant->id || account == kAccountNotStarted) {
    return Problem{.status = 412, .detail = "a migration to this provider cannot be started"};
  }
  if (account == kAccountNotPrepared) {
    return Problem{.status = 424, .detail = "the migration cannot be prepared"};
  }
  return json_reply(200, start_migration(call, *target));
}

Answer reset(Call& call) {
  settle(call);
  if (is_running(last_migration(call))) {
    return Problem{.status = 406, .detail = "another migration is running"};
  }
  auto const qlik = *find_provider(call, call.tenant->id);
  if (is_current(qlik)) {
    return json_reply(200,
                      {{"message", "Tenant is already using Qlik KMS, no migration is required."}});
  }
  start_migration(call, qlik);
  return empty_reply(205);  // the documents show a body, which HTTP forbids here
}

Answer migration_details(Call& call) {
  settle(call);
  auto const* const migration = last_migration(call);
  if (migration == nullptr) return missing("there was no migration");
  if (is_running(migration)) {
    auto const step = migration->data.at("_step").to_number<std::size_t>();
    move_to(call, std::min(step + 1, std::size(kSteps) - 1));
  }
  return json_reply(200, public_part(migration->data));
}

}  // namespace

Kind encryption_kind() {
  constexpr std::string_view kAll = "/api/v1/encryption/keyproviders",
                             kOne = "/api/v1/encryption/keyproviders/{fingerprint}",
                             kList = "/api/v1/encryption/keyproviders/actions/list",
                             kReset =
                                 "/api/v1/encryption/keyproviders/actions/"
                                 "reset-to-default-provider",
                             kDetails = "/api/v1/encryption/keyproviders/migration/actions/details",
                             kMigrate =
                                 "/api/v1/encryption/keyproviders/{fingerprint}/actions/migrate",
                             kTest = "/api/v1/encryption/keyproviders/{fingerprint}/actions/test";
  constexpr auto kAdmin = Access::admin;
  return {.errors = {.status = StatusForm::none, .trace_id = false, .source = false},
          .tables = {{"keyProviders"}, {.name = "keyMigrations", .in_snapshot = false}},
          .routes = {{"GET", kAll, list_aws, kTier1, kAdmin},
                     {"POST", kAll, create, kTier2, kAdmin, BodyKind::json},
                     {"GET", kOne, get, kTier1, kAdmin},
                     {"PATCH", kOne, patch, kTier2, kAdmin, BodyKind::json},
                     {"DELETE", kOne, remove, kTier2, kAdmin},
                     {"POST", kMigrate, migrate, kTier2, kAdmin, BodyKind::optional_json},
                     {"POST", kTest, test, kTier2, kAdmin, BodyKind::optional_json},
                     {"GET", kList, list_all, kTier1, kAdmin},
                     {"POST", kReset, reset, kTier2, kAdmin, BodyKind::optional_json},
                     {"GET", kDetails, migration_details, kTier1, kAdmin}}};
}

}  // namespace tenantry::emulator
