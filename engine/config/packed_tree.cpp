#include "engine/config/packed_tree.hpp"

#include <bit>

#include "engine/config/packing.hpp"

namespace tenantry::config {
namespace {

enum class Form : std::uint8_t { null, text, integer, number, yes, no, list, map };

Form form_of(Node const& node) {
  if (node.is_map()) return Form::map;
  if (node.is_list()) return Form::list;
  if (node.is_null()) return Form::null;
  if (node.scalar.is_string()) return Form::text;
  if (node.scalar.is_int64()) return Form::integer;
  if (node.scalar.is_double()) return Form::number;
  return node.scalar.get_bool() ? Form::yes : Form::no;
}

class Packer {
 public:
  explicit Packer(int first_line) : line_(first_line) {}

  void add(Node const& node) {
    auto const form = form_of(node);
    out_.put_byte(static_cast<std::uint8_t>(form));
    put_mark(node.mark);
    switch (form) {
      case Form::text:
        out_.put_text(node.text());
        out_.put_number(folded(node.text_offset));
        return;
      case Form::integer:
        return out_.put_number(folded(node.scalar.get_int64()));
      case Form::number:
        return out_.put_number(std::bit_cast<std::uint64_t>(node.scalar.get_double()));
      case Form::list:
        out_.put_number(node.items.size());
        for (auto const& item : node.items) add(*item);
        return;
      case Form::map:
        out_.put_number(node.members.size());
        for (auto const& member : node.members) {
          out_.put_text(member.key);
          put_mark(member.key_mark);
          add(*member.value);
        }
        return;
      default:
        return;
    }
  }

  std::string take() { return out_.take(); }

 private:
  /// Mostly a line or none below the last one.
  void put_mark(Mark const& mark) {
    out_.put_number(folded(mark.line - line_));
    out_.put_number(static_cast<std::uint64_t>(mark.column));
    line_ = mark.line;
  }

  PackedBytes out_;
  int line_;
};

class Reader {
 public:
  Reader(std::string_view packed, Mark const& first)
      : packed_(packed), source_(first.source), line_(first.line) {}

  NodePtr node() {
    auto const form = static_cast<Form>(packed_.byte());
    auto const where = mark();
    switch (form) {
      case Form::text: {
        auto node = make_scalar(where, Value(packed_.text()));
        auto const offset = static_cast<std::int8_t>(unfolded(packed_.number()));
        if (offset == node->text_offset) return node;
        auto placed = std::make_shared<Node>(*node);
        placed->text_offset = offset;
        return placed;
      }
      case Form::integer:
        return make_scalar(where, Value(unfolded(packed_.number())));
      case Form::number:
        return make_scalar(where, Value(std::bit_cast<double>(packed_.number())));
      case Form::yes:
        return make_scalar(where, Value(true));
      case Form::no:
        return make_scalar(where, Value(false));
      case Form::list: {
        std::vector<NodePtr> items(static_cast<std::size_t>(packed_.number()));
        for (auto& item : items) item = node();
        return make_list(where, std::move(items));
      }
      case Form::map: {
        std::vector<Member> members(static_cast<std::size_t>(packed_.number()));
        for (auto& member : members) {
          member.key = std::string(packed_.text());
          member.key_mark = mark();
          member.value = node();
        }
        return make_map(where, std::move(members));
      }
      case Form::null:
        break;
    }
    return make_scalar(where, nullptr);
  }

 private:
  Mark mark() {
    line_ += static_cast<int>(unfolded(packed_.number()));
    return {source_, line_, static_cast<int>(packed_.number())};
  }

  PackedReader packed_;
  Source const* source_;
  int line_;
};

}  // namespace

NodePtr pack(Node const& tree) {
  Packer packer(tree.mark.line);
  packer.add(tree);
  auto out = std::make_shared<Node>();
  out->type = Node::Type::packed;
  out->mark = tree.mark;
  out->size = tree.size;
  out->scalar = Value(packer.take());
  return out;
}

NodePtr unpacked(NodePtr const& node) {
  if (node->type != Node::Type::packed) return node;
  return Reader(std::string_view(node->scalar.get_string()), node->mark).node();
}

bool may_contain(Node const& packed, std::string_view text) {
  return std::string_view(packed.scalar.get_string()).find(text) != std::string_view::npos;
}

}  // namespace tenantry::config
