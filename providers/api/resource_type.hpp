// What a resource kind must be.
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/address.hpp"
#include "engine/core/schema.hpp"
#include "engine/core/secret.hpp"
#include "engine/core/task.hpp"
#include "providers/api/session.hpp"

namespace tenantry {

/// A live object, in the shapes of the kind's schema. A reference (attribute with `refers_to`) is
/// an object {"id", "name"} (or a list of them); everything that is not in the schema is left out.
struct RemoteObject {
  RemoteId id;
  Object attributes;
  /// Belongs to the platform (default role, system group): may be referred to, but never adopted,
  /// changed or deleted.
  bool built_in = false;
  /// Is there from the start and never goes (the role UserDefault, the group Everyone, settings):
  /// declaring it takes it over without being asked, and no longer declaring it forgets it.
  bool preset = false;
  std::string updated_at = {};  ///< RFC 3339, empty when the API does not tell
  std::string updated_by = {};  ///< user id, empty when the API does not tell
};

/// A secret that the API shows once, on its way to its sink.
struct DeliverableSecret {
  std::string client_id;
  Secret client_secret;
  std::string host;
  std::string hint = {};     ///< its last characters, by which remove_secret() finds it
  std::string made_at = {};  ///< RFC 3339, empty when the API does not tell
};

/// What can be told of a secret later.
struct SecretMark {
  std::string hint;
  std::string made_at;  ///< RFC 3339, empty when the API does not tell
};

struct SecretList {
  std::vector<SecretMark> secrets;
  std::optional<WallTime> server_time;  ///< the Date header
};

/// Names of other resources, as requests need them.
class References {
 public:
  virtual ~References() = default;
  /// Id of the live object that `name` means in `section` of this tenant; empty when unknown.
  virtual RemoteId id_of(std::string_view section, std::string_view name) const = 0;
};

/// Contents of the files that attributes name.
class Files {
 public:
  virtual ~Files() = default;
  struct Content {
    std::string bytes;
    std::string name;  ///< the last part of its path
    std::string content_type;
  };
  /// Errors: stale where the content is no longer what the plan was made from; io.
  virtual Result<Content> read(std::string_view attribute) const = 0;
};

/// Around one operation on one resource.
struct Operation {
  Session& session;
  References const& references;
  Files const* files = nullptr;                           ///< null: the resource names none
  Object meta = {};                                       ///< Use::meta attributes
  std::function<void(std::string const&)> progress = {};  ///< of work that takes long; may be empty

  /// Tells people how far the work is: "migration to ...: 40 %".
  void tell(std::string const& text) const {
    if (progress) progress(text);
  }
};

struct Created {
  RemoteObject object;
  std::optional<DeliverableSecret> secret = {};
  /// The object exists, but a later step failed (its file was refused, its migration timed out).
  /// `object` holds what is live; the next plan shows what is missing.
  std::optional<Error> incomplete = {};
};

struct Updated {
  Object attributes;  ///< what the server told of the object; empty for a 204
  /// Where the change made the server give out a new secret (an OAuth client that may now sign in
  /// by secret).
  std::optional<DeliverableSecret> secret = {};
  /// A later step failed; then `attributes` holds everything that is live by now.
  std::optional<Error> incomplete = {};
};

/// What a change does beyond itself, for plan.
struct Consequence {
  std::string text;          ///< "resets the tenant to Qlik's own key first"
  bool destructive = false;  ///< guarded and counted like a delete
};

/// What changing one attribute of one object means.
struct ChangeRule {
  OnChange on_change = OnChange::update;
  std::string reason;  ///< why it cannot be updated in place; empty for OnChange::update
};

/// One resource kind: its table and its calls. Values in `planned` are resolved; references are
/// names (the API's own or those of resources made before). Stateless: one instance serves all
/// tenants.
class ResourceType {
 public:
  virtual ~ResourceType() = default;
  virtual Schema const& schema() const = 0;

  /// All live objects, all pages, built-in ones included. One list call per page.
  virtual Task<std::vector<RemoteObject>> list(Session& session) const = 0;
  /// One object. Errors: not_found.
  virtual Task<RemoteObject> read(Session& session, RemoteId id) const = 0;
  virtual Task<Created> create(Operation operation, Object planned) const = 0;
  /// Sends only `changed` attributes; `planned` is the whole.
  virtual Task<Updated> update(Operation operation, RemoteId id, Object planned,
                               Object changed) const = 0;
  /// An object that is already gone counts as removed.
  virtual Task<void> remove(Operation operation, RemoteId id) const = 0;

  /// Why `planned` must not be created now, e.g. because nobody would receive its secret.
  /// `meta` has the Use::meta attributes.
  virtual std::optional<Error> refuse_create(Object const& planned, Object const& meta) const;
  /// Why `live` must not be changed into `planned` now, for the same reasons.
  virtual std::optional<Error> refuse_update(Object const& live, Object const& planned,
                                             Object const& meta) const;
  /// Why changing `changed` of the object, or deleting it (null), would lock out the credential
  /// that `session` signs in with. Refused by the calls themselves too.
  virtual std::optional<Error> locks_out(Session const& session, RemoteId const& id,
                                         Object const* changed) const;
  /// Sections whose objects keep one of this kind from being deleted while they refer to it.
  virtual std::vector<std::string> holders() const { return {}; }
  /// What changing `attribute` means for this object. The table's word, unless it depends on the
  /// object: of an `idp` group only the roles can change. `live` is the object before the change.
  virtual ChangeRule on_change(Attribute const& attribute, Object const& live) const;
  /// What of an object only a call of its own tells (bindings of a DI project): true where detail()
  /// is needed for the objects that a plan is about.
  virtual bool has_detail() const { return false; }
  /// `listed` with what list() cannot tell. One or more calls.
  virtual Task<RemoteObject> detail(Session& session, RemoteObject listed) const;
  /// Why no call can delete such an object: "Qlik Cloud cannot delete a DI project by API". It is
  /// forgotten instead.
  virtual std::optional<std::string> permanent(Object const& live) const;
  /// True where a new tenant has `planned` from the start (RemoteObject::preset): creating it means
  /// taking it over.
  virtual bool is_preset(Object const& planned) const;
  /// True where requests name by id what `planned` refers to, so that objects which no
  /// configuration made must be known too.
  virtual bool refers_by_id(Object const& planned) const;
  /// True where a replace creates the new object before the old one goes.
  virtual bool creates_before_delete() const { return false; }
  /// What deleting `live`, or changing it into `planned` (not null), does besides.
  virtual std::optional<Consequence> consequence(Object const& live, Object const* planned) const;
  /// True where creating `planned` gives a secret that the API shows once.
  virtual bool creates_secret(Object const& planned) const;
  /// The object's content as a file that the attribute `package` takes (a zip archive). Errors:
  /// invalid where the kind has no package.
  virtual Task<std::string> export_package(Session& session, RemoteId id) const;
  /// One more secret for an object whose secret got lost on its way, and the end of those that
  /// nobody received. Only for kinds where creates_secret can be true.
  virtual Task<DeliverableSecret> renew_secret(Operation operation, RemoteId id) const;
  /// The secrets that exist, by their last characters. One call.
  virtual Task<SecretList> list_secrets(Session& session, RemoteId id) const;
  /// One more secret beside those that exist: the first step of a rotation. Errors: conflict where
  /// the object has as many as it may have.
  virtual Task<DeliverableSecret> add_secret(Operation operation, RemoteId id) const;
  /// The end of one secret: the last step of a rotation. One that is already gone counts as
  /// removed.
  virtual Task<void> remove_secret(Operation operation, RemoteId id, std::string hint) const;
};

/// What identifies an object to a person and to adoption: the natural key's values, "custom
/// analysts".
std::string natural_key(Schema const& schema, Object const& attributes);

}  // namespace tenantry
