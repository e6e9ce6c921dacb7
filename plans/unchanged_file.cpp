#include "plans/unchanged_file.hpp"

#include <fmt/format.h>

#include <charconv>
#include <utility>

#include "plans/terraform_item.hpp"

namespace tenantry::plans {
namespace {

/// A line says the address and how long the two texts after it are.
void append(std::string& out, UnchangedFile::Entry const& entry) {
  out += fmt::format("{} {} {}\n{}{}", entry.address.text(), entry.change.size(),
                     entry.planned_value.size(), entry.change, entry.planned_value);
}

std::size_t take_number(std::string_view& text, char end) {
  std::size_t number = 0;
  auto const at = text.find(end);
  std::from_chars(text.data(), text.data() + at, number);
  text.remove_prefix(at + 1);
  return number;
}

UnchangedFile::Entry take(std::string_view& text) {
  auto const space = text.find(' ');
  auto address = parse_address(text.substr(0, space));
  ensure(address.has_value(), "the file holds what was written to it");
  text.remove_prefix(space + 1);
  auto const change = take_number(text, ' ');
  auto const planned = take_number(text, '\n');
  UnchangedFile::Entry entry{std::move(*address), std::string(text.substr(0, change)),
                             std::string(text.substr(change, planned))};
  text.remove_prefix(change + planned);
  return entry;
}

}  // namespace

Result<UnchangedFile> UnchangedFile::create() {
  auto file = ScratchFile::create();
  if (!file) return file.error();
  return UnchangedFile(std::move(*file));
}

Result<void> UnchangedFile::add(std::string const& tenant, std::vector<Change> const& unchanged) {
  if (unchanged.empty()) return {};
  std::string text;
  for (auto const& change : unchanged) {
    append(text, {change.address, change_item(change), planned_item(change)});
  }
  Part const part{file_.size(), text.size()};
  auto const appended = file_.append(text);
  if (!appended) return appended;
  parts_.emplace(tenant, part);
  return {};
}

Result<std::vector<UnchangedFile::Entry>> UnchangedFile::of(std::string const& tenant) const {
  auto const part = parts_.find(tenant);
  if (part == parts_.end()) return std::vector<Entry>();
  auto const text = file_.read(part->second.offset, part->second.size);
  if (!text) return text.error();
  std::vector<Entry> entries;
  for (std::string_view rest = *text; !rest.empty();) entries.push_back(take(rest));
  return entries;
}

}  // namespace tenantry::plans
