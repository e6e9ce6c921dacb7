#include "cli/options.hpp"

#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <charconv>

#include "engine/core/text.hpp"

namespace tenantry::cli {
namespace {

CLI::Validator one_of(std::vector<std::string> words) {
  return CLI::Validator(
      [words](std::string& text) -> std::string {
        if (std::ranges::find(words, text) != words.end()) return {};
        return fmt::format("\"{}\" is not one of {}{}", visible(text), join_words(words),
                           did_you_mean(text, words));
      },
      "", "one_of");
}

CLI::Validator within(Bounds bounds) {
  return CLI::Validator(
      [bounds](std::string& text) -> std::string {
        std::int64_t value = 0;
        auto const [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
        bool const whole = failure == std::errc() && end == text.data() + text.size();
        if (whole && value >= bounds.min && value <= bounds.max) return {};
        return fmt::format("\"{}\" is not a whole number from {} to {}", visible(text), bounds.min,
                           bounds.max);
      },
      "", "within");
}

}  // namespace

void Options::flag(std::string const& name, bool& target, std::string const& help) {
  app_.add_flag(name, target, help);
}

void Options::text(std::string const& name, std::string const& value_name,
                   std::optional<std::string>& target, std::string const& help) {
  auto const assign = [&target](std::string const& value) { target = value; };
  app_.add_option_function<std::string>(name, assign, help)->type_name(value_name);
}

void Options::list(std::string const& name, std::string const& value_name,
                   std::vector<std::string>& target, std::string const& help) {
  app_.add_option(name, target, help)
      ->type_name(value_name)
      ->allow_extra_args(false)
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
}

void Options::choice(std::string const& name, std::vector<std::string> words, std::string& target,
                     std::string const& help) {
  auto const shown = fmt::format("{}", fmt::join(words, "|"));
  app_.add_option(name, target, help)->check(one_of(std::move(words)))->type_name(shown);
}

void Options::number(std::string const& name, std::string const& value_name, Bounds bounds,
                     std::int64_t& target, std::string const& help) {
  app_.add_option(name, target, help)->check(within(bounds))->type_name(value_name);
}

void Options::positional(std::string const& name, Need need, std::optional<std::string>& target,
                         std::string const& help) {
  auto const assign = [&target](std::string const& value) { target = value; };
  auto* const option = app_.add_option_function<std::string>(name, assign, help);
  option->type_name("")->required(need == Need::required);
}

void Options::positional_choice(std::string const& name, std::vector<std::string> words,
                                std::string& target, std::string const& help) {
  auto const shown = fmt::format("{}", fmt::join(words, "|"));
  app_.add_option(name, target, help)
      ->check(one_of(std::move(words)))
      ->type_name(shown)
      ->required();
}

void Options::positionals(std::string const& name, Need need, std::vector<std::string>& target,
                          std::string const& help) {
  app_.add_option(name, target, help)->type_name("")->required(need == Need::required);
}

void Options::excludes(std::string const& name, std::string const& other) {
  app_.get_option(name)->excludes(app_.get_option(other));
}

void Options::examples(std::vector<std::pair<std::string, std::string>> const& examples) {
  std::string text = "Examples:";
  for (auto const& [command, purpose] : examples) {
    text += fmt::format("\n  # {}\n  {}", purpose, command);
  }
  app_.footer(text +
              "\n\nExit codes: 0 done, 1 failed, 2 changes present, 3 applied in part, "
              "4 stopped by a guard, 130 interrupted.\n"
              "Options of every command, such as --config and --state: tenantry --help.");
}

}  // namespace tenantry::cli
