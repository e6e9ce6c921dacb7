// Configurations as YAML text.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "engine/config/configuration.hpp"

namespace tenantry::config {

/// Whether each value is followed by `# file:line`, where it comes from.
enum class Origins { none, shown };

/// `tenants: {KEY: ...}` with everything that the layers give the tenant, in merged order; needs no
/// blueprint any more. A sensitive value is written as "(sensitive)", one that is known only when
/// the tenant exists as its placeholder; a literal `${` stays escaped. Ends with a newline.
std::string render_yaml(Tenant const& tenant, Origins origins);

/// Whether `${` in a text is a placeholder, or text that has to be escaped.
enum class Placeholders { kept, escaped };

/// Lines of text, by the JSON pointer of what they are about.
using Comments = std::map<std::string, std::vector<std::string>>;

/// The members of `object` as YAML, `depth` levels deep. Comments stand under the key that they are
/// about, those of "" first. Ends with a newline.
std::string to_yaml(Object const& object, std::size_t depth, Placeholders placeholders,
                    Comments const& comments = {});

}  // namespace tenantry::config
