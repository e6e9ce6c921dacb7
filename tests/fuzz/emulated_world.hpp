// An emulator without sockets, and a tenant in it that requests of the input can name.
#pragma once
#include <string>
#include <string_view>

#include "emulator/service.hpp"

namespace tenantry::fuzz {

/// Fresh for each input and the same each time: ids come from a seed.
class EmulatedWorld {
 public:
  EmulatedWorld();

  emulator::Service& service() { return service_; }
  /// `text` with {host}, {id}, {token}, {registration} and {console} replaced: the tenant's host
  /// and id, and tokens of the three kinds of hosts; and {last} by `last`.
  std::string fill(std::string_view text, std::string const& last = {}) const;

 private:
  Object call(std::string method, std::string host, std::string target, std::string_view token,
              Object const& body);
  std::string token(std::string const& host);

  emulator::Service service_;
  std::string host_, id_, token_, registration_, console_;
};

}  // namespace tenantry::fuzz
