#include "cli/outputs.hpp"

#include <fmt/format.h>

#include <map>

#include "engine/core/text.hpp"

namespace tenantry::cli {
namespace {

constexpr std::string_view kClients = "oauthClients";
constexpr std::string_view kLetters =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

/// Upper case; what a variable's name cannot have becomes `_`.
std::string variable_part(std::string_view text) {
  std::string out;
  for (char const c : text) {
    bool const plain = kLetters.find(c) != std::string_view::npos;
    out += !plain ? '_' : c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  }
  return out;
}

/// "purgeDate" -> "PURGE_DATE".
std::string variable_words(std::string_view name) {
  std::string out;
  for (char const c : name) {
    if (c >= 'A' && c <= 'Z') out += '_';
    out += c;
  }
  return variable_part(out);
}

/// A fixed beginning, so that no key can make the name of a variable that means something else.
std::string variable_of(Output const& output) {
  auto const tenant = variable_part(output.subject.tenant);
  if (output.subject.is_tenant()) {
    return fmt::format("TENANT_{}_{}", tenant, variable_words(output.name));
  }
  return fmt::format("TENANT_{}_OAUTH_CLIENT_{}", tenant, variable_part(output.subject.key));
}

bool needs_quotes(std::string_view value) {
  constexpr std::string_view kMarks = "._:/@+-";
  return std::ranges::any_of(value, [&](char c) {
    return kLetters.find(c) == std::string_view::npos && kMarks.find(c) == std::string_view::npos;
  });
}

}  // namespace

std::string Output::label() const {
  return subject.is_tenant() ? subject.tenant + '/' + name : subject.text();
}

std::vector<Output> outputs_of(state::TenantState const& tenant) {
  Address const self{tenant.key, {}, {}};
  auto const* row = tenant.find(self);
  if (row == nullptr) return {};
  auto const status = text_at(row->extra, "status");
  std::vector<Output> out{{self, "id", row->id.text()},
                          {self, "hostname", text_at(row->extra, "hostname")},
                          {self, "region", text_at(row->extra, "region")},
                          {self, "status", status == "disabled" ? "deactivated" : "active"},
                          {self, "purgeDate", text_at(row->extra, "purgeDate")}};
  for (auto const& [address, record] : tenant.resources) {
    if (address.section == kClients) out.push_back({address, "clientId", record.id.text()});
  }
  return out;
}

Value outputs_json(std::vector<Output> const& outputs) {
  Object tenants;
  for (auto const& output : outputs) {
    auto& tenant = tenants[output.subject.tenant];
    if (!tenant.is_object()) tenant = Object{};
    auto& members = tenant.get_object();
    if (output.subject.is_tenant()) {
      members[output.name] = output.value.empty() ? Value(nullptr) : Value(output.value);
      continue;
    }
    auto& clients = members[kClients];
    if (!clients.is_object()) clients = Object{};
    clients.get_object()[output.subject.key] = output.value;
  }
  return Object{{"formatVersion", kOutputFormat}, {"tenants", std::move(tenants)}};
}

std::string outputs_text(std::vector<Output> const& outputs) {
  std::string text;
  std::string tenant;
  for (auto const& output : outputs) {
    if (text.empty() || output.subject.tenant != tenant) {
      tenant = output.subject.tenant;
      text += fmt::format("{}{}\n", text.empty() ? "" : "\n", visible(tenant));
    }
    if (output.value.empty()) continue;
    auto const name = output.subject.is_tenant()
                          ? output.name
                          : fmt::format("{}/{}", kClients, output.subject.key);
    text += fmt::format("  {:<10} {}\n", visible(name), visible(output.value));
  }
  return text.empty() ? "Nothing is in the state.\n" : text;
}

Result<std::string> outputs_dotenv(std::vector<Output> const& outputs) {
  std::string text;
  std::map<std::string, std::string> names;  // to the label that has it
  for (auto const& output : outputs) {
    if (output.value.empty()) continue;
    auto name = variable_of(output);
    auto const label = output.label();
    auto const [other, is_new] = names.emplace(name, label);
    if (!is_new) {
      return Error(
          Errc::conflict,
          fmt::format("{} and {} would both be {}", visible(other->second), visible(label), name),
          "choose one of the two with --target, or use --json");
    }
    if (needs_quotes(output.value)) {
      return Error(Errc::invalid,
                   fmt::format("{} cannot be written as dotenv: it has other characters than "
                               "letters, digits and ._:/@+-",
                               visible(label)),
                   "use --json");
    }
    text += fmt::format("{}={}\n", name, output.value);
  }
  return text;
}

}  // namespace tenantry::cli
