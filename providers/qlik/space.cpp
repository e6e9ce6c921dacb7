// spaces: /api/v1/spaces, and the assignments of each at /api/v1/spaces/{id}/assignments.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "engine/core/text.hpp"
#include "providers/qlik/collection.hpp"
#include "providers/qlik/kinds.hpp"

namespace tenantry::qlik {
namespace {

/// What the pattern of SpaceCreate forbids in a name.
constexpr std::string_view kForbiddenInName = "\"*?<>/|\\:";

struct SpaceRoles {
  std::string_view type;
  std::vector<std::string> roles;
};

/// Roles that each type of space has (RoleType). That managed spaces have `operator` is said by the
/// guide only.
std::vector<SpaceRoles> const& roles_by_type() {
  static std::vector<SpaceRoles> const all{
      {"shared", {"codeveloper", "consumer", "dataconsumer", "facilitator", "producer"}},
      {"managed",
       {"basicconsumer", "consumer", "contributor", "dataconsumer", "facilitator", "operator",
        "publisher"}},
      {"data",
       {"consumer", "dataconsumer", "datapreview", "facilitator", "operator", "producer",
        "publisher"}},
  };
  return all;
}

std::vector<Attribute> assignment_fields() {
  return {
      {.name = "type",
       .use = Use::required,
       .doc = "Who is assigned: a `user`, a `group`, or a `bot`, the user of an OAuth client.",
       .one_of = {"user", "group", "bot"}},
      {.name = "assigneeId",
       .use = Use::required,
       .doc = "For a group, a key of `groups` of this tenant, or the name or id of a group that "
              "exists; for a user or bot, its id.",
       .length_min = 1,
       .refers_to = "groups"},
      {.name = "roles",
       .kind = Kind::set,
       .use = Use::required,
       .doc = "What the assignee may do. Shared: codeveloper, consumer, dataconsumer, facilitator, "
              "producer. Managed: basicconsumer, consumer, contributor, dataconsumer, facilitator, "
              "operator, publisher. Data: consumer, dataconsumer, datapreview, facilitator, "
              "operator, producer, publisher.",
       .one_of = {"basicconsumer", "codeveloper", "consumer", "contributor", "dataconsumer",
                  "datapreview", "facilitator", "operator", "producer", "publisher"}},
  };
}

void check_name(Object const& written, ReportProblem const& report) {
  auto const name = text_at(written, "name");
  auto const at = name.find_first_of(kForbiddenInName);
  if (at == std::string::npos) return;
  report({"/name",
          "wrong form",
          fmt::format("the name of a space holds none of {}, but \"{}\" has a {}.",
                      kForbiddenInName, visible(name), name[at]),
          {}});
}

void check_roles(std::string_view type, Object const& assignment, std::string const& pointer,
                 ReportProblem const& report) {
  auto const* roles = find(assignment, "roles");
  if (roles == nullptr || !roles->is_array()) return;
  if (roles->get_array().empty()) {
    report({pointer + "/roles", "too few elements", "An assignment gives one role at least.",
            "name a role, or leave the assignment out"});
  }
  auto const known = std::ranges::find(roles_by_type(), type, &SpaceRoles::type);
  if (known == roles_by_type().end()) return;
  for (std::size_t i = 0; i < roles->get_array().size(); ++i) {
    auto const* role = roles->get_array()[i].if_string();
    if (role == nullptr || std::ranges::find(known->roles, std::string_view(*role),
                                             [](auto const& r) { return std::string_view(r); }) !=
                               known->roles.end()) {
      continue;
    }
    report({fmt::format("{}/roles/{}", pointer, i),
            "role of another type of space",
            fmt::format("A {} space has the roles {}, not \"{}\".", type, join_words(known->roles),
                        visible(std::string_view(*role))),
            {}});
  }
}

void check_space(Object const& written, ReportProblem const& report) {
  check_name(written, report);
  auto const* assignments = find(written, "assignments");
  if (assignments == nullptr || !assignments->is_array()) return;
  std::set<std::pair<std::string, std::string>> seen;
  auto const type = text_at(written, "type");
  for (std::size_t i = 0; i < assignments->get_array().size(); ++i) {
    auto const* assignment = assignments->get_array()[i].if_object();
    if (assignment == nullptr) continue;
    auto const pointer = fmt::format("/assignments/{}", i);
    check_roles(type, *assignment, pointer, report);
    auto const who = text_at(*assignment, "type");
    auto const assignee = text_at(*assignment, "assigneeId");
    if (assignee.empty() || seen.emplace(who, assignee).second) continue;
    report({pointer, "assigned twice",
            fmt::format("The {} \"{}\" has an assignment above.", who, visible(assignee)),
            "give one assignment all the roles"});
  }
}

Schema const& space_schema() {
  static Schema const schema{
      .section = "spaces",
      .singular = "space",
      .doc =
          "A space: where apps and data are kept, and who may work there. The OAuth client that "
          "creates it owns it. A space with content cannot be deleted.",
      .attributes =
          {
              {.name = "name",
               .use = Use::required,
               .doc = "Unique among all spaces of the tenant; none of \" * ? < > / | \\ : is "
                      "allowed.",
               .length_min = 1,
               .length_max = 256},
              {.name = "type",
               .use = Use::required,
               .on_change = OnChange::replace,
               .doc = "`shared` to work together, `managed` to publish, `data` for data "
                      "integration projects.",
               .one_of = {"shared", "managed", "data"}},
              {.name = "description", .doc = "What the space is for."},
              {.name = "assignments",
               .kind = Kind::set,
               .doc = "Who may work in the space: where it is written, it is the whole list, and "
                      "other assignments are removed. The owner is none of them.",
               .element = Kind::object,
               .fields = assignment_fields()},
          },
      .natural_key = {"name"},
      .check = check_space,
  };
  return schema;
}

struct Assignment {
  std::string id;  ///< of the assignment; empty while it is only wanted
  std::string type;
  std::string assignee;
  std::set<std::string> roles;

  bool same_assignee(Assignment const& other) const {
    return type == other.type && assignee == other.assignee;
  }
};

std::set<std::string> texts_of(Value const* list) {
  std::set<std::string> out;
  if (list == nullptr || !list->is_array()) return out;
  for (auto const& element : list->get_array()) {
    if (auto const* text = element.if_string()) out.emplace(std::string_view(*text));
  }
  return out;
}

Array array_of(std::set<std::string> const& texts) {
  Array out;
  for (auto const& text : texts) out.emplace_back(text);
  return out;
}

Assignment assignment_of(Object const& body) {
  return {text_at(body, "id"), text_at(body, "type"), text_at(body, "assigneeId"),
          texts_of(find(body, "roles"))};
}

/// In the shape of the schema. Names of groups are not told here, so an id stands for each.
Array attribute_of(std::vector<Assignment> const& assignments) {
  Array out;
  for (auto const& each : assignments) {
    out.emplace_back(Object{
        {"type", each.type}, {"assigneeId", each.assignee}, {"roles", array_of(each.roles)}});
  }
  return out;
}

/// The assignments that `planned` asks for, groups by id. Errors: not_found for a group that is
/// none, invalid for an assignee that two names mean.
Result<std::vector<Assignment>> wanted_assignments(References const& references,
                                                   Object const& planned) {
  std::vector<Assignment> out;
  auto const* written = find(planned, "assignments");
  if (written == nullptr || !written->is_array()) return out;
  for (auto const& element : written->get_array()) {
    ensure(element.is_object(), "a planned assignment is an object");
    auto wanted = assignment_of(element.get_object());
    wanted.id.clear();
    if (wanted.type == "group") {
      auto const id = references.id_of("groups", wanted.assignee);
      if (!id.empty()) {
        wanted.assignee = id.text();
      } else if (!is_object_id(wanted.assignee)) {
        return Error(
            Errc::not_found,
            fmt::format("there is no group \"{}\" to assign to the space",
                        visible(wanted.assignee)),
            "an assignee of type group is a key of `groups`, or the name or id of a group that "
            "exists");
      }
    }
    auto const same = [&](Assignment const& other) { return wanted.same_assignee(other); };
    if (std::ranges::any_of(out, same)) {
      return Error(Errc::invalid,
                   fmt::format("the {} {} is assigned to the space twice", wanted.type,
                               visible(wanted.assignee)),
                   "give one assignment all the roles");
    }
    out.push_back(std::move(wanted));
  }
  return out;
}

class SpaceType final : public CollectionType {
 public:
  SpaceType()
      : CollectionType(space_schema(), {.path = "/api/v1/spaces", .updated_at = "updatedAt"}) {}

  bool refers_by_id(Object const&) const override { return true; }
  bool has_detail() const override { return true; }
  std::vector<std::string> holders() const override { return {"diProjects"}; }

  Task<RemoteObject> detail(Session& session, RemoteObject listed) const override {
    auto assignments = co_await assignments_of(session, listed.id);
    if (!assignments) co_return assignments.error();
    listed.attributes["assignments"] = attribute_of(*assignments);
    co_return listed;
  }

  Task<RemoteObject> read(Session& session, RemoteId id) const override {
    auto space = co_await CollectionType::read(session, id);
    if (!space) co_return space.error();
    co_return co_await detail(session, std::move(*space));
  }

  Task<Created> create(Operation operation, Object planned) const override {
    auto wanted = wanted_assignments(operation.references, planned);
    if (!wanted) co_return wanted.error();
    auto created = co_await CollectionType::create(operation, planned);
    if (!created || !planned.contains("assignments")) co_return created;
    auto const id = created->object.id;
    std::vector<Assignment> const none;
    auto assigned = co_await assign(operation.session, id, std::move(*wanted), none);
    if (assigned) co_return created;
    created->incomplete = assigned.error();
    auto live = co_await assignments_of(operation.session, id);
    created->object.attributes["assignments"] = live ? attribute_of(*live) : Array();
    co_return created;
  }

  Task<Updated> update(Operation operation, RemoteId id, Object planned,
                       Object changed) const override {
    auto wanted = wanted_assignments(operation.references, changed);
    if (!wanted) co_return wanted.error();
    bool const assigns = changed.contains("assignments");
    auto updated = co_await CollectionType::update(operation, id, std::move(planned), changed);
    if (!updated || !assigns) co_return updated;
    auto live = co_await assignments_of(operation.session, id);
    if (!live) co_return live.error();
    auto assigned = co_await assign(operation.session, id, std::move(*wanted), std::move(*live));
    if (!assigned) co_return assigned.error();
    co_return updated;
  }

  Task<void> remove(Operation operation, RemoteId id) const override {
    auto removed = co_await CollectionType::remove(operation, id);
    if (!removed && removed.error().code == Errc::precondition) {
      auto error = removed.error();
      error.message = "the space still has content, and Qlik Cloud deletes empty ones only";
      error.hint =
          "delete or move its apps, data files and connections first; a data integration project "
          "cannot be deleted by API, only by a person who is signed in to the tenant";
      co_return error;
    }
    co_return removed;
  }

 protected:
  Result<Object> request(Operation const&, Object const& attributes) const override {
    auto body = settable(schema(), attributes);
    body.erase("assignments");
    // The contract takes texts only.
    auto const description = body.find("description");
    if (description != body.end() && description->value().is_null()) description->value() = "";
    return body;
  }

 private:
  std::string path_of_assignments(RemoteId const& space) const {
    return path_of(space) + "/assignments";
  }

  Task<std::vector<Assignment>> assignments_of(Session& session, RemoteId space) const {
    std::vector<std::pair<std::string, std::string>> const no_query;
    Paging const paging;
    auto bodies = co_await list_all(session, path_of_assignments(space), no_query, paging);
    if (!bodies) co_return bodies.error();
    std::vector<Assignment> out;
    for (auto const& body : *bodies) out.push_back(assignment_of(body));
    co_return out;
  }

  /// Makes `live` what is wanted: new ones first, so that nobody is locked out between.
  Task<void> assign(Session& session, RemoteId space, std::vector<Assignment> wanted,
                    std::vector<Assignment> live) const {
    for (auto const& each : wanted) {
      auto const found = std::ranges::find_if(
          live, [&](Assignment const& other) { return each.same_assignee(other); });
      if (found != live.end() && found->roles == each.roles) continue;
      auto const id = found != live.end() ? found->id : std::string();
      auto put = co_await put_assignment(session, space, id, each);
      if (!put) co_return put.error();
    }
    for (auto const& each : live) {
      bool const stays = std::ranges::any_of(
          wanted, [&](Assignment const& other) { return each.same_assignee(other); });
      if (stays) continue;
      auto removed = co_await tenantry::remove(
          session, path_of_assignments(space) + '/' + encode_segment(each.id));
      if (!removed) co_return about(each, removed.error());
    }
    co_return Result<void>();
  }

  /// `id`: of the assignment to change; empty to make one.
  Task<void> put_assignment(Session& session, RemoteId space, std::string id,
                            Assignment wanted) const {
    Call call{.verb = Verb::post, .path = path_of_assignments(space)};
    Object body{{"roles", array_of(wanted.roles)}};
    if (id.empty()) {
      body["type"] = wanted.type;
      body["assigneeId"] = wanted.assignee;
    } else {
      call.verb = Verb::put;
      call.path += '/' + encode_segment(id);
    }
    call.body = std::move(body);
    auto reply = co_await session.call(std::move(call));
    if (!reply) co_return about(wanted, reply.error());
    co_return Result<void>();
  }

  static Error about(Assignment const& assignment, Error error) {
    error.message = fmt::format("assignment of the {} {}: {}", assignment.type,
                                visible(assignment.assignee), error.message);
    return error;
  }
};

}  // namespace

ResourceType const& space_type() {
  static SpaceType const type;
  return type;
}

}  // namespace tenantry::qlik
