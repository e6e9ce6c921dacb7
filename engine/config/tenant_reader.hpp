// Tenants as written: where each lives, which blueprints it has.
#pragma once
#include <memory>
#include <optional>

#include "engine/config/evaluator.hpp"
#include "engine/config/model.hpp"
#include "engine/config/report.hpp"

namespace tenantry::config {

/// Reads one tenant after the other. The model gets none of them, only the layers that they share.
class TenantReader {
 public:
  /// Regions and blueprints of the model are known. Both must outlive the reader.
  TenantReader(Model& model, Reporter& reporter) : model_(model), reporter_(reporter) {}

  /// A member of `tenants`. Nothing (reported) for what is no tenant at all.
  std::optional<TenantEntry> read(Member const& member);
  /// A row of `fleet`. Nothing (reported) where it has no key. A broken row gives a key that may be
  /// that of another one, and nothing else.
  std::optional<TenantEntry> read_row(FleetEntry const& fleet, std::size_t number);

 private:
  void read_own(TenantEntry& entry);
  void region(TenantEntry& entry, Evaluator& evaluator);
  void wave(TenantEntry& entry, Evaluator& evaluator);
  void blueprints(TenantEntry& entry, Evaluator& evaluator);
  void blueprint(Node const& node, TenantEntry& entry, Evaluator& evaluator);
  void check_hostname(TenantEntry const& entry);
  void details(TenantEntry& entry, Evaluator& evaluator);
  void report_no_region(TenantEntry const& entry);
  NodePtr base_of(TenantEntry const& entry);
  NodePtr base_values_of(TenantEntry const& entry);
  bool row_key(FleetEntry const& fleet, TenantEntry& entry, Reporter& reporter) const;
  void share_layers(FleetEntry const& fleet, TenantEntry& entry, std::vector<bool> empty);

  Model& model_;
  Reporter& reporter_;
};

/// Reads the map under `tenants` into the model.
void read_tenants(Node const& map, Model& model, Reporter& reporter);

}  // namespace tenantry::config
