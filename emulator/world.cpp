#include "emulator/world.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "engine/core/digest.hpp"
#include "engine/core/text.hpp"

namespace tenantry::emulator {
namespace {

std::string published_key(std::string_view region, std::string_view client_id) {
  return fmt::format("{}/{}", region, client_id);
}

std::string caller_key(std::string_view realm, std::string_view client_id) {
  return fmt::format("{}\n{}", realm, client_id);
}

/// Compares without telling by its time where the difference is.
bool same_secret(std::string_view a, std::string_view b) { return sha256_hex(a) == sha256_hex(b); }

}  // namespace

bool Token::has_scope(std::string_view scope) const {
  return std::ranges::find(scopes, scope) != scopes.end();
}

World::World(Options const& options)
    : clients_(options.clients),
      data_file_(options.data_file),
      seed_(options.seed),
      rate_limits_(options.rate_limits),
      rate_window_(options.rate_window),
      clock_(options.clock != nullptr ? *options.clock : system_clock_),
      tenant_rows_(changes_, "", "tenants", nullptr),
      assignment_rows_(changes_, "", "licenseAssignments", nullptr) {
  clients_.push_back({std::string(kClientId), Secret(std::string(kClientSecret))});
  if (seed_ == 0) {
    random_ = std::make_unique<SystemRandom>();
  } else {
    random_ = std::make_unique<SeededRandom>(seed_);
  }
}

Result<void> World::load() {
  if (!data_file_) return {};
  auto opened = changes_.open(*data_file_, [this](StoredObject o) { restore(std::move(o)); });
  if (!opened) return opened.error();
  ++runs_;
  remember_clock();
  // The same seed twice on one file would make the ids that are in it already.
  if (seed_ != 0)
    random_ = std::make_unique<SeededRandom>(seed_ + (runs_ - 1) * 0x9e3779b97f4a7c15);
  return commit();
}

void World::restore(StoredObject object) {
  if (!object.owner.empty()) {
    auto* const tenant = find_tenant(object.owner);
    if (tenant == nullptr || !tenant->tables.contains(object.kind)) return;
    auto& table = tenant->table(object.kind);
    if (object.kind == "oauthClients" && object.data.contains("publishedAt")) {
      publish(tenant->region, object.id, *tenant);
    }
    table.restore(object.sequence, std::move(object.id), std::move(object.data));
  } else if (object.kind == "tenants") {
    auto const id = object.id;
    tenant_rows_.restore(object.sequence, std::move(object.id), std::move(object.data));
    adopt(*tenant_rows_.find(id));
  } else if (object.kind == "licenseAssignments") {
    assignment_rows_.restore(object.sequence, std::move(object.id), std::move(object.data));
  } else if (object.kind == "clock") {
    offset_ = std::chrono::seconds(object.data["offsetSeconds"].to_number<std::int64_t>());
    runs_ = object.data["runs"].to_number<std::uint64_t>();
  } else if (object.kind == "tokens") {
    auto const expires = parse_time(text_at(object.data, "expires"));
    if (!expires) return;
    Token token{text_at(object.data, "realm"),
                text_at(object.data, "client"),
                text_at(object.data, "user"),
                {},
                *expires,
                {}};
    for (auto const& scope : object.data["scopes"].as_array()) {
      token.scopes.emplace_back(scope.as_string());
    }
    token.caller = caller(token.realm, token.client_id);
    expiries_.emplace(token.expires, object.id);
    tokens_.emplace(std::move(object.id), std::move(token));
  }
}

void World::reset() {
  changes_.erase_all();
  std::vector<std::string> ids;
  for (auto const& [id, tenant] : tenants_) ids.push_back(id);
  for (auto const& id : ids) tenant_rows_.erase(id);
  ids.clear();
  for (auto const& [sequence, row] : assignment_rows_.rows()) ids.push_back(row.id);
  for (auto const& id : ids) assignment_rows_.erase(id);
  tenants_.clear();
  hosts_.clear();
  per_license_.clear();
  published_.clear();
  purges_.clear();
  tokens_.clear();
  expiries_.clear();
  callers_.clear();
  offset_ = std::chrono::seconds(0);
  if (seed_ != 0) random_ = std::make_unique<SeededRandom>(seed_);
  remember_clock();
}

void World::remember_clock() {
  changes_.put("", "clock", 1, "clock", {{"offsetSeconds", offset_.count()}, {"runs", runs_}});
}

void World::advance(std::chrono::seconds by) {
  offset_ += by;
  remember_clock();
}

std::string World::long_id() {
  static constexpr std::string_view kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string id;
  while (id.size() < 32) {
    auto bits = random_->next();
    for (int i = 0; i < 8; ++i, bits >>= 6) id += kAlphabet[bits & 63];
  }
  // A command line would take an id that begins with a hyphen for a flag.
  if (id.front() == '-') id.front() = 'Q';
  return id;
}

Tenant& World::create_tenant(std::string region, std::string datacenter, License const& license,
                             std::string created_by) {
  auto id = long_id();
  while (tenants_.contains(id)) id = long_id();
  auto label = random_->hex(8).substr(0, 15);
  auto const host = [&] { return fmt::format("{}.{}.qlikcloud.com", label, region); };
  // A label of digits and letters, as Qlik makes them; it begins with a letter.
  label[0] = 'q';
  while (hosts_.contains(host())) label = 'q' + random_->hex(7);
  auto const time = stamp();
  Object data{{"id", id},
              {"name", label},
              {"hostnames", Array{Value(host())}},
              {"region", region},
              {"datacenter", std::move(datacenter)},
              {"status", "active"},
              {"created", time},
              {"lastUpdated", time},
              {"statusLastUpdatedAt", time},
              {"createdByUser", ""},
              {"enableAnalyticCreation", false},
              {"enableAppOpeningFeedback", false},
              {"autoAssignCreateSharedSpacesRoleToProfessionals", true},
              {"autoAssignDataServicesContributorRoleToProfessionals", true},
              {"autoAssignPrivateAnalyticsContentCreatorRoleToProfessionals", true},
              {"_license", license.key},
              {"_createdBy", std::move(created_by)}};
  auto& tenant = adopt(tenant_rows_.insert(id, std::move(data)));
  for (auto const& kind : kinds()) {
    if (kind.seed != nullptr) kind.seed(*this, tenant);
  }
  return tenant;
}

Tenant& World::adopt(Row const& row) {
  auto owned = std::make_unique<Tenant>();
  auto& tenant = *owned;
  tenant.id = row.id;
  tenant.region = text_at(row.data, "region");
  tenant.row = &row;
  for (auto const& kind : kinds()) {
    for (auto const& table : kind.tables) {
      tenant.tables.try_emplace(std::string(table.name), changes_, row.id, std::string(table.name),
                                table.key_of);
    }
  }
  tenants_.emplace(row.id, std::move(owned));
  ++per_license_[text_at(row.data, "_license")];
  index_hosts(tenant);
  return tenant;
}

void World::index_hosts(Tenant& tenant) {
  for (auto const& host : tenant.data().at("hostnames").as_array()) {
    hosts_[lower(std::string_view(host.as_string()))] = &tenant;
  }
  if (auto const purge = parse_time(text_at(tenant.data(), "_purgeAt"))) {
    purges_.emplace(*purge, tenant.id);
  }
}

void World::update_tenant(Tenant& tenant, Object data) {
  for (auto const& host : tenant.data().at("hostnames").as_array()) {
    hosts_.erase(lower(std::string_view(host.as_string())));
  }
  if (auto const purge = parse_time(text_at(tenant.data(), "_purgeAt"))) {
    purges_.erase({*purge, tenant.id});
  }
  tenant_rows_.update(tenant.id, std::move(data));
  index_hosts(tenant);
}

Tenant* World::find_tenant(std::string_view id) {
  auto const at = tenants_.find(id);
  return at == tenants_.end() ? nullptr : at->second.get();
}

Tenant* World::find_host(std::string_view hostname) {
  auto const at = hosts_.find(hostname);
  return at == hosts_.end() ? nullptr : at->second;
}

void World::purge_due() {
  while (!purges_.empty() && purges_.begin()->first <= now()) {
    auto const id = purges_.begin()->second;
    purges_.erase(purges_.begin());
    auto& tenant = *tenants_.at(id);
    for (auto const& host : tenant.data().at("hostnames").as_array()) {
      hosts_.erase(lower(std::string_view(host.as_string())));
    }
    std::erase_if(published_, [&](auto const& entry) { return entry.second == id; });
    --per_license_[text_at(tenant.data(), "_license")];
    tenants_.erase(id);
    tenant_rows_.erase(id);
    changes_.erase_owner(id);
  }
}

std::optional<License> World::license(std::string_view key) {
  if (!key.starts_with(kLicenseKey)) return std::nullopt;
  auto const rest = key.substr(kLicenseKey.size());
  if (rest.empty()) {
    return License{std::string(key), "9999000000000001", "emulator-subscription", std::nullopt};
  }
  std::size_t count = 0;
  auto const [end, ec] = std::from_chars(rest.data() + 1, rest.data() + rest.size(), count);
  if (rest.size() > 7 || rest[0] != '-' || ec != std::errc() || end != rest.data() + rest.size()) {
    return std::nullopt;
  }
  return License{std::string(key), fmt::format("9999000001{:06}", count),
                 fmt::format("emulator-subscription-{}", count), count};
}

std::size_t World::tenants_of(License const& license) const {
  auto const at = per_license_.find(license.key);
  return at == per_license_.end() ? 0 : at->second;
}

bool World::is_platform_client(std::string_view id) const {
  return std::ranges::any_of(clients_, [&](auto const& client) { return client.id == id; });
}

bool World::platform_secret_fits(std::string_view id, std::string_view secret) const {
  return std::ranges::any_of(clients_, [&](auto const& client) {
    return client.id == id && same_secret(client.secret.reveal(), secret);
  });
}

Tenant* World::owner_of_published(std::string_view region, std::string_view client_id) {
  auto const at = published_.find(published_key(region, client_id));
  return at == published_.end() ? nullptr : find_tenant(at->second);
}

void World::publish(std::string_view region, std::string_view client_id, Tenant const& owner) {
  published_[published_key(region, client_id)] = owner.id;
}

void World::unpublish(std::string_view region, std::string_view client_id) {
  published_.erase(published_key(region, client_id));
}

std::string World::realm_of(HostKind kind, std::string_view region, Tenant const* tenant) {
  if (kind == HostKind::console) return "console";
  if (kind == HostKind::region) return fmt::format("register.{}", region);
  return tenant->id;
}

std::string World::issue(Token token) {
  // Tokens that nobody used again go here, so that the emulator's memory does not grow with time.
  while (!expiries_.empty() && expiries_.begin()->first <= now()) {
    tokens_.erase(expiries_.begin()->second);
    changes_.erase("", "tokens", expiries_.begin()->second);
    expiries_.erase(expiries_.begin());
  }
  auto const text = fmt::format("emu_{}", random_->hex(32));
  auto const id = sha256_hex(text);
  Array scopes;
  for (auto const& scope : token.scopes) scopes.emplace_back(scope);
  changes_.put("", "tokens", 0, id,
               {{"realm", token.realm},
                {"client", token.client_id},
                {"user", token.user_id},
                {"scopes", std::move(scopes)},
                {"expires", format_time_millis(token.expires)}});
  token.caller = caller(token.realm, token.client_id);
  expiries_.emplace(token.expires, id);
  tokens_.insert_or_assign(id, std::move(token));
  return text;
}

Token const* World::find_token(std::string_view text) {
  auto const at = tokens_.find(sha256_hex(text));
  if (at == tokens_.end() || at->second.expires <= now()) return nullptr;
  return &at->second;
}

std::shared_ptr<Caller> World::caller(std::string_view realm, std::string_view client_id) {
  auto& entry = callers_[caller_key(realm, client_id)];
  if (!entry) entry = std::make_shared<Caller>();
  return entry;
}

Refusal World::meter(Caller& caller, Tier const& tier) const {
  if (rate_limits_ == RateLimits::off) return std::nullopt;
  constexpr std::size_t kMinutes = 5;
  auto window = caller.windows.find(tier.name);
  if (window == caller.windows.end()) {
    window = caller.windows.emplace(std::string(tier.name), RateWindow()).first;
  }
  auto const wait = window->second.take(steady(), tier.per_minute * kMinutes, rate_window_);
  if (!wait) return std::nullopt;
  Problem problem{.status = 429, .code = "HTTP-429", .title = "API rate limit reached."};
  problem.retry_after_s = static_cast<long>(wait->count());
  return problem;
}

}  // namespace tenantry::emulator
