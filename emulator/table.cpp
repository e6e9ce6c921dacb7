#include "emulator/table.hpp"

namespace tenantry::emulator {

Table::Table(Changes& changes, std::string owner, std::string name, KeyOf key_of)
    : changes_(changes), owner_(std::move(owner)), name_(std::move(name)), key_of_(key_of) {}

Row const* Table::find(std::string_view id) const {
  auto const at = by_id_.find(id);
  return at == by_id_.end() ? nullptr : &rows_.at(at->second);
}

Row const* Table::find_by_key(std::string_view key) const {
  auto const at = by_key_.find(key);
  return at == by_key_.end() ? nullptr : find(at->second);
}

Row const& Table::insert(std::string id, Object data) {
  auto const sequence = next_sequence_;
  restore(sequence, std::move(id), std::move(data));
  auto const& row = rows_.at(sequence);
  changes_.put(owner_, name_, sequence, row.id, row.data);
  return row;
}

void Table::update(std::string_view id, Object data) {
  auto const at = by_id_.find(id);
  ensure(at != by_id_.end(), "an object that is updated exists");
  auto& row = rows_.at(at->second);
  unindex(row);
  row.data = std::move(data);
  index(row);
  changes_.put(owner_, name_, at->second, row.id, row.data);
}

void Table::erase(std::string_view id) {
  auto const at = by_id_.find(id);
  if (at == by_id_.end()) return;
  auto const sequence = at->second;
  unindex(rows_.at(sequence));
  changes_.erase(owner_, name_, rows_.at(sequence).id);
  by_id_.erase(at);
  rows_.erase(sequence);
}

void Table::restore(std::uint64_t sequence, std::string id, Object data) {
  if (rows_.contains(sequence) || !by_id_.emplace(id, sequence).second) {
    throw std::runtime_error("an object of that sequence or id is there");
  }
  index(rows_.emplace(sequence, Row{std::move(id), std::move(data)}).first->second);
  next_sequence_ = std::max(next_sequence_, sequence + 1);
}

void Table::index(Row const& row) {
  if (key_of_ != nullptr) by_key_.emplace(key_of_(row.data), row.id);
}

void Table::unindex(Row const& row) {
  if (key_of_ == nullptr) return;
  auto const at = by_key_.find(key_of_(row.data));
  if (at != by_key_.end() && at->second == row.id) by_key_.erase(at);
}

}  // namespace tenantry::emulator
