#include "cli/complete.hpp"

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

#include "cli/command_tree.hpp"
#include "cli/known_names.hpp"
#include "engine/core/text.hpp"

namespace tenantry::cli {
namespace {

/// What the words before the last one have said.
class TypedLine {
 public:
  TypedLine(CommandText const& program, std::vector<std::string> const& words)
      : program_(program), command_(&program) {
    for (auto const& word : words) take(word);
  }

  CommandText const& command() const { return *command_; }
  std::vector<std::string> const& positionals() const { return positionals_; }
  /// The flag whose value is typed now; nullptr where it is none.
  ArgumentText const* open() const { return open_; }
  bool has(std::string const& flag) const { return values_.contains(flag); }
  std::vector<std::string> const& values(std::string const& flag) const {
    static std::vector<std::string> const kNone;
    auto const found = values_.find(flag);
    return found == values_.end() ? kNone : found->second;
  }

  /// Of the command or of the program.
  ArgumentText const* find_flag(std::string const& name) const {
    for (auto const* owner : {command_, &program_}) {
      auto const found = std::ranges::find(owner->flags, name, &ArgumentText::name);
      if (found != owner->flags.end()) return &*found;
    }
    return nullptr;
  }

 private:
  void take(std::string const& word) {
    if (open_ != nullptr) {
      values_[open_->name].push_back(word);
      open_ = nullptr;
    } else if (word.starts_with("--")) {
      flag(word);
    } else if (auto const* sub = command_->find(word); sub != nullptr) {
      command_ = sub;
    } else {
      positionals_.push_back(word);
    }
  }

  void flag(std::string const& word) {
    auto const equals = word.find('=');
    auto const name = word.substr(0, equals);
    auto& values = values_[name];
    if (equals != std::string::npos) {
      values.push_back(word.substr(equals + 1));
      return;
    }
    auto const* known = find_flag(name);
    if (known != nullptr && !known->value.empty()) open_ = known;
  }

  CommandText const& program_;
  CommandText const* command_;
  ArgumentText const* open_ = nullptr;
  std::vector<std::string> positionals_;
  std::map<std::string, std::vector<std::string>> values_;
};

/// The lines of an answer that fit what is typed.
class Answer {
 public:
  explicit Answer(std::string prefix) : prefix_(std::move(prefix)) {}

  void follow(std::string_view kind) { kind_ = kind; }
  void add(std::string const& word, std::string_view meaning = {}) {
    if (!word.starts_with(prefix_)) return;
    lines_ += visible(word);
    if (!meaning.empty()) lines_ += '\t' + visible(meaning);
    lines_ += '\n';
  }
  void add(std::vector<std::string> const& words) {
    for (auto const& word : words) add(word);
  }
  std::string const& prefix() const { return prefix_; }
  std::string text() const { return kind_ + '\n' + lines_; }

 private:
  std::string prefix_;
  std::string kind_ = "words";
  std::string lines_;
};

void add_commands(CommandText const& group, Answer& answer) {
  for (auto const& command : group.commands) {
    auto const space = command.name.rfind(' ');
    answer.add(space == std::string::npos ? command.name : command.name.substr(space + 1),
               command.summary);
  }
}

/// The commands that `help` may be asked about.
void add_topics(CommandText const& program, TypedLine const& line, Answer& answer) {
  auto const* at = &program;
  for (auto const& word : line.positionals()) {
    at = at->find(word);
    if (at == nullptr) return;
  }
  add_commands(*at, answer);
}

void add_flags(CommandText const& program, TypedLine const& line, Answer& answer) {
  for (auto const* owner : {&line.command(), &program}) {
    for (auto const& flag : owner->flags) {
      if (line.has(flag.name) && !flag.repeatable) continue;
      answer.add(flag.name, flag.help);
    }
    if (owner == &program) break;
  }
  answer.add("--help", "Tell what the command does");
}

/// What stands for `argument`, by how its value is called.
void add_values(std::string const& kind, KnownNames& known, Answer& answer) {
  if (kind == "FILE" || kind == "PATH" || kind == "PLAN" || kind == "PLACE") {
    answer.follow("files");
  } else if (kind == "DIR") {
    answer.follow("folders");
  } else if (kind == "ADDRESS" || kind == "PATTERN" || kind == "FROM" || kind == "TO") {
    answer.follow("names");
    answer.add(known.addresses(answer.prefix()));
  } else if (kind == "TENANT") {
    answer.add(known.tenants(answer.prefix()));
  } else if (kind == "WAVE") {
    answer.add(known.waves());
  } else if (kind == "REGION") {
    answer.add(known.regions());
  } else if (kind == "BLUEPRINT") {
    answer.add(known.blueprints());
  } else if (kind == "NAME=VALUE") {
    answer.follow("names");
    for (auto const& name : known.variables()) answer.add(name + '=');
  }
}

void add_argument(ArgumentText const& argument, KnownNames& known, Answer& answer) {
  auto const words = argument.words();
  if (!words.empty()) return answer.add(words);
  add_values(argument.value.empty() ? argument.name : argument.value, known, answer);
}

void add_word(CommandText const& program, TypedLine const& line, KnownNames& known,
              Answer& answer) {
  auto const& command = line.command();
  if (line.open() != nullptr) return add_argument(*line.open(), known, answer);
  if (answer.prefix().starts_with('-')) return add_flags(program, line, answer);
  if (!command.commands.empty()) return add_commands(command, answer);
  if (command.name == "help") return add_topics(program, line, answer);
  auto const number = line.positionals().size();
  auto const& all = command.positionals;
  if (all.empty()) return;
  if (number < all.size()) return add_argument(all[number], known, answer);
  if (all.back().repeatable) add_argument(all.back(), known, answer);
}

GlobalOptions global_options(TypedLine const& line) {
  GlobalOptions global;
  auto const last = [&](std::string const& flag, std::optional<std::string>& target) {
    auto const& values = line.values(flag);
    if (!values.empty()) target = values.back();
  };
  last("--chdir", global.chdir);
  last("--connections", global.connections);
  last("--state", global.state);
  global.configs = line.values("--config");
  return global;
}

}  // namespace

std::string complete(std::vector<std::string> words, Console& console,
                     EnvironmentReader const& environment, Clock& clock, Random& random) {
  if (words.empty()) words.emplace_back();
  auto current = std::move(words.back());
  words.pop_back();
  CommandTree const tree;
  auto const program = tree.text();
  TypedLine const line(program, words);
  auto const global = global_options(line);
  Invocation invocation{global, line.command().name, console, environment, clock, random};
  std::error_code ignored;
  if (global.chdir) std::filesystem::current_path(*global.chdir, ignored);
  ConfigurationArguments const arguments{.variables = {},
                                         .variable_files = line.values("--var-file"),
                                         .emulated = line.has("--emulated")};
  KnownNames known(invocation, arguments);

  auto const equals = current.find('=');
  if (current.starts_with("--") && equals != std::string::npos && line.open() == nullptr) {
    Answer answer(current.substr(equals + 1));
    auto const* flag = line.find_flag(current.substr(0, equals));
    if (flag != nullptr && !flag->value.empty()) add_argument(*flag, known, answer);
    return answer.text();
  }
  Answer answer(std::move(current));
  add_word(program, line, known, answer);
  return answer.text();
}

}  // namespace tenantry::cli
