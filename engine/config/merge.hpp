// Layers over each other: maps merge deeply, lists replace, `{$append: [...]}` adds, null removes.
#pragma once
#include <string_view>

#include "engine/config/tree.hpp"

namespace tenantry::config {

inline constexpr std::string_view kAppend = "$append";

/// True for `{$append: ...}`. Other keys beside it are an error (check_layer), and ignored here.
bool is_append(Node const& node);

/// `upper` over `lower`. Where both have a map its keys keep the place and the order of `lower`;
/// everything else is that of `upper`. Either may be nullptr (nothing there). The result holds no
/// null in a map, and no `$append`.
NodePtr merge(NodePtr const& lower, NodePtr const& upper);

}  // namespace tenantry::config
