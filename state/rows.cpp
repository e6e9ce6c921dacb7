#include "state/rows.hpp"

#include <fmt/format.h>

#include "engine/core/json_text.hpp"
#include "engine/core/text.hpp"
#include "engine/core/value.hpp"

namespace tenantry::state {
namespace {

/// Far above what a configuration or an answer may hold (100), so that what is written is readable.
constexpr std::size_t kDepthMax = 500;

Result<std::string> encode(Object const& object, Address const& address, std::string_view column) {
  auto text = canonical(object);
  if (is_utf8(text)) return text;
  return Error(Errc::invalid, fmt::format("{} of {} holds text that is not UTF-8", column,
                                          visible(address.text())));
}

Result<Object> decode(std::string const& text, Address const& address, std::string_view column) {
  if (text == "{}") return Object();  // what most of these columns hold
  auto value = parse_json(text, kDepthMax);
  if (value && value->is_object()) return std::move(value->get_object());
  return Error(Errc::invalid,
               fmt::format("{} of {} is no JSON object", column, visible(address.text())));
}

/// The objects of some columns, and the first error among them.
class Columns {
 public:
  Columns(Row const& row, Address const& address) : row_(row), address_(address) {}
  Object object(int column, std::string_view name) {
    auto value = decode(row_.text(column), address_, name);
    if (value) return std::move(*value);
    if (!error_) error_ = value.error();
    return {};
  }
  std::optional<Error> const& error() const { return error_; }

 private:
  Row const& row_;
  Address const& address_;
  std::optional<Error> error_;
};

/// False where a key or section would be read as part of another address.
bool is_address(Address const& address) {
  if (!is_key(address.tenant)) return false;
  if (address.section.empty()) return address.key.empty();
  return is_key(address.section) && (address.key.empty() || is_key(address.key));
}

Error no_address(Address const& address) {
  return {Errc::invalid,
          fmt::format("\"{}\" with \"{}\" and \"{}\" is no address", visible(address.tenant),
                      visible(address.section), visible(address.key))};
}

Result<std::vector<Address>> decode_addresses(std::string const& text, Address const& of) {
  if (text == "[]") return std::vector<Address>();
  Error const wrong(Errc::invalid,
                    fmt::format("depends_on of {} is no list of addresses", visible(of.text())));
  auto const value = parse_json(text, kDepthMax);
  if (!value || !value->is_array()) return wrong;
  std::vector<Address> addresses;
  for (auto const& item : value->get_array()) {
    if (!item.is_string()) return wrong;
    auto address = parse_address(std::string_view(item.get_string()));
    if (!address) return wrong;
    addresses.push_back(std::move(*address));
  }
  return addresses;
}

Result<std::string> encode_addresses(std::vector<Address> const& addresses, Address const& of) {
  Array list;
  for (auto const& address : addresses) {
    if (!is_address(address)) {
      return Error(Errc::invalid, fmt::format("{} depends on \"{}\", which is no address",
                                              visible(of.text()), visible(address.text())));
    }
    list.emplace_back(address.text());
  }
  return canonical(Value(std::move(list)));
}

}  // namespace

Result<RecordTexts> encode(ResourceRecord const& record) {
  auto const& address = record.address;
  auto applied = encode(record.applied, address, "applied");
  if (!applied) return applied.error();
  auto observed = encode(record.observed, address, "observed");
  if (!observed) return observed.error();
  auto secrets = encode(record.secrets, address, "secrets");
  if (!secrets) return secrets.error();
  auto extra = encode(record.extra, address, "extra");
  if (!extra) return extra.error();
  auto depends_on = encode_addresses(record.depends_on, address);
  if (!depends_on) return depends_on.error();
  return RecordTexts{std::move(*applied), std::move(*observed), std::move(*secrets),
                     std::move(*extra), std::move(*depends_on)};
}

Result<IntentTexts> encode(Intent const& intent) {
  auto before = encode(intent.before, intent.address, "before");
  if (!before) return before.error();
  auto planned = encode(intent.planned, intent.address, "planned");
  if (!planned) return planned.error();
  auto context = encode(intent.context, intent.address, "context");
  if (!context) return context.error();
  return IntentTexts{std::move(*before), std::move(*planned), std::move(*context)};
}

std::string_view status_text(OutcomeStatus status) {
  switch (status) {
    case OutcomeStatus::done:
      return "done";
    case OutcomeStatus::failed:
      return "failed";
    case OutcomeStatus::dropped:
      return "dropped";
  }
  return "failed";
}

Result<ResourceRecord> decode_record(Row const& row, std::string const& tenant) {
  ResourceRecord record;
  record.address = {tenant, row.text(0), row.text(1)};
  if (!is_address(record.address)) return no_address(record.address);
  record.id = RemoteId(row.text(2));
  Columns columns(row, record.address);
  record.applied = columns.object(3, "applied");
  record.observed = columns.object(4, "observed");
  record.secrets = columns.object(5, "secrets");
  record.extra = columns.object(6, "extra");
  if (columns.error()) return *columns.error();
  record.prevent_destroy = row.integer(7) != 0;
  auto depends_on = decode_addresses(row.text(8), record.address);
  if (!depends_on) return depends_on.error();
  record.depends_on = std::move(*depends_on);
  record.created_at = row.text(9);
  record.updated_at = row.text(10);
  return record;
}

Result<Intent> decode_intent(Row const& row, int first) {
  Intent intent;
  intent.address = {row.text(first), row.text(first + 1), row.text(first + 2)};
  if (!is_address(intent.address)) return no_address(intent.address);
  intent.action = row.text(first + 3);
  intent.request_digest = row.text(first + 4);
  intent.natural_key = row.text(first + 5);
  intent.id = RemoteId(row.text(first + 6));
  Columns columns(row, intent.address);
  intent.before = columns.object(first + 7, "before");
  intent.planned = columns.object(first + 8, "planned");
  intent.context = columns.object(first + 9, "context");
  if (columns.error()) return *columns.error();
  intent.run_id = row.text(first + 10);
  intent.started_at = row.text(first + 11);
  return intent;
}

}  // namespace tenantry::state
