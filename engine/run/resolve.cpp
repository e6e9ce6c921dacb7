#include "engine/run/resolve.hpp"

namespace tenantry::run {
namespace {

Value resolve_one(Value const& deferred, std::string const& hostname, std::string const& id) {
  auto segments = segments_of(deferred);
  std::string text;
  bool all_text = true;
  for (auto& segment : segments) {
    if (segment.kind == Segment::Kind::tenant) {
      segment = {Segment::Kind::text, segment.text == "id" ? id : hostname};
    }
    all_text = all_text && segment.kind == Segment::Kind::text;
    text += segment.text;
  }
  return all_text ? Value(text) : make_deferred(segments);
}

}  // namespace

Value resolve_tenant(Value const& value, std::string const& hostname, std::string const& id) {
  if (is_deferred(value)) return resolve_one(value, hostname, id);
  if (auto const* array = value.if_array()) {
    Array out;
    for (auto const& element : *array) out.push_back(resolve_tenant(element, hostname, id));
    return out;
  }
  if (auto const* object = value.if_object()) {
    Object out;
    for (auto const& member : *object) {
      out[member.key()] = resolve_tenant(member.value(), hostname, id);
    }
    return out;
  }
  return value;
}

Result<Value> reveal_all(Value const& value, config::Variables const& variables) {
  return resolve_deferred(value, [&](Segment const& segment) -> Result<std::string> {
    if (segment.kind != Segment::Kind::variable) {
      return Error(Errc::internal, "a property of the tenant is still unknown");
    }
    auto secret = variables.reveal(segment.text);
    if (!secret) return secret.error();
    return std::string(secret->reveal());
  });
}

}  // namespace tenantry::run
