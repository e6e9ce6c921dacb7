// keyProviders: /api/v1/encryption/keyproviders, the customer's own keys and which one is current.
#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "engine/core/text.hpp"
#include "providers/qlik/collection.hpp"
#include "providers/qlik/key_migration.hpp"
#include "providers/qlik/kinds.hpp"

namespace tenantry::qlik {
namespace {

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (true) {
    auto const at = text.find(separator);
    parts.push_back(text.substr(0, at));
    if (at == std::string_view::npos) return parts;
    text.remove_prefix(at + 1);
  }
}

bool is_lower_or_digit(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

/// The key id of "arn:<partition>:kms:<region>:<account>:key/<key id>"; nothing for another text.
std::optional<std::string_view> key_id_of(std::string_view arn) {
  constexpr std::size_t kAccountDigits = 12;
  auto const parts = split(arn, ':');
  if (parts.size() != 6 || parts[0] != "arn" || parts[2] != "kms") return std::nullopt;
  if (parts[1] != "aws" && !parts[1].starts_with("aws-")) return std::nullopt;
  auto const fits = [](char c) { return is_lower_or_digit(c) || c == '-'; };
  if (parts[3].empty() || !std::ranges::all_of(parts[3], fits)) return std::nullopt;
  bool const is_account =
      parts[4].size() == kAccountDigits &&
      std::ranges::all_of(parts[4], [](char c) { return c >= '0' && c <= '9'; });
  constexpr std::string_view kPrefix = "key/";
  if (!is_account || !parts[5].starts_with(kPrefix)) return std::nullopt;
  auto const id = parts[5].substr(kPrefix.size());
  if (id.empty() || !std::ranges::all_of(id, fits)) return std::nullopt;
  return id;
}

/// AWS gives multi-region keys an id of this form, and no other key.
bool is_single_region(std::string_view arn) {
  auto const id = key_id_of(arn);
  return id && !id->starts_with("mrk-");
}

constexpr std::string_view kMultiRegionOnly =
    "Qlik Cloud takes multi-region AWS KMS keys only, whose key id begins with mrk-";

void check_key_provider(Object const& written, ReportProblem const& report) {
  auto const* arn = find(written, "arn");
  auto const* text = arn != nullptr ? arn->if_string() : nullptr;
  if (text == nullptr) return;
  std::string_view const shown(*text);
  if (!key_id_of(shown)) {
    report({"/arn",
            "wrong form",
            fmt::format("\"arn\" must be like arn:aws:kms:eu-west-1:123456789012:key/mrk-1234..., "
                        "not \"{}\".",
                        visible(shown)),
            {}});
  } else if (is_single_region(shown)) {
    report({"/arn", "single-region key",
            fmt::format("{}. One that is registered already keeps working.", kMultiRegionOnly),
            "make a multi-region key in AWS before the next change of the key", true});
  }
}

Schema const& key_provider_schema() {
  static Schema const schema{
      .section = "keyProviders",
      .singular = "key provider",
      .doc =
          "A key of the customer's own, in AWS KMS, that encrypts the data of the tenant. Making "
          "it current starts a migration, during which the tenant stays usable.",
      .attributes =
          {
              {.name = "name",
               .use = Use::required,
               .doc = "Shown in the administration of the tenant.",
               .length_min = 1},
              {.name = "description", .doc = "What the key is for."},
              {.name = "keyprovider",
               .use = Use::required,
               .on_change = OnChange::replace,
               .doc = "Where the key is: always `AWS-KMS`.",
               .one_of = {"AWS-KMS"}},
              {.name = "arn",
               .use = Use::required,
               .on_change = OnChange::replace,
               .doc = "ARN of the key, which must be a multi-region key (its key id begins with "
                      "`mrk-`). Its policy must let Qlik Cloud use it."},
              {.name = "current",
               .kind = Kind::boolean,
               .doc = "Whether this key encrypts the tenant: `true` tests the key and migrates to "
                      "it, `false` migrates back to Qlik's own key where this one is current. At "
                      "most one is current. A migration can take hours; it goes on when the run "
                      "is stopped, and the next apply goes on following it.",
               .server_default = false},
          },
      .natural_key = {"arn"},
      .exclusive = {"current"},
      .check = check_key_provider,
  };
  return schema;
}

std::optional<bool> flag_at(Object const& object, std::string_view name) {
  auto const* value = find(object, name);
  if (value == nullptr || !value->is_bool()) return std::nullopt;
  return value->get_bool();
}

KeyProvider provider_of(RemoteId const& id, Object const& attributes) {
  auto name = text_at(attributes, "name");
  if (name.empty()) name = id.text();
  return {id, text_at(attributes, "arn"), std::move(name)};
}

class KeyProviderType final : public CollectionType {
 public:
  KeyProviderType()
      : CollectionType(key_provider_schema(), {.path = std::string(kKeyProvidersPath),
                                               .id = "arnFingerPrint",
                                               .paging = {.limit = 0, .member = ""}}) {}

  bool creates_before_delete() const override { return true; }

  std::optional<Error> refuse_create(Object const& planned, Object const&) const override {
    if (!is_single_region(text_at(planned, "arn"))) return std::nullopt;
    return Error(Errc::invalid,
                 fmt::format("the key {} is of a single region, and {}",
                             visible(text_at(planned, "arn")), kMultiRegionOnly),
                 "make a multi-region key in AWS and write its ARN");
  }

  std::optional<Consequence> consequence(Object const& live, Object const* planned) const override {
    if (!flag_at(live, "current").value_or(false)) return std::nullopt;
    if (planned != nullptr && flag_at(*planned, "current").value_or(true)) return std::nullopt;
    return Consequence{"resets the tenant to Qlik's own key first", true};
  }

  Task<Created> create(Operation operation, Object planned) const override {
    auto created = co_await CollectionType::create(operation, planned);
    if (!created) co_return explain_key_error(created.error());
    auto const provider = provider_of(created->object.id, planned);
    auto finished = co_await finish_creation(operation, provider, flag_at(planned, "current"));
    if (!finished) {
      created->incomplete = finished.error();
    } else if (planned.contains("current")) {
      created->object.attributes["current"] = planned.at("current");
    }
    co_return created;
  }

  Task<Updated> update(Operation operation, RemoteId id, Object planned,
                       Object changed) const override {
    auto updated = co_await CollectionType::update(operation, id, planned, changed);
    if (!updated) co_return explain_key_error(updated.error());
    auto const current = flag_at(changed, "current");
    if (!current) co_return updated;
    auto provider = provider_of(id, planned);
    Result<void> moved;
    if (*current) {
      moved = co_await migrate_to(operation, std::move(provider));
    } else {
      moved = co_await reset_from(operation, std::move(provider));
    }
    if (!moved) co_return moved.error();
    updated->attributes["current"] = *current;
    co_return updated;
  }

  /// The current provider cannot be deleted (424), so the tenant goes back to Qlik's own key first.
  Task<void> remove(Operation operation, RemoteId id) const override {
    auto live = co_await read(operation.session, id);
    if (!live && live.error().code == Errc::not_found) co_return Result<void>();
    if (!live) co_return live.error();
    if (flag_at(live->attributes, "current").value_or(false)) {
      auto provider = provider_of(id, live->attributes);
      auto reset = co_await reset_from(operation, std::move(provider));
      if (!reset) co_return reset.error();
    }
    auto removed = co_await CollectionType::remove(operation, id);
    if (!removed && removed.error().api && removed.error().api->status == 424) {
      auto error = removed.error();
      error.message = "the key is still in use";
      error.hint = "a migration from it may be running: apply again when it has ended";
      co_return error;
    }
    co_return removed;
  }

 protected:
  RemoteObject live(Object const& body) const override {
    auto object = CollectionType::live(body);
    if (!object.attributes.contains("current")) object.attributes["current"] = false;
    return object;
  }

  /// Which one is current is no property that a request could set.
  Result<Object> request(Operation const&, Object const& attributes) const override {
    auto body = settable(schema(), attributes);
    body.erase("current");
    auto const description = body.find("description");
    if (description != body.end() && description->value().is_null()) description->value() = "";
    return body;
  }

 private:
  /// A new provider is never current: it is tested, and migrated to where that is wanted.
  static Task<void> finish_creation(Operation operation, KeyProvider provider,
                                    std::optional<bool> current) {
    if (current.value_or(false)) {
      co_return co_await migrate_to(std::move(operation), std::move(provider));
    }
    co_return co_await test_key(operation.session, std::move(provider));
  }
};

}  // namespace

ResourceType const& key_provider_type() {
  static KeyProviderType const type;
  return type;
}

}  // namespace tenantry::qlik
