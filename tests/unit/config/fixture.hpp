// Schemas that look like Qlik's, and a folder to load configurations from: this layer knows no
// provider.
#pragma once
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "engine/config/configuration.hpp"
#include "tests/support/temp_folder.hpp"

/// So that a failed comparison of messages shows them.
template <>
struct doctest::StringMaker<std::vector<std::string>> {
  static String convert(std::vector<std::string> const& lines) {
    return fmt::format("\n  {}", fmt::join(lines, "\n  ")).c_str();
  }
};

namespace tenantry::test {

inline Schema const kTenantSchema{
    .section = "",
    .singular = "tenant",
    .doc = "",
    .attributes = {{.name = "name", .doc = "Display name."},
                   {.name = "alias", .format = Format::hostname_label},
                   {.name = "datacenter", .on_change = OnChange::refuse},
                   {.name = "licenseKey", .use = Use::meta, .sensitive = true},
                   {.name = "autoAssignCreateSharedSpacesRoleToProfessionals",
                    .kind = Kind::boolean,
                    .block = "settings"},
                   {.name = "enableAppOpeningFeedback", .kind = Kind::boolean, .block = "settings"},
                   {.name = "id", .use = Use::computed}},
    .natural_key = {}};

inline Schema const kRoles{.section = "roles",
                           .singular = "role",
                           .doc = "",
                           .attributes = {{.name = "name", .use = Use::required, .doc = "Unique."},
                                          {.name = "description"},
                                          {.name = "assignedScopes", .kind = Kind::set},
                                          {.name = "id", .use = Use::computed}},
                           .natural_key = {"name"}};

inline Schema const kGroups{
    .section = "groups",
    .singular = "group",
    .doc = "",
    .attributes = {{.name = "name", .use = Use::required, .doc = "Unique."},
                   {.name = "description"},
                   {.name = "providerType",
                    .on_change = OnChange::replace,
                    .one_of = {"idp", "custom"}},
                   {.name = "assignedRoles", .kind = Kind::set, .refers_to = "roles"}},
    .natural_key = {"name"}};

inline Schema const kWebIntegrations{
    .section = "webIntegrations",
    .singular = "web integration",
    .doc = "",
    .attributes = {{.name = "name", .use = Use::required, .doc = "Shown in the console."},
                   {.name = "validOrigins", .kind = Kind::set, .format = Format::origin}},
    .natural_key = {"name"}};

inline Schema const kOauthClients{
    .section = "oauthClients",
    .singular = "OAuth client",
    .doc = "",
    .attributes =
        {{.name = "clientName", .use = Use::required, .doc = "Unique here.", .length_max = 512},
         {.name = "appType",
          .use = Use::required,
          .on_change = OnChange::replace,
          .doc = "Kind of client.",
          .one_of = {"web", "native", "spa", "anonymous-embed"}},
         {.name = "redirectUris", .kind = Kind::set, .format = Format::url},
         {.name = "allowedOrigins", .kind = Kind::set, .format = Format::origin},
         {.name = "allowedGrantTypes", .kind = Kind::set},
         {.name = "deliverSecret", .kind = Kind::object, .use = Use::meta}},
    .natural_key = {"clientName"}};

inline FileRule file_rule(FileRule::Digest digest, std::size_t bytes_max,
                          std::vector<std::string> content_types) {
  return {digest, bytes_max, std::move(content_types)};
}

inline Schema const kBrands{
    .section = "brands",
    .singular = "brand",
    .doc = "",
    .attributes = {{.name = "name", .use = Use::required, .doc = "Unique here."},
                   {.name = "logo",
                    .format = Format::file,
                    .file = file_rule(FileRule::Digest::md5, 300, {"image/png", "image/jpeg"})},
                   {.name = "favIcon",
                    .format = Format::file,
                    .file = file_rule(FileRule::Digest::md5, 100, {"image/x-icon"})},
                   {.name = "styles",
                    .format = Format::file,
                    .file = file_rule(FileRule::Digest::md5, 100, {"application/json"})},
                   {.name = "active", .kind = Kind::boolean}},
    .natural_key = {"name"},
    .exclusive = {"active"}};

inline Schema const kDiProjects{
    .section = "diProjects",
    .singular = "DI project",
    .doc = "",
    .attributes = {{.name = "name", .use = Use::required, .doc = "Unique in its space."},
                   {.name = "space", .use = Use::required, .doc = "Where it is."},
                   {.name = "package",
                    .format = Format::file,
                    .file = file_rule(FileRule::Digest::sha256, 0, {"application/zip"}),
                    .write_only = true}},
    .natural_key = {"space", "name"}};

inline Schema const kGroupSettings{
    .section = "groupSettings",
    .singular = "group settings",
    .doc = "",
    .attributes = {{.name = "autoCreateGroups", .kind = Kind::boolean},
                   {.name = "systemGroups", .kind = Kind::object}},
    .natural_key = {},
    .singleton = true};

inline std::vector<Schema const*> all_schemas() {
  return {&kTenantSchema, &kRoles,  &kGroups,     &kWebIntegrations,
          &kOauthClients, &kBrands, &kDiProjects, &kGroupSettings};
}

/// A folder with a configuration and an environment.
class Fixture {
 public:
  Fixture() {
    options.folder = folder.path();
    options.schemas = all_schemas();
    options.target = config::Target::emulated;
    options.environment = [this](std::string const& name) -> std::optional<std::string> {
      auto const found = environment.find(name);
      if (found == environment.end()) return std::nullopt;
      asked.push_back(name);
      return found->second;
    };
  }
  explicit Fixture(std::string_view tenantry_yaml) : Fixture() { main(tenantry_yaml); }

  /// Writes tenantry.yaml; the apiVersion line is added.
  void main(std::string_view text) const {
    folder.write("tenantry.yaml", "apiVersion: tenantry/v1\n" + std::string(text));
  }
  config::Loaded load() const { return config::load(options); }
  /// The messages, each as "file:line:column: error: summary".
  std::vector<std::string> messages() const { return first_lines(load().diagnostics); }
  static std::vector<std::string> first_lines(Diagnostics const& diagnostics) {
    std::vector<std::string> out;
    for (auto const& d : diagnostics.sorted()) {
      auto const text = format(d);
      out.push_back(text.substr(0, text.find('\n')));
    }
    return out;
  }
  /// The one tenant, or the one of this key; the messages where it does not load.
  config::Tenant expand(std::string_view key = "acme") const {
    auto const loaded = load();
    if (loaded.configuration == nullptr) {
      std::string text;
      for (auto const& d : loaded.diagnostics.sorted()) text += format(d);
      throw std::runtime_error(text);
    }
    kept = loaded.configuration;
    return loaded.configuration->expand_rendered(key);
  }

  TempFolder folder;
  config::LoadOptions options;
  std::map<std::string, std::string> environment;
  mutable std::vector<std::string> asked;  ///< variables of the environment that were read
  mutable std::shared_ptr<config::Configuration const> kept;
};

/// The resource "groups/analysts" of the tenant.
inline DesiredResource const& resource(config::Tenant const& tenant, std::string_view name) {
  for (auto const& r : tenant.resources) {
    if (r.address.text() == r.address.tenant + '/' + std::string(name)) return r;
  }
  throw std::runtime_error(fmt::format("no resource {}", name));
}
inline bool has_resource(config::Tenant const& tenant, std::string_view name) {
  return std::ranges::any_of(tenant.resources, [&](auto const& r) {
    return r.address.text() == r.address.tenant + '/' + std::string(name);
  });
}
inline std::string json(Object const& object) { return canonical(object); }

}  // namespace tenantry::test
