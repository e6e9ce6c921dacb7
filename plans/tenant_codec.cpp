#include "plans/tenant_codec.hpp"

// Texts and lists are short: sizes of 8 bytes would be most of what is written.
#define CEREAL_SIZE_TYPE std::uint32_t
#include <cereal/archives/binary.hpp>
#include <cereal/types/chrono.hpp>
#include <cereal/types/optional.hpp>
#include <cereal/types/string.hpp>
#include <cereal/types/vector.hpp>
#include <istream>
#include <ostream>
#include <streambuf>

// Cereal finds these by the namespace of the type that they are about.

namespace boost::json {

template <class Archive>
void save(Archive& archive, string const& text) {
  archive(cereal::make_size_tag(static_cast<cereal::size_type>(text.size())));
  archive(cereal::binary_data(text.data(), text.size()));
}

template <class Archive>
void load(Archive& archive, string& text) {
  cereal::size_type size = 0;
  archive(cereal::make_size_tag(size));
  text.resize(size);
  archive(cereal::binary_data(text.data(), text.size()));
}

template <class Archive>
void save(Archive& archive, value const& any);
template <class Archive>
void load(Archive& archive, value& any);

template <class Archive>
void save(Archive& archive, object const& members) {
  archive(cereal::make_size_tag(static_cast<cereal::size_type>(members.size())));
  for (auto const& member : members) {
    archive(cereal::make_size_tag(static_cast<cereal::size_type>(member.key().size())));
    archive(cereal::binary_data(member.key().data(), member.key().size()));
    archive(member.value());
  }
}

template <class Archive>
void load(Archive& archive, object& members) {
  cereal::size_type size = 0;
  archive(cereal::make_size_tag(size));
  members.clear();
  members.reserve(size);
  std::string key;
  for (cereal::size_type i = 0; i < size; ++i) {
    archive(key);
    archive(members[key]);
  }
}

template <class Archive>
void save(Archive& archive, array const& elements) {
  archive(cereal::make_size_tag(static_cast<cereal::size_type>(elements.size())));
  for (auto const& element : elements) archive(element);
}

template <class Archive>
void load(Archive& archive, array& elements) {
  cereal::size_type size = 0;
  archive(cereal::make_size_tag(size));
  elements.resize(size);
  for (auto& element : elements) archive(element);
}

template <class Archive>
void save(Archive& archive, value const& any) {
  archive(any.kind());
  boost::json::visit(
      [&](auto const& held) {
        if constexpr (!std::is_same_v<std::decay_t<decltype(held)>, std::nullptr_t>) archive(held);
      },
      any);
}

template <class Archive, class Held>
void load_into(Archive& archive, value& any, Held held) {
  archive(held);
  any = std::move(held);
}

template <class Archive>
void load(Archive& archive, value& any) {
  kind what{};
  archive(what);
  switch (what) {
    case kind::null:
      any = nullptr;
      return;
    case kind::bool_:
      return load_into(archive, any, false);
    case kind::int64:
      return load_into(archive, any, std::int64_t{0});
    case kind::uint64:
      return load_into(archive, any, std::uint64_t{0});
    case kind::double_:
      return load_into(archive, any, 0.0);
    case kind::string:
      return load(archive, any.emplace_string());
    case kind::array:
      return load(archive, any.emplace_array());
    case kind::object:
      return load(archive, any.emplace_object());
  }
}

}  // namespace boost::json

namespace tenantry {

template <class Archive>
void serialize(Archive& archive, Address& address) {
  archive(address.tenant, address.section, address.key);
}

template <class Archive>
void save(Archive& archive, RemoteId const& id) {
  archive(id.text());
}

template <class Archive>
void load(Archive& archive, RemoteId& id) {
  std::string text;
  archive(text);
  id = RemoteId(std::move(text));
}

template <class Archive>
void serialize(Archive& archive, SourceRange& place) {
  archive(place.file, place.line, place.column);
}

template <class Archive>
void serialize(Archive& archive, Diagnostic& told) {
  archive(told.severity, told.where, told.address, told.summary, told.detail, told.hint);
}

template <class Archive>
void serialize(Archive& archive, ApiProblem& problem) {
  archive(problem.status, problem.code, problem.title, problem.detail, problem.trace_id);
}

template <class Archive>
void serialize(Archive& archive, Error& error) {
  archive(error.code, error.message, error.hint, error.request, error.api, error.retry_after);
}

}  // namespace tenantry

namespace tenantry::state {

template <class Archive>
void serialize(Archive& archive, ResourceRecord& row) {
  archive(row.address, row.id, row.applied, row.observed, row.secrets, row.extra,
          row.prevent_destroy, row.depends_on, row.created_at, row.updated_at);
}

}  // namespace tenantry::state

namespace tenantry::plans {

template <class Archive>
void serialize(Archive& archive, AttributeChange& change) {
  archive(change.name, change.before, change.after, change.last_applied, change.config_changed,
          change.drifted, change.sensitive, change.forces_replace, change.unordered, change.where);
}

template <class Archive>
void serialize(Archive& archive, GuardHit& hit) {
  archive(hit.rule, hit.message, hit.hint, hit.acknowledged);
}

template <class Archive>
void serialize(Archive& archive, Change& change) {
  archive(change.address, change.type, change.action, change.reason, change.reason_detail,
          change.name, change.id, change.before, change.after, change.meta, change.attributes,
          change.released, change.drift_only, change.left_alone, change.parts, change.notes,
          change.destructive, change.depends_on, change.where, change.prevent_destroy,
          change.updated_at, change.updated_by, change.guard, change.secrets);
}

template <class Archive>
void serialize(Archive& archive, Cost& cost) {
  archive(cost.reads, cost.writes, cost.register_writes);
}

template <class Archive>
void serialize(Archive& archive, Move& move) {
  archive(move.from, move.to);
}

template <class Archive>
void serialize(Archive& archive, TenantPlan& tenant) {
  archive(tenant.key, tenant.wave, tenant.region, tenant.hostname, tenant.id, tenant.serial,
          tenant.config_digest, tenant.is_marked_applied, tenant.changes, tenant.unchanged,
          tenant.is_itself_unchanged, tenant.passed_over, tenant.error, tenant.paused,
          tenant.partial, tenant.refreshed, tenant.learned, tenant.moves, tenant.cost,
          tenant.warnings);
}

namespace {

/// Appends what a stream writes to a text.
class Appending final : public std::streambuf {
 public:
  explicit Appending(std::string& text) : text_(text) {}

 private:
  std::streamsize xsputn(char const* bytes, std::streamsize size) override {
    text_.append(bytes, static_cast<std::size_t>(size));
    return size;
  }
  int_type overflow(int_type c) override {
    if (c != traits_type::eof()) text_ += traits_type::to_char_type(c);
    return traits_type::not_eof(c);
  }

  std::string& text_;
};

/// Gives a stream a text to read, without a copy of it.
class Viewing final : public std::streambuf {
 public:
  explicit Viewing(std::string_view text) {
    auto* const begin = const_cast<char*>(text.data());  // NOLINT: a get area is never written to
    setg(begin, begin, begin + text.size());
  }
};

}  // namespace

std::string packed(TenantPlan const& tenant) {
  std::string bytes;
  Appending buffer(bytes);
  std::ostream stream(&buffer);
  cereal::BinaryOutputArchive archive(stream);
  archive(tenant);
  return bytes;
}

TenantPlan unpacked(std::string_view bytes) {
  Viewing buffer(bytes);
  std::istream stream(&buffer);
  cereal::BinaryInputArchive archive(stream);
  TenantPlan tenant;
  archive(tenant);
  return tenant;
}

}  // namespace tenantry::plans
