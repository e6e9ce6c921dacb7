// The attribute table of a resource kind: the single source for validation, diff rules, masking,
// the editors' JSON Schema and the reference page.
#pragma once
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/value.hpp"

namespace tenantry {

/// Shape of an attribute's value.
enum class Kind {
  string,
  boolean,
  integer,
  number,
  list,    ///< order matters
  set,     ///< a list whose order does not matter, and where equal elements count once
  object,  ///< named members, described by `fields` (any member when `fields` is empty)
  any,
};

/// Who gives the value.
enum class Use {
  required,  ///< must be written
  optional,  ///< managed when written
  computed,  ///< given by the server; cannot be written
  meta,      ///< Tenantry's own: never sent, never compared with the live object
};

/// What a changed value means.
enum class OnChange {
  update,   ///< the object is changed in place
  replace,  ///< the object is deleted and created again
  refuse,   ///< nothing can change it; a plan that would is an error with `refusal` as reason
};

/// Extra form of a string (of each element, for lists and sets).
enum class Format {
  none,
  origin,          ///< scheme://host[:port], no path
  url,             ///< absolute http or https URL
  hostname,        ///< DNS name
  hostname_label,  ///< one DNS label of 3 to 63 characters
  file,  ///< path of a file beside the configuration; its value is its content, see FileRule
};

/// What a file must be; checked before any call.
struct FileRule {
  enum class Digest { md5, sha256 };
  /// What stands for the content in values: "md5:<hex>" where the API tells an MD5 of what it
  /// holds.
  Digest digest = Digest::sha256;
  std::size_t bytes_max = 0;  ///< 0: no limit
  std::vector<std::string>
      content_types;  ///< by its first bytes: "image/png", "application/zip", ...
};

/// One attribute. Names are those of the Qlik API.
struct Attribute {
  std::string name;
  Kind kind = Kind::string;
  Use use = Use::optional;
  OnChange on_change = OnChange::update;
  std::string doc = {};                  ///< a sentence or two, for the reference page
  Kind element = Kind::string;           ///< of the elements of a list or set
  std::vector<Attribute> fields = {};    ///< members of an object (or of each object element)
  std::vector<std::string> one_of = {};  ///< allowed texts (of each element); empty: any
  std::size_t length_min = 0;            ///< characters of a string (of each element)
  std::size_t length_max = 0;            ///< 0: no limit
  std::size_t items_max = 0;             ///< of a list or set; 0: no limit
  std::optional<std::int64_t> minimum = {};
  std::optional<std::int64_t> maximum = {};
  Format format = Format::none;
  FileRule file = {};              ///< for Format::file
  bool sensitive = false;          ///< masked wherever it is shown; may hold sensitive variables
  bool write_only = false;         ///< no read returns it; its change is noticed by a keyed digest,
                                   ///< of a file by the digest of its content
  std::string refers_to = {};      ///< section whose keys (or live names or ids) the text(s) name
  std::string block = {};          ///< YAML block it is written in ("settings"); empty: directly
  std::string refusal = {};        ///< why it cannot change, for OnChange::refuse
  Value server_default = nullptr;  ///< what the server uses when it is not written; for docs
};

/// What is wrong with a value: the JSON pointer inside the object and the words of a Diagnostic.
struct SchemaProblem {
  std::string pointer;  ///< "/validOrigins/0"; for a missing attribute the pointer of its parent
  std::string summary;  ///< "wrong type", "unknown attribute", ...
  std::string detail;
  std::string hint;
  bool warning = false;  ///< works, but deserves a look
};
using ReportProblem = std::function<void(SchemaProblem)>;

/// A resource kind as the configuration sees it.
struct Schema {
  std::string section;   ///< YAML key of its map, "webIntegrations"; "" for the tenant itself
  std::string singular;  ///< "web integration"
  std::string doc;
  std::vector<Attribute> attributes;
  /// Attributes that recognise an existing object ("name"); two resources of a tenant may not agree
  /// in all of them.
  std::vector<std::string> natural_key;
  /// Flags that at most one resource of a tenant may have as true ("active"): setting it takes it
  /// from the one that has it.
  std::vector<std::string> exclusive = {};
  /// A tenant has exactly one, from the start: the section holds the attributes themselves, and the
  /// address has no key ("acme/groupSettings").
  bool singleton = false;
  /// Rules that span attributes; may be empty.
  std::function<void(Object const&, ReportProblem const&)> check = {};

  /// Terraform's resource type: "qlik_web_integrations", "qlik_tenants" for the tenant.
  std::string type() const;
  Attribute const* find(std::string_view name) const;
};

/// Checks `written` (deferred values allowed) against the table and the kind's own rules.
/// A deferred value counts as a text of unknown length; a sensitive one in an attribute that is not
/// sensitive is a problem.
void check(Schema const& schema, Object const& written, ReportProblem const& report);

/// Calls `use` with each text of `values` that names another resource, and the attribute (or the
/// member of an object) that holds it. Deferred texts are left out.
void each_reference(std::vector<Attribute> const& table, Object const& values,
                    std::function<void(Attribute const&, std::string const&)> const& use);

/// True for "scheme://host[:port]" without path, query or user.
bool is_origin(std::string_view text);

}  // namespace tenantry
