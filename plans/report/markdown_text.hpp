// Text of others inside of Markdown. Internal to this layer.
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace tenantry::plans {

/// `text` as a code span, in which nothing is Markdown, HTML, a link or a mention. On one line, and
/// cut where it is longer than anybody would read there.
std::string code_span(std::string_view text);

/// `text` for HTML, with what is special in HTML and in attributes as references. Not made visible.
std::string html_escaped(std::string_view text);

/// `<code>` with `text`, for the HTML lines of a Markdown text, where code spans are none.
std::string html_code(std::string_view text);

/// Lines as a fenced block of `language` that none of them can end. Each must be visible().
std::string fenced(std::string_view language, std::vector<std::string> const& lines);

/// What GitHub counts, at most: UTF-16 code units, of which a character has one or two.
std::size_t comment_length(std::string_view text);

}  // namespace tenantry::plans
