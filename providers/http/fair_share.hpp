// A bound on what runs at once, shared fairly between those who want more than there is.
#pragma once
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <memory>
#include <string>

namespace tenantry::http {

/// So many places for parties that are known by a name. A place that gets free goes to the waiting
/// party that holds the fewest, and among equals to the one that was served longest ago; within a
/// party first come, first served. So a party with thousands of wishes gets what others leave, and
/// no place stays empty while anybody waits. On one thread.
class FairShare {
  class Places;

 public:
  /// The right to one place, given back at the end of its life. An empty one was not granted.
  class Place {
   public:
    Place() = default;
    Place(std::shared_ptr<Places> places, std::string party)
        : places_(std::move(places)), party_(std::move(party)) {}
    Place(Place&&) noexcept = default;
    Place& operator=(Place&&) = delete;
    ~Place();
    explicit operator bool() const { return places_ != nullptr; }

   private:
    std::shared_ptr<Places> places_;
    std::string party_;
  };

  FairShare(boost::asio::any_io_executor executor, std::size_t places_max);

  /// Empty when the coroutine is cancelled before its turn comes.
  boost::asio::awaitable<Place> acquire(std::string party);
  /// Places that nobody holds; none while anybody waits.
  std::size_t idle() const;

 private:
  std::shared_ptr<Places> places_;
};

}  // namespace tenantry::http
