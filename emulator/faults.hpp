// Failures on demand.
#pragma once
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/error.hpp"
#include "engine/core/random.hpp"
#include "engine/core/value.hpp"

namespace tenantry::emulator {

/// What is done to one request.
struct FaultAction {
  std::optional<unsigned> status;  ///< answered in place of the work; the work is not done
  std::optional<long> retry_after_s;
  bool drop_before = false;    ///< the connection is closed, the work is not done
  bool drop_after = false;     ///< the work is done, the connection is closed without an answer
  bool truncate_body = false;  ///< the work is done, the answer ends in the middle of its body
  std::chrono::milliseconds delay{0};  ///< before the answer, after the work
};

class Faults {
 public:
  Faults();
  ~Faults();
  Faults(Faults const&) = delete;
  Faults& operator=(Faults const&) = delete;

  /// Adds rules: one rule, a list, or {"rules": [...]}. A rule matches by `method`, `host` and
  /// `path`, regular expressions (Perl syntax, of which ECMAScript's is a part), directly in the
  /// rule or under `match`; all three may be left out. `method` must match as a whole, `host` and
  /// `path` anywhere in them; `path` is tried with and without the query. `skip` lets that many
  /// matching requests pass first, `times` ends the rule, `probability` (0..1) throws a die.
  /// Errors: invalid; then no rule of the body is added.
  Result<std::size_t> add(Value const& body);
  void clear();
  /// Rules that can still act.
  std::size_t size() const;
  /// The action of the first rule that fits.
  std::optional<FaultAction> next(Random& random, std::string_view method, std::string_view host,
                                  std::string_view target);

 private:
  struct Rule;
  static Result<Rule> read(Object const& object);
  static Result<FaultAction> read_action(Object const& object);
  std::vector<Rule> rules_;
};

}  // namespace tenantry::emulator
