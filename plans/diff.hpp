// The diff of one resource: desired, live and last applied. Pure functions.
#pragma once
#include <functional>
#include <optional>
#include <string>

#include "engine/core/desired.hpp"
#include "engine/core/schema.hpp"
#include "plans/plan.hpp"
#include "providers/api/resource_type.hpp"
#include "state/model.hpp"

namespace tenantry::plans {

/// What to do about drift of an attribute.
enum class DriftMode { revert, report, ignore };

/// Turns texts that name other resources into one comparable text: the name that a configuration
/// key stands for, or the name of a live object. See engine/run/references.hpp.
class ReferenceNames {
 public:
  virtual ~ReferenceNames() = default;
  /// `text` is what the YAML says: a key of `section`, a live name or an id.
  virtual std::string of_written(std::string_view section, std::string_view text) const = 0;
  /// Of a live reference {"id", "name"}.
  virtual std::string of_live(std::string_view section, std::string_view id,
                              std::string_view name) const = 0;
};

struct DiffInput {
  Schema const& schema;
  DesiredResource const* desired = nullptr;      ///< null: no longer declared
  state::ResourceRecord const* prior = nullptr;  ///< null: not owned
  RemoteObject const* live = nullptr;            ///< null: not there, or not refreshed
  ReferenceNames const& names;
  bool refreshed = true;   ///< false: `live` is unknown, state stands for it
  bool replace = false;    ///< --replace
  bool destroy = false;    ///< destroy was asked for
  bool may_adopt = false;  ///< `live` is not owned, and taking it over was asked for
  /// Why no call can delete the object (ResourceType::permanent): it is forgotten instead.
  std::optional<std::string> permanent = {};
  std::string salt = {};  ///< for digests of write-only values
  /// Reveals a sensitive deferred value, only to compute its keyed digest. May be empty.
  std::function<Result<Value>(Value const&)> reveal = {};
  std::function<DriftMode(std::string const& attribute)> drift = {};  ///< may be empty: revert
  /// What changing an attribute of `live` means (ResourceType::on_change). May be empty: the table.
  std::function<ChangeRule(Attribute const&, Object const& live)> on_change = {};
};

struct DiffOutput {
  Change change;
  /// The row to store without any call: the server's form of a value was learned, a written value
  /// turned out to be live already, or preventDestroy or the dependencies changed. Where the change
  /// writes, it is the base for record_after_write.
  std::optional<state::ResourceRecord> learned;
};

/// The change of one resource. Errors: invalid for an attribute that nothing can change (with its
/// YAML place in the text), conflict for a live object that is not owned and may not be adopted.
/// The tenant itself (a schema without section) is diffed for its attributes only: what its status
/// or its absence means is the engine's to decide, and destroy and replace are ignored for it.
Result<DiffOutput> diff(DiffInput const& input);

/// Live attributes in the desired shapes: references as names, sets sorted.
Object comparable(Schema const& schema, Object const& live, ReferenceNames const& names);
/// Desired attributes likewise.
Object comparable_desired(Schema const& schema, Object const& desired, ReferenceNames const& names);

/// A list that is ours in part (Change::parts) as it will be in an object whose live list is `live`
/// (comparable; null: none): ours are in it, those of `formerly` (as a record keeps it) that are no
/// longer ours are not, others stay.
Value joined_part(Attribute const& attribute, Value const& ours, Value const& formerly,
                  Value const& live);

/// True when `server` is `sent` but for case, order, or a trailing slash.
bool same_but_for_form(Value const& sent, Value const& server);

/// The row to store after a successful write of `desired` (resolved, references as names) when the
/// server answered `answer` (attributes that it told; may be empty). What `desired` does not hold
/// is released; `left_alone` (of the change) stays in the row as it was, and of `parts` (likewise)
/// the row keeps what is ours. The caller overlays Change::secrets on `base.secrets` before.
/// Errors: protocol when the server dropped or changed a value.
Result<state::ResourceRecord> record_after_write(Schema const& schema, state::ResourceRecord base,
                                                 Object const& desired, Object const& answer,
                                                 std::vector<std::string> const& left_alone = {},
                                                 Object const& parts = {});

/// True where `row` is as record_after_write leaves it: it says that `desired` was applied. What is
/// not known yet or secret does not count.
bool is_recorded(Schema const& schema, state::ResourceRecord const& row, Object const& desired,
                 std::vector<std::string> const& left_alone = {}, Object const& parts = {});

/// The row after a write that was done in part: of `desired` only what `answer` shows to be live
/// counts as applied; the rest stays as it was in `base`.
state::ResourceRecord record_after_part(Schema const& schema, state::ResourceRecord base,
                                        Object const& desired, Object const& answer,
                                        Object const& parts = {});

/// True for an attribute of which only a keyed digest may be kept: sensitive or write-only itself,
/// or in one of its fields.
bool is_secret(Attribute const& attribute);

/// "salt:digest" of a resolved secret value, as kept in Change::secrets and
/// ResourceRecord::secrets.
std::string secret_mark(std::string_view salt, Value const& revealed);

/// Stands in Change::after for a secret that the YAML holds literally. A deferred value: masked
/// wherever it is shown, and never to be sent.
Value withheld();
bool is_withheld(Value const& value);
/// Puts the values of `desired` (DesiredResource::attributes) where `after` has withheld(): to be
/// called before `after` is resolved and sent. Errors: stale when the configuration has none.
Result<void> restore_withheld(Object& after, Object const& desired);

}  // namespace tenantry::plans
