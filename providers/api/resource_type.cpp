#include "providers/api/resource_type.hpp"

#include <fmt/format.h>

#include "engine/core/text.hpp"

namespace tenantry {
namespace {

Error has_no_secret(Schema const& schema) {
  return Error(Errc::internal, with_article(schema.singular) + " has no secret");
}

}  // namespace

std::optional<Error> ResourceType::refuse_create(Object const&, Object const&) const {
  return std::nullopt;
}

std::optional<Error> ResourceType::refuse_update(Object const&, Object const&,
                                                 Object const&) const {
  return std::nullopt;
}

std::optional<Error> ResourceType::locks_out(Session const&, RemoteId const&, Object const*) const {
  return std::nullopt;
}

ChangeRule ResourceType::on_change(Attribute const& attribute, Object const&) const {
  switch (attribute.on_change) {
    case OnChange::update:
      return {};
    case OnChange::replace:
      return {OnChange::replace, fmt::format("`{}` cannot be changed in place", attribute.name)};
    case OnChange::refuse:
      return {OnChange::refuse, attribute.refusal};
  }
  return {};
}

Task<RemoteObject> ResourceType::detail(Session&, RemoteObject listed) const { co_return listed; }

std::optional<std::string> ResourceType::permanent(Object const&) const { return std::nullopt; }

std::optional<Consequence> ResourceType::consequence(Object const&, Object const*) const {
  return std::nullopt;
}

bool ResourceType::is_preset(Object const&) const { return false; }

bool ResourceType::refers_by_id(Object const&) const { return false; }

bool ResourceType::creates_secret(Object const&) const { return false; }

Task<DeliverableSecret> ResourceType::renew_secret(Operation, RemoteId) const {
  co_return has_no_secret(schema());
}

Task<SecretList> ResourceType::list_secrets(Session&, RemoteId) const {
  co_return has_no_secret(schema());
}

Task<DeliverableSecret> ResourceType::add_secret(Operation, RemoteId) const {
  co_return has_no_secret(schema());
}

Task<void> ResourceType::remove_secret(Operation, RemoteId, std::string) const {
  co_return has_no_secret(schema());
}

Task<std::string> ResourceType::export_package(Session&, RemoteId) const {
  co_return Error(Errc::invalid, with_article(schema().singular) + " has no package");
}

std::string natural_key(Schema const& schema, Object const& attributes) {
  std::string out;
  for (auto const& name : schema.natural_key) {
    auto text = text_at(attributes, name);
    if (text.empty()) {
      auto const* attribute = schema.find(name);
      if (attribute != nullptr && attribute->server_default.is_string()) {
        text = std::string_view(attribute->server_default.get_string());
      }
    }
    if (!out.empty()) out += ' ';
    out += text;
  }
  return out;
}

}  // namespace tenantry
