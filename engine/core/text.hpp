// Small helpers for text that people read.
#pragma once
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tenantry {

/// `text` with control characters (terminal escapes included) and broken UTF-8 written as \xNN.
/// Printable UTF-8 stays. Use it for every text that comes from a file or a server.
std::string visible(std::string_view text);

/// The one of `candidates` nearest to `word`, if near enough to be what was meant.
std::optional<std::string> nearest(std::string_view word, std::span<std::string const> candidates);

/// " (did you mean \"x\"?)", or "" where nothing is near.
std::string did_you_mean(std::string_view word, std::span<std::string const> candidates);

/// True when `text` is well-formed UTF-8.
bool is_utf8(std::string_view text);

/// Number of code points of a UTF-8 text: what the API's length limits count.
std::size_t length_in_characters(std::string_view text);

/// ASCII lower case.
std::string lower(std::string_view text);

/// "a, b and c".
std::string join_words(std::span<std::string const> words);

/// "a role", "an OAuth client".
std::string with_article(std::string_view noun);

/// "1 tenant", "3 tenants".
std::string counted(std::size_t count, std::string_view singular);

}  // namespace tenantry
