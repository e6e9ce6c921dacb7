// What a row remembers of a resource's secrets: never a secret, only its last characters.
#pragma once
#include <string>
#include <vector>

#include "engine/core/clock.hpp"
#include "providers/api/resource_type.hpp"
#include "state/model.hpp"

namespace tenantry::run {

/// One that another was made for, and from when on it may go.
struct OldSecret {
  std::string hint;
  std::string retire_at;  ///< RFC 3339
};

/// In the extra of a record, as {"secret": {...}}.
struct SecretRecord {
  std::string hint;        ///< of the secret that was delivered last; empty where it is not known
  std::string made_at;     ///< RFC 3339, by the server's clock; empty where it is not known
  std::string place = {};  ///< sink_place() of where that was; empty where it is not known
  std::vector<OldSecret> old = {};
  /// Made, but whether they reached their sink is not known: they go once a newer one did.
  std::vector<std::string> doubtful = {};
};

SecretRecord secret_record(state::ResourceRecord const& row);
void keep(SecretRecord const& record, state::ResourceRecord& row);

/// Where a sink keeps what it is given, for people and to notice that another one is meant: without
/// what only says how to get there (a token, certificates). `sink` is a `deliverSecret`, the tenant
/// filled in. Empty where it has parts that are not known yet.
std::string sink_place(Value const& sink);

/// `secret` was delivered to `place` and is the current one. `now` stands in where the server did
/// not tell when it was made.
void note_delivered(state::ResourceRecord& row, DeliverableSecret const& secret, std::string place,
                    WallTime now);
/// `hint` was made, and nobody knows who has it.
void note_doubtful(state::ResourceRecord& row, std::string hint);
/// `hint` is no more.
void note_removed(state::ResourceRecord& row, std::string_view hint);

}  // namespace tenantry::run
