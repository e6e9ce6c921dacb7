#include "bench/no_journal.hpp"

namespace tenantry::seams {
namespace {

class WithoutJournal final : public state::Store {
 public:
  explicit WithoutJournal(std::unique_ptr<state::Store> inner) : inner_(std::move(inner)) {}

  state::StoreInfo const& info() const override { return inner_->info(); }
  Task<std::vector<std::string>> tenants() override { return inner_->tenants(); }
  Task<state::TenantState> load(std::string tenant) override {
    return inner_->load(std::move(tenant));
  }
  Task<std::unique_ptr<state::TenantLock>> lock(std::string tenant, state::LockOwner owner,
                                                std::chrono::milliseconds timeout) override {
    return inner_->lock(std::move(tenant), std::move(owner), timeout);
  }
  Task<void> begin_run(state::Run run) override { return inner_->begin_run(std::move(run)); }
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
  Task<std::int64_t> contribute(state::Contribution contribution) override {
    return inner_->contribute(std::move(contribution));
  }
  Task<std::vector<state::HistoryEntry>> history(std::string tenant,
                                                 std::size_t entries_max) override {
    return inner_->history(std::move(tenant), entries_max);
  }

 private:
  std::unique_ptr<state::Store> inner_;
  std::int64_t operations_ = 0;
};

}  // namespace

std::unique_ptr<state::Store> watched(std::unique_ptr<state::Store> store) {
  return std::make_unique<WithoutJournal>(std::move(store));
}

}  // namespace tenantry::seams
