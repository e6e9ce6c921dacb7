// Requests to the emulator, past the sockets. Input: requests one after the other, each "METHOD
// TARGET", headers, an empty line and a body. Names in braces are those of EmulatedWorld::fill;
// {last} is the id in the last reply that had one.
#include "tests/fuzz/emulated_world.hpp"
#include "tests/fuzz/targets.hpp"

namespace tenantry::fuzz {
namespace {

std::string_view take_line(std::string_view& text) {
  auto const line = text.substr(0, text.find('\n'));
  text.remove_prefix(std::min(line.size() + 1, text.size()));
  return line;
}

/// As the parser of HTTP would give it: without control characters where it refuses them.
emulator::Request request_of(std::string_view text) {
  emulator::Request request;
  auto const first = take_line(text);
  auto const space = std::min(first.find(' '), first.size());
  request.method = first.substr(0, space);
  request.target = first.substr(std::min(space + 1, first.size()));
  while (true) {
    auto const line = take_line(text);
    if (line.empty()) break;
    auto const colon = std::min(line.find(": "), line.size());
    request.headers.push_back({std::string(line.substr(0, colon)),
                               std::string(line.substr(std::min(colon + 2, line.size())))});
  }
  request.body = text;
  return request;
}

bool can_be_sent(emulator::Request const& request) {
  if (!is_plain(request.target) || request.target.find_first_of(" \n") != std::string::npos) {
    return false;
  }
  return std::ranges::all_of(request.headers, [](auto const& h) { return is_plain(h.value); });
}

/// The id of the object that a reply shows; `before` where it shows none.
std::string id_in(emulator::Reply const& reply, std::string before) {
  auto const body = parse_json(reply.body);
  auto const* const object = body ? body->if_object() : nullptr;
  if (object == nullptr) return before;
  for (auto const* const name : {"id", "clientId", "fingerprint", "actionId"}) {
    if (auto id = text_at(*object, name); !id.empty()) return id;
  }
  return before;
}

void check(emulator::Request const& request, emulator::Outcome const& outcome) {
  auto const& reply = outcome.reply;
  if (reply.status == 0 || outcome.delivery == emulator::Outcome::Delivery::none) return;
  ensure(reply.status >= 200 && reply.status <= 599, "a reply has a status");
  ensure(reply.body.find("defect of the emulator") == std::string::npos,
         "no request is a defect of the emulator");
  for (auto const& header : reply.headers) {
    ensure(is_plain(header.value) && header.value.find('\n') == std::string::npos,
           "a header of a reply is one");
  }
  if (request.method != "HEAD" && reply.content_type == "application/json") {
    ensure(parse_json(reply.body).has_value(), "a reply that says JSON is JSON");
  }
}

}  // namespace

void emulator_request(std::string_view input) {
  EmulatedWorld world;
  std::string last = "none";
  constexpr std::size_t kRequestsMax = 12;
  for (auto const text : parts(input, kRequestsMax)) {
    auto const request = request_of(world.fill(text, last));
    if (!can_be_sent(request)) continue;
    auto const outcome = world.service().handle(request);
    check(request, outcome);
    last = id_in(outcome.reply, std::move(last));
  }
}

}  // namespace tenantry::fuzz
