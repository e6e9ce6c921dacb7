// Plans for people and for tools.
#pragma once
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "plans/plan.hpp"
#include "plans/unchanged_file.hpp"

namespace tenantry::plans {

struct TextOptions {
  bool color = false;
  std::size_t width = 100;    ///< columns
  std::size_t groups_of = 2;  ///< from so many tenants on, equal changes are shown once
};

/// For a terminal: tenants that could not be planned, then those that differ, in full, then equal
/// changes once with a count, guards, drift, released attributes, the summary and cost lines.
/// Whatever comes from outside is made visible. Warnings are not in it: the caller formats them.
/// Written piece by piece. Errors: those of reading the plan.
Result<void> write_text(Plan const& plan, TextOptions const& options,
                        std::function<void(std::string_view)> const& write);
/// The same as one text.
Result<std::string> to_text(Plan const& plan, TextOptions const& options);

/// "Plan: 3 to create, 1 to update, 2 to delete." and the like; "No changes." when there are none.
std::string summary_line(Plan const& plan);

/// "Shard 2 of 4: 251 of 1000 tenants."; empty for a plan of all shards.
std::string shard_line(Plan const& plan);

/// "Wave canary (3 tenants, none may fail): 2 with changes, 1 to create, 4 to update.", a line for
/// each wave that the plan has tenants of; none without a rollout.
std::vector<std::string> wave_lines(Plan const& plan);

/// What a plan holds of a wave.
struct WaveShare {
  std::size_t tenants = 0;  ///< in the plan
  std::size_t with_changes = 0;
  std::map<Action, std::int64_t> counts;  ///< of actions, no-ops left out
};
/// By name; empty without a rollout.
std::map<std::string, WaveShare> wave_shares(Plan const& plan);

/// A reason in words: "the configuration changed".
std::string_view words_of(Reason reason);

/// "Cost: 12 reads, 700 writes; about 5 min at Qlik's rate limits." A tenant's writes pass in
/// bursts of 500 in any five minutes (reads: 5,000), and so does each region's register host;
/// tenants are independent, so the slowest counts. The calls' own time is not in it.
std::string cost_line(Plan const& plan);

/// Terraform's plan representation (format_version "1.2"): resource_changes, resource_drift,
/// prior_state left out; Tenantry's own additions under the key "tenantry". Sensitive values null
/// with their marks in before_sensitive/after_sensitive. Written piece by piece, as one indented
/// JSON document that ends with a newline. `unchanged` (may be null) holds the no-ops that the plan
/// only counts. Errors: those of reading it, and the plan.
Result<void> write_terraform_json(Plan const& plan, UnchangedFile const* unchanged,
                                  std::function<void(std::string_view)> const& write);
/// The same as one text, of a plan that lists everything.
Result<std::string> to_terraform_json(Plan const& plan);

}  // namespace tenantry::plans
