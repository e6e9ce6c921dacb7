// Trees kept as a few bytes a node: of ten thousand tenants that are written out, one at a time is
// worked on.
#pragma once
#include "engine/config/tree.hpp"

namespace tenantry::config {

/// One node that stands for a tree of plain nodes. It keeps everything but the identity of the
/// nodes.
NodePtr pack(Node const& tree);

/// The tree again, made anew at each call; `node` itself where it is not packed.
NodePtr unpacked(NodePtr const& node);

/// True where the text may be in a packed tree, which need not be unpacked for that.
bool may_contain(Node const& packed, std::string_view text);

}  // namespace tenantry::config
