// The variables of a configuration: where their values come from, and which are sensitive.
#pragma once
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/config/configuration.hpp"
#include "engine/config/report.hpp"
#include "engine/config/tree.hpp"

namespace tenantry::config {

/// One variable. The value of one that is not sensitive is known after load.
struct Variable {
  std::string name;
  Mark where;
  bool sensitive = false;
  bool implicit = false;  ///< not declared, only used with a fallback
  bool broken = false;    ///< wrong in itself, which is reported
  std::optional<std::string> env;
  std::optional<std::filesystem::path> file;
  Value fixed = nullptr;          ///< from --var, --var-file or TENANTRY_VAR_x
  Value default_value = nullptr;  ///< null: none
  Value value = nullptr;          ///< of one that is not sensitive; null: unset
  std::string missing;            ///< why there is no value
};

/// All variables. Sensitive ones are read when they are revealed, never before.
class VariableTable final : public Variables {
 public:
  using Environment = std::function<std::optional<std::string>(std::string const&)>;

  /// `configuration` and `connections` are the maps under `variables`, or nullptr. `mentioned` are
  /// the names used with a fallback, `options` the command line.
  static VariableTable read(Node const* configuration, Node const* connections,
                            std::vector<std::string> const& mentioned, LoadOptions const& options,
                            std::vector<NodePtr> const& files, Reporter& reporter);

  Variable const* find(std::string const& name) const;
  /// Names that are declared, for suggestions.
  std::vector<std::string> names() const;

  Result<Secret> reveal(std::string const& name) const override;
  SourceRange where(std::string const& name) const override;
  std::vector<std::string> secret_environment() const override;

 private:
  void declare(Node const& map, Reporter& reporter);
  void declare_one(Member const& member, Reporter& reporter);
  void add_mentioned(std::vector<std::string> const& mentioned);
  void take_files(std::vector<NodePtr> const& files, Reporter& reporter);
  void take_flags(LoadOptions const& options, Reporter& reporter);
  void read_values();
  void read_value(Variable& variable) const;
  Result<std::string> text_of_file(Variable const& variable) const;

  std::map<std::string, Variable> variables_;
  Environment environment_;
  bool has_connections_ = false;
};

}  // namespace tenantry::config
