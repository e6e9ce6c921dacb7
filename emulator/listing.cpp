#include "emulator/listing.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/algorithm/hex.hpp>
#include <charconv>

#include "engine/core/text.hpp"

namespace tenantry::emulator {
namespace {

constexpr std::size_t kSortsMax = 4;

struct Sort {
  std::string attribute;
  bool descending = false;
};

struct Key {
  std::array<Value const*, kSortsMax> values{};
  std::string_view id;
  ListItem item{};
};

int compare(Value const& a, Value const& b) {
  if (a.is_number() && b.is_number()) {
    auto const x = a.to_number<double>();
    auto const y = b.to_number<double>();
    return x < y ? -1 : x > y ? 1 : 0;
  }
  if (a.is_string() && b.is_string()) return a.get_string().compare(b.get_string());
  if (a.is_bool() && b.is_bool()) return int(a.get_bool()) - int(b.get_bool());
  return int(a.kind()) - int(b.kind());
}

class Order {
 public:
  explicit Order(std::vector<Sort> sorts) : sorts_(std::move(sorts)) {}

  Key key(ListItem const& item) const {
    static Value const kNull;
    Key key{{}, item.id, item};
    for (std::size_t i = 0; i < sorts_.size(); ++i) {
      auto const* value = item.data->if_contains(sorts_[i].attribute);
      auto const* const list = value == nullptr ? nullptr : value->if_array();
      if (list != nullptr) value = list->empty() ? nullptr : &list->front();
      if (sorts_[i].attribute == "id" && value == nullptr) continue;
      key.values[i] = value == nullptr ? &kNull : value;
    }
    return key;
  }

  bool before(Key const& a, Key const& b) const {
    for (std::size_t i = 0; i < sorts_.size(); ++i) {
      if (a.values[i] == nullptr || b.values[i] == nullptr) {
        if (a.id == b.id) return false;
        return sorts_[i].descending ? b.id < a.id : a.id < b.id;
      }
      auto const order = compare(*a.values[i], *b.values[i]);
      if (order != 0) return sorts_[i].descending ? order > 0 : order < 0;
    }
    return a.id < b.id;
  }

  std::size_t size() const { return sorts_.size(); }

 private:
  std::vector<Sort> sorts_;
};

/// A cursor is the sort values and the id of the object beside the page, so that objects that come
/// and go between two pages neither repeat nor hide others.
std::string write_cursor(Order const& order, Key const& key) {
  Array values;
  for (std::size_t i = 0; i < order.size(); ++i) {
    values.push_back(key.values[i] == nullptr ? Value() : *key.values[i]);
  }
  values.emplace_back(key.id);
  std::string out;
  auto const text = boost::json::serialize(values);
  boost::algorithm::hex_lower(text.begin(), text.end(), std::back_inserter(out));
  return out;
}

std::optional<Array> read_cursor(Order const& order, std::string_view cursor) {
  std::string text;
  try {
    boost::algorithm::unhex(cursor.begin(), cursor.end(), std::back_inserter(text));
  } catch (boost::exception const&) {
    return std::nullopt;
  }
  auto values = parse_json(text, 4);
  if (!values || !values->is_array() || values->get_array().size() != order.size() + 1 ||
      !values->get_array().back().is_string()) {
    return std::nullopt;
  }
  return std::move(values->get_array());
}

std::variant<std::vector<Sort>, Problem> read_sort(Call const& call, ListSpec const& spec) {
  auto text = call.parameter("sort").value_or(spec.sort_default);
  std::vector<Sort> sorts;
  while (!text.empty()) {
    auto part = text.substr(0, text.find(','));
    text.remove_prefix(std::min(part.size() + 1, text.size()));
    Sort sort;
    // A plus that was not encoded has become a space.
    if (!part.empty() && (part[0] == '+' || part[0] == ' ' || part[0] == '-')) {
      sort.descending = part[0] == '-';
      part.remove_prefix(1);
    }
    auto const known = std::ranges::find_if(
        spec.sortable, [&](std::string_view name) { return same_word(name, part); });
    auto const is_default = part == spec.sort_default;
    if ((known == spec.sortable.end() && !is_default) || sorts.size() == kSortsMax) {
      return bad_parameter("sort", fmt::format("the list cannot be sorted by {}", visible(part)));
    }
    sort.attribute = is_default ? part : *known;
    sorts.push_back(std::move(sort));
  }
  return sorts;
}

std::variant<std::size_t, Problem> read_limit(Call const& call, ListSpec const& spec) {
  auto const text = call.parameter("limit");
  if (!text) return spec.limit_default;
  std::size_t limit = 0;
  auto const [end, ec] = std::from_chars(text->data(), text->data() + text->size(), limit);
  if (ec != std::errc() || end != text->data() + text->size() || limit < spec.limit_min ||
      limit > spec.limit_max) {
    return bad_parameter(
        "limit", fmt::format("must be a number from {} to {}", spec.limit_min, spec.limit_max));
  }
  return limit;
}

/// The cursor that a call asks for.
struct Wanted {
  std::string_view parameter;
  std::string_view cursor;  ///< empty: the first page
  bool backward = false;
};

/// Where one parameter leads both ways, a cursor to the page before begins with this, which is no
/// hex digit.
constexpr char kBackwardMark = '-';

std::variant<Wanted, Problem> read_wanted(Call const& call, ListSpec const& spec) {
  auto const forward = call.parameter(spec.forward);
  if (spec.forward == spec.backward) {
    auto cursor = forward.value_or("");
    auto const backward = cursor.starts_with(kBackwardMark);
    cursor.remove_prefix(backward ? 1 : 0);
    return Wanted{spec.forward, cursor, backward};
  }
  auto const backward = call.parameter(spec.backward);
  if (forward && backward) {
    return bad_parameter(std::string(spec.backward),
                         fmt::format("cannot be combined with {}", spec.forward));
  }
  if (backward) return Wanted{spec.backward, *backward, true};
  return Wanted{spec.forward, forward.value_or(""), false};
}

/// The address of another page: the query as it was sent, with another cursor.
Object page_link(Call const& call, ListSpec const& spec, std::string_view parameter,
                 std::string_view cursor) {
  std::string href = call.origin + call.path + '?';
  auto const mark = call.request.target.find('?');
  auto query = mark == std::string::npos ? std::string_view()
                                         : std::string_view(call.request.target).substr(mark + 1);
  while (!query.empty()) {
    auto const part = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(part.size() + 1, query.size()));
    auto const name = part.substr(0, part.find('='));
    if (name != spec.forward && name != spec.backward && !part.empty()) {
      href += part;
      href += '&';
    }
  }
  href += parameter;
  href += '=';
  href += cursor;
  return {{"href", href}};
}

struct Page {
  std::vector<Key> keys;
  bool more_before = false;
  bool more_after = false;
};

Page cut(Order const& order, std::vector<Key> keys, std::size_t limit,
         std::optional<Array> const& cursor, bool backward) {
  Page page;
  std::size_t const all = keys.size();
  if (cursor) {
    Key mark;
    mark.id = std::string_view(cursor->back().get_string());
    for (std::size_t i = 0; i < order.size(); ++i) mark.values[i] = &(*cursor)[i];
    std::erase_if(keys, [&](Key const& key) {
      return backward ? !order.before(key, mark) : !order.before(mark, key);
    });
  }
  auto const beyond = keys.size() != all;
  auto const count = std::min(limit, keys.size());
  auto const first = [&](Key const& a, Key const& b) {
    return backward ? order.before(b, a) : order.before(a, b);
  };
  std::partial_sort(keys.begin(), keys.begin() + static_cast<std::ptrdiff_t>(count), keys.end(),
                    first);
  auto const more = keys.size() > count;
  keys.resize(count);
  if (backward) std::ranges::reverse(keys);
  page.more_before = backward ? more : beyond;
  page.more_after = backward ? beyond : more;
  page.keys = std::move(keys);
  return page;
}

}  // namespace

std::vector<ListItem> items_of(Table const& table) {
  std::vector<ListItem> items;
  items.reserve(table.size());
  for (auto const& [sequence, row] : table.rows()) items.push_back({row.id, &row.data});
  return items;
}

std::variant<std::vector<ListItem>, Problem> filtered(
    std::vector<ListItem> items, std::string_view filter, std::span<Filterable const> filterable,
    std::function<Object(ListItem const&)> const& render) {
  auto const parsed = Filter::parse(filter, filterable);
  if (!parsed) return bad_parameter("filter", parsed.error().message);
  std::erase_if(items, [&](ListItem const& item) { return !parsed->matches(render(item)); });
  return items;
}

Answer list_page(Call const& call, ListSpec const& spec, std::vector<ListItem> items,
                 std::function<Object(ListItem const&)> const& render,
                 std::optional<std::string> filter) {
  auto const limit = read_limit(call, spec);
  if (auto const* const problem = std::get_if<Problem>(&limit)) return *problem;
  auto sorts = read_sort(call, spec);
  if (auto const* const problem = std::get_if<Problem>(&sorts)) return *problem;
  Order const order(std::move(std::get<0>(sorts)));
  if (!filter) filter = call.parameter("filter");
  if (filter && !filter->empty() && !spec.filterable.empty()) {
    auto kept = filtered(std::move(items), *filter, spec.filterable, render);
    if (auto const* const problem = std::get_if<Problem>(&kept)) return *problem;
    items = std::move(std::get<0>(kept));
  }
  auto const asked = read_wanted(call, spec);
  if (auto const* const problem = std::get_if<Problem>(&asked)) return *problem;
  auto const& wanted = std::get<0>(asked);
  std::optional<Array> cursor;
  if (!wanted.cursor.empty()) {
    cursor = read_cursor(order, wanted.cursor);
    if (!cursor) {
      return bad_parameter(std::string(wanted.parameter), "is not a cursor of this list");
    }
  }
  auto const total = items.size();
  std::vector<Key> keys;
  keys.reserve(items.size());
  for (auto const& item : items) keys.push_back(order.key(item));
  auto const page = cut(order, std::move(keys), std::get<0>(limit), cursor, wanted.backward);
  Array data;
  data.reserve(page.keys.size());
  for (auto const& key : page.keys) data.push_back(render(key.item));
  Object links;
  if (spec.self_link) links["self"] = Object{{"href", call.origin + call.request.target}};
  if (page.more_after && !page.keys.empty()) {
    links["next"] = page_link(call, spec, spec.forward, write_cursor(order, page.keys.back()));
  }
  if (page.more_before && !page.keys.empty()) {
    auto const mark = spec.forward == spec.backward ? std::string(1, kBackwardMark) : std::string();
    links["prev"] =
        page_link(call, spec, spec.backward, mark + write_cursor(order, page.keys.front()));
  }
  Object body{{"data", std::move(data)}, {"links", std::move(links)}};
  if (spec.counts && call.parameter("totalResults") == "true") body["totalResults"] = total;
  if (spec.meta_count) body["meta"] = Object{{"count", total}};
  return json_reply(200, body);
}

}  // namespace tenantry::emulator
