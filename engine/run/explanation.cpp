#include "engine/run/explanation.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "engine/core/text.hpp"
#include "engine/run/attribute_explanation.hpp"
#include "plans/reasons.hpp"

namespace tenantry::run {
namespace {

class Explainer {
 public:
  Explainer(Context& context, plans::TenantPlan const& plan, Address address)
      : context_(context), provenance_(config::provenance_of(context.configuration)), plan_(plan) {
    out_.address = std::move(address);
  }

  Task<Explanation> run() {
    auto const& address = out_.address;
    auto loaded = co_await context_.store.load(plan_.former_key());
    if (!loaded) co_return loaded.error();
    state_ = std::move(*loaded);
    summary_ = declared_tenant(context_.configuration, address.tenant);
    if (summary_ != nullptr) declared_ = context_.configuration.expand(address.tenant);
    record_ = state_.find(former_address());
    wanted_ = find_wanted();
    out_.owned = record_ != nullptr;
    out_.declared = wanted_ != nullptr;
    note_tenant();
    note_block();
    if (!is_known()) co_return unknown();
    find_change();
    out_.because = because();
    if (auto const* table = schema()) {
      out_.attributes = explain_attributes({.schema = *table,
                                            .configuration = context_.configuration,
                                            .change = out_.change,
                                            .wanted = wanted_,
                                            .record = record_,
                                            .is_in_configuration = summary_ != nullptr});
    }
    note_neighbours();
    auto last = co_await last_operation();
    if (!last) co_return last.error();
    out_.last_operation = std::move(*last);
    co_return std::move(out_);
  }

 private:
  Schema const* schema() const {
    auto const& address = out_.address;
    if (address.is_tenant()) return &context_.provider.tenant().schema();
    auto const* type = context_.provider.find(address.section);
    return type == nullptr ? nullptr : &type->schema();
  }

  /// What the state calls it until `moved` is applied.
  Address former_address() const {
    for (auto const& move : plan_.moves) {
      if (move.to == out_.address) return move.from;
    }
    auto former = out_.address;
    former.tenant = plan_.former_key();
    return former;
  }

  DesiredResource const* find_wanted() const {
    if (!declared_) return nullptr;
    if (out_.address.is_tenant()) return &declared_->self;
    auto const& all = declared_->resources;
    auto const found = std::ranges::find(all, out_.address, &DesiredResource::address);
    return found == all.end() ? nullptr : &*found;
  }

  void note_tenant() {
    out_.region = plan_.region;
    out_.wave = plan_.wave;
    out_.refreshed = plan_.refreshed;
    out_.error = plan_.error;
    if (summary_ != nullptr) out_.fleet = summary_->fleet;
  }

  void note_block() {
    if (summary_ == nullptr) return;
    out_.trace = provenance_.trace(out_.address.tenant, path_of(out_.address));
    drop_values_but_removals(out_.trace);
  }

  /// A block is shown by its places alone; `removes` tells a null from it.
  void drop_values_but_removals(config::Trace& trace) {
    if (!trace.statements.empty()) removed_ = trace.statements.back().value.is_null();
    drop_values(trace);
    trace.uses.clear();
  }

  bool is_known() const {
    return out_.declared || out_.owned || !out_.trace.statements.empty() ||
           std::ranges::find(plan_.changes, out_.address, &plans::Change::address) !=
               plan_.changes.end();
  }

  Error unknown() const {
    std::vector<std::string> known;
    if (declared_) {
      for (auto const& resource : declared_->resources) known.push_back(resource.address.text());
    }
    for (auto const& [address, record] : state_.resources) known.push_back(address.text());
    auto const text = out_.address.text();
    return {
        Errc::not_found,
        fmt::format("{} is neither in the configuration nor in the state{}", visible(text),
                    did_you_mean(text, known)),
        fmt::format("tenantry render {} shows what the tenant has", visible(out_.address.tenant))};
  }

  void find_change() {
    auto const found = std::ranges::find(plan_.changes, out_.address, &plans::Change::address);
    if (found != plan_.changes.end()) {
      out_.change = *found;
      is_planned_ = true;
      return;
    }
    out_.change.address = out_.address;
    if (record_ != nullptr) {
      out_.change.id = record_->id;
      out_.change.before = record_->applied;
    }
    if (wanted_ != nullptr) out_.change.where = wanted_->where;
  }

  // --- the sentence ---

  std::string because() const {
    if (plan_.error) return "The tenant could not be planned.";
    if (plan_.paused) {
      return "The tenant is paused (`paused: true`): nothing of it is looked at or changed.";
    }
    return because_alone() + since_then();
  }

  /// A plan that was saved may be older than the configuration that is looked at for it.
  std::string since_then() const {
    bool const moved_on =
        declared_ && !plan_.config_digest.empty() && declared_->digest != plan_.config_digest;
    return moved_on ? " The configuration was changed since the plan was made: its lines are those "
                      "of today."
                    : "";
  }

  std::string because_alone() const {
    if (!is_planned_) return because_unplanned();
    auto const& change = out_.change;
    std::string text(plans::sentence_of(change.reason));
    if (!change.reason_detail.empty()) text += fmt::format(" ({})", visible(change.reason_detail));
    if (change.action == plans::Action::no_op && !change.drift_only.empty()) {
      text = "It was changed outside of Tenantry, and a rule says to leave that as it is.";
    }
    if (change.reason == plans::Reason::no_longer_declared) text += left_out();
    return text;
  }

  std::string because_unplanned() const {
    auto const self = std::ranges::find_if(plan_.changes, [](auto const& change) {
      return change.address.is_tenant() && change.changes_something();
    });
    if (self != plan_.changes.end() && !out_.address.is_tenant()) {
      return fmt::format("Nothing is planned for it alone; its tenant: {}. {}",
                         name_of(self->action), plans::sentence_of(self->reason));
    }
    if (!out_.declared && !out_.owned) return "It is not wanted, and not there." + left_out();
    if (!out_.declared && summary_ == nullptr) {
      return "Its tenant is deactivated and no longer in the configuration; nothing is to be done.";
    }
    return "Nothing is to be done.";
  }

  /// Why a block that some layer has is not wanted.
  std::string left_out() const {
    auto const& said = out_.trace.statements;
    if (said.empty()) return {};
    auto const& last = said.back();
    if (removed_) {
      return fmt::format(" {} {} removes it with a null at {}.", capital(name_of(last.layer.kind)),
                         visible(last.layer.name), visible(last.where.text()));
    }
    auto path = path_of(out_.address);
    path.emplace_back("when");
    auto const when = provenance_.trace(out_.address.tenant, path);
    if (when.statements.empty()) return {};
    return fmt::format(" Its `when` at {} leaves it out.",
                       visible(when.statements.back().where.text()));
  }

  static std::string capital(std::string_view word) {
    std::string text(word);
    if (!text.empty() && text[0] >= 'a' && text[0] <= 'z')
      text[0] = static_cast<char>(text[0] - 32);
    return text;
  }

  // --- neighbours ---

  void note_neighbours() {
    auto const& address = out_.address;
    for (auto const& needed : needs_of(address)) out_.needs.push_back(neighbour(needed));
    std::set<Address> others;
    if (declared_) {
      for (auto const& resource : declared_->resources) others.insert(resource.address);
    }
    for (auto const& [owned, record] : state_.resources) others.insert(owned);
    for (auto const& other : others) {
      if (other == address || other.is_tenant() || address.is_tenant()) continue;
      auto const needed = needs_of(other);
      if (needed.contains(address)) out_.needed_by.push_back(neighbour(other));
    }
  }

  /// What the configuration says that `address` stands on; where it declares nothing, the state.
  std::set<Address> needs_of(Address const& address) const {
    if (declared_) {
      for (auto const& resource : declared_->resources) {
        if (resource.address == address) {
          return {resource.depends_on.begin(), resource.depends_on.end()};
        }
      }
    }
    auto const* record = state_.find(address);
    if (record == nullptr) return {};
    return {record->depends_on.begin(), record->depends_on.end()};
  }

  Neighbour neighbour(Address const& address) const {
    auto const found = std::ranges::find(plan_.changes, address, &plans::Change::address);
    if (found == plan_.changes.end()) return {address};
    return {address, found->action, found->reason};
  }

  Task<std::optional<state::HistoryEntry>> last_operation() {
    constexpr std::size_t kEntries = 1000;  // of the tenant, newest
    auto entries = co_await context_.store.history(plan_.former_key(), kEntries);
    if (!entries) co_return entries.error();
    auto const former = former_address();
    std::optional<state::HistoryEntry> last;
    for (auto& entry : *entries) {
      bool const is_it = entry.intent.address == former || entry.intent.address == out_.address;
      if (is_it && entry.status == "done") last = std::move(entry);
    }
    co_return last;
  }

  Context& context_;
  config::Provenance const& provenance_;
  plans::TenantPlan const& plan_;
  Explanation out_;
  state::TenantState state_;
  config::TenantSummary const* summary_ = nullptr;
  std::optional<config::Tenant> declared_;
  state::ResourceRecord const* record_ = nullptr;
  DesiredResource const* wanted_ = nullptr;
  bool removed_ = false;     ///< the last layer that speaks of the block removes it
  bool is_planned_ = false;  ///< the plan has a change of it, be it a no-op
};

}  // namespace

Task<Explanation> explain(Context& context, plans::TenantPlan const& plan, Address address) {
  Explainer explainer(context, plan, std::move(address));
  co_return co_await explainer.run();
}

Error unknown_tenant(config::Configuration const& configuration, std::vector<std::string> known,
                     Address const& address) {
  for (auto const& tenant : configuration.tenants()) known.push_back(tenant.key);
  return {Errc::not_found,
          fmt::format("there is no tenant \"{}\" in the configuration or the state{}",
                      visible(address.tenant), did_you_mean(address.tenant, known))};
}

}  // namespace tenantry::run
