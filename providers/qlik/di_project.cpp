// diProjects: /api/v1/di-projects. A project is made empty; its bindings are set and a package is
// imported into it. No call changes or deletes the project itself.
#include <fmt/format.h>

#include <map>

#include "engine/core/text.hpp"
#include "providers/qlik/attachment.hpp"
#include "providers/qlik/collection.hpp"
#include "providers/qlik/di_import.hpp"
#include "providers/qlik/kinds.hpp"

namespace tenantry::qlik {
namespace {

constexpr std::string_view kFixed =
    "no call of Qlik Cloud changes or deletes a DI project: change it in Qlik Cloud, or declare "
    "another project";

/// Of an attribute that only the creation sets.
Attribute fixed(Attribute attribute) {
  attribute.on_change = OnChange::refuse;
  attribute.refusal = kFixed;
  return attribute;
}

std::vector<Attribute> fixed_attributes() {
  return {
      fixed({.name = "name",
             .use = Use::required,
             .doc = "Recognises the project in its space.",
             .length_min = 1}),
      fixed({.name = "space",
             .use = Use::required,
             .doc = "Data space that holds the project: a key of `spaces` of this tenant, or the "
                    "name or id of a space that exists.",
             .length_min = 1,
             .refers_to = "spaces"}),
      fixed({.name = "type",
             .doc = "Whether the project builds a pipeline or only moves data.",
             .one_of = {"DATA_PIPELINE", "DATA_MOVEMENT"}}),
      fixed({.name = "description", .doc = "What the project is for."}),
      fixed({.name = "platformType",
             .doc = "Where a pipeline runs.",
             .one_of = {"SNOWFLAKE", "BIGQUERY", "SYNAPSE", "DATABRICKS", "REDSHIFT", "MSSQL",
                        "FABRIC", "QLIK_QVD", "QLIK_QVD_CUSTOMER_MANAGED", "QLIK_OPEN_LAKEHOUSE",
                        "NONE"}}),
      fixed({.name = "platformConnection",
             .doc = "Id of the connection to the platform. No read tells it.",
             .write_only = true}),
      fixed({.name = "cloudStagingConnection",
             .doc = "Id of the connection to the cloud staging area. No read tells it.",
             .write_only = true}),
  };
}

std::vector<Attribute> content_attributes() {
  return {
      {.name = "package",
       .doc = "Path of the zip archive that an export of a project gives; imported when its "
              "content changes. An empty text imports nothing.",
       .format = Format::file,
       .file = {.digest = FileRule::Digest::sha256, .content_types = {"application/zip"}},
       .write_only = true},
      {.name = "bindings",
       .kind = Kind::object,
       .doc = "Values of the project's variables, all of them texts, such as `projectName`, "
              "`task.<task>.sourceConnection` or `{{id(connection, SPACE.Name)}}`. Those that are "
              "not written stay as they are. Changed ones are imported together with the package."},
      {.name = "afterImport",
       .kind = Kind::object,
       .use = Use::meta,
       .doc = "What goes with an import of the package.",
       .fields = {{.name = "stop",
                   .kind = Kind::list,
                   .doc = "Names of tasks that are stopped before the import."},
                  {.name = "prepare",
                   .kind = Kind::boolean,
                   .doc = "Whether the project is prepared after the import.",
                   .server_default = false},
                  {.name = "start",
                   .kind = Kind::list,
                   .doc = "Names of tasks that are started at the end."}}},
  };
}

/// The API takes texts only.
void check_bindings(Object const& written, ReportProblem const& report) {
  auto const* bindings = find(written, "bindings");
  if (bindings == nullptr || !bindings->is_object() || is_deferred(*bindings)) return;
  for (auto const& member : bindings->get_object()) {
    if (member.value().is_string() || is_deferred(member.value())) continue;
    report({"/bindings/" + std::string(member.key()), "wrong type",
            fmt::format("the binding \"{}\" must be a text.", visible(member.key())),
            "write it in quotes"});
  }
}

Schema const& di_project_schema() {
  static Schema const schema = [] {
    Schema out{
        .section = "diProjects",
        .singular = "DI project",
        .doc =
            "A project of Qlik Talend Data Integration. Its content is built in one tenant, "
            "exported, and imported into others. Qlik Cloud cannot delete a project by API: one "
            "that is no longer declared stays where it is.",
        .attributes = fixed_attributes(),
        .natural_key = {"space", "name"},
        .check = check_bindings,
    };
    for (auto& attribute : content_attributes()) out.attributes.push_back(std::move(attribute));
    return out;
  }();
  return schema;
}

std::vector<std::string> texts_of(Object const& object, std::string_view name) {
  std::vector<std::string> out;
  auto const* list = find(object, name);
  if (list == nullptr || !list->is_array()) return out;
  for (auto const& text : list->get_array()) {
    if (text.is_string()) out.emplace_back(std::string_view(text.get_string()));
  }
  return out;
}

AroundImport around_import(Object const& meta) {
  auto const* written = find(meta, "afterImport");
  if (written == nullptr || !written->is_object()) return {};
  auto const& object = written->get_object();
  auto const* prepare = find(object, "prepare");
  return {.stop = texts_of(object, "stop"),
          .prepare = prepare != nullptr && *prepare == Value(true),
          .start = texts_of(object, "start")};
}

class DiProjectType final : public CollectionType {
 public:
  DiProjectType()
      : CollectionType(di_project_schema(), {.path = "/api/v1/di-projects",
                                             .paging = {.limit = 0, .member = "projects"}}) {}

  bool refers_by_id(Object const&) const override { return true; }
  /// The API tells the space of a project by its id alone; people and natural keys go by names.
  Task<std::vector<RemoteObject>> list(Session& session) const override {
    auto projects = co_await CollectionType::list(session);
    if (!projects || projects->empty()) co_return projects;
    std::vector<std::pair<std::string, std::string>> const of_data{{"type", "data"}};
    auto spaces = co_await list_all(session, kSpaces, of_data, Paging());
    if (!spaces) co_return spaces.error();
    std::map<std::string, std::string> names;
    for (auto const& space : *spaces) names.emplace(text_at(space, "id"), text_at(space, "name"));
    for (auto& project : *projects) {
      auto const found = names.find(space_of(project));
      if (found != names.end()) name_space(project, found->second);
    }
    co_return projects;
  }

  Task<RemoteObject> read(Session& session, RemoteId id) const override {
    auto project = co_await CollectionType::read(session, std::move(id));
    if (!project || space_of(*project).empty()) co_return project;
    auto const path = std::string(kSpaces) + '/' + encode_segment(space_of(*project));
    auto space = co_await get(session, path);
    if (!space && space.error().code == Errc::not_found) co_return project;  // not ours to see
    if (!space) co_return space.error();
    if (auto const* body = space->if_object()) name_space(*project, text_at(*body, "name"));
    co_return project;
  }

  bool has_detail() const override { return true; }

  /// The bindings as they are saved: recalculating them costs Qlik Cloud a look at every task.
  Task<RemoteObject> detail(Session& session, RemoteObject listed) const override {
    auto bindings = co_await saved_bindings(session, listed.id);
    if (!bindings) co_return bindings.error();
    listed.attributes["bindings"] = std::move(*bindings);
    co_return listed;
  }

  /// POST makes the project. What then fails leaves it incomplete: it cannot be deleted, and the
  /// next run goes on from there.
  Task<Created> create(Operation operation, Object planned) const override {
    auto package = package_of(operation, planned);
    if (!package) co_return package.error();
    auto body = request(operation, planned);
    if (!body) co_return body.error();
    auto reply = co_await post(operation.session, collection().path, std::move(*body));
    if (!reply) co_return reply.error();
    auto answer = created_body(*reply, collection().id, schema().singular);
    if (!answer) co_return answer.error();
    Created created{.object = live(*answer)};
    Content content{find(planned, "bindings"), std::move(*package)};
    auto filled = co_await fill(operation, created.object.id, planned, std::move(content));
    if (!filled.bindings.is_null()) {
      created.object.attributes["bindings"] = std::move(filled.bindings);
    }
    created.incomplete = std::move(filled.failure);
    co_return created;
  }

  Task<Updated> update(Operation operation, RemoteId id, Object planned,
                       Object changed) const override {
    // Bindings take effect at an import: changed ones take the package with them.
    bool const rebinds = changed.contains("bindings");
    auto package = package_of(operation, rebinds ? planned : changed);
    if (!package) co_return package.error();
    bool const sends_package = package->has_value();
    Content content{find(changed, "bindings"), std::move(*package)};
    auto filled = co_await fill(operation, id, planned, std::move(content));
    Updated updated;
    if (!filled.bindings.is_null()) updated.attributes["bindings"] = std::move(filled.bindings);
    if (filled.failure && sends_package) updated.attributes["package"] = "";  // not imported
    updated.incomplete = std::move(filled.failure);
    co_return updated;
  }

  Task<void> remove(Operation operation, RemoteId) const override {
    co_return Error(
        Errc::invalid,
        fmt::format("{} has no call that deletes a DI project", operation.session.host()),
        "delete it in Qlik Cloud");
  }

  std::optional<std::string> permanent(Object const&) const override {
    return "Qlik Cloud cannot delete a DI project by API";
  }

  /// POST export: YAML with the settings that differ from the defaults, without bindings, so that
  /// those of another tenant can be given at its import.
  Task<std::string> export_package(Session& session, RemoteId id) const override {
    Object const options{{"includeBindings", false}};
    Call call{.verb = Verb::post,
              .path = path_of(id) + "/actions/export",
              .headers = {{"Accept", "application/octet-stream"}},
              .body = Value(options)};
    auto reply = co_await session.call(std::move(call));
    if (!reply) co_return reply.error();
    if (!reply->bytes.starts_with("PK")) {
      co_return Error(Errc::protocol, fmt::format("the export of {} of {} is no zip archive",
                                                  id.text(), session.host()));
    }
    co_return std::move(reply->bytes);
  }

 protected:
  RemoteObject live(Object const& body) const override {
    auto object = CollectionType::live(body);
    object.attributes["space"] = Object{{"id", text_at(body, "spaceId")}};
    return object;
  }

  Result<Object> request(Operation const& operation, Object const& attributes) const override {
    auto body = settable(schema(), attributes);
    body.erase("package");
    body.erase("bindings");
    auto const space = text_at(body, "space");
    auto const id = operation.references.id_of("spaces", space);
    if (id.empty()) {
      return Error(Errc::not_found, fmt::format("there is no space \"{}\"", visible(space)),
                   "declare it under `spaces`, or create it before");
    }
    body["space"] = id.text();
    return body;
  }

 private:
  /// What a project is filled with; each of the two may be absent.
  struct Content {
    Value const* bindings;  ///< of an object that outlives the task
    std::optional<FormPart> package;
  };
  /// How far that came.
  struct Filled {
    Value bindings = nullptr;  ///< all of them, once set
    std::optional<Error> failure;
  };

  static constexpr auto kSpaces = "/api/v1/spaces";

  static std::string space_of(RemoteObject const& project) {
    return text_at(project.attributes.at("space").get_object(), "id");
  }

  static void name_space(RemoteObject& project, std::string const& name) {
    project.attributes.at("space").get_object()["name"] = name;
  }

  static Result<std::optional<FormPart>> package_of(Operation const& operation,
                                                    Object const& attributes) {
    if (!names_file(attributes, "package")) return std::optional<FormPart>();
    auto part = file_part(operation, "package", "zip");
    if (!part) return part.error();
    return std::optional<FormPart>(std::move(*part));
  }

  /// Bindings come first: an import takes those that it finds.
  boost::asio::awaitable<Filled> fill(Operation operation, RemoteId id, Object planned,
                                      Content content) const {
    Filled filled;
    if (content.bindings != nullptr) {
      auto joined = co_await set_bindings(operation.session, id, content.bindings->get_object());
      if (!joined) {
        filled.failure = joined.error();
        co_return filled;
      }
      filled.bindings = std::move(*joined);
    }
    if (!content.package) co_return filled;
    auto label = fmt::format("the DI project \"{}\"", visible(text_at(planned, "name")));
    auto around = around_import(operation.meta);
    auto imported = co_await import_package(operation, path_of(id), std::move(label),
                                            std::move(*content.package), std::move(around));
    if (!imported) filled.failure = imported.error();
    co_return filled;
  }

  /// PUT replaces all bindings, so that the written ones are joined with the others.
  Task<Object> set_bindings(Session& session, RemoteId id, Object written) const {
    auto all = co_await saved_bindings(session, id);
    if (!all) co_return all.error();
    for (auto const& member : written) (*all)[member.key()] = member.value();
    Object const body{{"variables", *all}};
    Call call{.verb = Verb::put, .path = path_of(id) + "/bindings", .body = Value(body)};
    auto reply = co_await session.call(std::move(call));
    if (!reply) co_return reply.error();
    co_return std::move(*all);
  }

  Task<Object> saved_bindings(Session& session, RemoteId id) const {
    Call call{
        .verb = Verb::get, .path = path_of(id) + "/bindings", .query = {{"recalculate", "false"}}};
    auto reply = co_await session.call(std::move(call));
    if (!reply) co_return reply.error();
    auto const* body = reply->body.if_object();
    auto const* variables = body != nullptr ? find(*body, "variables") : nullptr;
    if (variables == nullptr || variables->is_null()) co_return Object();
    if (!variables->is_object()) {
      co_return Error(Errc::protocol, path_of(id) + "/bindings has no \"variables\"");
    }
    co_return variables->get_object();
  }
};

}  // namespace

ResourceType const& di_project_type() {
  static DiProjectType const type;
  return type;
}

}  // namespace tenantry::qlik
