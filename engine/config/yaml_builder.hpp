// The events of the YAML library into a tree.
#pragma once
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/mark.h>

#include <optional>
#include <unordered_map>

#include "engine/config/lines.hpp"
#include "engine/config/yaml_reader.hpp"

namespace tenantry::config {

void report_duplicate_key(std::string_view key, Mark const& where, Mark const& earlier,
                          Reporter& reporter);
/// A file has more values than the bound allows.
void report_too_many(Mark const& where, std::size_t nodes_max, Reporter& reporter);

/// Builds the tree of one document, as read_yaml promises it. After a problem that leaves no sense
/// in the rest, events are ignored.
class YamlBuilder final : public YAML::EventHandler {
 public:
  /// Both must outlive the builder.
  YamlBuilder(Lines const& lines, Reporter& reporter) : lines_(lines), reporter_(reporter) {}
  /// What stands at the top goes to `sink` part by part.
  YamlBuilder(Lines const& lines, Reporter& reporter, ElementSink sink)
      : lines_(lines), reporter_(reporter), sink_(std::move(sink)), nodes_max_(kRowNodesMax) {}

  void OnDocumentStart(YAML::Mark const&) override {}
  void OnDocumentEnd() override {}
  void OnNull(YAML::Mark const& mark, YAML::anchor_t anchor) override;
  void OnScalar(YAML::Mark const& mark, std::string const& tag, YAML::anchor_t anchor,
                std::string const& value) override;
  void OnAlias(YAML::Mark const& mark, YAML::anchor_t anchor) override;
  void OnSequenceStart(YAML::Mark const& mark, std::string const& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(mark, tag, "seq", anchor, false);
  }
  void OnMapStart(YAML::Mark const& mark, std::string const& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(mark, tag, "map", anchor, true);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapEnd() override { close(); }

  bool given_up() const { return given_up_; }
  /// Where only a map or a list as a key has ended the work; it is not reported yet.
  std::optional<Mark> bad_key() const { return bad_key_; }
  /// The innermost bracket that is not closed yet.
  std::optional<Mark> open_bracket() const;
  NodePtr root() const { return root_; }
  bool gives_elements() const { return static_cast<bool>(sink_); }
  /// Values that were made, those of an alias again at each use.
  std::size_t nodes() const { return nodes_; }

 private:
  struct Open {
    Mark mark;
    std::size_t offset = 0;  ///< byte of the mark
    YAML::anchor_t anchor = 0;
    bool is_map = false;
    bool is_key = false;  ///< stands where a key must stand
    bool has_key = false;
    std::string key;
    Mark key_mark;
    bool key_usable = false;
    std::vector<NodePtr> items;
    std::vector<Member> members;
    std::unordered_map<std::string, Mark> seen;
  };

  Mark at(YAML::Mark const& mark) const { return lines_.mark(mark.line, mark.column); }
  void report(Mark const& where, std::string summary, std::string detail, std::string hint);
  void give_up(Mark const& where, std::string summary, std::string detail, std::string hint);
  bool charge(std::size_t nodes, Mark const& where);
  std::int8_t text_offset(YAML::Mark const& mark, std::string const& value) const;
  void open(YAML::Mark const& mark, std::string const& tag, std::string_view core,
            YAML::anchor_t anchor, bool is_map);
  bool wants_key() const { return !open_.empty() && open_.back().is_map && !open_.back().has_key; }
  void close();
  void place(NodePtr node, YAML::anchor_t anchor);
  void take_key(Open& level, Node const& node);

  Lines const& lines_;
  Reporter& reporter_;
  std::vector<Open> open_;
  std::unordered_map<YAML::anchor_t, NodePtr> anchors_;
  ElementSink sink_;  ///< empty: the whole tree is made
  std::size_t nodes_max_ = kNodesMax;
  std::size_t nodes_ = 0;
  bool given_up_ = false;
  std::optional<Mark> bad_key_;
  NodePtr root_;
};

}  // namespace tenantry::config
