// A store that hands every call to another one: what stands between the engine and a state
// overrides the calls that it cares about.
#pragma once
#include <memory>
#include <utility>

#include "state/store.hpp"

namespace tenantry::state {

class ForwardingStore : public Store {
 public:
  explicit ForwardingStore(std::unique_ptr<Store> inner) : inner_(std::move(inner)) {}

  StoreInfo const& info() const override { return inner_->info(); }
  Task<std::vector<std::string>> tenants() override { return inner_->tenants(); }
  Task<TenantState> load(std::string tenant) override { return inner_->load(std::move(tenant)); }
  Task<std::unique_ptr<TenantLock>> lock(std::string tenant, LockOwner owner,
                                         std::chrono::milliseconds timeout) override {
    return inner_->lock(std::move(tenant), std::move(owner), timeout);
  }
  Task<void> begin_run(Run run) override { return inner_->begin_run(std::move(run)); }
  Task<std::int64_t> begin(Intent intent) override { return inner_->begin(std::move(intent)); }
  Task<void> finish(std::int64_t operation, Outcome outcome) override {
    return inner_->finish(operation, std::move(outcome));
  }
  Task<void> put(std::string tenant, std::vector<ResourceRecord> upserts,
                 std::vector<Address> removals) override {
    return inner_->put(std::move(tenant), std::move(upserts), std::move(removals));
  }
  Task<void> move(std::vector<Intent> intents, std::vector<ResourceRecord> upserts,
                  std::vector<Address> removals) override {
    return inner_->move(std::move(intents), std::move(upserts), std::move(removals));
  }
  Task<void> mark_applied(std::string tenant, std::string config_digest,
                          std::string applied_at) override {
    return inner_->mark_applied(std::move(tenant), std::move(config_digest), std::move(applied_at));
  }
  Task<std::int64_t> contribute(Contribution contribution) override {
    return inner_->contribute(std::move(contribution));
  }
  Task<std::map<std::string, std::int64_t>> contributions(std::string group,
                                                          std::string counter) override {
    return inner_->contributions(std::move(group), std::move(counter));
  }
  Task<std::vector<HistoryEntry>> history(std::string tenant, std::size_t entries_max) override {
    return inner_->history(std::move(tenant), entries_max);
  }

 private:
  std::unique_ptr<Store> inner_;
};

}  // namespace tenantry::state
