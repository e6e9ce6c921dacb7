#include "engine/config/yaml_reader.hpp"

#include <fmt/format.h>
#include <yaml-cpp/depthguard.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <boost/interprocess/streams/bufferstream.hpp>
#include <optional>
#include <unordered_map>

#include "engine/config/json_elements.hpp"
#include "engine/config/lines.hpp"
#include "engine/config/yaml_builder.hpp"
#include "engine/core/text.hpp"

namespace tenantry::config {
namespace {

/// What YAML's own wording leaves unclear, in words for people.
std::string explain(std::string const& message) {
  if (message == YAML::ErrorMsg::TAB_IN_INDENTATION) return "A tab cannot indent; use spaces.";
  if (message == YAML::ErrorMsg::END_OF_MAP_FLOW) return "\"}\" or \",\" is missing.";
  if (message == YAML::ErrorMsg::END_OF_SEQ_FLOW) return "\"]\" or \",\" is missing.";
  if (message == YAML::ErrorMsg::EOF_IN_SCALAR) return "A quote is never closed.";
  if (message == YAML::ErrorMsg::END_OF_MAP)
    return "A key of this map is expected here, or less indentation.";
  if (message == YAML::ErrorMsg::END_OF_SEQ) return "\"- \" is expected here, or less indentation.";
  if (message == YAML::ErrorMsg::MAP_VALUE) {
    return "A key and its value cannot stand here; a text with \": \" in it needs quotes.";
  }
  if (message == YAML::ErrorMsg::UNKNOWN_ANCHOR || message.starts_with("the referenced anchor")) {
    return "An alias names an anchor that is not defined.";
  }
  if (message.starts_with("invalid unicode")) {
    return "An escape stands for no character, or for half of one.";
  }
  return fmt::format("{}.", visible(message));
}

/// Of a second document only the start is asked for.
class SecondDocument final : public YAML::EventHandler {
 public:
  std::optional<YAML::Mark> start;
  void OnDocumentStart(YAML::Mark const& mark) override { start = mark; }
  void OnDocumentEnd() override {}
  void OnNull(YAML::Mark const&, YAML::anchor_t) override {}
  void OnAlias(YAML::Mark const&, YAML::anchor_t) override {}
  void OnScalar(YAML::Mark const&, std::string const&, YAML::anchor_t,
                std::string const&) override {}
  void OnSequenceStart(YAML::Mark const&, std::string const&, YAML::anchor_t,
                       YAML::EmitterStyle::value) override {}
  void OnSequenceEnd() override {}
  void OnMapStart(YAML::Mark const&, std::string const&, YAML::anchor_t,
                  YAML::EmitterStyle::value) override {}
  void OnMapEnd() override {}
};

std::string_view not_valid(Lines const& lines) {
  bool const is_json = lower(lines.mark(0, 0).source->name).ends_with(".json");
  return is_json ? "not valid JSON" : "not valid YAML";
}

/// The library trips over a tab only where it has read on.
void report_syntax(Lines const& lines, YAML::Exception const& e, YamlBuilder const& builder,
                   Reporter& reporter) {
  auto const line = lines.line(e.mark.line);
  auto const tab = line.substr(0, line.find_first_not_of(" \t")).find('\t');
  if (tab != std::string_view::npos) {
    reporter.error(lines.mark(e.mark.line, static_cast<int>(tab)), std::string(not_valid(lines)),
                   explain(YAML::ErrorMsg::TAB_IN_INDENTATION));
    return;
  }
  bool const in_flow =
      e.msg == YAML::ErrorMsg::END_OF_MAP_FLOW || e.msg == YAML::ErrorMsg::END_OF_SEQ_FLOW;
  auto const rest = lines.text().substr(lines.offset(e.mark.line, e.mark.column));
  bool const at_end = e.mark.pos <= 0 || rest.find_first_not_of(" \r\n") == std::string_view::npos;
  auto const where = lines.mark(e.mark.line, e.mark.column);
  // The library reads on to the end before it tells of the outermost bracket.
  bool const is_outermost =
      where.line == 1 && where.column == 1 && (rest.starts_with('[') || rest.starts_with('{'));
  if (in_flow && (is_outermost || (at_end && builder.open_bracket()))) {
    reporter.error(builder.open_bracket().value_or(where), std::string(not_valid(lines)),
                   "The bracket that opens here, or a quote after it, is never closed.");
    return;
  }
  reporter.error(where, std::string(not_valid(lines)), explain(e.msg));
}

bool run_parser(Lines const& lines, YamlBuilder& builder, Reporter& reporter) {
  boost::interprocess::ibufferstream stream(lines.text().data(), lines.text().size());
  auto const errors_before = reporter.errors();
  SecondDocument second;
  auto const report_second = [&] {
    reporter.error(lines.mark(second.start->line, second.start->column),
                   "more than one document in the file", {},
                   builder.gives_elements() ? "write one list of all rows"
                                            : "use a file for each; they are merged");
  };
  try {
    YAML::Parser parser(stream);
    if (!parser.HandleNextDocument(builder)) return true;
    if (builder.bad_key()) {
      reporter.error(*builder.bad_key(), "key that is not a text",
                     "A map or a list cannot be a key.");
    }
    if (builder.given_up()) return false;
    if (parser.HandleNextDocument(second) && second.start) report_second();
  } catch (YAML::DeepRecursion const& e) {
    if (!builder.given_up() || builder.bad_key()) {
      reporter.error(lines.mark(e.mark.line, e.mark.column), "nested too deeply",
                     fmt::format("At most {} levels are accepted.", kDepthMax));
    }
  } catch (YAML::Exception const& e) {
    if (second.start) {
      report_second();
    } else if (!builder.given_up() || builder.bad_key()) {
      report_syntax(lines, e, builder, reporter);
    }
  }
  return reporter.errors() == errors_before;
}

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

/// The text behind its byte order mark.
std::string_view body_of(std::string_view text) {
  return text.starts_with(kByteOrderMark) ? text.substr(kByteOrderMark.size()) : text;
}

/// What stands at the top; nullptr (reported) where the text has no sense or nothing in it.
NodePtr parse(Lines const& lines, YamlBuilder& builder, Reporter& reporter) {
  auto const errors_before = reporter.errors();
  run_parser(lines, builder, reporter);
  if (reporter.errors() != errors_before) return nullptr;
  auto root = builder.root();
  if (root != nullptr && !root->is_null()) return root;
  reporter.error(lines.mark(0, 0), "empty file", "There is nothing in it.");
  return nullptr;
}

bool read_whole(Lines const& lines, ElementSink const& sink, Reporter& reporter) {
  YamlBuilder builder(lines, reporter, sink);
  auto const root = parse(lines, builder, reporter);
  if (root == nullptr) return false;
  if (root->is_map() || root->is_list()) return true;
  reporter.error(
      root->mark, "wrong type",
      fmt::format("The file must hold a list or a map of rows, not {}.", describe_type(*root)));
  return false;
}

/// Parses the elements one by one: the library keeps the tokens of a bracket until it is closed.
bool read_one_by_one(Source const& source, JsonElements elements, ElementSink const& sink,
                     Reporter& reporter) {
  std::unordered_map<std::string, Mark> seen;
  std::size_t nodes = 0;
  bool good = true;
  auto const unless_twice = [&](Member member) {
    if (!member.key.empty()) {
      auto const [earlier, is_new] = seen.emplace(member.key, member.key_mark);
      if (!is_new) {
        good = false;
        return report_duplicate_key(member.key, member.key_mark, earlier->second, reporter);
      }
    }
    sink(std::move(member));
  };
  while (auto const element = elements.next()) {
    Lines const lines(source, element->text, element->line, element->column);
    YamlBuilder builder(lines, reporter, unless_twice);
    if (parse(lines, builder, reporter) == nullptr) good = false;
    nodes += builder.nodes();
    if (builder.given_up()) return false;
    if (nodes > kRowNodesMax) {
      report_too_many(lines.mark(0, 0), kRowNodesMax, reporter);
      return false;
    }
  }
  return good;
}

}  // namespace

NodePtr read_yaml(Source const& source, std::string const& text, Reporter& reporter) {
  Lines const lines(source, body_of(text));
  if (!check_bytes(lines, reporter)) return nullptr;
  YamlBuilder builder(lines, reporter);
  auto root = parse(lines, builder, reporter);
  if (root == nullptr || root->is_map()) return root;
  reporter.error(root->mark, "wrong type",
                 fmt::format("The file must hold a map, not {}.", describe_type(*root)));
  return nullptr;
}

bool read_yaml_elements(Source const& source, std::string const& text, ElementSink const& sink,
                        Reporter& reporter) {
  auto const body = body_of(text);
  {
    Lines const lines(source, body);
    if (!check_bytes(lines, reporter)) return false;
    if (!JsonElements::can_cut(body)) return read_whole(lines, sink, reporter);
  }
  return read_one_by_one(source, JsonElements(body), sink, reporter);
}

}  // namespace tenantry::config
