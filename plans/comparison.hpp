// When two values of an attribute are the same. Internal to this layer.
#pragma once
#include "engine/core/schema.hpp"
#include "engine/core/value.hpp"
#include "plans/diff.hpp"

namespace tenantry::plans {

/// `value` with references as texts and sets sorted, duplicates once. Live references
/// ({"id", "name"}) go through names.of_live, texts through names.of_written.
Value normalised(Attribute const& attribute, Value const& value, ReferenceNames const& names);
/// The same for a value whose references are names already; live references give their name.
Value normalised(Attribute const& attribute, Value const& value);

/// True when `have` is what `want` asks for; both normalised. Of objects only the members of `want`
/// count, deeply; sets are equal in any order. An absent value is what an empty text, list or
/// object asks for, as servers leave empty values out. A deferred value equals itself alone.
bool matches(Attribute const& attribute, Value const& want, Value const& have);

/// True for a list of which only some elements are ours: `want` is {"$contains": [...]}.
bool is_part(Attribute const& attribute, Value const& want);
/// The whole list once `ours` are in it and those of `formerly` that are no longer ours are not;
/// what others put there stays. All are normalised; null counts as empty.
Value joined(Attribute const& attribute, Array const& ours, Value const& formerly,
             Value const& live);

/// `have` without the members of objects that `want` does not write.
Value written_part(Value const& want, Value const& have);

}  // namespace tenantry::plans
