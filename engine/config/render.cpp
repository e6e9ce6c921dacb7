#include "engine/config/render.hpp"

#include <fmt/format.h>

#include <optional>

#include "engine/config/scalar.hpp"
#include "engine/core/characters.hpp"
#include "engine/core/text.hpp"

namespace tenantry::config {
namespace {

std::string escaped_placeholders(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text.substr(i).starts_with("${")) out += '$';
    out += text[i];
  }
  return out;
}

/// As it is written between double quotes.
std::string escaped(Character const& character) {
  auto const code = static_cast<unsigned>(character.code);
  switch (code) {
    case '"':
    case '\\':
      return '\\' + std::string(character.bytes);
    case '\n':
      return "\\n";
    case '\t':
      return "\\t";
    case '\r':
      return "\\r";
    default:
      break;
  }
  if (character.is_visible) return std::string(character.bytes);
  if (code <= 0xFF) return fmt::format("\\x{:02x}", code);
  return code <= 0xFFFF ? fmt::format("\\u{:04X}", code) : fmt::format("\\U{:08X}", code);
}

/// A text as a YAML scalar on one line, every character of it visible.
std::string yaml_text(std::string_view text) {
  if (!needs_quotes(text)) return std::string(text);
  std::string out = "\"";
  while (!text.empty()) {
    auto const character = first_character(text);
    out += escaped(character);
    text.remove_prefix(character.bytes.size());
  }
  return out + '"';
}

std::string scalar_text(Value const& value, Placeholders placeholders) {
  if (is_deferred(value)) {
    if (is_sensitive(value)) return yaml_text(describe_deferred(value));
    std::string out;
    for (auto const& segment : segments_of(value)) {
      out += segment.kind == Segment::Kind::text ? escaped_placeholders(segment.text)
                                                 : fmt::format("${{tenant.{}}}", segment.text);
    }
    return yaml_text(out);
  }
  if (value.is_string()) {
    std::string_view const text = value.get_string();
    return yaml_text(placeholders == Placeholders::kept ? std::string(text)
                                                        : escaped_placeholders(text));
  }
  if (value.is_array()) return "[]";
  if (value.is_object()) return "{}";
  return canonical(value);
}

bool is_nested(Value const& value) {
  if (is_deferred(value)) return false;
  if (auto const* array = value.if_array()) return !array->empty();
  auto const* object = value.if_object();
  return object != nullptr && !object->empty();
}

/// Writes nested members, one a line.
class Writer {
 public:
  explicit Writer(Placeholders placeholders) : placeholders_(placeholders) {}
  virtual ~Writer() = default;

  void members(Object const& object, std::size_t depth) {
    auto const length = pointer_.size();
    for (auto const& member : object) {
      pointer_ += '/';
      pointer_ += member.key();
      entry(yaml_text(member.key()) + ':', member.value(), depth);
      pointer_.resize(length);
    }
  }

  std::string take() { return std::move(out_); }

 protected:
  /// What follows the value at the pointer on its line.
  virtual std::string suffix() const { return {}; }
  /// What follows the line of the key at the pointer, which is `depth` levels deep.
  virtual void below(std::size_t depth) { (void)depth; }

  void entry(std::string_view label, Value const& value, std::size_t depth) {
    if (!is_nested(value)) {
      line(depth, fmt::format("{} {}", label, scalar_text(value, placeholders_)) + suffix());
      below(depth + 1);
      return;
    }
    line(depth, std::string(label) + suffix());
    below(depth + 1);
    if (auto const* array = value.if_array()) {
      elements(*array, depth + 1);
    } else {
      members(value.get_object(), depth + 1);
    }
  }

  void elements(Array const& array, std::size_t depth) {
    auto const length = pointer_.size();
    bool const is_outermost = !list_;
    if (is_outermost) list_ = length;
    for (std::size_t i = 0; i < array.size(); ++i) {
      pointer_ += fmt::format("/{}", i);
      entry("-", array[i], depth);
      pointer_.resize(length);
    }
    if (is_outermost) list_.reset();
  }

  void line(std::size_t depth, std::string_view text) {
    out_.append(depth * 2, ' ');
    out_ += text;
    out_ += '\n';
  }

  std::string pointer_;
  std::optional<std::size_t> list_;  ///< length of the pointer to the outermost list around it

 private:
  Placeholders placeholders_;
  std::string out_;
};

/// A tenant, with the place of each value where that is asked for.
class TenantWriter final : public Writer {
 public:
  TenantWriter(Tenant const& tenant, Origins origins)
      : Writer(Placeholders::escaped), tenant_(tenant), origins_(origins) {}

  std::string write() {
    line(0, "tenants:");
    line(1, yaml_text(tenant_.summary.key) + ':' + (tenant_.rendered.empty() ? " {}" : "") +
                at(tenant_.summary.where));
    members(tenant_.rendered, 2);
    return take();
  }

 private:
  /// Empty where only the parts of a value have a place. What is in a list and has none came with
  /// the whole list.
  std::string suffix() const override {
    auto const shortest = list_.value_or(pointer_.size());
    for (std::string_view pointer = pointer_; pointer.size() >= shortest && !pointer.empty();
         pointer = pointer.substr(0, pointer.rfind('/'))) {
      auto const found = tenant_.rendered_origins.find(std::string(pointer));
      if (found != tenant_.rendered_origins.end()) return at(found->second);
    }
    return {};
  }

  std::string at(SourceRange const& place) const {
    if (origins_ == Origins::none || !place.known()) return {};
    return fmt::format("  # {}:{}", visible(place.file), place.line);
  }

  Tenant const& tenant_;
  Origins origins_;
};

/// Any object, with comments.
class CommentedWriter final : public Writer {
 public:
  CommentedWriter(Placeholders placeholders, Comments const& comments)
      : Writer(placeholders), comments_(comments) {}

  std::string write(Object const& object, std::size_t depth) {
    below(depth);
    members(object, depth);
    return take();
  }

 private:
  void below(std::size_t depth) override {
    auto const found = comments_.find(pointer_);
    if (found == comments_.end()) return;
    for (auto const& text : found->second) line(depth, "# " + visible(text));
  }

  Comments const& comments_;
};

}  // namespace

std::string render_yaml(Tenant const& tenant, Origins origins) {
  return TenantWriter(tenant, origins).write();
}

std::string to_yaml(Object const& object, std::size_t depth, Placeholders placeholders,
                    Comments const& comments) {
  return CommentedWriter(placeholders, comments).write(object, depth);
}

}  // namespace tenantry::config
