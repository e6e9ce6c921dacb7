// SCIM filters (RFC 7644, 3.4.2.2) as the lists of the API take them.
#pragma once
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/error.hpp"
#include "engine/core/value.hpp"

namespace tenantry::emulator {

/// An attribute that a list can be filtered by, with the operators it takes.
struct Filterable {
  std::string_view name;              ///< as the API writes it: "assignedRoles.name"
  std::string_view operators = "eq";  ///< separated by spaces: "eq co"
};

/// A parsed filter. Attribute names and text are compared without regard to case.
class Filter {
 public:
  /// Errors: invalid, with the position. At most 50 levels and 8,000 characters.
  static Result<Filter> parse(std::string_view text, std::span<Filterable const> attributes);

  /// True when `object` fits. A dotted name looks into objects and into each object of a list.
  bool matches(Object const& object) const;
  /// The values that `attribute` is compared with by eq.
  std::vector<std::string> equal_to(std::string_view attribute) const;

 private:
  friend class FilterParser;
  enum class Operation { eq, ne, co, sw, gt, ge, lt, le, all, any, negation };
  struct Node {
    Operation operation = Operation::eq;
    std::string attribute;  ///< as the API writes it
    Value value;
    std::vector<Node> parts;  ///< of all, any and negation
  };
  static bool holds(Node const& node, Object const& object);
  static bool compares(Node const& node, Value const& found);
  static void collect(Node const& node, std::string_view attribute, std::vector<std::string>& out);

  Node root_;
};

}  // namespace tenantry::emulator
