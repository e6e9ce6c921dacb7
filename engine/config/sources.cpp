#include "engine/config/sources.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <set>

#include "engine/config/structure.hpp"
#include "engine/config/yaml_reader.hpp"
#include "engine/core/file.hpp"
#include "engine/core/text.hpp"

namespace tenantry::config {
namespace {
namespace fs = std::filesystem;

constexpr std::string_view kMainFile = "tenantry.yaml";
constexpr std::string_view kVersion = "tenantry/v1";

bool is_yaml_name(fs::path const& path) {
  auto const name = path.filename().string();
  return !name.starts_with('.') && (name.ends_with(".yaml") || name.ends_with(".yml"));
}

/// True when a line `apiVersion: tenantry/...` stands at the left margin.
bool claims_to_be_ours(std::string_view text) {
  constexpr std::string_view kKey = "apiVersion";
  for (auto at = text.find(kKey); at != std::string_view::npos; at = text.find(kKey, at + 1)) {
    auto const line_start = text.rfind('\n', at);
    auto before = text.substr(line_start == std::string_view::npos ? 0 : line_start + 1);
    before = before.substr(0, before.find(kKey));
    if (!before.empty() && before != "\"" && before != "'" && before != "\xEF\xBB\xBF") continue;
    auto rest = text.substr(at + kKey.size());
    rest = rest.substr(0, rest.find('\n'));
    auto const value = rest.find_first_not_of("\"' :\t");
    if (value != std::string_view::npos && rest.substr(value).starts_with("tenantry/")) return true;
  }
  return false;
}

bool has_our_version(Node const& root) {
  auto const* version = root.value_of("apiVersion");
  return version != nullptr && version->is_text() && version->text().starts_with("tenantry/");
}

class Finder {
 public:
  Finder(LoadOptions const& options, std::deque<Source>& sources, Reporter& reporter)
      : options_(options), sources_(sources), reporter_(reporter) {}

  Documents find() {
    Documents out;
    if (options_.connections) {
      out.connections = read(*options_.connections, true);
      if (out.connections != nullptr) check_connections_version(*out.connections);
    }
    for (auto const& file : options_.variable_files) {
      if (auto root = read(file, false)) out.variable_files.push_back(std::move(root));
    }
    if (options_.paths.empty()) {
      out.folder = options_.folder;
      folder(".", out);
    }
    for (auto const& path : options_.paths) {
      auto const full = options_.folder / path;
      std::error_code ec;
      bool const is_folder = fs::is_directory(full, ec);
      if (out.folder.empty()) out.folder = is_folder ? full : full.parent_path();
      if (is_folder) {
        folder(path, out);
      } else if (!options_.connections || stays_in_folder(path)) {
        explicit_file(path, out);
      }
    }
    if (out.folder.empty()) out.folder = options_.folder;
    return out;
  }

 private:
  Source const& add_source(fs::path const& name, bool connections) {
    auto const full = options_.folder / name;
    auto shown = name.lexically_normal().string();
    return sources_.emplace_back(
        Source{std::move(shown), full, static_cast<int>(sources_.size()), connections});
  }

  /// False where the file was read before, under whatever name.
  bool is_first_time(fs::path const& name) {
    std::error_code ec;
    auto const real = fs::weakly_canonical(options_.folder / name, ec);
    return seen_.insert(ec ? (options_.folder / name).string() : real.string()).second;
  }

  /// False (reported) for a link that leads out of its folder: whoever may write there, as the
  /// author of a pull request, could have any file of this machine read and quoted in messages.
  bool stays_in_folder(fs::path const& name) {
    auto const full = options_.folder / name;
    auto const folder = full.has_parent_path() ? full.parent_path() : fs::path(".");
    if (is_inside(full, folder)) return true;
    reporter_.error(SourceRange{name.lexically_normal().string(), 0, 0},
                    "file outside of the folder",
                    "It is a link to a file that is not in the folder of the configuration.",
                    "put the file itself there, or name its folder by --config");
    return false;
  }

  NodePtr read(fs::path const& name, bool connections) {
    is_first_time(name);
    auto const& source = add_source(name, connections);
    auto const text = bytes(source);
    return text ? read_yaml(source, *text, reporter_) : nullptr;
  }

  std::optional<std::string> bytes(Source const& source) {
    auto text = read_file(source.path, kFileBytesMax);
    if (text) return std::move(*text);
    SourceRange const where{source.name, 0, 0};
    switch (text.error().code) {
      case Errc::not_found:
        reporter_.error(where, "missing file", "There is no such file.");
        break;
      case Errc::too_large:
        reporter_.error(where, "file too large",
                        fmt::format("A file may have {} MiB at most.", kFileBytesMax >> 20));
        break;
      default:
        reporter_.error(where, "file that cannot be read", text.error().message + '.');
    }
    return std::nullopt;
  }

  void explicit_file(fs::path const& name, Documents& out) {
    if (!is_first_time(name)) return;
    auto const& source = add_source(name, false);
    auto const text = bytes(source);
    if (!text) return;
    auto root = read_yaml(source, *text, reporter_);
    if (root != nullptr && check_version(*root)) out.configuration.push_back(std::move(root));
  }

  void found_file(fs::path const& name, Documents& out) {
    if (stays_in_folder(name)) explicit_file(name, out);
  }

  void folder(fs::path const& name, Documents& out) {
    std::vector<std::string> files;
    std::error_code ec;
    bool has_main = false;
    for (auto it = fs::directory_iterator(options_.folder / name, ec);
         !ec && it != fs::directory_iterator(); it.increment(ec)) {
      std::error_code ignored;
      if (!is_yaml_name(it->path()) || !it->is_regular_file(ignored)) continue;
      if (it->path().filename() == kMainFile) {
        has_main = true;
      } else {
        files.push_back(it->path().filename().string());
      }
    }
    if (ec) {
      reporter_.error(SourceRange{name.string(), 0, 0}, "folder that cannot be read",
                      ec.message() + '.');
      return;
    }
    auto const before = sources_.size();
    auto const errors = reporter_.errors();
    if (has_main) found_file(name / kMainFile, out);
    std::ranges::sort(files);
    for (auto const& file : files) maybe(name / file, out);
    if (has_main || sources_.size() > before || reporter_.errors() > errors) return;
    reporter_.error(SourceRange{(name / kMainFile).lexically_normal().string(), 0, 0},
                    "no configuration",
                    "The folder has neither tenantry.yaml nor another YAML file with "
                    "`apiVersion: tenantry/v1`.",
                    "run `tenantry init`, or name the configuration by --config");
  }

  /// A YAML file beside the main one counts when it says that it is ours. Others are foreign and
  /// may hold anything.
  void maybe(fs::path const& name, Documents& out) {
    constexpr std::size_t kPrefix = 64U << 10;
    auto const full = options_.folder / name;
    std::error_code ec;
    auto const size = fs::file_size(full, ec);
    std::string text;
    if (!ec && size <= kFileBytesMax) {
      if (auto whole = read_file(full, kFileBytesMax)) text = std::move(*whole);
    } else if (!ec) {
      text.resize(kPrefix);
      std::ifstream stream(full, std::ios::binary);
      stream.read(text.data(), static_cast<std::streamsize>(kPrefix));
      text.resize(static_cast<std::size_t>(std::max<std::streamsize>(stream.gcount(), 0)));
    }
    if (claims_to_be_ours(text)) return found_file(name, out);
    // In flow style the key need not be at the margin.
    auto const first = text.find_first_not_of(" \t\r\n");
    bool const flow = first != std::string::npos && text[first] == '{';
    if (!flow || text.find("tenantry/") == std::string::npos || size > kFileBytesMax) return;
    Reporter unheard;
    Source const trial{name.string(), full, 0, false};
    auto const root = read_yaml(trial, text, unheard);
    if (root != nullptr && has_our_version(*root)) found_file(name, out);
  }

  bool check_version(Node const& root) {
    auto const* version = root.find("apiVersion");
    if (version == nullptr) {
      reporter_.error(Mark{root.mark.source, 1, 1}, "missing attribute",
                      "\"apiVersion\" is required: it says that the file is Tenantry's.",
                      fmt::format("write `apiVersion: {}` at the top", kVersion));
      return false;
    }
    return check_version_value(*version->value);
  }

  bool check_version_value(Node const& value) {
    if (value.is_text() && value.text() == kVersion) return true;
    reporter_.error(value.mark, "unknown apiVersion",
                    fmt::format("This version of Tenantry reads {}.", kVersion));
    return false;
  }

  void check_connections_version(Node const& root) {
    if (auto const* version = root.find("apiVersion")) check_version_value(*version->value);
  }

  LoadOptions const& options_;
  std::deque<Source>& sources_;
  Reporter& reporter_;
  std::set<std::string> seen_;
};

bool is_joined(std::string_view key) {
  constexpr std::array<std::string_view, 6> kJoined{"blueprints", "fleets",  "policy",
                                                    "regions",    "tenants", "variables"};
  return std::ranges::find(kJoined, key) != kJoined.end();
}

void report_duplicate(Member const& later, Mark const& earlier, Reporter& reporter) {
  reporter.error(later.key_mark, fmt::format("duplicate key \"{}\"", visible(later.key)),
                 fmt::format("It is defined already at {}.", earlier.range().text()));
}

/// `later` into `first`; both are maps.
NodePtr join_maps(Node const& first, Node const& later, Reporter& reporter) {
  auto members = first.members;
  std::map<std::string, Mark> seen;
  for (auto const& m : members) seen.emplace(m.key, m.key_mark);
  for (auto const& m : later.members) {
    auto const [earlier, is_new] = seen.emplace(m.key, m.key_mark);
    if (is_new) {
      members.push_back(m);
    } else {
      report_duplicate(m, earlier->second, reporter);
    }
  }
  return make_map(first.mark, std::move(members));
}

}  // namespace

Documents read_documents(LoadOptions const& options, std::deque<Source>& sources,
                         Reporter& reporter) {
  return Finder(options, sources, reporter).find();
}

std::map<std::string, Member> join_documents(std::vector<NodePtr> const& documents,
                                             Reporter& reporter) {
  std::map<std::string, Member> out;
  for (auto const& root : documents) {
    for (auto const& member : root->members) {
      if (member.key == "apiVersion") continue;
      if (is_joined(member.key) && !member.value->is_map() && !member.value->is_null()) {
        report_type(*member.value, fmt::format("\"{}\"", member.key), "a map", reporter);
        continue;
      }
      auto const [at, is_new] = out.emplace(member.key, member);
      if (is_new) continue;
      auto& first = at->second;
      if (!is_joined(member.key)) {
        report_duplicate(member, first.key_mark, reporter);
      } else if (first.value->is_null()) {
        first = member;
      } else if (member.value->is_map()) {
        first.value = join_maps(*first.value, *member.value, reporter);
      }
    }
  }
  return out;
}

}  // namespace tenantry::config
