// Lists: filter, sort, cursors and links.
#pragma once
#include <functional>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "emulator/call.hpp"
#include "emulator/filter.hpp"

namespace tenantry::emulator {

/// How one list of the API pages, filters and sorts (table in section 4 of the API's semantics).
struct ListSpec {
  std::string_view forward = "next";   ///< cursor parameter of the page after
  std::string_view backward = "prev";  ///< and of the page before; may be the same
  std::size_t limit_default = 20;
  std::size_t limit_min = 1;
  std::size_t limit_max = 100;
  std::span<Filterable const> filterable = {};  ///< empty: the list has no filter
  std::span<std::string_view const> sortable = {};
  std::string_view sort_default = "name";
  bool counts = false;      ///< takes totalResults
  bool self_link = true;    ///< `links.self` beside next and prev
  bool meta_count = false;  ///< has meta.count beside data, always
};

/// A candidate of a list: what is filtered and sorted by, and what is rendered from.
struct ListItem {
  std::string_view id;
  Object const* data;
};

/// Every row of a table.
std::vector<ListItem> items_of(Table const& table);

/// The page that the call asks for: {"data": [...], "links": {...}, "totalResults"?, "meta"?}.
/// `filter` stands in for the query parameter of that name, for actions/filter calls.
Answer list_page(Call const& call, ListSpec const& spec, std::vector<ListItem> items,
                 std::function<Object(ListItem const&)> const& render,
                 std::optional<std::string> filter = std::nullopt);

/// `items` whose rendered form fits the filter, or why it is refused.
std::variant<std::vector<ListItem>, Problem> filtered(
    std::vector<ListItem> items, std::string_view filter, std::span<Filterable const> filterable,
    std::function<Object(ListItem const&)> const& render);

}  // namespace tenantry::emulator
