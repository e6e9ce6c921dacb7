#include "tests/simulation/invariants.hpp"

#include <fmt/format.h>

#include <array>
#include <map>
#include <set>

#include "engine/run/deposed_objects.hpp"
#include "engine/run/secret_record.hpp"
#include "state/journal.hpp"

namespace tenantry::simulation {
namespace {

/// The sections whose objects are made and deleted, and what an object is recognised by.
struct Section {
  std::string_view name;
  std::string_view key;
};
constexpr std::array kSections{
    Section{"roles", "name"},           Section{"groups", "name"},
    Section{"webIntegrations", "name"}, Section{"oauthClients", "clientName"},
    Section{"brands", "name"},          Section{"keyProviders", "arn"},
    Section{"spaces", "name"},          Section{"diProjects", "name"},
};

/// What a tenant has from the start is nobody's.
bool is_ours(std::string_view section, Object const& object) {
  if (section == "roles") return text_at(object, "type") != "default";
  if (section == "groups") return !text_at(object, "name").starts_with("com.qlik.");
  if (section == "keyProviders") return text_at(object, "arn").starts_with("arn:");
  return true;
}

std::string id_of(Object const& object) { return text_at(object, "id"); }

class Inspection {
 public:
  Inspection(Installation& installation, config::Configuration const& configuration,
             std::set<std::string> const& let_go)
      : in_(installation), configuration_(configuration), let_go_(let_go) {}

  std::vector<std::string> run() {
    wrong_ = in_.cloud.violations();
    auto const snapshot = in_.cloud.snapshot();
    for (auto const& tenant : snapshot.at("tenants").as_array()) {
      live_.emplace(id_of(tenant.as_object()), &tenant.as_object());
    }
    auto const keys = state::journal::tenants(in_.disk.connection());
    ensure(keys.has_value(), "the state can be read");
    for (auto const& key : *keys) check_tenant(key);
    for (auto const& [id, tenant] : live_) {
      if (!owned_.contains(id)) wrong("an orphan: tenant {} \"{}\"", id, text_at(*tenant, "name"));
    }
    check_declared();
    check_secrets();
    return std::move(wrong_);
  }

 private:
  template <class... Args>
  void wrong(fmt::format_string<Args...> text, Args&&... args) {
    wrong_.push_back(fmt::format(text, std::forward<Args>(args)...));
  }

  bool purged(state::ResourceRecord const& row) const {
    auto const date = parse_time(text_at(row.extra, "purgeDate"));
    return text_at(row.extra, "status") == "disabled" && date && *date <= in_.clock.wall();
  }

  void check_tenant(std::string const& key) {
    auto const state = state::journal::load(in_.disk.connection(), key);
    ensure(state.has_value(), "the state can be read");
    for (auto const& open : state->open) {
      wrong("{} of {} has no outcome", open.intent.action, open.intent.address.text());
    }
    auto const* row = state->find(Address{key, {}, {}});
    if (row == nullptr) {
      if (!state->resources.empty()) wrong("{} has rows, but none of its own", key);
      return;
    }
    if (purged(*row)) return;
    if (!owned_.insert(row->id.text()).second) wrong("two tenants own {}", row->id.text());
    auto const found = live_.find(row->id.text());
    if (found == live_.end()) {
      wrong("{} is in the state, and no tenant {} is live", key, row->id.text());
      return;
    }
    if (text_at(row->extra, "status") != text_at(*found->second, "status")) {
      wrong("{} is {} and in the state {}", key, text_at(*found->second, "status"),
            text_at(row->extra, "status"));
    }
    for (auto const& section : kSections) check_section(*state, *found->second, section);
  }

  void check_section(state::TenantState const& state, Object const& tenant,
                     Section const& section) {
    std::map<std::string, Address> rows;
    for (auto const& [address, row] : state.resources) {
      if (address.section != section.name) continue;
      if (!rows.emplace(row.id.text(), address).second) {
        wrong("{} and another own {}", address.text(), row.id.text());
      }
      if (!run::deposed_of(row).empty()) {
        wrong("{} still knows an object that it replaced", address.text());
      }
    }
    std::map<std::string, int> names;
    std::set<std::string> there;
    for (auto const& value : tenant.at(section.name).as_array()) {
      auto const& object = value.as_object();
      there.insert(id_of(object));
      auto name = text_at(object, section.key);
      if (section.name == "groups") name += " of " + text_at(object, "providerType");
      if (++names[name] == 2) wrong("a duplicate: {}/{} {}", state.key, section.name, name);
      auto const row = rows.find(id_of(object));
      if (row != rows.end() && text_at(object, "appType") == "web") {
        check_known_secrets(*state.find(row->second), object);
      }
      bool const is_let_go =
          let_go_.contains(fmt::format("{}/{}", section.name, text_at(object, section.key)));
      if (is_ours(section.name, object) && row == rows.end() && !is_let_go) {
        wrong("an orphan: {}/{} {}", state.key, section.name, name);
      }
    }
    for (auto const& [id, address] : rows) {
      if (!there.contains(id)) wrong("{} is in the state, and {} is not live", address.text(), id);
    }
  }

  /// Each secret that is valid was delivered, and is the present one or one that will be retired.
  void check_known_secrets(state::ResourceRecord const& row, Object const& client) {
    auto const record = run::secret_record(row);
    std::set<std::string> known{record.hint};
    for (auto const& old : record.old) known.insert(old.hint);
    for (auto const& hint : record.doubtful) {
      wrong("of {} it is not known who has the secret ...{}", row.address.text(), hint);
    }
    for (auto const& secret : client.at("clientSecrets").as_array()) {
      auto const hint = text_at(secret.as_object(), "hint");
      if (!known.contains(hint)) {
        wrong("{} has a secret ...{} that nobody has", row.address.text(), hint);
      }
    }
  }

  void check_declared() {
    for (auto const& summary : configuration_.tenants()) {
      auto const state = state::journal::load(in_.disk.connection(), summary.key);
      auto const* row = state->find(Address{summary.key, {}, {}});
      if (summary.status == config::TenantStatus::deactivated) continue;
      if (row == nullptr) {
        wrong("{} is declared, and not in the state", summary.key);
        continue;
      }
      auto const tenant = configuration_.expand(summary.key);
      for (auto const& resource : tenant.resources) {
        auto const* owned = state->find(resource.address);
        if (owned == nullptr) {
          wrong("{} is declared, and not in the state", resource.address.text());
        } else if (find(resource.meta, "deliverSecret") != nullptr) {
          check_delivered(*row, *owned, resource.meta.at("deliverSecret"));
        }
      }
    }
  }

  /// What the sink holds is what the cloud takes.
  void check_delivered(state::ResourceRecord const& tenant, state::ResourceRecord const& client,
                       Value const& sink) {
    auto const found = in_.vault.find(canonical(sink));
    if (found == in_.vault.end()) {
      wrong("the secret of {} was never delivered", client.address.text());
      return;
    }
    auto const& delivered = found->second;
    if (delivered.client_id != client.id.text()) {
      wrong("the sink of {} has the secret of another client", client.address.text());
    } else if (!in_.cloud.accepts(text_at(tenant.extra, "hostname"), delivered.client_id,
                                  delivered.secret.reveal())) {
      wrong("the delivered secret of {} is not accepted", client.address.text());
    }
  }

  void check_secrets() {
    auto const image = in_.disk.image();
    auto const absent = [&](std::string_view secret, std::string_view whose) {
      if (image.find(secret) != std::string::npos) wrong("the state holds a secret of {}", whose);
    };
    for (auto const& secret : in_.cloud.secrets()) absent(secret, "an OAuth client");
    absent(emulator::kClientSecret, "the region");
    absent(emulator::kLicenseKey, "the licence");
  }

  Installation& in_;
  config::Configuration const& configuration_;
  std::set<std::string> const& let_go_;
  std::vector<std::string> wrong_;
  std::map<std::string, Object const*> live_;
  std::set<std::string> owned_;
};

// --- comparison ---

bool is_generated(std::string_view name) {
  static std::set<std::string_view> const kGenerated{
      "id",          "clientId",  "tenantId",      "hostnames",           "links",
      "created",     "createdAt", "createdBy",     "lastUpdated",         "lastUpdatedAt",
      "updated",     "updatedAt", "updatedBy",     "statusLastUpdatedAt", "ownerId",
      "modifiedAt",  "users",     "clientSecrets", "promotedToCurrentAt", "demotedFromCurrentAt",
      "fingerprint", "etag",      "createdByUser", "publishedAt",         "path"};
  return kGenerated.contains(name);
}

using Names = std::map<std::string, std::string, std::less<>>;

void collect_names(Object const& tenant, Names& names) {
  for (auto const& member : tenant) {
    if (!member.value().is_array()) continue;
    for (auto const& value : member.value().get_array()) {
      if (!value.is_object()) continue;
      auto name = text_at(value.get_object(), "name");
      if (name.empty()) name = text_at(value.get_object(), "clientName");
      names[id_of(value.get_object())] = fmt::format("{}:{}", std::string(member.key()), name);
    }
  }
}

Value comparable_value(Value const& value, Names const& names) {
  if (auto const* object = value.if_object()) {
    Object out;
    for (auto const& member : *object) {
      if (!is_generated(member.key())) {
        out[member.key()] = comparable_value(member.value(), names);
      }
    }
    return out;
  }
  if (auto const* array = value.if_array()) {
    std::map<std::string, Value> sorted;
    for (auto const& element : *array) {
      auto shown = comparable_value(element, names);
      auto text = canonical(shown);
      while (sorted.contains(text)) text += '+';
      sorted.emplace(std::move(text), std::move(shown));
    }
    Array out;
    for (auto& [text, shown] : sorted) out.push_back(std::move(shown));
    return out;
  }
  if (value.is_string()) {
    auto const known = names.find(std::string_view(value.get_string()));
    if (known != names.end() && !known->first.empty()) return Value(known->second);
  }
  return value;
}

}  // namespace

std::vector<std::string> broken_invariants(Installation& installation,
                                           config::Configuration const& configuration,
                                           std::set<std::string> const& let_go) {
  return Inspection(installation, configuration, let_go).run();
}

std::vector<std::string> broken_rollout(plans::Plan const& plan, run::ApplyReport const& report,
                                        std::vector<Address> const& done) {
  std::vector<std::string> wrong;
  std::map<std::string, std::string> wave_of;
  for (auto const& tenant : plan.tenants) wave_of[tenant.key] = tenant.wave;
  auto begun = done;
  std::set<std::string> failed_tenants;
  for (auto const& change : report.changes) {
    if (change.status == run::Status::never_started || change.status == run::Status::done) continue;
    begun.push_back(change.address);
    failed_tenants.insert(change.address.tenant);
  }
  std::string past_limit;
  for (std::size_t i = 0; i < plan.waves.size(); ++i) {
    auto const& wave = plan.waves[i];
    auto const told = std::ranges::find(report.waves, wave.name, &run::WaveReport::name);
    bool const has_started = told != report.waves.end() && told->started;
    for (auto const& address : begun) {
      if (wave_of[address.tenant] != wave.name) continue;
      if (!past_limit.empty()) {
        wrong.push_back(
            fmt::format("{} began although wave {} had failed", address.text(), past_limit));
      }
      if (!has_started) wrong.push_back(fmt::format("{} began before its wave", address.text()));
    }
    auto const failed = std::ranges::count_if(
        failed_tenants, [&](auto const& key) { return wave_of[key] == wave.name; });
    if (failed > wave.failures_max && past_limit.empty()) past_limit = wave.name;
  }
  return wrong;
}

Value comparable(Value const& snapshot) {
  Object by_name;
  for (auto const& tenant : snapshot.at("tenants").as_array()) {
    auto const& object = tenant.as_object();
    Names names;
    collect_names(object, names);
    auto shown = comparable_value(tenant, names).get_object();
    auto const& hosts = object.at("hostnames").as_array();
    shown["alias"] = hosts.size() > 1 ? hosts[1] : Value("");
    by_name[fmt::format("{} {}", text_at(object, "region"), text_at(object, "name"))] =
        std::move(shown);
  }
  return by_name;
}

std::string difference(Value const& wanted, Value const& got, std::string const& where) {
  if (equal(wanted, got)) return {};
  if (wanted.is_object() && got.is_object()) {
    std::set<std::string> keys;
    for (auto const& member : wanted.get_object()) keys.emplace(member.key());
    for (auto const& member : got.get_object()) keys.emplace(member.key());
    for (auto const& key : keys) {
      auto const* a = find(wanted.get_object(), key);
      auto const* b = find(got.get_object(), key);
      auto text = difference(a != nullptr ? *a : Value(), b != nullptr ? *b : Value(),
                             fmt::format("{}/{}", where, key));
      if (!text.empty()) return text;
    }
  }
  return fmt::format("{} is {} instead of {}", where, canonical(got), canonical(wanted));
}

}  // namespace tenantry::simulation
