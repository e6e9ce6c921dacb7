#include "engine/run/secret_delivery.hpp"

#include "engine/run/secret_record.hpp"

namespace tenantry::run {

std::optional<Value> sink_of(TenantRuntime const& runtime, plans::Change const& change) {
  auto const* sink = find(change.meta, "deliverSecret");
  if (sink == nullptr) return std::nullopt;
  return runtime.with_tenant(Object{{"sink", *sink}}).at("sink");
}

std::string place_of(TenantRuntime const& runtime, plans::Change const& change) {
  auto const sink = sink_of(runtime, change);
  return sink ? sink_place(*sink) : std::string();
}

Task<void> deliver_secret(TenantRuntime& runtime, plans::Change const& change,
                          DeliverableSecret secret) {
  auto sink = sink_of(runtime, change);
  if (!sink) co_return Result<void>();
  Delivery delivery{change.address, std::move(secret)};
  auto const where =
      co_await runtime.context().sinks.deliver(std::move(*sink), std::move(delivery));
  if (!where) co_return where.error();
  runtime.context().observer.secret_delivered(change.address, *where);
  co_return Result<void>();
}

}  // namespace tenantry::run
