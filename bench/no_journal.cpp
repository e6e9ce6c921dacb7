#include "bench/no_journal.hpp"

#include "state/forwarding_store.hpp"

namespace tenantry::seams {
namespace {

class WithoutJournal final : public state::ForwardingStore {
 public:
  using ForwardingStore::ForwardingStore;

  Task<std::int64_t> begin(state::Intent) override { co_return ++operations_; }
  Task<void> finish(std::int64_t, state::Outcome) override { co_return Result<void>(); }
  Task<void> put(std::string, std::vector<state::ResourceRecord>, std::vector<Address>) override {
    co_return Result<void>();
  }
  Task<void> move(std::vector<state::Intent>, std::vector<state::ResourceRecord>,
                  std::vector<Address>) override {
    co_return Result<void>();
  }
  Task<void> mark_applied(std::string, std::string, std::string) override {
    co_return Result<void>();
  }

 private:
  std::int64_t operations_ = 0;
};

}  // namespace

std::unique_ptr<state::Store> watched(std::unique_ptr<state::Store> store) {
  return std::make_unique<WithoutJournal>(std::move(store));
}

}  // namespace tenantry::seams
