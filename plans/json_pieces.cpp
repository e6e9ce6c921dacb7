#include "plans/json_pieces.hpp"

#include <fmt/format.h>

#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/value_stack.hpp>
#include <string>

namespace tenantry::plans {
namespace json = boost::json;
namespace {

/// Builds values from what the parser meets: those of the list one by one, the rest as one.
class Builder {
 public:
  static constexpr std::size_t max_object_size = json::object::max_size();
  static constexpr std::size_t max_array_size = json::array::max_size();
  static constexpr std::size_t max_key_size = json::string::max_size();
  static constexpr std::size_t max_string_size = json::string::max_size();

  Builder(std::string_view list, std::size_t bytes_max, std::function<void(Value)> element)
      : list_(list), bytes_max_(bytes_max), element_(std::move(element)) {}

  Value release() { return rest_.release(); }
  std::size_t lists() const { return lists_; }

  bool on_document_begin(json::error_code&) {
    rest_.reset();
    return true;
  }
  bool on_document_end(json::error_code&) { return true; }

  bool on_object_begin(json::error_code& ec) {
    begin_value();
    ++depth_;
    return has_room(0, ec);
  }
  bool on_object_end(std::size_t size, json::error_code&) {
    --depth_;
    stack().push_object(depth_ == 0 ? size - lists_ : size);
    end_value();
    return true;
  }
  bool on_array_begin(json::error_code& ec) {
    if (is_list_next_) {
      is_list_next_ = false;
      in_list_ = true;
      ++lists_;
    } else {
      begin_value();
    }
    ++depth_;
    return has_room(0, ec);
  }
  bool on_array_end(std::size_t size, json::error_code&) {
    --depth_;
    if (in_list_ && depth_ == kListDepth - 1) {
      in_list_ = false;
      return true;
    }
    stack().push_array(size);
    end_value();
    return true;
  }

  bool on_key_part(json::string_view part, std::size_t, json::error_code& ec) {
    key_ += part;
    return has_room(part.size(), ec);
  }
  bool on_key(json::string_view part, std::size_t, json::error_code& ec) {
    key_ += part;
    is_list_next_ = depth_ == kListDepth - 1 && key_ == list_;
    if (!is_list_next_) stack().push_key(key_);
    key_.clear();
    return has_room(part.size(), ec);
  }

  bool on_string_part(json::string_view part, std::size_t, json::error_code& ec) {
    begin_string();
    stack().push_chars(part);
    return has_room(part.size(), ec);
  }
  bool on_string(json::string_view part, std::size_t, json::error_code& ec) {
    begin_string();
    in_string_ = false;
    stack().push_string(part);
    end_value();
    return has_room(part.size(), ec);
  }

  bool on_number_part(json::string_view, json::error_code&) { return true; }
  bool on_int64(std::int64_t number, json::string_view, json::error_code& ec) {
    return scalar([&](auto& stack) { stack.push_int64(number); }, ec);
  }
  bool on_uint64(std::uint64_t number, json::string_view, json::error_code& ec) {
    return scalar([&](auto& stack) { stack.push_uint64(number); }, ec);
  }
  bool on_double(double number, json::string_view, json::error_code& ec) {
    return scalar([&](auto& stack) { stack.push_double(number); }, ec);
  }
  bool on_bool(bool truth, json::error_code& ec) {
    return scalar([&](auto& stack) { stack.push_bool(truth); }, ec);
  }
  bool on_null(json::error_code& ec) {
    return scalar([](auto& stack) { stack.push_null(); }, ec);
  }
  bool on_comment_part(json::string_view, json::error_code&) { return true; }
  bool on_comment(json::string_view, json::error_code&) { return true; }

 private:
  static constexpr std::size_t kListDepth = 2;  ///< open brackets around an element of the list

  json::value_stack& stack() { return in_list_ ? element_stack_ : rest_; }
  bool at_element() const { return in_list_ && depth_ == kListDepth; }

  void begin_value() {
    if (is_list_next_) rest_.push_key(list_);  // it is no list
    is_list_next_ = false;
    if (!at_element()) return;
    element_stack_.reset();
    element_bytes_ = 0;
  }
  void begin_string() {
    if (!in_string_) begin_value();
    in_string_ = true;
  }
  void end_value() {
    if (at_element()) element_(element_stack_.release());
  }
  template <class Push>
  bool scalar(Push push, json::error_code& ec) {
    begin_value();
    push(stack());
    end_value();
    return has_room(0, ec);
  }

  /// What comes next may take memory; a value takes some by itself.
  bool has_room(std::size_t size, json::error_code& ec) {
    auto& bytes = in_list_ ? element_bytes_ : rest_bytes_;
    bytes += size + sizeof(Value);
    if (bytes <= bytes_max_) return true;
    ec = make_error_code(boost::system::errc::value_too_large);
    return false;
  }

  std::string list_;
  std::size_t bytes_max_;
  std::function<void(Value)> element_;
  json::value_stack rest_;
  json::value_stack element_stack_;
  std::string key_;
  std::size_t depth_ = 0;  ///< open brackets
  std::size_t lists_ = 0;
  std::size_t rest_bytes_ = 0;
  std::size_t element_bytes_ = 0;
  bool is_list_next_ = false;  ///< its name was the last key
  bool in_list_ = false;
  bool in_string_ = false;
};

json::parse_options options_of(PieceLimits limits) {
  json::parse_options options;
  options.max_depth = limits.depth;
  return options;
}

}  // namespace

struct JsonPieces::Parser {
  json::basic_parser<Builder> parser;
};

JsonPieces::JsonPieces(std::string_view list, PieceLimits limits,
                       std::function<void(Value)> element)
    : parser_(new Parser{json::basic_parser<Builder>(options_of(limits), list, limits.bytes,
                                                     std::move(element))}) {}
JsonPieces::~JsonPieces() = default;

std::size_t JsonPieces::lists() const { return parser_->parser.handler().lists(); }

Result<void> JsonPieces::add(std::string_view bytes) {
  auto& parser = parser_->parser;
  std::size_t taken = 0;
  if (!parser.done()) {
    json::error_code ec;
    taken = parser.write_some(true, bytes.data(), bytes.size(), ec);
    if (ec == boost::system::errc::value_too_large) {
      return Error(Errc::too_large, "a part of it is too large");
    }
    read_ += taken;
    if (ec) return failure(ec.message());
  }
  if (bytes.find_first_not_of(" \t\r\n", taken) != std::string_view::npos) {
    return failure("text follows");
  }
  read_ += bytes.size() - taken;
  return {};
}

Result<Value> JsonPieces::finish() {
  auto& parser = parser_->parser;
  if (!parser.done()) {
    json::error_code ec;
    parser.write_some(false, nullptr, 0, ec);
    if (ec || !parser.done()) return failure(ec ? ec.message() : "it ends too early");
  }
  return parser.handler().release();
}

Error JsonPieces::failure(std::string_view why) const {
  return {Errc::invalid, fmt::format("not valid JSON at byte {}: {}", read_, why)};
}

}  // namespace tenantry::plans
