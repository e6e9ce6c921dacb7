#include "engine/config/render.hpp"

#include <fmt/format.h>

#include "engine/config/scalar.hpp"
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

/// A text as a YAML scalar on one line.
std::string yaml_text(std::string_view text) {
  if (!needs_quotes(text)) return std::string(text);
  std::string out = "\"";
  for (char const c : text) {
    auto const byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\t') {
      out += "\\t";
    } else if (c == '\r') {
      out += "\\r";
    } else if (byte < 0x20 || byte == 0x7F) {
      out += fmt::format("\\x{:02x}", byte);
    } else {
      out += c;
    }
  }
  return out + '"';
}

std::string scalar_text(Value const& value) {
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
    return yaml_text(escaped_placeholders(std::string_view(value.get_string())));
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

class Writer {
 public:
  Writer(Tenant const& tenant, Origins origins) : tenant_(tenant), origins_(origins) {}

  std::string write() {
    out_ = "tenants:\n";
    line(1, yaml_text(tenant_.summary.key) + ':', tenant_.summary.where);
    if (tenant_.rendered.empty()) out_.insert(out_.size() - 1, " {}");
    members(tenant_.rendered, 2);
    return std::move(out_);
  }

 private:
  void members(Object const& object, std::size_t depth) {
    auto const length = pointer_.size();
    for (auto const& member : object) {
      pointer_ += '/';
      pointer_ += member.key();
      entry(yaml_text(member.key()) + ':', member.value(), depth);
      pointer_.resize(length);
    }
  }

  void entry(std::string_view label, Value const& value, std::size_t depth) {
    if (!is_nested(value)) {
      line(depth, fmt::format("{} {}", label, scalar_text(value)), where());
      return;
    }
    line(depth, label, where());
    if (auto const* array = value.if_array()) {
      elements(*array, depth + 1);
    } else {
      members(value.get_object(), depth + 1);
    }
  }

  void elements(Array const& array, std::size_t depth) {
    auto const length = pointer_.size();
    for (std::size_t i = 0; i < array.size(); ++i) {
      pointer_ += fmt::format("/{}", i);
      entry("-", array[i], depth);
      pointer_.resize(length);
    }
  }

  /// The place of the value at the pointer; empty where only its parts have one.
  SourceRange where() const {
    auto const found = tenant_.rendered_origins.find(pointer_);
    return found == tenant_.rendered_origins.end() ? SourceRange{} : found->second;
  }

  void line(std::size_t depth, std::string_view text, SourceRange const& place) {
    out_.append(depth * 2, ' ');
    out_ += text;
    if (origins_ == Origins::shown && place.known()) {
      out_ += fmt::format("  # {}:{}", visible(place.file), place.line);
    }
    out_ += '\n';
  }

  Tenant const& tenant_;
  Origins origins_;
  std::string out_;
  std::string pointer_;
};

}  // namespace

std::string render_yaml(Tenant const& tenant, Origins origins) {
  return Writer(tenant, origins).write();
}

}  // namespace tenantry::config
