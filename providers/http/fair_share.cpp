#include "providers/http/fair_share.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <list>
#include <set>
#include <tuple>
#include <unordered_map>

namespace tenantry::http {
namespace asio = boost::asio;

class FairShare::Places {
 public:
  Places(asio::any_io_executor executor, std::size_t places_max)
      : executor_(std::move(executor)), idle_(places_max) {}

  std::size_t idle() const { return idle_; }

  bool take_at_once(std::string const& party) {
    if (idle_ == 0) return false;
    --idle_;
    serve(parties_[party]);
    return true;
  }

  void give_back(std::string const& party) {
    auto const found = parties_.find(party);
    auto& own = found->second;
    unqueue(own);
    --own.held;
    queue(own);
    if (own.held == 0 && own.waiting.empty()) parties_.erase(found);
    ++idle_;
    grant();
  }

  struct Party;

  /// One coroutine that waits; leaves the queue when its frame goes, however that happens.
  struct Waiter {
    Waiter(Places& p, std::string const& party)
        : places(p), own(p.parties_[party]), name(party), wake(p.executor_) {
      wake.expires_at(asio::steady_timer::time_point::max());
      place = own.waiting.insert(own.waiting.end(), this);
      places.queue(own);
    }
    Waiter(Waiter const&) = delete;
    Waiter& operator=(Waiter const&) = delete;
    ~Waiter() {
      if (granted) return;
      places.unqueue(own);
      own.waiting.erase(place);
      places.queue(own);
      if (own.held == 0 && own.waiting.empty()) places.parties_.erase(name);
    }

    Places& places;
    Party& own;
    std::string name;
    asio::steady_timer wake;  // a condition variable
    std::list<Waiter*>::iterator place;
    bool granted = false;
  };

  struct Party {
    std::size_t held = 0;
    std::uint64_t served = 0;  // a running number
    std::list<Waiter*> waiting;
  };

 private:
  using Rank = std::tuple<std::size_t, std::uint64_t, Party*>;
  static Rank rank_of(Party& party) { return {party.held, party.served, &party}; }

  /// A party that waits is in queue_ under its rank; it leaves it while that changes.
  void unqueue(Party& party) { queue_.erase(rank_of(party)); }
  void queue(Party& party) {
    if (!party.waiting.empty()) queue_.insert(rank_of(party));
  }

  void serve(Party& party) {
    ++party.held;
    party.served = ++turn_;
  }

  void grant() {
    while (idle_ > 0 && !queue_.empty()) {
      auto& party = *std::get<Party*>(*queue_.begin());
      unqueue(party);
      auto* const waiter = party.waiting.front();
      party.waiting.pop_front();
      serve(party);
      queue(party);
      --idle_;
      waiter->granted = true;
      waiter->wake.cancel();
    }
  }

  asio::any_io_executor executor_;
  std::size_t idle_;
  std::uint64_t turn_ = 0;
  std::unordered_map<std::string, Party> parties_;  // those that hold or wait
  std::set<Rank> queue_;
};

FairShare::Place::~Place() {
  if (places_) places_->give_back(party_);
}

FairShare::FairShare(asio::any_io_executor executor, std::size_t places_max)
    : places_(std::make_shared<Places>(std::move(executor), places_max)) {}

std::size_t FairShare::idle() const { return places_->idle(); }

asio::awaitable<FairShare::Place> FairShare::acquire(std::string party) {
  auto const places = places_;
  if (places->take_at_once(party)) co_return Place(places, std::move(party));
  Places::Waiter waiter(*places, party);
  while (!waiter.granted) {
    auto [woken] = co_await waiter.wake.async_wait(asio::as_tuple(asio::use_awaitable));
    (void)woken;
    auto const state = co_await asio::this_coro::cancellation_state;
    if (!waiter.granted && state.cancelled() != asio::cancellation_type::none) co_return Place();
  }
  co_return Place(places, std::move(party));
}

}  // namespace tenantry::http
