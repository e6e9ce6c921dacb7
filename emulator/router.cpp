#include "emulator/router.hpp"

#include <boost/url.hpp>

namespace tenantry::emulator {

struct Router::Node {
  std::map<std::string, std::unique_ptr<Node>, std::less<>> literals;
  std::unique_ptr<Node> parameter;
  std::map<std::string_view, Target> routes;  ///< by method
};

Router::Router() {
  for (auto const host : {HostKind::tenant, HostKind::region, HostKind::console}) {
    roots_[host] = std::make_unique<Node>();
  }
  for (auto const& kind : kinds()) {
    for (auto const& route : kind.routes) {
      add(*roots_[route.host], route, kind.errors);
    }
  }
}

Router::~Router() = default;

void Router::add(Node& root, Route const& route, ErrorForm errors) {
  auto* node = &root;
  auto rest = route.path.substr(1);
  while (true) {
    auto const segment = rest.substr(0, rest.find('/'));
    auto& next = segment.starts_with('{') ? node->parameter : node->literals[std::string(segment)];
    if (!next) next = std::make_unique<Node>();
    node = next.get();
    if (segment.size() == rest.size()) break;
    rest.remove_prefix(segment.size() + 1);
  }
  auto const added = node->routes.emplace(route.method, Target{&route, errors}).second;
  ensure(added, "a method and path have one route");
}

Target Router::find(HostKind host, std::string_view method,
                    std::vector<std::string> const& segments,
                    std::vector<std::string>& args) const {
  return find(*roots_.at(host), method, segments, 0, args);
}

Target Router::find(Node const& node, std::string_view method,
                    std::vector<std::string> const& segments, std::size_t at,
                    std::vector<std::string>& args) {
  if (at == segments.size()) {
    auto const route = node.routes.find(method);
    return route == node.routes.end() ? Target() : route->second;
  }
  auto const literal = node.literals.find(segments[at]);
  if (literal != node.literals.end()) {
    auto const found = find(*literal->second, method, segments, at + 1, args);
    if (found.route != nullptr) return found;
  }
  if (!node.parameter || segments[at].empty()) return {};
  args.push_back(segments[at]);
  auto const found = find(*node.parameter, method, segments, at + 1, args);
  if (found.route == nullptr) args.pop_back();
  return found;
}

Result<Location> parse_target(std::string_view target) {
  auto const url = boost::urls::parse_origin_form(target);
  if (!url) return Error(Errc::invalid, "the request target is not a path");
  Location location;
  for (auto const segment : url->segments()) location.segments.push_back(segment);
  for (auto const parameter : url->params()) {
    location.query.emplace_back(parameter.key, parameter.value);
  }
  return location;
}

Result<std::vector<std::pair<std::string, std::string>>> parse_form(std::string_view text) {
  boost::urls::encoding_opts options;
  options.space_as_plus = true;
  auto const target = "/?" + std::string(text);  // a form is written like a query
  auto const url = boost::urls::parse_origin_form(target);
  if (!url) return Error(Errc::invalid, "the body is not a form");
  std::vector<std::pair<std::string, std::string>> out;
  for (auto const& pair : url->params(options)) {
    out.emplace_back(pair.key, pair.value);
  }
  return out;
}

}  // namespace tenantry::emulator
