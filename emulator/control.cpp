// The calls below /_emulator/: what tests ask the emulator itself.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "emulator/service.hpp"

namespace tenantry::emulator {
namespace {

constexpr std::int64_t kAdvanceMax = 100LL * 366 * 24 * 3600;

}  // namespace

Reply Service::control(Request const& request) {
  std::string_view const target = request.target;
  auto const path = target.substr(0, target.find('?'));
  auto const is = [&](std::string_view method, std::string_view wanted) {
    return request.method == method && path == wanted;
  };
  if (is("GET", "/_emulator/requests")) return control_requests(request);
  if (is("GET", "/_emulator/stats")) {
    Object by_status;
    for (auto const& [status, count] : log_.by_status()) by_status[std::to_string(status)] = count;
    return json_reply(200, {{"requests", log_.total()},
                            {"byStatus", std::move(by_status)},
                            {"tenants", world_.tenants().size()},
                            {"faults", faults_.size()}});
  }
  if (is("POST", "/_emulator/faults")) {
    auto const body = parse_json(request.body, 10);
    if (!body) return refuse(400, body.error().message);
    auto const added = faults_.add(*body);
    if (!added) return refuse(400, added.error().message);
    return json_reply(200, {{"added", *added}, {"faults", faults_.size()}});
  }
  if (is("DELETE", "/_emulator/faults")) {
    faults_.clear();
    return empty_reply(204);
  }
  if (is("POST", "/_emulator/clock")) return control_clock(request);
  if (is("GET", "/_emulator/clock")) return json_reply(200, {{"now", world_.stamp()}});
  if (is("POST", "/_emulator/reset")) {
    world_.reset();
    faults_.clear();
    log_.clear();
    return empty_reply(204);
  }
  if (is("GET", "/_emulator/snapshot")) return json_reply(200, snapshot());
  return refuse(404, "there is no such control call");
}

Reply Service::control_requests(Request const& request) {
  auto const location = parse_target(request.target);
  if (!location) return refuse(400, location.error().message);
  std::uint64_t since = 0;
  for (auto const& [name, text] : location->query) {
    if (name != "since") continue;
    auto const [end, ec] = std::from_chars(text.data(), text.data() + text.size(), since);
    if (ec != std::errc() || end != text.data() + text.size()) {
      return refuse(400, "since is not a number");
    }
  }
  return {200, "application/json", log_.json(since), {}};
}

Reply Service::control_clock(Request const& request) {
  auto const body = parse_json(request.body, 10);
  auto const* const object = body ? body->if_object() : nullptr;
  auto const* const by = object == nullptr ? nullptr : find(*object, "advanceSeconds");
  if (by == nullptr || !by->is_int64() || by->get_int64() < 0 || by->get_int64() > kAdvanceMax) {
    return refuse(400, fmt::format("advanceSeconds must be a number from 0 to {}", kAdvanceMax));
  }
  // Past the year 2262 the system's clock has no numbers.
  if (world_.offset().count() > kAdvanceMax - by->get_int64()) {
    return refuse(400, fmt::format("the clock goes at most {} seconds ahead", kAdvanceMax));
  }
  world_.advance(std::chrono::seconds(by->get_int64()));
  world_.purge_due();
  return json_reply(200, {{"now", world_.stamp()}});
}

Value Service::snapshot() const {
  Array tenants;
  for (auto const& [sequence, row] : world_.tenants().rows()) {
    auto const& tenant = world_.tenant(row.id);
    auto shown = public_part(row.data);
    for (auto const& kind : kinds()) {
      for (auto const& spec : kind.tables) {
        if (!spec.in_snapshot) continue;
        Array objects;
        for (auto const& [number, object] : tenant.table(spec.name).rows()) {
          auto data = spec.show == nullptr ? public_part(object.data) : spec.show(tenant, object);
          data["id"] = object.id;
          objects.push_back(std::move(data));
        }
        shown[spec.name] = std::move(objects);
      }
    }
    tenants.push_back(std::move(shown));
  }
  return {{"tenants", std::move(tenants)}};
}

}  // namespace tenantry::emulator
