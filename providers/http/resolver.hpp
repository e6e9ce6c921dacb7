// Names to addresses, without one slow name holding up the others.
#pragma once
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/ip/address.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace tenantry::http {

/// What is known of a name: addresses to try in order, or why there are none.
struct Lookup {
  std::vector<boost::asio::ip::address> addresses;
  std::string problem;   ///< of getaddrinfo; empty when there are addresses
  bool unknown = false;  ///< the answer was that there is no such name
};

/// Runs getaddrinfo on up to eight threads of its own (Asio's resolver has one), asks once for
/// names asked for at the same time, and remembers answers for half a minute. A lookup cannot be
/// interrupted, only no longer waited for: so its thread is detached, and an answer after close()
/// is dropped. Calls on the executor's one thread.
class Resolver {
 public:
  using Done = std::function<void(Lookup const&)>;

  /// `executor` must outlive the resolver.
  explicit Resolver(boost::asio::any_io_executor executor);
  ~Resolver() { close(); }
  Resolver(Resolver const&) = delete;
  Resolver& operator=(Resolver const&) = delete;

  /// Calls `done` on the executor, never from within. A name that is an address is that address.
  void resolve(std::string const& name, Done done);
  /// No `done` is called any more.
  void close();

 private:
  struct Shared;
  std::shared_ptr<Shared> shared_;
};

}  // namespace tenantry::http
