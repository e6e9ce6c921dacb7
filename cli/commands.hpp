// Every command: its arguments, how they are declared, what runs.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cli/invocation.hpp"
#include "cli/options.hpp"

namespace tenantry::cli {

/// Of every command that reads the configuration.
struct ConfigurationArguments {
  std::vector<std::string> variables;       ///< --var NAME=VALUE
  std::vector<std::string> variable_files;  ///< --var-file
  bool emulated = false;                    ///< the emulator in this process instead of Qlik Cloud
};
void declare(Options& options, ConfigurationArguments& arguments);

/// Of every command that makes a plan.
struct PlanningArguments {
  ConfigurationArguments configuration;
  std::vector<std::string> targets;
  std::vector<std::string> excludes;
  std::vector<std::string> replace;
  std::vector<std::string> rotate;
  std::vector<std::string> waves;
  std::vector<std::string> acknowledged;
  bool no_refresh = false;
  bool changed = false;  ///< only tenants whose configuration moved
  bool destroy = false;
  bool adopt = false;
  bool allow_deactivate = false;
  std::int64_t parallelism = 64;
  std::int64_t lock_timeout_seconds = 0;
  std::optional<std::string> shard;
};

struct PlanArguments {
  PlanningArguments planning;
  bool refresh_only = false;
  std::optional<std::string> out;
  std::string format = "text";
  bool json = false;
  bool detailed_exitcode = false;
  bool show_unmanaged = false;
};
void declare(Options& options, PlanArguments& arguments);
Exit run_plan(Invocation& invocation, PlanArguments const& arguments);

/// Of every command that carries a plan out.
struct ReportArguments {
  std::optional<std::string> file;
  std::string format = "auto";
};

struct ApplyArguments {
  PlanningArguments planning;
  ReportArguments report;
  std::optional<std::string> plan_file;
  bool refresh_only = false;
  bool adopt_only = false;
  bool auto_approve = false;
  bool json = false;
  std::optional<std::string> reason;
};
void declare(Options& options, ApplyArguments& arguments);
Exit run_apply(Invocation& invocation, ApplyArguments const& arguments);

struct DestroyArguments {
  PlanningArguments planning;
  ReportArguments report;
  bool auto_approve = false;
  bool json = false;
  std::optional<std::string> reason;
};
void declare(Options& options, DestroyArguments& arguments);
Exit run_destroy(Invocation& invocation, DestroyArguments const& arguments);

struct DriftArguments {
  PlanningArguments planning;
  std::string format = "text";
  bool json = false;
};
void declare(Options& options, DriftArguments& arguments);
Exit run_drift(Invocation& invocation, DriftArguments const& arguments);

struct ValidateArguments {
  ConfigurationArguments configuration;
  std::string format = "text";
  bool json = false;
};
void declare(Options& options, ValidateArguments& arguments);
Exit run_validate(Invocation& invocation, ValidateArguments const& arguments);

struct RenderArguments {
  ConfigurationArguments configuration;
  std::optional<std::string> tenant;
  bool origin = false;
};
void declare(Options& options, RenderArguments& arguments);
Exit run_render(Invocation& invocation, RenderArguments const& arguments);

struct WhyArguments {
  ConfigurationArguments configuration;
  std::optional<std::string> address;
  std::optional<std::string> plan_file;
  std::int64_t lock_timeout_seconds = 0;
  bool no_refresh = false;
  bool adopt = false;
  bool json = false;
};
void declare(Options& options, WhyArguments& arguments);
Exit run_why(Invocation& invocation, WhyArguments const& arguments);

struct OutputArguments {
  ConfigurationArguments configuration;
  std::optional<std::string> name;
  std::vector<std::string> targets;
  std::string format = "text";
  bool json = false;
};
void declare(Options& options, OutputArguments& arguments);
Exit run_output(Invocation& invocation, OutputArguments const& arguments);

struct GraphArguments {
  ConfigurationArguments configuration;
  std::vector<std::string> targets;
  std::optional<std::string> plan_file;
};
void declare(Options& options, GraphArguments& arguments);
Exit run_graph(Invocation& invocation, GraphArguments const& arguments);

struct ShowArguments {
  ConfigurationArguments configuration;
  std::optional<std::string> plan_file;
  std::string format = "text";
  bool json = false;
};
void declare(Options& options, ShowArguments& arguments);
Exit run_show(Invocation& invocation, ShowArguments const& arguments);

struct StateListArguments {
  ConfigurationArguments configuration;
  std::optional<std::string> pattern;
  bool json = false;
};
void declare(Options& options, StateListArguments& arguments);
Exit run_state_list(Invocation& invocation, StateListArguments const& arguments);

struct StateShowArguments {
  ConfigurationArguments configuration;
  std::optional<std::string> address;
  bool json = false;
};
void declare(Options& options, StateShowArguments& arguments);
Exit run_state_show(Invocation& invocation, StateShowArguments const& arguments);

struct StateRemoveArguments {
  ConfigurationArguments configuration;
  std::vector<std::string> patterns;
  std::int64_t lock_timeout_seconds = 0;
  bool json = false;
  std::optional<std::string> reason;
};
void declare(Options& options, StateRemoveArguments& arguments);
Exit run_state_remove(Invocation& invocation, StateRemoveArguments const& arguments);

struct StateMoveArguments {
  ConfigurationArguments configuration;
  std::optional<std::string> from;
  std::optional<std::string> to;
  std::int64_t lock_timeout_seconds = 0;
  bool json = false;
  std::optional<std::string> reason;
};
void declare(Options& options, StateMoveArguments& arguments);
Exit run_state_move(Invocation& invocation, StateMoveArguments const& arguments);

struct StateMigrateArguments {
  ConfigurationArguments configuration;
  std::optional<std::string> to;
  std::int64_t lock_timeout_seconds = 0;
  bool json = false;
};
void declare(Options& options, StateMigrateArguments& arguments);
Exit run_state_migrate(Invocation& invocation, StateMigrateArguments const& arguments);

struct ImportArguments {
  ConfigurationArguments configuration;
  std::optional<std::string> address;
  std::optional<std::string> id;
  std::optional<std::string> hostname;
  std::optional<std::string> reason;
  std::int64_t lock_timeout_seconds = 0;
  bool json = false;
};
void declare(Options& options, ImportArguments& arguments);
Exit run_import(Invocation& invocation, ImportArguments const& arguments);

struct ExportArguments {
  ConfigurationArguments configuration;
  std::optional<std::string> address;
  std::optional<std::string> region;
  std::optional<std::string> hostname;
  std::optional<std::string> key;
  std::optional<std::string> out;
  bool all = false;
  std::optional<std::string> against;
  std::int64_t parallelism = 64;
};
void declare(Options& options, ExportArguments& arguments);
Exit run_export(Invocation& invocation, ExportArguments const& arguments);

struct StateResolveArguments {
  ConfigurationArguments configuration;
  std::optional<std::string> address;
  std::optional<std::string> created;
  bool not_created = false;
  std::optional<std::string> hostname;
  std::optional<std::string> reason;
};
void declare(Options& options, StateResolveArguments& arguments);
Exit run_state_resolve(Invocation& invocation, StateResolveArguments const& arguments);

struct HistoryArguments {
  ConfigurationArguments configuration;
  std::optional<std::string> pattern;
  std::int64_t limit = 50;
  bool json = false;
};
void declare(Options& options, HistoryArguments& arguments);
Exit run_history(Invocation& invocation, HistoryArguments const& arguments);

struct InitArguments {
  std::string example;                ///< empty: asked for, or quickstart
  std::optional<std::string> region;  ///< of the first tenant; the example's own when not given
  std::optional<std::string> tenant;  ///< its key and alias; likewise
};
void declare(Options& options, InitArguments& arguments);
Exit run_init(Invocation& invocation, InitArguments const& arguments);

struct EmulatorArguments {
  std::optional<std::string> address;  ///< default 127.0.0.1
  std::int64_t port = 0;
  std::optional<std::string> data;
  std::int64_t latency_ms = 0;
  std::string rate_limits = "real";
  std::int64_t rate_window_seconds = 300;
  std::int64_t seed = 0;
  bool tls = false;
  std::optional<std::string> ca_file;
  std::optional<std::string> journal;
  std::vector<std::string> clients;  ///< ID:SECRET
};
void declare(Options& options, EmulatorArguments& arguments);
Exit run_emulator(Invocation& invocation, EmulatorArguments const& arguments);

struct SchemaArguments {
  bool kinds = false;        ///< --kinds
  bool connections = false;  ///< the file of --connections instead of the configuration
};
void declare(Options& options, SchemaArguments& arguments);
Exit run_schema(Invocation& invocation, SchemaArguments const& arguments);

struct HelpArguments {
  std::vector<std::string> command;  ///< "state", "migrate"
  bool man = false;                  ///< the manual page instead
};
void declare(Options& options, HelpArguments& arguments);
Exit run_help(Invocation& invocation, HelpArguments const& arguments);

struct CompletionArguments {
  std::string shell;
};
void declare(Options& options, CompletionArguments& arguments);
Exit run_completion(Invocation& invocation, CompletionArguments const& arguments);

struct VersionArguments {
  bool json = false;
};
void declare(Options& options, VersionArguments& arguments);
Exit run_version(Invocation& invocation, VersionArguments const& arguments);

}  // namespace tenantry::cli
