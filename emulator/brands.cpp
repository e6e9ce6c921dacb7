// /api/v1/brands: logo, icon and styles of the tenant; at most one brand is active.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "emulator/base64.hpp"
#include "emulator/body.hpp"
#include "emulator/listing.hpp"
#include "emulator/multipart.hpp"
#include "engine/core/digest.hpp"
#include "engine/core/text.hpp"

namespace tenantry::emulator {
namespace {

constexpr std::string_view kSortable[] = {"id", "createdAt", "updatedAt"};
ListSpec const kList{.forward = "startingAfter",
                     .backward = "endingBefore",
                     .limit_default = 5,
                     .sortable = kSortable,
                     .sort_default = "-id"};

/// A file that a brand may have. The sizes are documented: 300 KB for the logo, 100 KB for the
/// others; a KB is taken for 1,024 bytes.
struct FileRule {
  std::string_view id;
  std::size_t kilobytes_max;
  std::vector<std::string_view> content_types;

  bool allows(std::string_view type) const {
    return std::ranges::find(content_types, type) != content_types.end();
  }
};
FileRule const kFiles[] = {{"logo", 300, {"image/png", "image/jpeg"}},
                           {"favIcon", 100, {"image/x-icon", "image/vnd.microsoft.icon"}},
                           {"styles", 100, {"application/json"}}};

/// Far above what a brand needs, so that a file that is too large is refused as such (400).
constexpr std::size_t kUploadBytesMax = 16 * 1024 * 1024;

FileRule const* rule_of(std::string_view id) {
  auto const* const at = std::ranges::find(kFiles, id, &FileRule::id);
  return at == std::end(kFiles) ? nullptr : at;
}

/// `_files` of the data is an object: id of a file to its content type, eTag and bytes in base64.
Object render(std::string_view id, Object const& data) {
  auto out = public_part(data);
  Array files;
  for (auto const& rule : kFiles) {
    auto const* const file = find(data.at("_files").as_object(), rule.id);
    if (file == nullptr) continue;
    files.push_back({{"id", rule.id},
                     {"path", fmt::format("/api/v1/brands/{}/files/{}", id, rule.id)},
                     {"contentType", file->at("contentType")},
                     {"eTag", file->at("eTag")}});
  }
  out["id"] = id;
  out["files"] = std::move(files);
  return out;
}

Object show(Tenant const&, Row const& row) { return render(row.id, row.data); }

Problem no_such_brand() { return missing("there is no such brand"); }

Row const* find_brand(Call const& call) { return call.table("brands").find(call.id()); }

void store(Call& call, Object data) {
  data["updatedAt"] = call.world.stamp();
  data["updatedBy"] = call.token->user_id;
  call.table("brands").update(call.id(), std::move(data));
}

Answer list(Call& call) {
  return list_page(call, kList, items_of(call.table("brands")),
                   [](ListItem const& item) { return render(item.id, *item.data); });
}

Answer get(Call& call) {
  auto const* const row = find_brand(call);
  if (row == nullptr) return no_such_brand();
  return json_reply(200, render(row->id, row->data));
}

Row const* active_brand(Call const& call) {
  for (auto const& [sequence, row] : call.table("brands").rows()) {
    if (row.data.at("active").as_bool()) return &row;
  }
  return nullptr;
}

Answer get_active(Call& call) {
  auto const* const row = active_brand(call);
  if (row == nullptr) return json_reply(200, Object());  // the default of Qlik has no data
  return redirect_reply(302, fmt::format("{}/api/v1/brands/{}", call.origin, row->id));
}

/// What the bytes are by their first ones, or because they are JSON; "" for anything else.
std::string_view type_of(std::string_view bytes) {
  constexpr std::string_view kPng("\x89PNG\r\n\x1a\n", 8), kJpeg("\xff\xd8\xff", 3),
      kIcon("\0\0\1\0", 4);
  if (bytes.starts_with(kPng)) return "image/png";
  if (bytes.starts_with(kJpeg)) return "image/jpeg";
  if (bytes.starts_with(kIcon)) return "image/x-icon";
  return parse_body(bytes) ? "application/json" : "";
}

/// A part as it is stored. A part without a content type of its own gets that of its bytes.
std::variant<Object, Problem> read_file(FileRule const& rule, Part const& part) {
  if (!part.is_file) return invalid("", fmt::format("{} must be a file", part.name));
  if (part.bytes.size() > rule.kilobytes_max * 1024) {
    return invalid("", fmt::format("{} must have at most {} KB", rule.id, rule.kilobytes_max));
  }
  auto const found = type_of(part.bytes);
  auto type = media_type(part.content_type);
  if (type.empty() || type == "application/octet-stream") type = found;
  if (!rule.allows(type) || !rule.allows(found)) {
    return invalid("", fmt::format("{} must be one of {}, in its content type and its bytes",
                                   rule.id, fmt::join(rule.content_types, ", ")));
  }
  return Object{{"contentType", type},
                {"eTag", fmt::format("\"{}\"", md5_hex(part.bytes))},
                {"bytes", to_base64(part.bytes)}};
}

/// The parts of the body, each name once.
std::variant<std::vector<Part>, Problem> read_parts(Call const& call) {
  auto const header = call.request.header("content-type");
  if (media_type(header) != "multipart/form-data") {
    return Problem{.status = 415, .detail = "Content-Type must be multipart/form-data"};
  }
  auto parts = parse_multipart(header, call.request.body);
  if (!parts) return invalid("", parts.error().message);
  std::set<std::string_view> names;
  for (auto const& part : *parts) {
    if (!names.insert(part.name).second) {
      return invalid("", fmt::format("{} is there twice", visible(part.name)));
    }
  }
  return std::move(*parts);
}

Refusal read_part(Part const& part, Object& data) {
  if (auto const* const rule = rule_of(part.name)) {
    auto file = read_file(*rule, part);
    if (auto* const problem = std::get_if<Problem>(&file)) return std::move(*problem);
    data["_files"].as_object()[part.name] = std::move(std::get<0>(file));
    return std::nullopt;
  }
  if (part.name != "name" && part.name != "description") {
    return invalid("", fmt::format("{} is not a known part", visible(part.name)));
  }
  if (part.is_file || !is_utf8(part.bytes)) {
    return invalid("", fmt::format("{} must be a text", part.name));
  }
  data[part.name] = part.bytes;
  return std::nullopt;
}

Answer create(Call& call) {
  auto const parts = read_parts(call);
  if (auto const* const problem = std::get_if<Problem>(&parts)) return *problem;
  auto const time = call.world.stamp();
  Object data{{"name", ""},
              {"description", ""},
              {"active", false},
              {"createdAt", time},
              {"createdBy", call.token->user_id},
              {"updatedAt", time},
              {"updatedBy", call.token->user_id},
              {"_files", Object()}};
  for (auto const& part : std::get<0>(parts)) {
    if (auto refusal = read_part(part, data)) return *refusal;
  }
  if (text_at(data, "name").empty()) return invalid("", "name is required");
  auto& table = call.table("brands");
  auto const& row = table.insert(call.new_id(table), std::move(data));
  return json_reply(201, render(row.id, row.data));
}

Answer patch(Call& call) {
  static PatchPath const kPaths[] = {{"/name", "add replace", {.length_min = 1}},
                                     {"/description", "add remove replace"}};
  auto const* const row = find_brand(call);
  if (row == nullptr) return no_such_brand();
  auto draft = row->data;
  auto const refusal = apply_patch(call.body, kPaths, [&](PatchOperation const& op) -> Refusal {
    draft[op.path.substr(1)] = op.op == "remove" ? Value("") : op.value;
    return std::nullopt;
  });
  if (refusal) return *refusal;
  store(call, std::move(draft));
  return empty_reply(204);
}

Answer remove(Call& call) {
  if (find_brand(call) == nullptr) return no_such_brand();
  call.table("brands").erase(call.id());
  return empty_reply(204);
}

Answer activate(Call& call) {
  auto const* const row = find_brand(call);
  if (row == nullptr) return no_such_brand();
  auto const* const former = active_brand(call);
  if (former != row) {
    if (former != nullptr) {
      auto data = former->data;
      data["active"] = false;
      call.table("brands").update(former->id, std::move(data));
    }
    auto data = row->data;
    data["active"] = true;
    store(call, std::move(data));
  }
  return json_reply(200, render(row->id, row->data));
}

Answer deactivate(Call& call) {
  auto const* const row = find_brand(call);
  if (row == nullptr) return no_such_brand();
  if (active_brand(call) == row) {
    auto data = row->data;
    data["active"] = false;
    store(call, std::move(data));
  }
  return json_reply(200, render(row->id, row->data));
}

/// The brand and the kind of file that a path names.
struct Place {
  Row const* brand;
  FileRule const* rule;
  Value const* file;  ///< null: the brand does not have it
};

std::variant<Place, Problem> locate(Call const& call) {
  auto const* const row = find_brand(call);
  if (row == nullptr) return no_such_brand();
  auto const* const rule = rule_of(call.args[1]);
  if (rule == nullptr) {
    return bad_parameter("brand-file-id", "a brand has the files logo, favIcon and styles");
  }
  return Place{row, rule, find(row->data.at("_files").as_object(), rule->id)};
}

Problem no_such_file(Place const& place) {
  return missing(fmt::format("the brand has no {}", place.rule->id));
}

Answer get_file(Call& call) {
  auto const place = locate(call);
  if (auto const* const problem = std::get_if<Problem>(&place)) return *problem;
  auto const* const file = std::get<0>(place).file;
  if (file == nullptr) return no_such_file(std::get<0>(place));
  auto bytes = from_base64(std::string_view(file->at("bytes").as_string()));
  ensure(bytes.has_value(), "the bytes of a file are stored as base64");
  return Reply{200, std::string(file->at("contentType").as_string()), std::move(*bytes), {}};
}

Answer put_file(Call& call, Place const& place, unsigned status) {
  auto const parts = read_parts(call);
  if (auto const* const problem = std::get_if<Problem>(&parts)) return *problem;
  auto const& list = std::get<0>(parts);
  if (list.size() != 1 || list.front().name != "file") {
    return invalid("", "the body must have the one part file");
  }
  auto file = read_file(*place.rule, list.front());
  if (auto const* const problem = std::get_if<Problem>(&file)) return *problem;
  auto data = place.brand->data;
  data["_files"].as_object()[place.rule->id] = std::move(std::get<0>(file));
  store(call, std::move(data));
  auto const brand = render(place.brand->id, place.brand->data);
  auto const& files = brand.at("files").as_array();
  return json_reply(status, *std::ranges::find_if(files, [&](Value const& shown) {
                      return shown.at("id").as_string() == place.rule->id;
                    }));
}

Answer create_file(Call& call) {
  auto const place = locate(call);
  if (auto const* const problem = std::get_if<Problem>(&place)) return *problem;
  if (std::get<0>(place).file != nullptr) {
    return invalid("", fmt::format("the brand has a {} already", call.args[1]));
  }
  return put_file(call, std::get<0>(place), 201);
}

Answer replace_file(Call& call) {
  auto const place = locate(call);
  if (auto const* const problem = std::get_if<Problem>(&place)) return *problem;
  if (std::get<0>(place).file == nullptr) return no_such_file(std::get<0>(place));
  return put_file(call, std::get<0>(place), 200);
}

Answer remove_file(Call& call) {
  auto const place = locate(call);
  if (auto const* const problem = std::get_if<Problem>(&place)) return *problem;
  if (std::get<0>(place).file == nullptr) return no_such_file(std::get<0>(place));
  auto data = std::get<0>(place).brand->data;
  data["_files"].as_object().erase(call.args[1]);
  store(call, std::move(data));
  return empty_reply(204);
}

Route upload(std::string_view method, std::string_view path, Handler handler) {
  return {.method = method,
          .path = path,
          .handler = handler,
          .tier = kTier2,
          .access = Access::admin,
          .body = BodyKind::bytes,
          .body_bytes_max = kUploadBytesMax};
}

}  // namespace

Kind brands_kind() {
  constexpr std::string_view kAll = "/api/v1/brands", kOne = "/api/v1/brands/{id}",
                             kFile = "/api/v1/brands/{id}/files/{file}",
                             kActive = "/api/v1/brands/active",
                             kActivate = "/api/v1/brands/{id}/actions/activate",
                             kDeactivate = "/api/v1/brands/{id}/actions/deactivate";
  constexpr auto kAdmin = Access::admin;
  constexpr auto kBody = BodyKind::optional_json;
  return {.errors = {.status = StatusForm::none, .source = false},
          .tables = {{"brands", nullptr, show}},
          .routes = {{"GET", kAll, list},
                     upload("POST", kAll, create),
                     {"GET", kActive, get_active},
                     {"GET", kOne, get},
                     {"PATCH", kOne, patch, kTier2, kAdmin, BodyKind::json},
                     {"DELETE", kOne, remove, kTier2, kAdmin},
                     {"POST", kActivate, activate, kTier2, kAdmin, kBody},
                     {"POST", kDeactivate, deactivate, kTier2, kAdmin, kBody},
                     {"GET", kFile, get_file},
                     upload("POST", kFile, create_file),
                     upload("PUT", kFile, replace_file),
                     {"DELETE", kFile, remove_file, kTier2, kAdmin}}};
}

}  // namespace tenantry::emulator
