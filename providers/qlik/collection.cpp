#include "providers/qlik/collection.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace tenantry::qlik {

Task<std::vector<RemoteObject>> CollectionType::list(Session& session) const {
  std::vector<std::pair<std::string, std::string>> const no_query;
  auto bodies = co_await list_all(session, collection_.path, no_query, collection_.paging);
  if (!bodies) co_return bodies.error();
  std::vector<RemoteObject> out;
  out.reserve(bodies->size());
  for (auto const& body : *bodies) {
    auto object = live(body);
    if (object.id.empty()) {
      co_return Error(Errc::protocol,
                      fmt::format("{} of {} lists a {} without \"{}\"", collection_.path,
                                  session.host(), schema_.singular, collection_.id));
    }
    out.push_back(std::move(object));
  }
  co_return out;
}

Task<RemoteObject> CollectionType::read(Session& session, RemoteId id) const {
  auto body = co_await get(session, path_of(id));
  if (!body) co_return body.error();
  if (!body->is_object()) {
    co_return Error(Errc::protocol,
                    fmt::format("{} of {} is no object", path_of(id), session.host()));
  }
  auto object = live(body->get_object());
  if (object.id.empty()) {
    co_return Error(Errc::protocol, fmt::format("{} of {} answers without \"{}\"", path_of(id),
                                                session.host(), collection_.id));
  }
  co_return object;
}

Task<Created> CollectionType::create(Operation operation, Object planned) const {
  auto body = request(operation, planned);
  if (!body) co_return body.error();
  auto reply = co_await post(operation.session, collection_.path, std::move(*body));
  if (!reply) co_return reply.error();
  auto created = created_body(*reply, collection_.id, schema_.singular);
  if (!created) co_return created.error();
  co_return Created{live(*created), std::nullopt};
}

Task<Updated> CollectionType::update(Operation operation, RemoteId id, Object,
                                     Object changed) const {
  auto changes = request(operation, changed);
  if (!changes) co_return changes.error();
  Updated updated;
  if (changes->empty()) co_return updated;
  auto reply = co_await patch_replace(operation.session, path_of(id), std::move(*changes));
  if (!reply) co_return reply.error();
  if (auto const* body = reply->body.if_object()) updated.attributes = live(*body).attributes;
  co_return updated;
}

Task<void> CollectionType::remove(Operation operation, RemoteId id) const {
  co_return co_await tenantry::remove(operation.session, path_of(id));
}

RemoteObject CollectionType::live(Object const& body) const {
  RemoteObject object;
  object.id = RemoteId(text_at(body, collection_.id));
  object.attributes = declared(schema_, body);
  if (!collection_.updated_at.empty()) object.updated_at = text_at(body, collection_.updated_at);
  if (!collection_.updated_by.empty()) object.updated_by = text_at(body, collection_.updated_by);
  return object;
}

Result<Object> CollectionType::request(Operation const&, Object const& attributes) const {
  return settable(schema_, attributes);
}

std::string CollectionType::path_of(RemoteId const& id) const {
  ensure(!id.empty(), "an object that is addressed has an id");
  return collection_.path + '/' + encode_segment(id.text());
}

Object declared(Schema const& schema, Object const& body) {
  Object out;
  for (auto const& attribute : schema.attributes) {
    if (attribute.use == Use::meta || attribute.write_only) continue;
    auto const* value = find(body, attribute.name);
    if (value != nullptr && !value->is_null()) out[attribute.name] = *value;
  }
  return out;
}

Object settable(Schema const& schema, Object const& planned) {
  Object out;
  for (auto const& member : planned) {
    auto const* attribute = schema.find(member.key());
    if (attribute == nullptr || attribute->use == Use::meta || attribute->use == Use::computed) {
      continue;
    }
    out[member.key()] = member.value();
  }
  return out;
}

bool is_object_id(std::string_view text) {
  return text.size() == 24 && std::ranges::all_of(text, [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

Result<Object> created_body(Reply const& reply, std::string_view id_member,
                            std::string_view singular) {
  auto const* body = reply.body.if_object();
  if (body == nullptr || text_at(*body, id_member).empty()) {
    return Error(Errc::lost_reply,
                 fmt::format("the {} was created, but the answer does not tell its id", singular));
  }
  return *body;
}

}  // namespace tenantry::qlik
