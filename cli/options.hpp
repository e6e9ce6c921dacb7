// How a command declares its flags: a narrow face over the parsing library, so that every flag of
// every command behaves the same way.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace tenantry::cli {

/// Inclusive bounds of a number.
struct Bounds {
  std::int64_t min = 0;
  std::int64_t max = 0;
};

enum class Need { required, optional };

/// The flags of one command. Targets must live until the command has run; they keep the value that
/// they have when a flag is not given.
class Options {
 public:
  explicit Options(CLI::App& app) : app_(app) {}

  void flag(std::string const& name, bool& target, std::string const& help);
  void text(std::string const& name, std::string const& value_name,
            std::optional<std::string>& target, std::string const& help);
  /// May be given more than once; each time takes one value.
  void list(std::string const& name, std::string const& value_name,
            std::vector<std::string>& target, std::string const& help);
  void choice(std::string const& name, std::vector<std::string> words, std::string& target,
              std::string const& help);
  void number(std::string const& name, std::string const& value_name, Bounds bounds,
              std::int64_t& target, std::string const& help);
  void positional(std::string const& name, Need need, std::optional<std::string>& target,
                  std::string const& help);
  /// One of `words`; required.
  void positional_choice(std::string const& name, std::vector<std::string> words,
                         std::string& target, std::string const& help);
  void positionals(std::string const& name, Need need, std::vector<std::string>& target,
                   std::string const& help);
  /// `name` cannot be used together with `other`; both are declared already.
  void excludes(std::string const& name, std::string const& other);
  /// Text under the flags: two examples or more, one a line, each with what it does.
  void examples(std::vector<std::pair<std::string, std::string>> const& examples);

 private:
  CLI::App& app_;
};

}  // namespace tenantry::cli
