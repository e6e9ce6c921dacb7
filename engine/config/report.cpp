#include "engine/config/report.hpp"

#include <fmt/format.h>

#include "engine/config/fleet_rows.hpp"
#include "engine/core/text.hpp"

namespace tenantry::config {

void Reporter::error(Mark const& at, std::string summary, std::string detail, std::string hint) {
  add(Severity::error, at.range(), std::move(summary), std::move(detail), std::move(hint));
}

void Reporter::error(SourceRange at, std::string summary, std::string detail, std::string hint) {
  add(Severity::error, std::move(at), std::move(summary), std::move(detail), std::move(hint));
}

void Reporter::warning(Mark const& at, std::string summary, std::string detail, std::string hint) {
  add(Severity::warning, at.range(), std::move(summary), std::move(detail), std::move(hint));
}

void Reporter::warning(SourceRange at, std::string summary, std::string detail, std::string hint) {
  add(Severity::warning, std::move(at), std::move(summary), std::move(detail), std::move(hint));
}

namespace {

/// A message quotes what is wrong, which may be a cell of a megabyte: its middle is left out.
void shorten(std::string& text, std::size_t bytes_max) {
  if (text.size() <= bytes_max) return;
  auto const is_inside = [&](std::size_t at) {
    return (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80U;
  };
  auto first = bytes_max / 3 * 2;
  auto last = text.size() - bytes_max / 3;
  while (first > 0 && is_inside(first)) --first;
  while (last < text.size() && is_inside(last)) ++last;
  text.replace(first, last - first, " [...] ");
}

}  // namespace

void Reporter::add(Severity severity, SourceRange at, std::string summary, std::string detail,
                   std::string hint) {
  constexpr std::size_t kSummaryBytesMax = 240;
  constexpr std::size_t kDetailBytesMax = 1'500;
  if (severity == Severity::error) ++errors_;
  shorten(summary, kSummaryBytesMax);
  shorten(detail, kDetailBytesMax);
  if (auto* message = find_same(at, summary, detail)) {
    if (!tenant_.empty() && message->tenants > 0 && message->last_tenant != tenant_) {
      message->last_tenant = tenant_;
      ++message->tenants;
    }
    return;
  }
  std::string column;
  if (rows_files_.contains(at.file)) {
    if (row_ != nullptr && row_->where().source->name == at.file) column = row_->column_at(at);
    if (is_told_enough(at, summary, column)) return;
  }
  if (messages_.size() >= kMessagesMax) {
    ++dropped_;
    return;
  }
  index_[{at, summary}].push_back(messages_.size());
  messages_.push_back(
      {{severity, std::move(at), {}, std::move(summary), std::move(detail), std::move(hint)},
       tenant_,
       tenant_,
       tenant_.empty() ? 0U : 1U,
       std::move(column)});
}

/// The message that this one repeats: word by word, or what another tenant has in its own words
/// (lengths and names differ). A tenant with two problems at one place has two messages.
Reporter::Message* Reporter::find_same(SourceRange const& at, std::string const& summary,
                                       std::string_view detail) {
  auto const candidates = index_.find({at, summary});
  if (candidates == index_.end()) return nullptr;
  for (auto const i : candidates->second) {
    if (messages_[i].diagnostic.detail == detail) return &messages_[i];
  }
  for (auto const i : candidates->second) {
    if (!tenant_.empty() && messages_[i].tenants > 0 && messages_[i].last_tenant != tenant_) {
      return &messages_[i];
    }
  }
  return nullptr;
}

/// Counts a problem of a row; true where enough rows with it have a message of their own.
bool Reporter::is_told_enough(SourceRange const& at, std::string const& summary,
                              std::string const& column) {
  // `unknown region "mars"` and `unknown region "moon"` are one kind of problem.
  auto& group = row_groups_[{at.file, column, summary.substr(0, summary.find('"'))}];
  if (group.shown == kRowsShown) {
    ++messages_[group.last].more_rows;
    return true;
  }
  if (messages_.size() < kMessagesMax) {
    ++group.shown;
    group.last = messages_.size();
  }
  return false;
}

Diagnostics Reporter::diagnostics() const {
  Diagnostics out;
  auto const line = [](std::string& text, std::string_view more) {
    if (!text.empty()) text += '\n';
    text += more;
  };
  for (std::size_t i = 0; i < messages_.size(); ++i) {
    auto const& message = messages_[i];
    auto diagnostic = message.diagnostic;
    auto& detail = diagnostic.detail;
    auto const column =
        message.column.empty() ? std::string() : fmt::format("column \"{}\"", message.column);
    if (message.tenants > 1) {
      line(detail,
           fmt::format("In tenant {} and {} more.", message.first_tenant, message.tenants - 1));
    } else if (message.tenants == 1) {
      line(detail, fmt::format("In tenant {}{}{}.", message.first_tenant,
                               column.empty() ? "" : ", ", column));
    } else if (!column.empty()) {
      line(detail, fmt::format("In {}.", column));
    }
    if (message.more_rows > 0) {
      line(detail,
           fmt::format("{} more with the same problem.", counted(message.more_rows, "row")));
    }
    if (dropped_ > 0 && i + 1 == messages_.size()) {
      line(detail, fmt::format("{} more, which are not shown.", counted(dropped_, "message")));
    }
    out.add(std::move(diagnostic));
  }
  return out;
}

}  // namespace tenantry::config
