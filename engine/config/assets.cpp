#include "engine/config/assets.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "engine/core/archive.hpp"
#include "engine/core/digest.hpp"
#include "engine/core/file.hpp"
#include "engine/core/text.hpp"

namespace tenantry::config {
namespace {
namespace fs = std::filesystem;
using namespace std::string_view_literals;

constexpr std::size_t kBytesMax = 256U << 20;  ///< where the rule has no limit: files are in memory
constexpr std::string_view kJson = "application/json";
constexpr std::string_view kZip = "application/zip";

/// A form of content, told by its first bytes.
struct Form {
  std::string_view content_type;
  std::string_view words;
  std::string_view begins_with;
};
constexpr std::array kForms{
    Form{"image/png", "a PNG image", "\x89PNG\r\n\x1A\n"},
    Form{"image/jpeg", "a JPEG image", "\xFF\xD8\xFF"},
    Form{"image/x-icon", "an ICO icon", "\0\0\1\0"sv},
    Form{"image/gif", "a GIF image", "GIF8"},
    Form{"image/bmp", "a BMP image", "BM"},
    Form{kZip, "a zip archive", "PK\x03\x04"},
    Form{kZip, "a zip archive", "PK\x05\x06"},  // an empty one
};

Form const* form_of(std::string_view bytes) {
  auto const found = std::ranges::find_if(
      kForms, [&](Form const& form) { return bytes.starts_with(form.begins_with); });
  return found == kForms.end() ? nullptr : &*found;
}

std::string words_of(std::vector<std::string> const& content_types) {
  std::string out;
  for (auto const& type : content_types) {
    auto const found = std::ranges::find(kForms, type, &Form::content_type);
    if (!out.empty()) out += " or ";
    out += type == kJson ? "a JSON document" : found == kForms.end() ? type : found->words;
  }
  return out;
}

/// One file under one rule.
class Reader {
 public:
  Reader(Attribute const& a, std::string const& written, fs::path folder, Source const& source)
      : a_(a), rule_(a.file), written_(written), folder_(std::move(folder)), source_(source) {}

  Assets::Found read() const {
    auto const path = (folder_ / written_).lexically_normal();
    // A NUL would end the name for the system, but not for the check of its folder.
    if (written_.find('\0') != std::string::npos) return missing();
    if (!is_inside(path, folder_)) {
      return AssetProblem{
          "file outside of the folder",
          fmt::format("\"{}\" is not in the folder of {}.", visible(written_), source_.name),
          "move it into that folder, and write its path from there"};
    }
    auto const bytes_max = rule_.bytes_max > 0 ? rule_.bytes_max : kBytesMax;
    auto const bytes = read_file(path, bytes_max);
    if (!bytes) return unreadable(bytes.error(), path, bytes_max);
    auto const* form = form_of(*bytes);
    auto const type = content_type(*bytes, form);
    if (type.empty()) return wrong_form(*bytes, form);
    if (auto problem = broken(*bytes, type)) return *problem;
    return DeclaredFile{path, written_, digest(*bytes), std::string(type), bytes->size()};
  }

 private:
  std::string shown() const { return fmt::format("\"{}\"", visible(written_)); }

  AssetProblem missing() const {
    return {"missing file",
            fmt::format("There is no file {} in the folder of {}.", shown(), source_.name)};
  }

  AssetProblem unreadable(Error const& error, fs::path const& path, std::size_t bytes_max) const {
    if (error.code == Errc::not_found) return missing();
    if (error.code != Errc::too_large) return {"file that cannot be read", error.message + '.'};
    std::error_code ec;
    auto const size = fs::file_size(path, ec);
    return {"file too large", fmt::format("{} has {} bytes; \"{}\" may have {} at most.", shown(),
                                          ec ? 0 : size, a_.name, bytes_max)};
  }

  /// The content type among those that the rule allows; "" where it is none of them. What the first
  /// bytes do not tell can only be JSON.
  std::string_view content_type(std::string_view bytes, Form const* form) const {
    if (rule_.content_types.empty()) {
      return form == nullptr ? "application/octet-stream" : form->content_type;
    }
    auto const allows = [&](std::string_view type) {
      return std::ranges::find(rule_.content_types, type) != rule_.content_types.end();
    };
    if (form != nullptr) return allows(form->content_type) ? form->content_type : "";
    return allows(kJson) && !bytes.empty() ? kJson : "";
  }

  AssetProblem wrong_form(std::string_view bytes, Form const* form) const {
    auto const what = bytes.empty()     ? "is empty"
                      : form == nullptr ? "holds something else"
                                        : fmt::format("holds {}", form->words);
    return {"wrong kind of file", fmt::format("\"{}\" must be {}; {} {}.", a_.name,
                                              words_of(rule_.content_types), shown(), what)};
  }

  std::optional<AssetProblem> broken(std::string_view bytes, std::string_view type) const {
    if (type == kJson) {
      auto const parsed = parse_json(bytes);
      if (parsed) return std::nullopt;
      return AssetProblem{"file that is not JSON",
                          fmt::format("{}: {}.", shown(), parsed.error().message)};
    }
    if (type != kZip) return std::nullopt;
    auto const checked = check_archive(bytes);
    if (checked) return std::nullopt;
    return AssetProblem{"zip archive that cannot be used",
                        fmt::format("{}: {}.", shown(), checked.error().message),
                        checked.error().hint};
  }

  std::string digest(std::string_view bytes) const {
    return rule_.digest == FileRule::Digest::md5 ? "md5:" + md5_hex(bytes)
                                                 : "sha256:" + sha256_hex(bytes);
  }

  Attribute const& a_;
  FileRule const& rule_;
  std::string const& written_;
  fs::path folder_;
  Source const& source_;
};

}  // namespace

Assets::Found const& Assets::find(Attribute const& a, std::string const& written,
                                  Source const& source) {
  auto folder = fs::absolute(source.path).parent_path();
  Key key{folder, written, &a.file};
  auto const known = found_.find(key);
  if (known != found_.end()) return known->second;
  auto found = Reader(a, written, std::move(folder), source).read();
  return found_.emplace(std::move(key), std::move(found)).first->second;
}

}  // namespace tenantry::config
