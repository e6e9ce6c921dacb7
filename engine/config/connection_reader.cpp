#include "engine/config/connection_reader.hpp"

#include <fmt/format.h>

#include <boost/url/parse.hpp>
#include <filesystem>

#include "engine/config/language.hpp"
#include "engine/config/structure.hpp"
#include "engine/core/file.hpp"
#include "engine/core/text.hpp"

namespace tenantry::config {
namespace {

TenantScope const kNoTenant;

std::string plain_member(Node const& map, std::string_view key, Evaluator& evaluator) {
  auto const* node = map.value_of(key);
  if (node == nullptr) return {};
  return evaluator.plain_text(*node, fmt::format("\"{}\"", key)).value_or("");
}

/// Absolute path of `caFile`, which is relative to the file that names it.
std::string ca_file(Node const& map, Evaluator& evaluator, Reporter& reporter) {
  auto const written = plain_member(map, "caFile", evaluator);
  if (written.empty()) return {};
  auto const* node = map.value_of("caFile");
  auto const folder = std::filesystem::absolute(node->mark.source->path).parent_path();
  std::filesystem::path const given(written);
  auto const path = given.is_absolute() ? given : folder / given;
  if (!given.is_absolute() && !is_inside(path, folder)) {
    reporter.error(node->mark, "file outside of the folder",
                   fmt::format("\"{}\" is not in the folder of {}.", visible(written),
                               node->mark.source->name),
                   "move the file, or write its absolute path");
    return {};
  }
  std::error_code ec;
  if (!std::filesystem::is_regular_file(path, ec)) {
    reporter.error(node->mark, "missing file",
                   fmt::format("There is no file \"{}\".", visible(written)));
  }
  return path.lexically_normal().string();
}

std::string endpoint(Node const& map, Evaluator& evaluator, Reporter& reporter) {
  auto text = plain_member(map, "endpoint", evaluator);
  if (text.empty()) return text;
  auto const url = boost::urls::parse_uri(text);
  bool const web = url && (url->scheme() == "http" || url->scheme() == "https");
  if (web && !url->host().empty() && !url->has_userinfo() && !url->has_query() &&
      !url->has_fragment() && (url->encoded_path().empty() || url->encoded_path() == "/")) {
    if (text.ends_with('/')) text.pop_back();
    return text;
  }
  reporter.error(
      map.value_of("endpoint")->mark, "wrong form",
      fmt::format("\"endpoint\" must be like http://127.0.0.1:8480, not \"{}\".", visible(text)));
  return {};
}

bool rate_limits(Node const& map, Evaluator& evaluator, Reporter& reporter) {
  auto const& modes = language::words(language::region(), "rateLimits");
  auto const* node = map.value_of("rateLimits");
  if (node == nullptr) return true;
  auto const text = evaluator.plain_text(*node, "\"rateLimits\"");
  if (!text || *text == "documented") return true;
  if (*text == "off") return false;
  reporter.error(node->mark,
                 fmt::format("invalid value \"{}\"{}", visible(*text), did_you_mean(*text, modes)),
                 "\"rateLimits\" must be one of: documented, off.");
  return true;
}

/// The two halves of a client's credential stand together.
void check_pair(Node const& map, Mark const& where, Reporter& reporter) {
  bool const has_id = map.value_of("clientId") != nullptr;
  if (has_id == (map.value_of("clientSecret") != nullptr)) return;
  report_missing(where, has_id ? "clientSecret" : "clientId", "an OAuth client has both.",
                 reporter);
}

Credential read_client(Node const& map, Mark const& where, Evaluator& evaluator,
                       Reporter& reporter) {
  Credential out;
  out.client_id = read_credential_text(map, "clientId", evaluator, reporter);
  out.client_secret = read_credential_text(map, "clientSecret", evaluator, reporter);
  check_pair(map, where, reporter);
  return out;
}

constexpr std::size_t kClientsMax = 2;

/// `clients`: the client in use and the one that takes its place.
std::vector<Credential> read_clients(Node const& node, Evaluator& evaluator, Reporter& reporter) {
  static auto const kKeys = language::names(language::client());
  std::vector<Credential> out;
  if (!node.is_list()) {
    report_type(node, "\"clients\"", "a list", reporter);
    return out;
  }
  if (node.items.empty() || node.items.size() > kClientsMax) {
    reporter.error(
        node.mark, "wrong number of elements",
        fmt::format("\"clients\" holds one or two OAuth clients, not {}.", node.items.size()));
  }
  for (auto const& item : node.items) {
    if (!item->is_map()) {
      report_type(*item, "Each of \"clients\"", "a map", reporter);
      continue;
    }
    check_keys(*item, kKeys, reporter);
    auto client = read_client(*item, item->mark, evaluator, reporter);
    if (!client.client_id.written() && !client.client_secret.written()) {
      report_missing(item->mark, "clientId", "an OAuth client has an id and a secret.", reporter);
    }
    out.push_back(std::move(client));
  }
  return out;
}

/// A region has clientId and clientSecret, or `clients`.
void read_credentials(Node const& map, Mark const& where, Region& region, Evaluator& evaluator,
                      Reporter& reporter) {
  auto const* clients = map.value_of("clients");
  region.credential = read_client(map, where, evaluator, reporter);
  if (clients == nullptr) return;
  if (map.value_of("clientId") != nullptr || map.value_of("clientSecret") != nullptr) {
    reporter.error(map.find("clients")->key_mark, "two forms of one thing",
                   "A region has either clientId and clientSecret, or `clients`.",
                   "move them into `clients`");
    return;
  }
  auto all = read_clients(*clients, evaluator, reporter);
  if (all.empty()) return;
  region.credential = std::move(all.front());
  region.fallbacks.assign(std::make_move_iterator(std::next(all.begin())),
                          std::make_move_iterator(all.end()));
}

RegionEntry read_region(Member const& member, Model const& model, Reporter& reporter) {
  static auto const kKeys = language::names(language::region());
  auto const& map = *member.value;
  Evaluator evaluator(model.variables, ScopeKind::variables_only, kNoTenant, reporter);
  RegionEntry entry;
  entry.declared = true;
  entry.where = member.key_mark;
  auto& region = entry.region;
  region.key = member.key;
  region.where = member.key_mark.range();
  check_keys(map, kKeys, reporter);
  read_credentials(map, member.key_mark, region, evaluator, reporter);
  region.license_key = read_credential_text(map, "licenseKey", evaluator, reporter);
  region.endpoint = endpoint(map, evaluator, reporter);
  region.ca_file = ca_file(map, evaluator, reporter);
  region.rate_limits = rate_limits(map, evaluator, reporter);
  entry.values = map_member(map, "values", reporter);
  return entry;
}

}  // namespace

CredentialText read_credential_text(Node const& map, std::string_view key, Evaluator& evaluator,
                                    Reporter& reporter) {
  auto const* node = map.value_of(key);
  if (node == nullptr) return {};
  auto value = evaluator.evaluate(*node);
  if (!value) return {};
  if (value->is_string() || (is_deferred(*value) && !is_unknown(*value))) {
    return {std::move(*value), node->mark.range()};
  }
  if (is_deferred(*value)) {
    reporter.error(node->mark, "value that is not known yet",
                   fmt::format("\"{}\" must be known before the tenant exists.", key));
  } else {
    reporter.error(node->mark, "wrong type",
                   fmt::format("\"{}\" must be a text, not {}.", key, describe_type(*value)));
  }
  return {};
}

void read_regions(Node const& map, Model& model, Reporter& reporter) {
  for (auto const& member : map.members) {
    if (!check_key(member, "region", reporter)) continue;
    if (member.value->is_null()) {
      auto& entry = model.regions[member.key];
      entry.declared = true;
      entry.where = member.key_mark;
      entry.region.key = member.key;
      entry.region.where = member.key_mark.range();
    } else if (member.value->is_map()) {
      model.regions[member.key] = read_region(member, model, reporter);
    } else {
      report_type(*member.value, fmt::format("The region \"{}\"", member.key), "a map", reporter);
    }
  }
}

void read_organization(Member const& member, Model& model, Reporter& reporter) {
  static auto const kKeys = language::names(language::organization());
  auto const& map = *member.value;
  Evaluator evaluator(model.variables, ScopeKind::variables_only, kNoTenant, reporter);
  check_keys(map, kKeys, reporter);
  Organization out;
  out.where = member.key_mark.range();
  out.credential = read_client(map, member.key_mark, evaluator, reporter);
  if (map.value_of("clientId") == nullptr && map.value_of("clientSecret") == nullptr) {
    report_missing(member.key_mark, "clientId", "an organization is reached by an OAuth client.",
                   reporter);
  }
  out.subscription_id = plain_member(map, "subscriptionId", evaluator);
  out.endpoint = endpoint(map, evaluator, reporter);
  out.ca_file = ca_file(map, evaluator, reporter);
  out.rate_limits = rate_limits(map, evaluator, reporter);
  model.organization = std::move(out);
}

void read_state(Member const& member, Model& model, Reporter& reporter) {
  static auto const kKeys = language::names(language::state());
  auto const& backends = language::words(language::state(), "backend");
  auto const& map = *member.value;
  Evaluator evaluator(model.variables, ScopeKind::variables_only, kNoTenant, reporter);
  check_keys(map, kKeys, reporter);
  StateSettings out;
  out.where = member.key_mark.range();
  out.path = plain_member(map, "path", evaluator);
  out.dsn = read_credential_text(map, "dsn", evaluator, reporter);
  if (auto const* backend = map.value_of("backend")) {
    out.backend = evaluator.plain_text(*backend, "\"backend\"").value_or("local");
    if (out.backend != "local" && out.backend != "postgres") {
      reporter.error(backend->mark,
                     fmt::format("invalid value \"{}\"{}", visible(out.backend),
                                 did_you_mean(out.backend, backends)),
                     "\"backend\" must be one of: local, postgres.");
    }
  }
  auto const* misplaced = map.find(out.backend == "postgres" ? "path" : "dsn");
  if (misplaced != nullptr) {
    reporter.error(misplaced->key_mark, "key of another backend",
                   fmt::format("The backend {} has no \"{}\".", out.backend, misplaced->key));
  }
  model.state = std::move(out);
}

void read_sinks(Node const& map, Model& model) {
  for (auto const& member : map.members) {
    if (!member.value->is_null()) model.sinks.push_back({member.key, member.value});
  }
}

std::optional<Credential> read_auth(Member const& member, Evaluator& evaluator,
                                    Reporter& reporter) {
  static auto const kKeys = language::names(language::auth());
  auto const& map = *member.value;
  if (map.is_null()) return std::nullopt;
  if (!map.is_map()) {
    report_type(map, "\"auth\"", "a map", reporter);
    return std::nullopt;
  }
  check_keys(map, kKeys, reporter);
  auto out = read_client(map, member.key_mark, evaluator, reporter);
  out.api_key = read_credential_text(map, "apiKey", evaluator, reporter);
  bool const client =
      map.value_of("clientId") != nullptr || map.value_of("clientSecret") != nullptr;
  if (client == (map.value_of("apiKey") != nullptr)) {
    reporter.error(member.key_mark, client ? "two credentials" : "missing attribute",
                   "`auth` holds either clientId and clientSecret, or apiKey.");
  }
  return out;
}

}  // namespace tenantry::config
