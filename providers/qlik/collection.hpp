// The verbs that most of Qlik's kinds share: objects of one collection, addressed by an id.
#pragma once
#include <string>
#include <string_view>

#include "providers/api/resource_type.hpp"

namespace tenantry::qlik {

/// Where a collection is and what its objects call the members that every object has.
struct Collection {
  std::string path;  ///< "/api/v1/roles"
  std::string id = "id";
  std::string updated_at = {};  ///< empty where the API does not tell
  std::string updated_by = {};
  Paging paging = {};
};

/// GET and POST on the path; GET, PATCH (JSON Patch of `replace`) and DELETE on path/id. A kind
/// overrides what differs.
class CollectionType : public ResourceType {
 public:
  /// `schema` must outlive the kind.
  CollectionType(Schema const& schema, Collection collection)
      : schema_(schema), collection_(std::move(collection)) {}

  Schema const& schema() const override { return schema_; }
  Task<std::vector<RemoteObject>> list(Session& session) const override;
  Task<RemoteObject> read(Session& session, RemoteId id) const override;
  Task<Created> create(Operation operation, Object planned) const override;
  Task<Updated> update(Operation operation, RemoteId id, Object planned,
                       Object changed) const override;
  Task<void> remove(Operation operation, RemoteId id) const override;

 protected:
  /// A live object from the API's answer.
  virtual RemoteObject live(Object const& body) const;
  /// What a POST sends for `planned`; for a PATCH, of the changed attributes. References become
  /// what the API takes. Errors: a reference that means nothing.
  virtual Result<Object> request(Operation const& operation, Object const& attributes) const;

  std::string path_of(RemoteId const& id) const;
  Collection const& collection() const { return collection_; }

 private:
  Schema const& schema_;
  Collection collection_;
};

/// The attributes of `body` that the schema declares; null counts as absent.
Object declared(Schema const& schema, Object const& body);
/// Those of `planned` that are sent: all but Tenantry's own.
Object settable(Schema const& schema, Object const& planned);
/// True for 24 hex digits, the form of most ids.
bool is_object_id(std::string_view text);
/// The answer to a create, which must be an object with an id. Errors: lost_reply, since the object
/// exists although the answer cannot be used.
Result<Object> created_body(Reply const& reply, std::string_view id_member,
                            std::string_view singular);

}  // namespace tenantry::qlik
