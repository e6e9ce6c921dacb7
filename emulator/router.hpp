// Finds the route of a method and path.
#pragma once
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "emulator/kind.hpp"

namespace tenantry::emulator {

/// A route and the kind it belongs to.
struct Target {
  Route const* route = nullptr;
  ErrorForm errors = kPlatformForm;
};

class Router {
 public:
  /// Knows the routes of every kind.
  Router();
  ~Router();

  /// The route for decoded path segments; `args` gets the values of its parameters. A null route:
  /// there is none.
  Target find(HostKind host, std::string_view method, std::vector<std::string> const& segments,
              std::vector<std::string>& args) const;

 private:
  struct Node;
  void add(Node& root, Route const& route, ErrorForm errors);
  static Target find(Node const& node, std::string_view method,
                     std::vector<std::string> const& segments, std::size_t at,
                     std::vector<std::string>& args);

  std::map<HostKind, std::unique_ptr<Node>> roots_;
};

/// A request target, decoded.
struct Location {
  std::vector<std::string> segments;
  std::vector<std::pair<std::string, std::string>> query;
};

/// Errors: invalid, where the target is no path with a query or its percent encoding is broken.
Result<Location> parse_target(std::string_view target);

/// Pairs of an application/x-www-form-urlencoded text. Errors: invalid.
Result<std::vector<std::pair<std::string, std::string>>> parse_form(std::string_view text);

}  // namespace tenantry::emulator
