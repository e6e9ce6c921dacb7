// Qlik Cloud in memory, which outlives the processes that call it, and watches what they ask for.
#pragma once
#include <map>
#include <set>
#include <string>
#include <vector>

#include "emulator/service.hpp"
#include "providers/http/transport.hpp"
#include "tests/simulation/trace.hpp"

namespace tenantry::simulation {

/// Ids that a plan lets go.
struct Deletable {
  std::set<std::string> whole;  ///< objects that may be deleted
  std::set<std::string> parts;  ///< objects of which a part (a file, an assignment) may be
};

class Cloud {
 public:
  /// `clock` must outlive the cloud.
  Cloud(std::uint64_t seed, VirtualClock const& clock);

  /// The answer to a request. An object that it makes is left out of lists for `list_lag`.
  http::Response serve(http::Request const& request, std::chrono::nanoseconds list_lag = {});

  /// From now on `process` may delete these. A deletion of what no process may is a violation.
  void allow_deletes(std::uint64_t process, Deletable ids) { deletable_[process] = std::move(ids); }

  void forget_deletes() { deletable_.clear(); }

  /// Everything that is there: the answer of the emulator's snapshot.
  Value snapshot();
  /// True where a client gets a token for a secret.
  bool accepts(std::string const& host, std::string const& client_id, std::string_view secret);

  /// Every secret that an answer has held so far.
  std::vector<std::string> const& secrets() const { return secrets_; }
  /// What no process may ever ask for, and one did.
  std::vector<std::string> const& violations() const { return violations_; }
  std::uint64_t calls() const { return calls_; }

 private:
  void watch(http::Request const& request, emulator::Reply const& reply);
  void watch_delete(http::Request const& request);
  bool is_deletable(std::string const& id, bool as_part) const;
  void note_created(http::Request const& request, emulator::Reply const& reply,
                    std::chrono::nanoseconds list_lag);
  void hide_new(std::string& body);

  VirtualClock const& clock_;
  emulator::Service service_;
  std::map<std::uint64_t, Deletable> deletable_;           ///< by process
  std::map<std::string, SteadyTime, std::less<>> hidden_;  ///< id to when lists show it
  std::vector<std::string> secrets_;
  std::vector<std::string> violations_;
  std::uint64_t calls_ = 0;
};

}  // namespace tenantry::simulation
