#include "engine/config/report.hpp"

#include <fmt/format.h>

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

void Reporter::add(Severity severity, SourceRange at, std::string summary, std::string detail,
                   std::string hint) {
  if (severity == Severity::error) ++errors_;
  auto& same = index_[{at, summary}];
  if (auto* message = find_same(same, detail)) {
    if (!tenant_.empty() && message->tenants > 0 && message->last_tenant != tenant_) {
      message->last_tenant = tenant_;
      ++message->tenants;
    }
    return;
  }
  if (messages_.size() >= kMessagesMax) return;
  same.push_back(messages_.size());
  messages_.push_back(
      {{severity, std::move(at), {}, std::move(summary), std::move(detail), std::move(hint)},
       tenant_,
       tenant_,
       tenant_.empty() ? 0U : 1U});
}

/// The message that this one repeats: word by word, or what another tenant has in its own words
/// (lengths and names differ). A tenant with two problems at one place has two messages.
Reporter::Message* Reporter::find_same(std::vector<std::size_t> const& candidates,
                                       std::string_view detail) {
  for (auto const i : candidates) {
    if (messages_[i].diagnostic.detail == detail) return &messages_[i];
  }
  for (auto const i : candidates) {
    if (!tenant_.empty() && messages_[i].tenants > 0 && messages_[i].last_tenant != tenant_) {
      return &messages_[i];
    }
  }
  return nullptr;
}

Diagnostics Reporter::diagnostics() const {
  Diagnostics out;
  for (auto const& message : messages_) {
    auto diagnostic = message.diagnostic;
    if (message.tenants > 0) {
      if (!diagnostic.detail.empty()) diagnostic.detail += '\n';
      diagnostic.detail += "In tenant " + message.first_tenant;
      if (message.tenants > 1)
        diagnostic.detail += fmt::format(" and {} more", message.tenants - 1);
      diagnostic.detail += '.';
    }
    out.add(std::move(diagnostic));
  }
  return out;
}

}  // namespace tenantry::config
