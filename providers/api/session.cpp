#include "providers/api/session.hpp"

#include <fmt/format.h>

#include <boost/url/parse.hpp>

#include "engine/core/text.hpp"

namespace tenantry {
namespace {

constexpr int kPagesMax = 10'000;

/// Splits the path and query of a `next` link, after checking that it stays on `host`.
Result<std::string> next_target(std::string_view href, std::string const& host) {
  auto const url = boost::urls::parse_uri_reference(href);
  Error const no_link(Errc::protocol, fmt::format("the next page of {} has no valid link: {}", host,
                                                  visible(href)));
  if (!url) return no_link;
  if (url->has_authority() && lower(std::string(url->host())) != host) {
    return Error(Errc::protocol,
                 fmt::format("the next page of {} is said to be on another host, {}", host,
                             visible(std::string(url->host()))));
  }
  if (url->has_scheme() && !url->has_authority()) return no_link;
  std::string target(url->encoded_path().data(), url->encoded_path().size());
  if (!target.starts_with('/') || has_dot_segment(target)) return no_link;
  if (url->has_query()) {
    target += '?';
    target.append(url->encoded_query().data(), url->encoded_query().size());
  }
  return target;
}

std::string next_href(Value const& page) {
  auto const* object = page.if_object();
  if (object == nullptr) return {};
  auto const* links = find(*object, "links");
  if (links == nullptr || !links->is_object()) return {};
  auto const* next = find(links->get_object(), "next");
  if (next == nullptr || !next->is_object()) return {};
  return text_at(next->get_object(), "href");
}

/// Moves the elements of `page` to the end of `out`.
Result<void> take_elements(Value& page, Paging const& paging, std::vector<Object>& out) {
  auto* elements = page.if_array();
  if (auto* object = page.if_object(); elements == nullptr && object != nullptr) {
    auto* member = object->if_contains(paging.member);
    if (member != nullptr) elements = member->if_array();
  }
  if (elements == nullptr) {
    return Error(Errc::protocol, fmt::format("the list has no \"{}\"", paging.member));
  }
  out.reserve(out.size() + elements->size());
  for (auto& element : *elements) {
    if (!element.is_object()) return Error(Errc::protocol, "an element of the list is no object");
    out.push_back(std::move(element.get_object()));
  }
  return {};
}

}  // namespace

Tier const& tier_1() {
  static Tier const tier{"1", 1000};
  return tier;
}

Tier const& tier_2() {
  static Tier const tier{"2", 100};
  return tier;
}

bool has_dot_segment(std::string_view path) {
  while (true) {
    auto const segment = path.substr(0, path.find('/'));
    auto plain = lower(segment);
    for (auto at = plain.find("%2e"); at != std::string::npos; at = plain.find("%2e")) {
      plain.replace(at, 3, ".");
    }
    if (plain == "." || plain == "..") return true;
    if (segment.size() == path.size()) return false;
    path.remove_prefix(segment.size() + 1);
  }
}

std::string encode_segment(std::string_view text) {
  std::string out;
  for (char const c : text) {
    bool const plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '.' || c == '_' || c == '~';
    if (plain) {
      out += c;
    } else {
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return out;
}

Task<Value> get(Session& session, std::string path) {
  Call call{.verb = Verb::get, .path = std::move(path)};
  auto reply = co_await session.call(std::move(call));
  if (!reply) co_return reply.error();
  co_return std::move(reply->body);
}

Task<std::vector<Object>> list_all(Session& session, std::string path,
                                   std::vector<std::pair<std::string, std::string>> query,
                                   Paging paging) {
  std::vector<Object> out;
  if (paging.limit > 0) query.emplace_back("limit", std::to_string(paging.limit));
  Call call{.verb = Verb::get, .path = std::move(path), .query = std::move(query)};
  for (int page = 0; page < kPagesMax; ++page) {
    auto reply = co_await session.call(call);
    if (!reply) co_return reply.error();
    auto taken = take_elements(reply->body, paging, out);
    if (!taken) co_return taken.error();
    auto const href = next_href(reply->body);
    if (href.empty()) co_return out;
    auto target = next_target(href, session.host());
    if (!target) co_return target.error();
    call.path = std::move(*target);
    call.query.clear();
  }
  co_return Error(Errc::protocol, fmt::format("{} has more than {} pages", call.path, kPagesMax));
}

Task<Reply> post(Session& session, std::string path, Value body) {
  Call call{.verb = Verb::post, .path = std::move(path), .body = std::move(body)};
  co_return co_await session.call(std::move(call));
}

Task<Reply> patch_replace(Session& session, std::string path, Object changes) {
  Array operations;
  for (auto const& change : changes) {
    operations.emplace_back(Object{
        {"op", "replace"}, {"path", '/' + std::string(change.key())}, {"value", change.value()}});
  }
  Call call{.verb = Verb::patch,
            .path = std::move(path),
            .body = Value(std::move(operations)),
            .repeatable = true};
  co_return co_await session.call(std::move(call));
}

Task<void> remove(Session& session, std::string path,
                  std::vector<std::pair<std::string, std::string>> headers) {
  Call call{.verb = Verb::delete_, .path = std::move(path), .headers = std::move(headers)};
  auto reply = co_await session.call(std::move(call));
  if (!reply && reply.error().code != Errc::not_found) co_return reply.error();
  co_return Result<void>();
}

}  // namespace tenantry
