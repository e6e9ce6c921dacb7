// A JSON document with one long list, which need not be in memory as a whole. Internal to this
// layer.
#pragma once
#include <functional>
#include <memory>
#include <string_view>

#include "engine/core/value.hpp"

namespace tenantry::plans {

/// What of a document is accepted.
struct PieceLimits {
  std::size_t depth = 0;  ///< levels
  std::size_t bytes = 0;  ///< of one element of the list, and of all that is not in it
};

/// Takes a document in as it is read. Elements of the list that is the member `list` of its object
/// are handed over one after the other; the rest is kept.
class JsonPieces {
 public:
  JsonPieces(std::string_view list, PieceLimits limits, std::function<void(Value)> element);
  JsonPieces(JsonPieces&&) = delete;
  ~JsonPieces();

  /// The next bytes, cut anywhere. Errors: invalid with the position; too_large.
  Result<void> add(std::string_view bytes);
  /// The document without the list. Errors: invalid where it is not at its end.
  Result<Value> finish();
  /// How often there was such a list.
  std::size_t lists() const;

 private:
  struct Parser;
  Error failure(std::string_view why) const;

  std::unique_ptr<Parser> parser_;
  std::size_t read_ = 0;  ///< bytes before those that are looked at
};

}  // namespace tenantry::plans
