#include "engine/run/exporter.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/this_coro.hpp>

#include "engine/core/concurrency.hpp"
#include "engine/core/text.hpp"
#include "engine/run/blueprint_values.hpp"
#include "engine/run/exported_values.hpp"
#include "engine/run/live_tenant.hpp"
#include "engine/run/references.hpp"

namespace tenantry::run {
namespace asio = boost::asio;
namespace {

std::string first_name(std::string_view pointer) {
  pointer.remove_prefix(std::min<std::size_t>(1, pointer.size()));
  return std::string(pointer.substr(0, pointer.find('/')));
}

/// What a person calls it.
std::string name_of(Schema const& schema, Object const& attributes) {
  auto name = text_at(attributes, "name");
  if (name.empty() && !schema.natural_key.empty()) {
    name = text_at(attributes, schema.natural_key.back());
  }
  return name;
}

/// One live object on its way into the YAML.
struct Item {
  RemoteObject const* live = nullptr;
  std::string key;                        ///< empty for a section that is one resource
  DesiredResource const* base = nullptr;  ///< of the blueprint; null: it has none
};

class Exporter {
 public:
  Exporter(Context& context, ExportRequest request)
      : context_(context), request_(std::move(request)) {
    none_.key = request_.key;
    out_.key = request_.key;
  }

  Task<ExportedTenant> run() {
    auto connected = tenant_session(context_, nullptr, request_.region, request_.hostname);
    if (!connected) co_return connected.error();
    session_ = *connected;
    auto read = co_await read_live();
    if (!read) co_return read.error();
    auto based = take_blueprint();
    if (!based) co_return based.error();
    if (!request_.blueprint.empty()) out_.body["blueprint"] = request_.blueprint;
    if (request_.key.empty()) {
      std::set<std::string> none;
      out_.key = make_key(text_at(live_.self->attributes, "name"), none);
    }
    out_.body["region"] = request_.region;
    out_.body["hostname"] = live_.self->hostname;
    if (!values_.empty()) out_.body["values"] = values_;
    write_self();
    for (auto const* type : context_.provider.types()) choose(*type);
    for (auto const* type : context_.provider.types()) drop_unwritten(*type);
    std::erase_if(out_.comments, [](auto const& about) { return !about.first.empty(); });
    for (auto const* type : context_.provider.types()) write_section(*type);
    co_return std::move(out_);
  }

 private:
  // --- reading ---

  Task<void> read_live() {
    auto const executor = co_await asio::this_coro::executor;
    RemoteId const own;
    auto self = co_await context_.provider.tenant().read(*session_, own);
    if (!self) co_return self.error();
    live_.self = std::move(*self);
    TaskGroup group(executor);
    for (auto const* type : context_.provider.types()) group.spawn(read_kind(*type));
    co_await group.join();
    if (failure_) co_return *failure_;
    co_return Result<void>();
  }

  asio::awaitable<void> read_kind(ResourceType const& type) {
    auto list = co_await type.list(*session_);
    if (!list) {
      auto const& error = list.error();
      bool const closed = error.code == Errc::forbidden || error.code == Errc::not_found;
      if (closed) {
        comment("",
                fmt::format("{}: could not be read ({})", type.schema().section, describe(error)));
      } else if (!failure_) {
        failure_ = error;
      }
      co_return;
    }
    for (auto& object : *list) {
      if (object.built_in || !type.has_detail()) continue;
      auto whole = co_await type.detail(*session_, object);
      if (!whole) {
        if (!failure_) failure_ = whole.error();
        co_return;
      }
      object = std::move(*whole);
    }
    live_.lists[type.schema().section] = std::move(*list);
  }

  // --- the blueprint ---

  Result<void> take_blueprint() {
    names_.emplace(nothing_, none_, live_);
    if (request_.blueprint.empty()) return {};
    auto const& written = context_.configuration.written();
    auto const* all = find(written, "blueprints");
    auto const* blueprint =
        all != nullptr && all->is_object() ? find(all->get_object(), request_.blueprint) : nullptr;
    if (blueprint == nullptr || !blueprint->is_object()) {
      return Error(Errc::not_found,
                   fmt::format("there is no blueprint \"{}\"", visible(request_.blueprint)));
    }
    values_ = values_from_live(context_.provider, blueprint->get_object(), request_.key,
                               text_at(live_.self->attributes, "name"), live_);
    Object body{{"region", request_.region},
                {"hostname", live_.self->hostname},
                {"blueprint", request_.blueprint},
                {"values", values_}};
    if (auto name = text_at(live_.self->attributes, "name"); !name.empty()) body["name"] = name;
    auto tenant = context_.configuration.expand_as(request_.key, body);
    if (!tenant) return tenant.error();
    base_ = std::move(*tenant);
    for (auto const& resource : base_->resources) {
      for (auto const& [attribute, file] : resource.files) out_.files.push_back(file);
    }
    names_.emplace(base_->resources, none_, live_);
    return {};
  }

  // --- the tenant itself ---

  void write_self() {
    auto const& schema = context_.provider.tenant().schema();
    auto const defaults = base_ ? Defaults::told : Defaults::left_out;
    auto attributes = told(schema, live_.self->attributes, {}, defaults, "");
    attributes.erase("datacenter");  // the tenant has it for good
    place(schema,
          base_ ? only_different(schema, attributes, base_->self.attributes, *names_) : attributes,
          out_.body);
  }

  /// Puts attributes where the YAML has them: in their blocks, or directly.
  static void place(Schema const& schema, Object const& attributes, Object& target) {
    for (auto const& attribute : schema.attributes) {
      auto const* value = find(attributes, attribute.name);
      if (value == nullptr) continue;
      if (attribute.block.empty()) {
        target[attribute.name] = *value;
        continue;
      }
      auto& block = target[attribute.block];
      if (!block.is_object()) block = Object();
      block.get_object()[attribute.name] = *value;
    }
  }

  // --- which objects, under which keys ---

  std::string natural_key_of(Schema const& schema, RemoteObject const& object) const {
    return natural_key(schema, plans::comparable(schema, object.attributes, *names_));
  }

  DesiredResource const* base_of(Schema const& schema, std::string const& name) const {
    if (!base_) return nullptr;
    for (auto const& resource : base_->resources) {
      if (resource.address.section != schema.section) continue;
      auto const key =
          natural_key(schema, plans::comparable_desired(schema, resource.attributes, *names_));
      if (key == name) return &resource;
    }
    return nullptr;
  }

  void choose(ResourceType const& type) {
    auto const& schema = type.schema();
    auto const list = live_.lists.find(schema.section);
    if (list == live_.lists.end()) return;
    std::map<std::string, std::vector<RemoteObject const*>> by_name;
    for (auto const& object : list->second) {
      if (object.built_in) continue;
      if (session_->signs_in_as(object.id.text())) continue;  // Tenantry's own way in
      by_name[natural_key_of(schema, object)].push_back(&object);
    }
    std::set<std::string> taken;
    if (base_) {
      for (auto const& resource : base_->resources) {
        if (resource.address.section == schema.section) taken.insert(resource.address.key);
      }
    }
    for (auto const& [name, objects] : by_name) {
      if (objects.size() > 1) {
        ambiguous(schema, name, objects);
        continue;
      }
      Item item{objects.front(), {}, base_of(schema, name)};
      if (item.base != nullptr) {
        item.key = item.base->address.key;
      } else if (!schema.singleton) {
        item.key = make_key(name_of(schema, objects.front()->attributes), taken);
      }
      keys_[{schema.section, objects.front()->id}] = item.key;
      items_[schema.section].push_back(std::move(item));
    }
  }

  void ambiguous(Schema const& schema, std::string const& name,
                 std::vector<RemoteObject const*> const& objects) {
    std::vector<std::string> ids;
    for (auto const* object : objects) ids.push_back(object->id.text());
    comment("", fmt::format("{}: left out, since {} have the same name \"{}\": {}; declare the one "
                            "that is meant, and take it over by tenantry import",
                            schema.section, counted(objects.size(), schema.singular), name,
                            fmt::join(ids, ", ")));
  }

  /// A reference may name only what will be there: of what is not written the key is given up.
  void drop_unwritten(ResourceType const& type) {
    auto const& section = type.schema().section;
    std::erase_if(items_[section], [&](Item const& item) {
      if (item.base != nullptr || write(type, item, "/" + section + '/' + item.key)) return false;
      keys_.erase({section, item.live->id});
      return true;
    });
  }

  // --- one section ---

  void write_section(ResourceType const& type) {
    auto const& schema = type.schema();
    Object section;
    auto const pointer = '/' + schema.section;
    for (auto const& item : items_[schema.section]) {
      auto const own = schema.singleton ? pointer : pointer + '/' + item.key;
      auto written = write(type, item, own);
      if (!written) continue;
      if (schema.singleton) {
        section = std::move(*written);
      } else {
        section[item.key] = std::move(*written);
      }
    }
    leave_out_missing(schema, section);
    if (!section.empty()) out_.body[schema.section] = std::move(section);
  }

  /// What the blueprint has and the tenant has not would be created: a person decides that.
  void leave_out_missing(Schema const& schema, Object& section) {
    if (!base_ || !live_.listed(schema.section)) return;
    for (auto const& resource : base_->resources) {
      if (resource.address.section != schema.section) continue;
      auto const& items = items_[schema.section];
      if (std::ranges::find(items, &resource, &Item::base) != items.end()) continue;
      auto const local =
          schema.singleton ? schema.section : schema.section + '/' + resource.address.key;
      comment("", fmt::format("{}: the blueprint has it, the tenant has not; to have it created, "
                              "remove its null below",
                              local));
      if (schema.singleton) {
        out_.body[schema.section] = nullptr;
      } else {
        section[resource.address.key] = nullptr;
      }
    }
  }

  std::optional<Object> write(ResourceType const& type, Item const& item,
                              std::string const& pointer) {
    auto const& schema = type.schema();
    auto const& live = item.live->attributes;
    auto const defaults = item.base != nullptr ? Defaults::told : Defaults::left_out;
    auto attributes = told(schema, live, plain_of(type, *item.live), defaults, pointer);
    if (!fit(schema, item, attributes, pointer)) return std::nullopt;
    if (item.base != nullptr)
      attributes = only_different(schema, attributes, item.base->attributes, *names_);
    bool const is_bare = item.live->preset && !says_more(schema, attributes);
    if (attributes.empty() || (is_bare && item.base == nullptr)) {
      out_.comments.erase(pointer);
      return std::nullopt;
    }
    if (item.base == nullptr && type.creates_secret(live)) {
      comment(pointer, "deliverSecret: add a sink before a new secret is needed");
    }
    Object out;
    place(schema, attributes, out);
    return out;
  }

  /// More than what recognises it.
  static bool says_more(Schema const& schema, Object const& attributes) {
    return std::ranges::any_of(attributes, [&](auto const& member) {
      return std::ranges::find(schema.natural_key, std::string_view(member.key())) ==
             schema.natural_key.end();
    });
  }

  /// Attributes of an object that is there from the start and that nothing can change.
  std::set<std::string> plain_of(ResourceType const& type, RemoteObject const& object) const {
    std::set<std::string> fixed;
    if (!object.preset) return fixed;
    for (auto const& attribute : type.schema().attributes) {
      bool const refused =
          type.on_change(attribute, object.attributes).on_change == OnChange::refuse;
      if (refused && attribute.use != Use::required) fixed.insert(attribute.name);
    }
    return fixed;
  }

  Object told(Schema const& schema, Object const& live, std::set<std::string> const& left_out,
              Defaults defaults, std::string const& pointer) {
    auto out = exported_values(schema, live, {live_, keys_, defaults, left_out});
    for (auto const& file : out.files) {
      comment(pointer, fmt::format("{}: a file is live, which is not written here; name one to "
                                   "manage it",
                                   file));
    }
    return std::move(out.attributes);
  }

  /// Takes out what the rules of the kind do not accept, however it came to be live. False where
  /// nothing sensible is left.
  bool fit(Schema const& schema, Item const& item, Object& attributes, std::string const& pointer) {
    std::vector<SchemaProblem> problems;
    auto const look = [&] {
      problems.clear();
      check(schema, attributes, [&](SchemaProblem problem) {
        if (!problem.warning) problems.push_back(std::move(problem));
      });
    };
    look();
    for (auto const& problem : problems) {
      auto const name = first_name(problem.pointer);
      if (name.empty() || !attributes.contains(name)) continue;
      attributes.erase(name);
      comment(pointer, fmt::format("{}: left out ({}: {})", name, problem.summary, problem.detail));
    }
    look();
    if (problems.empty()) return true;
    out_.comments.erase(pointer);
    bool const is_empty = attributes.empty();
    if (!is_empty) {
      comment("", fmt::format("{}: {} is left out ({}: {})", schema.section, item.live->id.text(),
                              problems.front().summary, problems.front().detail));
    }
    return false;
  }

  void comment(std::string const& pointer, std::string text) {
    auto& lines = out_.comments[pointer];
    if (std::ranges::find(lines, text) == lines.end()) lines.push_back(std::move(text));
  }

  Context& context_;
  ExportRequest request_;
  Session* session_ = nullptr;
  LiveTenant live_;
  std::optional<Error> failure_;
  state::TenantState none_;
  std::vector<DesiredResource> nothing_;
  std::optional<config::Tenant> base_;
  Object values_;
  std::optional<TenantReferences> names_;
  std::map<std::string, std::vector<Item>> items_;
  ExportedKeys keys_;
  ExportedTenant out_;
};

}  // namespace

Task<ExportedTenant> export_tenant(Context& context, ExportRequest request) {
  Exporter exporter(context, std::move(request));
  co_return co_await exporter.run();
}

std::string make_key(std::string_view name, std::set<std::string>& taken) {
  std::string key;
  for (char const c : lower(name)) {
    bool const plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (plain) {
      key += c;
    } else if (!key.empty() && key.back() != '-') {
      key += '-';
    }
  }
  while (key.ends_with('-')) key.pop_back();
  if (key.empty()) key = "unnamed";
  auto const first = key;
  for (int number = 2; !taken.insert(key).second; ++number)
    key = fmt::format("{}-{}", first, number);
  return key;
}

}  // namespace tenantry::run
