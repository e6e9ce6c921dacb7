#include "cli/sarif.hpp"

#include <fmt/format.h>

#include <map>

#include "cli/version.hpp"
#include "engine/core/digest.hpp"
#include "engine/core/text.hpp"

namespace tenantry::cli {
namespace {

/// "unknown key" -> "unknown-key".
std::string rule_id(std::string_view summary) {
  std::string id;
  for (char const c : lower(summary)) {
    bool const plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (plain) {
      id += c;
    } else if (!id.empty() && id.back() != '-') {
      id += '-';
    }
  }
  while (id.ends_with('-')) id.pop_back();
  return id.empty() ? "problem" : id;
}

/// A path as a URI reference: what is special in one is percent-encoded.
std::string uri_of(std::string const& path) {
  constexpr std::string_view kPlain = "-._~/!$&'()*+,;=@";
  std::string uri;
  for (char const c : path) {
    bool const plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       kPlain.find(c) != std::string_view::npos;
    uri += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return uri;
}

std::string_view level_of(Severity severity) {
  return severity == Severity::error ? "error" : "warning";
}

std::string message_of(Diagnostic const& diagnostic) {
  auto text = visible(diagnostic.summary);
  // Line breaks of the detail are ours; what is between them is made visible.
  auto const add = [&text](std::string_view prefix, std::string_view lines) {
    while (!lines.empty()) {
      auto const end = std::min(lines.find('\n'), lines.size());
      text += fmt::format("\n{}{}", prefix, visible(lines.substr(0, end)));
      lines.remove_prefix(std::min(end + 1, lines.size()));
      prefix = {};
    }
  };
  add("", diagnostic.detail);
  add("hint: ", diagnostic.hint);
  return text;
}

Object location_of(Diagnostic const& diagnostic, SourcePaths const& paths) {
  Object artifact{{"uri", uri_of(paths(diagnostic.where.file))}};
  if (!std::filesystem::path(diagnostic.where.file).is_absolute()) {
    artifact["uriBaseId"] = "%SRCROOT%";
  }
  Object physical{{"artifactLocation", std::move(artifact)}};
  if (diagnostic.where.line > 0) {
    Object region{{"startLine", diagnostic.where.line}};
    if (diagnostic.where.column > 0) region["startColumn"] = diagnostic.where.column;
    physical["region"] = std::move(region);
  }
  return {{"physicalLocation", std::move(physical)}};
}

/// Rules in the order of their first results.
class Rules {
 public:
  std::size_t index_of(Diagnostic const& diagnostic) {
    auto const id = rule_id(diagnostic.summary);
    auto const [at, is_new] = index_.try_emplace(id, rules_.size());
    if (is_new) {
      rules_.push_back(
          Object{{"id", id},
                 {"shortDescription", Object{{"text", visible(diagnostic.summary)}}},
                 {"defaultConfiguration", Object{{"level", level_of(diagnostic.severity)}}}});
    }
    return at->second;
  }
  Array take() { return std::move(rules_); }

 private:
  std::map<std::string, std::size_t> index_;
  Array rules_;
};

}  // namespace

Object sarif_log(Diagnostics const& diagnostics, SourcePaths const& paths) {
  Rules rules;
  Array results;
  std::map<std::string, int> occurrences;
  for (auto const& diagnostic : diagnostics.sorted()) {
    auto const message = message_of(diagnostic);
    Object result{{"ruleId", rule_id(diagnostic.summary)},
                  {"ruleIndex", rules.index_of(diagnostic)},
                  {"level", level_of(diagnostic.severity)},
                  {"message", Object{{"text", message}}}};
    // What was said on the command line is in no file.
    if (diagnostic.where.known() && !diagnostic.where.file.starts_with('-')) {
      result["locations"] = Array{location_of(diagnostic, paths)};
    }
    auto const what =
        sha256_hex(paths(diagnostic.where.file) + '\n' + diagnostic.address + '\n' + message);
    result["partialFingerprints"] =
        Object{{"tenantryProblem/v1", fmt::format("{}:{}", what, ++occurrences[what])}};
    results.push_back(std::move(result));
  }
  Object driver{{"name", "Tenantry"}, {"semanticVersion", version()}, {"rules", rules.take()}};
  Object run{{"tool", Object{{"driver", std::move(driver)}}},
             {"columnKind", "unicodeCodePoints"},
             {"results", std::move(results)}};
  return {{"$schema", "https://json.schemastore.org/sarif-2.1.0.json"},
          {"version", "2.1.0"},
          {"runs", Array{std::move(run)}}};
}

}  // namespace tenantry::cli
