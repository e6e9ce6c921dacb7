// Between the model and the text of its columns.
#pragma once
#include <string>

#include "state/model.hpp"
#include "state/row.hpp"

namespace tenantry::state {

/// The columns of a ResourceRecord that are canonical JSON.
struct RecordTexts {
  std::string applied, observed, secrets, extra, depends_on;
};
/// Errors: invalid for what could be written but not read again.
Result<RecordTexts> encode(ResourceRecord const& record);

/// The columns of an Intent that are canonical JSON.
struct IntentTexts {
  std::string before, planned, context;
};
Result<IntentTexts> encode(Intent const& intent);

/// The word of an outcome in the column `status`.
std::string_view status_text(OutcomeStatus status);

/// Present row with: section, key, remote_id, applied, observed, secrets, extra, prevent_destroy,
/// depends_on, created_at, updated_at. Errors: invalid.
Result<ResourceRecord> decode_record(Row const& row, std::string const& tenant);

/// Present row with, from column `first`: tenant, section, key, action, request_digest,
/// natural_key, remote_id, before, planned, context, run_id, started_at. Errors: invalid.
Result<Intent> decode_intent(Row const& row, int first);

}  // namespace tenantry::state
