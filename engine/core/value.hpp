// Values of attributes: Boost.JSON, plus values that are known only later.
#pragma once
#include <boost/json.hpp>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/error.hpp"

namespace tenantry {

using Value = boost::json::value;
using Object = boost::json::object;
using Array = boost::json::array;

/// One text for equal values: keys sorted, numbers in their shortest form, no spaces. For digests,
/// state and comparison; `1` and `1.0` give the same text.
std::string canonical(Value const& value);
/// Indented JSON with keys in their own order, for people and files; ends without a newline.
std::string pretty(Value const& value);
/// SHA-256 of canonical(value), hex.
std::string digest_of(Value const& value);
/// True when canonical texts would be equal.
bool equal(Value const& a, Value const& b);
/// Parses one JSON document. At most `depth_max` levels. Errors: Errc::invalid with the position.
Result<Value> parse_json(std::string_view text, std::size_t depth_max = 100);
/// The member as text; "" when it is missing or no text.
std::string text_at(Object const& object, std::string_view name);
/// The member, or nullptr.
Value const* find(Object const& object, std::string_view name);

/// Written for a list of which only some elements are ours: {"$contains": [...]}. The elements are
/// there, others stay.
inline constexpr std::string_view kContains = "$contains";
/// The elements of such a value; nullptr for any other.
Array const* contained(Value const& value);
Value make_contained(Array elements);

// A deferred value is a text with parts that are not known yet. In a Value it is an object with the
// one key kDeferredKey, which no configuration can contain (the reader refuses control characters
// in keys). It never holds a secret: a sensitive variable stays a name until it is sent.

/// A piece of a deferred text.
struct Segment {
  enum class Kind { text, variable, tenant };
  Kind kind = Kind::text;
  std::string text;  ///< the text itself, the variable's name, or "hostname" / "id" of the tenant
};

inline constexpr std::string_view kDeferredKey =
    "\x01"
    "deferred";

Value make_deferred(std::vector<Segment> const& segments);
bool is_deferred(Value const& value);
/// The pieces of a deferred value. `value` must be deferred.
std::vector<Segment> segments_of(Value const& value);
/// A deferred value that names a sensitive variable, or anything that contains one.
bool is_sensitive(Value const& value);
/// A deferred value that names something of a tenant that does not exist yet, or contains one.
bool is_unknown(Value const& value);
/// "https://${tenant.hostname}", "(sensitive)" where a variable is in it. `value` must be deferred.
std::string describe_deferred(Value const& value);

/// Gives the text of a segment that is not plain text.
using SegmentLookup = std::function<Result<std::string>(Segment const&)>;
/// `value` with every deferred value inside replaced by its text. The first error ends it.
Result<Value> resolve_deferred(Value const& value, SegmentLookup const& lookup);

}  // namespace tenantry
