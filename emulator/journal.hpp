// The file of exchanges that checkers of the API's contract read.
#pragma once
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string_view>

#include "emulator/http_message.hpp"
#include "engine/core/error.hpp"
#include "engine/core/value.hpp"

namespace tenantry::emulator {

/// Appends {"method","path","headers","reqType","reqBody","status","resType","resBody"} per
/// exchange, one line each. Tokens, secrets and licence keys are masked.
class Journal {
 public:
  /// Errors: io.
  Result<void> open(std::filesystem::path const& file);
  bool is_open() const { return file_ != nullptr; }
  void add(Request const& request, Reply const& reply);

 private:
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  std::unique_ptr<std::FILE, Close> file_;
};

/// The line of one exchange.
Object journal_line(Request const& request, Reply const& reply);

}  // namespace tenantry::emulator
