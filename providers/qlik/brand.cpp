// brands: /api/v1/brands. A brand and its files have calls of their own; at most one is active.
#include <algorithm>
#include <array>

#include "engine/core/text.hpp"
#include "providers/qlik/attachment.hpp"
#include "providers/qlik/collection.hpp"
#include "providers/qlik/kinds.hpp"

namespace tenantry::qlik {
namespace {

// The documents say KB and not which; the smaller reading is accepted by both.
constexpr std::size_t kLogoBytesMax = 300'000;
constexpr std::size_t kFavIconBytesMax = 100'000;
constexpr std::size_t kStylesBytesMax = 100'000;

/// Attributes that are files; the same names are the ids of the brand's files.
constexpr std::array<std::string_view, 3> kFiles{"logo", "favIcon", "styles"};

Schema const& brand_schema() {
  static Schema const schema{
      .section = "brands",
      .singular = "brand",
      .doc =
          "Logo and icon of a tenant's hub and console. A tenant can hold several brands, of which "
          "one at most is active; without one it looks as Qlik made it.",
      .attributes =
          {
              {.name = "name",
               .use = Use::required,
               .doc = "Recognises the brand, so it should be unique in the tenant.",
               .length_min = 1},
              {.name = "description", .doc = "What the brand is for."},
              {.name = "logo",
               .doc = "Path of a PNG or JPEG image of at most 300 KB, shown in a box of 109 x 62 "
                      "pixels. An empty text removes the logo.",
               .format = Format::file,
               .file = {.digest = FileRule::Digest::md5,
                        .bytes_max = kLogoBytesMax,
                        .content_types = {"image/png", "image/jpeg"}}},
              {.name = "favIcon",
               .doc = "Path of an ICO icon of at most 100 KB, shown in the tab of the browser. An "
                      "empty text removes it.",
               .format = Format::file,
               .file = {.digest = FileRule::Digest::md5,
                        .bytes_max = kFavIconBytesMax,
                        .content_types = {"image/x-icon"}}},
              {.name = "styles",
               .doc =
                   "Path of a JSON document of at most 100 KB. Qlik Cloud keeps it, but does not "
                   "use it yet. An empty text removes it.",
               .format = Format::file,
               .file = {.digest = FileRule::Digest::md5,
                        .bytes_max = kStylesBytesMax,
                        .content_types = {"application/json"}}},
              {.name = "active",
               .kind = Kind::boolean,
               .doc = "Whether users see this brand. Activating one deactivates the one before.",
               .server_default = false},
          },
      .natural_key = {"name"},
      .exclusive = {"active"},
  };
  return schema;
}

/// The content as values tell it. An eTag is the quoted MD5 of the file in Qlik's examples; another
/// one only tells that the content changed.
std::string content_of(std::string_view etag) {
  if (etag.starts_with("W/")) etag.remove_prefix(2);
  if (etag.size() >= 2 && etag.starts_with('"') && etag.ends_with('"')) {
    etag = etag.substr(1, etag.size() - 2);
  }
  auto const hex = lower(etag);
  bool const is_md5 = hex.size() == 32 && std::ranges::all_of(hex, [](char c) {
                        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
                      });
  return is_md5 ? "md5:" + hex : "etag:" + std::string(etag);
}

bool is_active(Object const& attributes) {
  auto const* active = find(attributes, "active");
  return active != nullptr && *active == Value(true);
}

class BrandType final : public CollectionType {
 public:
  BrandType()
      : CollectionType(
            brand_schema(),
            {.path = "/api/v1/brands", .updated_at = "updatedAt", .updated_by = "updatedBy"}) {}

  /// POST with all files; a new brand is inactive.
  Task<Created> create(Operation operation, Object planned) const override {
    auto form = form_of(operation, planned);
    if (!form) co_return form.error();
    Call call{.verb = Verb::post, .path = collection().path, .form = std::move(*form)};
    auto reply = co_await operation.session.call(std::move(call));
    if (!reply) co_return reply.error();
    auto body = created_body(*reply, collection().id, schema().singular);
    if (!body) co_return body.error();
    Created created{.object = live(*body)};
    if (!is_active(planned)) co_return created;
    auto active = co_await set_active(operation, created.object.id, true);
    if (active) {
      created.object = std::move(*active);
    } else {
      created.incomplete = active.error();
    }
    co_return created;
  }

  /// Texts by PATCH, each file by a call of its own, then activation.
  Task<Updated> update(Operation operation, RemoteId id, Object, Object changed) const override {
    Object texts;
    for (std::string_view const name : {"name", "description"}) {
      if (auto const* value = find(changed, name)) texts[name] = *value;
    }
    if (!texts.empty()) {
      auto reply = co_await patch_replace(operation.session, path_of(id), std::move(texts));
      if (!reply) co_return reply.error();
    }
    bool const has_files = std::ranges::any_of(
        kFiles, [&](auto const name) { return changed.if_contains(name) != nullptr; });
    if (has_files) {
      auto done = co_await change_files(operation, id, changed);
      if (!done) co_return done.error();
    }
    if (auto const* active = find(changed, "active")) {
      auto brand = co_await set_active(operation, id, *active == Value(true));
      if (!brand) co_return brand.error();
      co_return Updated{.attributes = std::move(brand->attributes)};
    }
    if (!has_files) co_return Updated{};
    auto brand = co_await read(operation.session, id);  // tells the new eTags
    if (!brand) co_return brand.error();
    co_return Updated{.attributes = std::move(brand->attributes)};
  }

  std::optional<Consequence> consequence(Object const& live, Object const* planned) const override {
    bool const stays = planned != nullptr && (is_active(*planned) || !planned->contains("active"));
    if (!is_active(live) || stays) return std::nullopt;
    return Consequence{.text =
                           "gives the tenant Qlik's own look, unless another brand is activated"};
  }

 protected:
  RemoteObject live(Object const& body) const override {
    auto object = CollectionType::live(body);
    for (auto const name : kFiles) object.attributes[name] = "";
    auto const* files = find(body, "files");
    if (files == nullptr || !files->is_array()) return object;
    for (auto const& entry : files->get_array()) {
      auto const* file = entry.if_object();
      if (file == nullptr) continue;
      auto const id = text_at(*file, "id");
      if (std::ranges::find(kFiles, id) == kFiles.end()) continue;
      object.attributes[id] = content_of(text_at(*file, "eTag"));
    }
    return object;
  }

 private:
  static Result<std::vector<FormPart>> form_of(Operation const& operation, Object const& planned) {
    std::vector<FormPart> form;
    for (std::string_view const name : {"name", "description"}) {
      auto text = text_at(planned, name);
      if (!text.empty()) form.push_back({std::string(name), {}, {}, std::move(text)});
    }
    for (auto const name : kFiles) {
      if (!names_file(planned, name)) continue;
      auto part = file_part(operation, name, std::string(name));
      if (!part) return part.error();
      form.push_back(std::move(*part));
    }
    return form;
  }

  /// A file that is there is replaced by PUT, a missing one added by POST. What the brand has
  /// already, because an earlier attempt came that far, is not sent again.
  Task<void> change_files(Operation operation, RemoteId id, Object changed) const {
    auto brand = co_await read(operation.session, id);
    if (!brand) co_return brand.error();
    for (auto const name : kFiles) {
      auto const* wanted = find(changed, name);
      auto const has = text_at(brand->attributes, name);
      if (wanted == nullptr || *wanted == Value(has)) continue;
      auto const path = path_of(id) + "/files/" + std::string(name);
      if (!names_file(changed, name)) {
        auto removed = co_await tenantry::remove(operation.session, path);
        if (!removed) co_return removed.error();
        continue;
      }
      auto part = file_part(operation, name, "file");
      if (!part) co_return part.error();
      Call call{.verb = has.empty() ? Verb::post : Verb::put, .path = path};
      call.form.push_back(std::move(*part));
      auto reply = co_await operation.session.call(std::move(call));
      if (!reply) co_return reply.error();
    }
    co_return Result<void>();
  }

  /// Does nothing where it is so already, and may be asked twice.
  Task<RemoteObject> set_active(Operation operation, RemoteId id, bool active) const {
    Call call{.verb = Verb::post,
              .path = path_of(id) + (active ? "/actions/activate" : "/actions/deactivate"),
              .repeatable = true};
    auto reply = co_await operation.session.call(std::move(call));
    if (!reply) co_return reply.error();
    if (auto const* body = reply->body.if_object();
        body != nullptr && !text_at(*body, "id").empty()) {
      co_return live(*body);
    }
    co_return co_await read(operation.session, id);
  }
};

}  // namespace

ResourceType const& brand_type() {
  static BrandType const type;
  return type;
}

}  // namespace tenantry::qlik
