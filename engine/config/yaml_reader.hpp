// One YAML (or JSON) file into a tree. Everything that is peculiar to the YAML library stays here.
#pragma once
#include <cstddef>
#include <functional>
#include <string>

#include "engine/config/report.hpp"
#include "engine/config/tree.hpp"

namespace tenantry::config {

inline constexpr std::size_t kFileBytesMax = 16U << 20;  ///< of one file
inline constexpr std::size_t kNodesMax = 1'000'000;      ///< of one file, aliases expanded
inline constexpr std::size_t kDepthMax = 100;            ///< maps and lists inside each other

/// The maps in this map at the top of a file are packed (packed_tree.hpp) as they are read.
inline constexpr std::string_view kPackedSection = "tenants";

/// Parses `text`, the bytes of `source`. Reports every problem at its place and gives nullptr when
/// there is one. What is accepted: UTF-8, one document, a map at the top, texts as keys, no key
/// twice, aliases (not recursive, and bounded), the tags of the core schema, plain scalars by YAML
/// 1.2 (resolve_plain). Merge keys (`<<`) are refused: blueprints are the way to share.
NodePtr read_yaml(Source const& source, std::string const& text, Reporter& reporter);

/// Takes an element of the list at the top of a file, or a member (with its key) of the map there,
/// as soon as it is read: the whole is never in memory.
using ElementSink = std::function<void(Member)>;

inline constexpr std::size_t kRowFileBytesMax = 64U << 20;  ///< of a file of rows
inline constexpr std::size_t kRowNodesMax = 20'000'000;     ///< of a file of rows

/// Parses a file of rows, in the same way. False (reported) where something is wrong. Elements of
/// a list have an empty key. Of a JSON file each element is parsed alone, and what is wrong with
/// one does not hide the others.
bool read_yaml_elements(Source const& source, std::string const& text, ElementSink const& sink,
                        Reporter& reporter);

}  // namespace tenantry::config
