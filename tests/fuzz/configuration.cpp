// A whole configuration as `validate`, `render` and every plan read it, with the schemas of all
// kinds. Input: tenantry.yaml, another file beside it, a connections file, a file of variables.
#include "engine/config/configuration.hpp"

#include <filesystem>

#include "engine/config/render.hpp"
#include "engine/core/file.hpp"
#include "providers/qlik/provider.hpp"
#include "tests/fuzz/targets.hpp"
#include "tests/support/temp_folder.hpp"

namespace tenantry::fuzz {
namespace {

constexpr std::string_view kSecret = "s3cr3t-of-the-environment";

/// The folder of the configuration, with files that attributes may name.
class Folder {
 public:
  Folder() {
    folder_.write("assets/logo.png", "\x89PNG\r\n\x1a\n");
    folder_.write("assets/favicon.ico", std::string_view("\0\0\1\0", 4));
    folder_.write("pipelines/sales.zip", "no zip");
    folder_.write("ca.pem", "no certificate");
  }
  std::filesystem::path const& path() const { return folder_.path(); }
  /// Writes the file, or sees that it is not there.
  bool put(std::string_view name, std::vector<std::string_view> const& all, std::size_t number) {
    auto const file = path() / name;
    if (number >= all.size()) {
      std::filesystem::remove(file);
      return false;
    }
    std::ofstream(file, std::ios::binary) << all[number];
    return true;
  }

 private:
  test::TempFolder folder_;
};

/// Nothing of the input says that a secret may be shown.
bool keeps_secrets(std::string_view input) {
  return input.find("sensitive") == std::string_view::npos &&
         input.find('\\') == std::string_view::npos;
}

void check_messages(config::Loaded const& loaded, bool secrets_kept) {
  ensure((loaded.configuration == nullptr) == loaded.diagnostics.has_errors(),
         "a configuration is there unless there is an error");
  for (auto const& diagnostic : loaded.diagnostics.sorted()) {
    ensure(!diagnostic.summary.empty(), "a message says something");
    ensure(diagnostic.where.known(), "a message has a place");
    auto const text = format(diagnostic);
    ensure(is_plain(text), "a message cannot move the cursor");
    ensure(!secrets_kept || text.find(kSecret) == std::string::npos, "a message tells no secret");
  }
}

void check_tenant(config::Tenant const& tenant, bool secrets_kept) {
  for (auto const& resource : tenant.resources) {
    ensure(resource.address.tenant == tenant.summary.key, "a resource is in its tenant");
    ensure(parse_address(resource.address.text()).has_value(), "an address can be read");
  }
  for (auto const origins : {config::Origins::none, config::Origins::shown}) {
    auto const text = config::render_yaml(tenant, origins);
    ensure(text.ends_with('\n'), "a rendered tenant ends with a line end");
    ensure(!secrets_kept || text.find(kSecret) == std::string::npos, "no secret is rendered");
  }
}

}  // namespace

void configuration(std::string_view input) {
  static Folder folder;
  auto const all = parts(input, 4);
  config::LoadOptions options;
  options.folder = folder.path();
  options.schemas = qlik_provider().schemas();
  options.environment = [](std::string const& name) {
    // TENANTRY_VAR_x stands for --var, which is no secret.
    bool const set = !name.starts_with("UNSET") && !name.starts_with("TENANTRY_VAR_");
    return set ? std::optional(std::string(kSecret)) : std::nullopt;
  };
  folder.put("tenantry.yaml", all, 0);
  folder.put("more.yaml", all, 1);
  if (folder.put("connections.yml.txt", all, 2)) options.connections = "connections.yml.txt";
  if (folder.put("variables.txt", all, 3)) options.variable_files.push_back("variables.txt");
  bool const secrets_kept = keeps_secrets(input);
  for (auto const target : {config::Target::emulated, config::Target::qlik_cloud}) {
    options.target = target;
    auto const loaded = config::load(options);
    check_messages(loaded, secrets_kept);
    if (loaded.configuration == nullptr) continue;
    for (auto const& tenant : loaded.configuration->tenants()) {
      check_tenant(loaded.configuration->expand_rendered(tenant.key), secrets_kept);
    }
  }
}

}  // namespace tenantry::fuzz
