#include "cli/export_files.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "engine/config/render.hpp"
#include "engine/core/file.hpp"
#include "engine/core/text.hpp"

namespace tenantry::cli {
namespace {

namespace fs = std::filesystem;
using config::Placeholders;

constexpr std::string_view kHead =
    "# Written by `tenantry export` from what is live. `tenantry plan --adopt` shows what taking "
    "it\n"
    "# over means; `tenantry apply --adopt-only` does so without changing anything.\n"
    "apiVersion: tenantry/v1\n";

constexpr std::string_view kTemplate =
    "\n# variables:\n"
    "#   clientSecret: {env: QLIK_CLIENT_SECRET, sensitive: true}\n"
    "# regions:\n"
    "#   eu:\n"
    "#     clientId: ID\n"
    "#     clientSecret: ${var.clientSecret}\n";

/// A name for a variable or its place in the environment: "euClientSecret", "EU_CLIENT_SECRET".
struct SecretName {
  std::string variable;
  std::string environment;

  SecretName(std::string_view owner, std::string_view key) {
    for (auto const part : {owner, key}) {
      if (!environment.empty()) environment += '_';
      for (char const& c : part) {
        bool const is_upper = c >= 'A' && c <= 'Z';
        bool const is_lower = c >= 'a' && c <= 'z';
        bool const is_digit = c >= '0' && c <= '9';
        bool const begins = part.data() == key.data() && &c == part.data();
        if (is_upper) environment += '_';
        environment += is_lower ? static_cast<char>(c - 'a' + 'A') : is_upper || is_digit ? c : '_';
        variable += begins && is_lower                 ? static_cast<char>(c - 'a' + 'A')
                    : is_upper || is_lower || is_digit ? c
                                                       : '_';
      }
    }
  }
};

/// The sections that say how to sign in, without a secret that is written in them.
class Connections {
 public:
  explicit Connections(config::Configuration const& configuration)
      : configuration_(configuration), written_(configuration.written()) {}

  Object run() {
    if (auto* regions = section("regions")) {
      for (auto& member : *regions) {
        if (!member.value().is_object()) continue;
        std::string const key(member.key());
        auto const known = configuration_.regions().find(key);
        take_out(member.value().get_object(), key,
                 known == configuration_.regions().end() ? "" : known->second.ca_file);
      }
    }
    if (auto* organization = section("organization")) {
      auto const& known = configuration_.organization();
      take_out(*organization, "organization", known ? known->ca_file : "");
    }
    if (auto* variables = section("variables")) {
      for (auto& member : *variables) hide_default(member.value());
    }
    Object out;
    for (auto const* name : {"variables", "regions", "organization"}) {
      auto const* value = find(written_, name);
      if (value != nullptr && value->is_object() && !value->get_object().empty())
        out[name] = *value;
    }
    return out;
  }

 private:
  Object* section(std::string_view name) {
    auto const found = written_.find(name);
    return found == written_.end() ? nullptr : found->value().if_object();
  }

  void take_out(Object& block, std::string const& owner, std::string const& ca_file) {
    if (!ca_file.empty()) block["caFile"] = ca_file;
    hide_secrets(block, owner);
    auto const clients = block.find("clients");
    if (clients == block.end() || !clients->value().is_array()) return;
    int number = 1;
    for (auto& client : clients->value().get_array()) {
      if (client.is_object()) hide_secrets(client.get_object(), fmt::format("{}{}", owner, number));
      ++number;
    }
  }

  void hide_secrets(Object& block, std::string const& owner) {
    for (auto const* key : {"clientSecret", "licenseKey"}) {
      auto const found = block.find(key);
      if (found == block.end() || !found->value().is_string()) continue;
      std::string_view const text(found->value().get_string());
      bool const is_variable = text.starts_with("${var.") && text.find('}') == text.size() - 1 &&
                               text.find(":-") == std::string_view::npos;
      if (text.empty() || is_variable) continue;
      SecretName const name(owner, key);
      found->value() = fmt::format("${{var.{}}}", name.variable);
      auto& variables = written_["variables"];
      if (!variables.is_object()) variables = Object();
      variables.get_object()[name.variable] =
          Object{{"env", "QLIK_" + name.environment}, {"sensitive", true}};
    }
  }

  /// The default of a sensitive variable is a secret in clear.
  static void hide_default(Value& variable) {
    auto* const written = variable.if_object();
    if (written == nullptr) return;
    auto const* sensitive = find(*written, "sensitive");
    if (sensitive != nullptr && *sensitive == Value(true)) written->erase("default");
  }

  config::Configuration const& configuration_;
  Object written_;
};

std::string section_text(std::string_view name, Value const& value) {
  Object one;
  one[name] = value;
  return '\n' + config::to_yaml(one, 0, Placeholders::kept);
}

/// The tenants in the order of their keys.
std::string tenants_text(std::vector<run::ExportedTenant> const& tenants) {
  std::vector<run::ExportedTenant const*> sorted;
  for (auto const& tenant : tenants) sorted.push_back(&tenant);
  std::ranges::sort(sorted, {}, [](auto const* tenant) -> auto const& { return tenant->key; });
  if (sorted.empty()) return "\ntenants: {}\n";
  std::string out = "\ntenants:\n";
  for (auto const* tenant : sorted) {
    out += fmt::format("  {}:\n", tenant->key);
    out += config::to_yaml(tenant->body, 2, Placeholders::escaped, tenant->comments);
  }
  return out;
}

/// A path whose file is below any folder that it is joined to.
bool stays_below(fs::path const& path) {
  auto const normal = path.lexically_normal();
  return !normal.is_absolute() && !normal.empty() && *normal.begin() != "..";
}

/// Files of the blueprints, where their path means the same in the new folder.
Result<void> copy_files(std::vector<run::ExportedTenant> const& tenants, fs::path const& folder) {
  for (auto const& tenant : tenants) {
    for (auto const& file : tenant.files) {
      fs::path const shown(file.shown);
      auto const target = folder / shown;
      std::error_code failure;
      // What is there stays, a symbolic link to nothing as well.
      if (!stays_below(shown) || fs::exists(fs::symlink_status(target, failure))) continue;
      fs::create_directories(target.parent_path(), failure);
      if (!failure) fs::copy_file(file.path, target, failure);
      if (!failure) continue;
      return Error(Errc::io, fmt::format("cannot copy {} to {}: {}", visible(file.path.string()),
                                         visible(target.string()), failure.message()));
    }
  }
  return {};
}

}  // namespace

Result<fs::path> export_target(fs::path const& folder) {
  auto target = folder / "tenantry.yaml";
  std::error_code ignored;
  if (!fs::exists(fs::symlink_status(target, ignored))) return target;
  return Error(Errc::conflict,
               fmt::format("{} is there already and is not overwritten", target.string()),
               "name another folder by --out");
}

Result<void> write_export(config::Configuration const& configuration, Blueprints blueprints,
                          std::vector<run::ExportedTenant> const& tenants, fs::path const& target) {
  std::string text(kHead);
  auto const sections = Connections(configuration).run();
  for (auto const& member : sections) text += section_text(member.key(), member.value());
  if (!sections.contains("regions")) text += kTemplate;
  if (blueprints == Blueprints::written) {
    if (auto const* written = find(configuration.written(), "blueprints")) {
      text += section_text("blueprints", *written);
    }
  }
  text += tenants_text(tenants);
  std::error_code failure;
  auto const folder = target.parent_path();
  if (!folder.empty()) fs::create_directories(folder, failure);
  if (failure) {
    return Error(Errc::io,
                 fmt::format("cannot make the folder {}: {}", folder.string(), failure.message()));
  }
  auto copied = copy_files(tenants, folder);
  if (!copied) return copied;
  return write_file_atomically(target, text, FileMode::shared);
}

}  // namespace tenantry::cli
