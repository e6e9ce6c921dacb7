#include "engine/config/variables.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "engine/config/language.hpp"
#include "engine/config/structure.hpp"
#include "engine/core/address.hpp"
#include "engine/core/file.hpp"
#include "engine/core/text.hpp"

namespace tenantry::config {
namespace {

constexpr std::size_t kVariableBytesMax = 64U << 10;
constexpr std::string_view kPrefix = "TENANTRY_VAR_";

std::string how_to_set(Variable const& v) {
  auto const flag = fmt::format("--var {}=... or {}{}", v.name, kPrefix, v.name);
  if (v.env) return fmt::format("set {}, or give {}", *v.env, flag);
  return "give " + flag;
}

std::string without_newline(std::string text) {
  if (text.ends_with('\n')) text.pop_back();
  if (text.ends_with('\r')) text.pop_back();
  return text;
}

/// A path that is relative to the file that names it, and may not leave that file's folder.
std::optional<std::filesystem::path> variable_file(Node const& node, Reporter& reporter) {
  std::filesystem::path const written(node.text());
  if (written.is_absolute()) return written;
  auto const folder = node.mark.source->path.has_parent_path()
                          ? node.mark.source->path.parent_path()
                          : std::filesystem::path(".");
  auto const path = folder / written;
  if (is_inside(path, folder)) return path;
  reporter.error(node.mark, "file outside of the folder",
                 fmt::format("\"{}\" is not in the folder of {}.", visible(node.text()),
                             node.mark.source->name),
                 "move the file, or write its absolute path");
  return std::nullopt;
}

}  // namespace

VariableTable VariableTable::read(Node const* configuration, Node const* connections,
                                  std::vector<std::string> const& mentioned,
                                  LoadOptions const& options, std::vector<NodePtr> const& files,
                                  Reporter& reporter) {
  VariableTable table;
  table.environment_ = options.environment;
  table.has_connections_ = options.connections.has_value();
  if (connections != nullptr) table.declare(*connections, reporter);
  if (configuration != nullptr) table.declare(*configuration, reporter);
  table.add_mentioned(mentioned);
  table.take_files(files, reporter);
  table.take_flags(options, reporter);
  table.read_values();
  return table;
}

void VariableTable::declare(Node const& map, Reporter& reporter) {
  for (auto const& member : map.members) {
    if (!check_key(member, "variable", reporter)) continue;
    if (!member.value->is_map()) {
      auto& v = variables_[member.key];
      v.name = member.key;
      v.where = member.key_mark;
      v.broken = true;
      reporter.error(member.value->mark, "wrong type",
                     fmt::format("The variable \"{}\" must be a map, not {}.", member.key,
                                 describe_type(*member.value)),
                     "write {default: ...}, {env: NAME} or {file: PATH}");
      continue;
    }
    declare_one(member, reporter);
  }
}

void VariableTable::declare_one(Member const& member, Reporter& reporter) {
  static auto const kKeys = language::names(language::variable());
  auto const& map = *member.value;
  auto const errors = reporter.errors();
  auto [at, is_new] = variables_.try_emplace(member.key);
  auto& v = at->second;
  bool const has_source = v.env.has_value() || v.file.has_value();
  if (is_new) {
    v.name = member.key;
    v.where = member.key_mark;
  }
  v.broken = !check_keys(map, kKeys, reporter);
  bool const guarded = has_connections_ && !member.key_mark.source->connections;
  for (std::string_view const key : {"env", "file", "sensitive"}) {
    auto const* found = map.find(key);
    // A change of the configuration must not make a secret of the connections public.
    if (found == nullptr || !guarded || (key == "sensitive" && is_new)) continue;
    reporter.error(found->key_mark, "not allowed beside a connections file",
                   fmt::format("\"{}\" of a variable is set there, not in the configuration.", key),
                   "move it into the file given by --connections");
    return;
  }
  if (auto const* env = text_member(map, "env", reporter)) v.env = std::string(env->text());
  if (auto const* file = text_member(map, "file", reporter))
    v.file = variable_file(*file, reporter);
  if (v.env && v.file && !has_source) {
    reporter.error(map.find("file")->key_mark, "two sources for a variable",
                   "A variable is read from `env` or from `file`, not from both.", "remove one");
  }
  if (auto const* value = map.value_of("default"); value != nullptr && v.default_value.is_null()) {
    check_literal(*value, reporter);
    v.default_value = to_value(*value);
  }
  auto const sensitive = bool_member(map, "sensitive", reporter);
  if (is_new || sensitive) {
    v.sensitive = sensitive.value_or(v.env.has_value() || v.file.has_value());
  }
  if (v.sensitive && !v.default_value.is_null() && !v.default_value.is_string()) {
    reporter.error(map.value_of("default") != nullptr ? map.value_of("default")->mark : v.where,
                   "wrong type",
                   fmt::format("The sensitive variable \"{}\" must be a text, not {}.", v.name,
                               describe_type(v.default_value)));
  }
  v.broken = reporter.errors() > errors;
}

void VariableTable::add_mentioned(std::vector<std::string> const& mentioned) {
  auto const declared = names();
  for (auto const& name : mentioned) {
    // Near a declared name it is a slip of the pen, and reported where it is used.
    if (variables_.contains(name) || nearest(name, declared)) continue;
    auto& v = variables_[name];
    v.name = name;
    v.implicit = true;
  }
}

void VariableTable::take_files(std::vector<NodePtr> const& files, Reporter& reporter) {
  std::vector<std::string> known;
  for (auto const& [name, v] : variables_) known.push_back(name);
  for (auto const& file : files) {
    for (auto const& member : file->members) {
      auto const found = variables_.find(member.key);
      if (found == variables_.end()) {
        reporter.error(member.key_mark,
                       fmt::format("unknown variable \"{}\"{}", visible(member.key),
                                   did_you_mean(member.key, known)),
                       "It is not declared under `variables`.");
      } else if (found->second.sensitive && !member.value->is_text()) {
        reporter.error(member.value->mark, "wrong type",
                       fmt::format("The sensitive variable \"{}\" must be a text, not {}.",
                                   member.key, describe_type(*member.value)));
      } else {
        found->second.fixed = to_value(*member.value);
      }
    }
  }
}

void VariableTable::take_flags(LoadOptions const& options, Reporter& reporter) {
  std::vector<std::string> known;
  for (auto const& [name, v] : variables_) known.push_back(name);
  for (auto const& [name, text] : options.variables) {
    auto const found = variables_.find(name);
    if (found == variables_.end()) {
      reporter.error(
          SourceRange{"--var", 0, 0},
          fmt::format("unknown variable \"{}\"{}", visible(name), did_you_mean(name, known)),
          "It is not declared under `variables`.");
    } else {
      found->second.fixed = Value(text);
    }
  }
}

void VariableTable::read_values() {
  for (auto& [name, v] : variables_) {
    if (!v.sensitive) read_value(v);
  }
}

void VariableTable::read_value(Variable& v) const {
  v.value = v.fixed;
  if (!v.value.is_null()) return;
  auto const from = [&](std::string const& name) {
    return environment_ ? environment_(name) : std::nullopt;
  };
  auto const take = [&](std::optional<std::string> const& text, std::string_view name) {
    if (!text) return false;
    if (is_utf8(*text)) v.value = Value(*text);
    if (v.value.is_null()) v.missing = fmt::format("The value of {} is not UTF-8.", name);
    return true;
  };
  auto const prefixed = std::string(kPrefix) + v.name;
  if (take(from(prefixed), prefixed)) return;
  if (v.env) {
    if (take(from(*v.env), *v.env)) return;
    v.missing = fmt::format("The environment variable {} is not set.", *v.env);
  } else if (v.file) {
    auto text = text_of_file(v);
    if (text) {
      v.value = Value(*text);
      return;
    }
    v.missing = fmt::format("{}.", text.error().message);
  } else {
    v.missing = "It has neither a default nor a source.";
  }
  v.value = v.default_value;
}

Result<std::string> VariableTable::text_of_file(Variable const& v) const {
  auto text = read_file(*v.file, kVariableBytesMax);
  if (!text) return text.error();
  if (!is_utf8(*text)) {
    return Error(Errc::invalid, fmt::format("{} is not UTF-8", v.file->string()));
  }
  return without_newline(std::move(*text));
}

Variable const* VariableTable::find(std::string const& name) const {
  auto const found = variables_.find(name);
  return found == variables_.end() ? nullptr : &found->second;
}

std::vector<std::string> VariableTable::names() const {
  std::vector<std::string> out;
  for (auto const& [name, v] : variables_) {
    if (!v.implicit) out.push_back(name);
  }
  return out;
}

Result<Secret> VariableTable::reveal(std::string const& name) const {
  auto const* v = find(name);
  if (v == nullptr) {
    return Error(Errc::invalid, fmt::format("there is no variable \"{}\"", visible(name)));
  }
  auto const text_of = [](Value const& value) {
    return Secret(std::string(std::string_view(value.get_string())));
  };
  auto const place = v->where.range().text();
  if (v->fixed.is_string()) return text_of(v->fixed);
  if (!v->sensitive && v->value.is_string()) return text_of(v->value);
  auto missing = v->missing;
  if (environment_) {
    if (auto text = environment_(std::string(kPrefix) + name)) return Secret(std::move(*text));
  }
  if (v->env) {
    auto text = environment_ ? environment_(*v->env) : std::nullopt;
    if (text) return Secret(std::move(*text));
    missing = fmt::format("the environment variable {} is not set", *v->env);
  } else if (v->file) {
    auto text = text_of_file(*v);
    if (text) return Secret(std::move(*text));
    missing = text.error().message;
  }
  if (v->default_value.is_string()) return text_of(v->default_value);
  if (missing.empty()) missing = "it has neither a default nor a source";
  return Error(Errc::invalid,
               fmt::format("{}: variable \"{}\" has no value: {}", place, name, missing),
               how_to_set(*v));
}

std::vector<std::string> VariableTable::secret_environment() const {
  std::vector<std::string> out;
  for (auto const& [name, v] : variables_) {
    if (!v.sensitive) continue;
    out.push_back(std::string(kPrefix) + name);
    if (v.env) out.push_back(*v.env);
  }
  return out;
}

SourceRange VariableTable::where(std::string const& name) const {
  auto const* v = find(name);
  return v == nullptr ? SourceRange{} : v->where.range();
}

}  // namespace tenantry::config
