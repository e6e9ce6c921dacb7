#include "engine/core/schema.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/url/parse.hpp>
#include <set>

#include "engine/core/text.hpp"

namespace tenantry {
namespace {

std::string_view name_of(Kind kind) {
  switch (kind) {
    case Kind::string:
      return "a text";
    case Kind::boolean:
      return "true or false";
    case Kind::integer:
      return "a whole number";
    case Kind::number:
      return "a number";
    case Kind::list:
    case Kind::set:
      return "a list";
    case Kind::object:
      return "a map";
    case Kind::any:
      return "any value";
  }
  return "any value";
}

std::string_view name_of_value(Value const& value) {
  if (is_deferred(value)) return "a text";
  switch (value.kind()) {
    case boost::json::kind::null:
      return "null";
    case boost::json::kind::bool_:
      return "true or false";
    case boost::json::kind::int64:
    case boost::json::kind::uint64:
      return "a whole number";
    case boost::json::kind::double_:
      return "a number";
    case boost::json::kind::string:
      return "a text";
    case boost::json::kind::array:
      return "a list";
    case boost::json::kind::object:
      return "a map";
  }
  return "a value";
}

bool fits(Kind kind, Value const& value) {
  if (is_deferred(value)) return kind == Kind::string || kind == Kind::any;
  switch (kind) {
    case Kind::string:
      return value.is_string();
    case Kind::boolean:
      return value.is_bool();
    case Kind::integer:
      return value.is_int64() || value.is_uint64();
    case Kind::number:
      return value.is_number();
    case Kind::list:
    case Kind::set:
      return value.is_array();
    case Kind::object:
      return value.is_object();
    case Kind::any:
      return true;
  }
  return false;
}

class Checker {
 public:
  explicit Checker(ReportProblem const& report) : report_(report) {}

  void members(std::vector<Attribute> const& table, Object const& written, std::string const& at) {
    for (auto const& member : written) {
      std::string_view const name = member.key();
      auto const found = std::ranges::find_if(table, [&](auto const& a) { return a.name == name; });
      auto const pointer = at + '/' + std::string(name);
      if (found == table.end()) {
        unknown(table, name, pointer);
      } else if (found->use == Use::computed) {
        report_({pointer, "attribute cannot be set",
                 fmt::format("\"{}\" is given by the server.", name), "remove it"});
      } else {
        value(*found, member.value(), pointer);
      }
    }
    for (auto const& attribute : table) {
      if (attribute.use == Use::required && !written.contains(attribute.name)) {
        report_({at,
                 "missing attribute",
                 fmt::format("\"{}\" is required: {}", attribute.name, attribute.doc),
                 {}});
      }
    }
  }

 private:
  void unknown(std::vector<Attribute> const& table, std::string_view name,
               std::string const& pointer) {
    std::vector<std::string> names;
    for (auto const& a : table) {
      if (a.use != Use::computed) names.push_back(a.name);
    }
    std::ranges::sort(names);
    report_({pointer,
             fmt::format("unknown key \"{}\"{}", visible(name), did_you_mean(name, names)),
             fmt::format("Valid keys here: {}.", fmt::join(names, ", ")),
             {}});
  }

  void value(Attribute const& a, Value const& v, std::string const& pointer) {
    if (is_sensitive(v) && !a.sensitive && a.use != Use::meta) {
      report_({pointer, "sensitive value in an attribute that is not secret",
               fmt::format("\"{}\" would be stored and shown in clear.", a.name),
               "use a variable with `sensitive: false`, or write the value itself"});
      return;
    }
    // Elements are told apart by their texts, and only a list of its own has a record of ours.
    bool const may_be_part =
        a.kind == Kind::set && a.element == Kind::string && std::ranges::count(pointer, '/') == 1;
    if (auto const* part = contained(v); part != nullptr && may_be_part) {
      elements(a, *part, pointer + '/' + std::string(kContains));
      return;
    }
    if (!fits(a.kind, v)) {
      report_({pointer,
               "wrong type",
               fmt::format("\"{}\" must be {}, not {}.", a.name, name_of(a.kind), name_of_value(v)),
               {}});
      return;
    }
    if (a.kind == Kind::list || a.kind == Kind::set) {
      elements(a, v.get_array(), pointer);
    } else if (a.kind == Kind::object && !a.fields.empty()) {
      members(a.fields, v.get_object(), pointer);
    } else {
      scalar(a, v, pointer);
    }
  }

  void elements(Attribute const& a, Array const& list, std::string const& pointer) {
    if (a.items_max > 0 && list.size() > a.items_max) {
      report_({pointer,
               "too many elements",
               fmt::format("\"{}\" holds at most {}, not {}.", a.name, a.items_max, list.size()),
               {}});
    }
    auto element = a;
    element.kind = a.element;
    for (std::size_t i = 0; i < list.size(); ++i) {
      auto const at = pointer + '/' + std::to_string(i);
      if (!fits(a.element, list[i])) {
        report_({at,
                 "wrong type",
                 fmt::format("each element of \"{}\" must be {}, not {}.", a.name,
                             name_of(a.element), name_of_value(list[i])),
                 {}});
      } else if (a.element == Kind::object && !a.fields.empty()) {
        members(a.fields, list[i].get_object(), at);
      } else {
        scalar(element, list[i], at);
      }
    }
  }

  void scalar(Attribute const& a, Value const& v, std::string const& pointer) {
    if (v.is_string()) return text(a, std::string_view(v.get_string()), pointer);
    if (!v.is_int64()) return;
    auto const number = v.get_int64();
    if ((a.minimum && number < *a.minimum) || (a.maximum && number > *a.maximum)) {
      report_({pointer,
               "number out of range",
               fmt::format("\"{}\" must be from {} to {}, not {}.", a.name,
                           a.minimum ? std::to_string(*a.minimum) : "any",
                           a.maximum ? std::to_string(*a.maximum) : "any", number),
               {}});
    }
  }

  void text(Attribute const& a, std::string_view text, std::string const& pointer) {
    if (!a.one_of.empty() && std::ranges::find(a.one_of, text) == a.one_of.end()) {
      report_({pointer,
               fmt::format("invalid value \"{}\"{}", visible(text), did_you_mean(text, a.one_of)),
               fmt::format("\"{}\" must be one of: {}.", a.name, fmt::join(a.one_of, ", ")),
               {}});
    }
    auto const length = length_in_characters(text);
    if (a.length_max > 0 && length > a.length_max) {
      report_({pointer,
               "text too long",
               fmt::format("\"{}\" may have {} characters at most, not {}.", a.name, a.length_max,
                           length),
               {}});
    }
    if (length < a.length_min) {
      report_({pointer,
               "text too short",
               fmt::format("\"{}\" needs {} characters at least, not {}.", a.name, a.length_min,
                           length),
               {}});
    }
    format(a, text, pointer);
  }

  void format(Attribute const& a, std::string_view text, std::string const& pointer) {
    auto const wrong = [&](std::string_view form) {
      report_({pointer,
               "wrong form",
               fmt::format("\"{}\" must be {}, not \"{}\".", a.name, form, visible(text)),
               {}});
    };
    switch (a.format) {
      case Format::none:
      case Format::file:  // whoever reads the file checks it
        return;
      case Format::origin:
        if (!is_origin(text)) wrong("an origin such as https://portal.example");
        return;
      case Format::url: {
        auto const url = boost::urls::parse_uri(text);
        if (!url || (url->scheme() != "https" && url->scheme() != "http") || url->host().empty()) {
          wrong("an http or https URL");
        }
        return;
      }
      case Format::hostname:
        if (!is_hostname(text)) wrong("a host name");
        return;
      case Format::hostname_label:
        if (text.size() < 3 || !is_label(text)) {
          wrong("a host name label of 3 to 63 letters, digits and hyphens");
        }
        return;
    }
  }

  static bool is_label(std::string_view label) {
    return !label.empty() && label.size() <= 63 && label.front() != '-' && label.back() != '-' &&
           std::ranges::all_of(label, [](char c) {
             return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                    c == '-';
           });
  }

  static bool is_hostname(std::string_view text) {
    if (text.empty() || text.size() > 253) return false;
    while (true) {
      auto const dot = text.find('.');
      if (!is_label(text.substr(0, dot))) return false;
      if (dot == std::string_view::npos) return true;
      text.remove_prefix(dot + 1);
    }
  }

  ReportProblem const& report_;
};

}  // namespace

std::string Schema::type() const {
  if (section.empty()) return "qlik_tenants";
  std::string out = "qlik_";
  for (char const c : section) {
    if (c >= 'A' && c <= 'Z') {
      out += '_';
      out += static_cast<char>(c - 'A' + 'a');
    } else {
      out += c;
    }
  }
  return out;
}

Attribute const* Schema::find(std::string_view name) const {
  auto const found =
      std::ranges::find_if(attributes, [&](auto const& a) { return a.name == name; });
  return found == attributes.end() ? nullptr : &*found;
}

void check(Schema const& schema, Object const& written, ReportProblem const& report) {
  Checker(report).members(schema.attributes, written, "");
  if (schema.check) schema.check(written, report);
}

void each_reference(std::vector<Attribute> const& table, Object const& values,
                    std::function<void(Attribute const&, std::string const&)> const& use) {
  auto const take = [&](Attribute const& attribute, Value const& value) {
    if (value.is_string() && !attribute.refers_to.empty()) {
      use(attribute, std::string(std::string_view(value.get_string())));
    } else if (value.is_object() && !attribute.fields.empty() && !is_deferred(value)) {
      each_reference(attribute.fields, value.get_object(), use);
    }
  };
  for (auto const& attribute : table) {
    if (attribute.refers_to.empty() && attribute.fields.empty()) continue;
    auto const* value = find(values, attribute.name);
    if (value == nullptr) continue;
    auto const* part = contained(*value);
    auto const* list = part != nullptr ? part : value->if_array();
    if (list == nullptr) {
      take(attribute, *value);
      continue;
    }
    for (auto const& element : *list) take(attribute, element);
  }
}

bool is_origin(std::string_view text) {
  auto const url = boost::urls::parse_uri(text);
  return url && !url->host().empty() && !url->has_userinfo() && url->encoded_path().empty() &&
         !url->has_query() && !url->has_fragment();
}

}  // namespace tenantry
