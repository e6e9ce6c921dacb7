// Which files make up the configuration, and what they hold together.
#pragma once
#include <deque>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "engine/config/configuration.hpp"
#include "engine/config/report.hpp"
#include "engine/config/tree.hpp"

namespace tenantry::config {

/// The files of a run, parsed.
struct Documents {
  std::vector<NodePtr> configuration;
  NodePtr connections;  ///< nullptr: none given, or not readable (reported)
  std::vector<NodePtr> variable_files;
  std::filesystem::path folder;  ///< of the configuration
};

/// Finds and parses all files. New sources are added to `sources`, which must outlive the trees.
Documents read_documents(LoadOptions const& options, std::deque<Source>& sources,
                         Reporter& reporter);

/// Top-level members of all configuration files as one. Maps of regions, blueprints, tenants,
/// variables and policy are joined one level deep; whatever is defined twice is reported at the
/// later place.
std::map<std::string, Member> join_documents(std::vector<NodePtr> const& documents,
                                             Reporter& reporter);

}  // namespace tenantry::config
