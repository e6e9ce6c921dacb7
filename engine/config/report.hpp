// Collects what is wrong with a configuration.
#pragma once
#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/config/tree.hpp"
#include "engine/core/diagnostic.hpp"

namespace tenantry::config {

/// Keeps one message for a problem at a place, however many tenants meet it: the first is named,
/// the others are counted. Holds a bounded number of messages.
class Reporter {
 public:
  static constexpr std::size_t kMessagesMax = 1000;

  void error(Mark const& at, std::string summary, std::string detail = {}, std::string hint = {});
  void error(SourceRange at, std::string summary, std::string detail = {}, std::string hint = {});
  void warning(Mark const& at, std::string summary, std::string detail = {}, std::string hint = {});
  void warning(SourceRange at, std::string summary, std::string detail = {}, std::string hint = {});

  /// What is reported from now on is found in this tenant; "" for none.
  void set_tenant(std::string key) { tenant_ = std::move(key); }
  std::size_t errors() const { return errors_; }

  Diagnostics diagnostics() const;

 private:
  struct Message {
    Diagnostic diagnostic;
    std::string first_tenant;
    std::string last_tenant;
    std::size_t tenants = 0;
  };
  void add(Severity severity, SourceRange at, std::string summary, std::string detail,
           std::string hint);
  Message* find_same(std::vector<std::size_t> const& candidates, std::string_view detail);

  std::vector<Message> messages_;
  std::map<std::pair<SourceRange, std::string>, std::vector<std::size_t>> index_;
  std::string tenant_;
  std::size_t errors_ = 0;
};

}  // namespace tenantry::config
