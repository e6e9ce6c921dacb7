#include "tests/simulation/cloud.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace tenantry::simulation {
namespace {

emulator::Options options_of(std::uint64_t seed, VirtualClock const& clock) {
  emulator::Options options;
  options.seed = seed | 1;  // 0 would be no seed
  options.clock = &clock;
  return options;
}

emulator::Request converted(http::Request const& request) {
  emulator::Request out;
  out.method = http::name_of(request.method);
  out.target = request.target;
  out.headers.push_back({"Host", request.host});
  for (auto const& [name, value] : request.headers) out.headers.push_back({name, value});
  out.body = request.body;
  return out;
}

http::Response converted(emulator::Reply reply, WallTime now) {
  http::Response out;
  out.status = static_cast<int>(reply.status);
  out.headers.emplace_back("Date", format_http_date(now));
  if (!reply.content_type.empty()) out.headers.emplace_back("Content-Type", reply.content_type);
  for (auto& header : reply.headers) out.headers.emplace_back(header.name, header.value);
  out.body = std::move(reply.body);
  return out;
}

std::string_view path_of(http::Request const& request) {
  return std::string_view(request.target).substr(0, request.target.find('?'));
}

bool is_change(http::Request const& request) {
  return request.method != http::Method::get && path_of(request) != "/oauth/token";
}

std::string id_in(Object const& object) {
  auto id = text_at(object, "id");
  return id.empty() ? text_at(object, "clientId") : id;
}

}  // namespace

Cloud::Cloud(std::uint64_t seed, VirtualClock const& clock)
    : clock_(clock), service_(options_of(seed, clock)) {
  auto opened = service_.open();
  ensure(opened.has_value(), "a cloud without files opens");
}

http::Response Cloud::serve(http::Request const& request, std::chrono::nanoseconds list_lag) {
  ++calls_;
  auto outcome = service_.handle(converted(request));
  watch(request, outcome.reply);
  if (request.method == http::Method::post) note_created(request, outcome.reply, list_lag);
  if (request.method == http::Method::get) hide_new(outcome.reply.body);
  return converted(std::move(outcome.reply), clock_.wall());
}

void Cloud::watch(http::Request const& request, emulator::Reply const& reply) {
  if (reply.status == 429) {
    violations_.push_back(fmt::format("the rate limit of {} was passed", request.host));
  }
  if (reply.status == 500) {
    violations_.push_back(fmt::format("{} {}", request.text(), reply.body));
  }
  if (!is_change(request)) return;
  if (reply.status == 401 && reply.body.find("TENANT_DEACTIVATED") != std::string::npos) {
    violations_.push_back("a change in a deactivated tenant: " + request.text());
  }
  if (reply.status == 404 && reply.body.find("there is no tenant") != std::string::npos) {
    violations_.push_back("a change in a tenant that does not exist: " + request.text());
  }
  if (request.method == http::Method::delete_) watch_delete(request);
}

void Cloud::watch_delete(http::Request const& request) {
  auto const path = path_of(request);
  // One whose answer was lost is removed by whoever made it; that no other goes is seen at the end,
  // when the delivered one must be accepted.
  bool allowed = path.find("/client-secrets/") != std::string_view::npos;
  for (std::size_t at = 0; at != std::string_view::npos && !allowed;) {
    auto const begin = path.find_first_not_of('/', at);
    if (begin == std::string_view::npos) break;
    auto const end = path.find('/', begin);
    std::string const segment(path.substr(begin, end - begin));
    bool const last = end == std::string_view::npos;
    allowed = is_deletable(segment, !last);
    at = end;
  }
  if (!allowed) violations_.push_back("no plan says to delete: " + request.text());
}

bool Cloud::is_deletable(std::string const& id, bool as_part) const {
  return std::ranges::any_of(deletable_, [&](auto const& entry) {
    auto const& [process, ids] = entry;
    return ids.whole.contains(id) || (as_part && ids.parts.contains(id));
  });
}

void Cloud::note_created(http::Request const& request, emulator::Reply const& reply,
                         std::chrono::nanoseconds list_lag) {
  if (reply.status != 200 && reply.status != 201 && reply.status != 202) return;
  auto const body = parse_json(reply.body);
  if (!body || !body->is_object()) return;
  auto const& object = body->get_object();
  auto secret = text_at(object, "clientSecret");
  if (!secret.empty()) secrets_.push_back(std::move(secret));
  // A new secret of a client names the client, which lists have shown long since.
  bool const is_part = path_of(request).ends_with("/client-secrets");
  if (list_lag.count() > 0 && reply.status == 201 && !is_part) {
    hidden_[id_in(object)] = clock_.steady() + list_lag;
  }
}

/// Takes objects out of a list that are too new for it.
void Cloud::hide_new(std::string& body) {
  std::erase_if(hidden_, [&](auto const& entry) { return entry.second <= clock_.steady(); });
  if (hidden_.empty()) return;
  auto answer = parse_json(body);
  auto* const object = answer ? answer->if_object() : nullptr;
  auto* data = object != nullptr ? object->if_contains("data") : nullptr;
  if (data == nullptr && object != nullptr) data = object->if_contains("projects");
  if (data == nullptr || !data->is_array()) return;
  auto& list = data->get_array();
  auto const is_hidden = [&](Value const& element) {
    return element.is_object() && hidden_.contains(id_in(element.get_object()));
  };
  Array shown;
  for (auto& element : list) {
    if (!is_hidden(element)) shown.push_back(std::move(element));
  }
  list = std::move(shown);
  body = boost::json::serialize(*answer);
}

Value Cloud::snapshot() {
  // Tenants whose purge is due go at the next request of anybody.
  service_.handle({"GET", "/", {{"Host", "console.qlikcloud.com"}}, {}});
  auto const outcome = service_.handle({"GET", "/_emulator/snapshot", {}, {}});
  auto snapshot = parse_json(outcome.reply.body);
  ensure(snapshot.has_value(), "a snapshot is JSON");
  return std::move(*snapshot);
}

bool Cloud::accepts(std::string const& host, std::string const& client_id,
                    std::string_view secret) {
  emulator::Request request{"POST", "/oauth/token", {{"Host", host}}, {}};
  request.headers.push_back({"Content-Type", "application/json"});
  request.body = boost::json::serialize(Value{
      {"client_id", client_id}, {"client_secret", secret}, {"grant_type", "client_credentials"}});
  return service_.handle(request).reply.status == 200;
}

}  // namespace tenantry::simulation
