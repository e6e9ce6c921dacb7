// Names of things: `acme` is a tenant, `acme/groups/analysts` a resource of it.
#pragma once
#include <compare>
#include <functional>
#include <string>
#include <string_view>

#include "engine/core/error.hpp"

namespace tenantry {

/// Unique name of a resource in a configuration; it is its path in the YAML.
/// A tenant's own address has an empty section and key.
struct Address {
  std::string tenant;   ///< key of the tenant
  std::string section;  ///< "groups", "oauthClients"; empty for the tenant itself
  std::string key;      ///< key inside the section; empty for a section that is one resource

  bool is_tenant() const { return section.empty(); }
  /// "acme", "acme/groups/analysts", or "acme/groupSettings" for a section that is one resource.
  std::string text() const;
  auto operator<=>(Address const&) const = default;
};

/// Reads what Address::text writes. Errors: Errc::invalid.
Result<Address> parse_address(std::string_view text);

/// True for a key: letters, digits, `_`, `.`, `-`; not empty.
bool is_key(std::string_view text);

/// True when `pattern` (with `*` for any run of characters but `/`, `**` for any run, `?` for one)
/// fits the whole `text`.
bool glob_matches(std::string_view pattern, std::string_view text);

/// What --target and --exclude take: fits the address itself; a pattern for a tenant ("acme") fits
/// everything in it, one for a section ("acme/groups", "acme/*") everything in the section.
bool selects(std::string_view pattern, Address const& address);

/// The id that Qlik Cloud gave an object. Not a text by accident: an address is something else.
class RemoteId {
 public:
  RemoteId() = default;
  explicit RemoteId(std::string text) : text_(std::move(text)) {}
  std::string const& text() const { return text_; }
  bool empty() const { return text_.empty(); }
  auto operator<=>(RemoteId const&) const = default;

 private:
  std::string text_;
};

}  // namespace tenantry

template <>
struct std::hash<tenantry::Address> {
  std::size_t operator()(tenantry::Address const& a) const noexcept {
    return std::hash<std::string>()(a.text());
  }
};
