// One merged block, of a resource or of the tenant itself, into what is desired.
#pragma once
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/config/evaluator.hpp"
#include "engine/config/model.hpp"
#include "engine/config/report.hpp"
#include "engine/core/desired.hpp"

namespace tenantry::config {

/// A desired resource with what is needed until all of its tenant are known.
struct ReadResource {
  DesiredResource desired;
  Schema const* schema = nullptr;
  NodePtr block;
  Mark where;
  std::vector<std::pair<std::string, Mark>> depends_on;  ///< as written: "groups/analysts"
};

/// Whether attributes are checked against their schema, or were before.
enum class Checks { all, passed };

class ResourceReader {
 public:
  /// All must outlive the reader.
  ResourceReader(Model const& model, Evaluator& evaluator, Checks checks, Reporter& reporter)
      : model_(model), evaluator_(evaluator), checks_(checks), reporter_(reporter) {}

  /// Expands and checks the block. What is wrong is reported and left out of the result.
  ReadResource read(Schema const& schema, Address address, NodePtr const& block, Mark const& where);
  /// What `when` says of the resource; unclear where it cannot be evaluated (reported).
  enum class Wanted { yes, no, unclear };
  Wanted wanted(Node const& block);

 private:
  struct Written {
    Object values;
    std::vector<std::string> failed;  ///< attributes whose value has been reported already
  };
  Written attributes(ReadResource& resource);
  void attribute(Attribute const& a, Node const& node, ReadResource& resource, Written& written);
  void sink(ReadResource& resource, Written& written);
  bool file(Attribute const& a, Value& value, ReadResource& resource);
  void check_attributes(ReadResource const& resource, Written const& written);
  void lifecycle(Node const& node, ReadResource& resource);
  std::optional<bool> flag(Node const& map, std::string_view key);
  void ignored(Node const& node, ReadResource& resource);
  void dependencies(Node const& node, ReadResource& resource);

  Model const& model_;
  Evaluator& evaluator_;
  Checks checks_;
  Reporter& reporter_;
};

}  // namespace tenantry::config
