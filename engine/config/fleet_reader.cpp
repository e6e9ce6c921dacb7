#include "engine/config/fleet_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "engine/config/evaluator.hpp"
#include "engine/config/fleet_file.hpp"
#include "engine/config/language.hpp"
#include "engine/config/layer_check.hpp"
#include "engine/config/layers.hpp"
#include "engine/config/structure.hpp"
#include "engine/core/file.hpp"
#include "engine/core/text.hpp"

namespace tenantry::config {
namespace {
namespace fs = std::filesystem;

struct TypeName {
  std::string_view name;
  ColumnType type;
};
constexpr std::array kTypes{
    TypeName{"text", ColumnType::text},       TypeName{"string", ColumnType::text},
    TypeName{"number", ColumnType::number},   TypeName{"integer", ColumnType::integer},
    TypeName{"boolean", ColumnType::boolean}, TypeName{"list", ColumnType::list}};

class FleetReader {
 public:
  FleetReader(Member const& member, Model& model, Reporter& reporter)
      : member_(member), map_(*member.value), model_(model), reporter_(reporter) {}

  std::unique_ptr<FleetEntry> read() {
    auto out = std::make_unique<FleetEntry>();
    out->where = member_.key_mark;
    out->fleet.key = member_.key;
    out->fleet.where = member_.key_mark.range();
    check_layer(map_, LayerKind::fleet, model_, reporter_);
    map_member(map_, "values", reporter_);
    take_body(*out);
    out->fleet.on_missing_row = on_missing_row();
    overrides(*out);
    auto const format = read_format();
    auto const* source = find_file();
    if (source == nullptr) return nullptr;
    reporter_.add_rows_file(source->name);
    out->fleet.file = source->name;
    auto rows = read_fleet_file(*source, format, reporter_);
    if (rows == nullptr) return nullptr;
    out->fleet.rows = rows->size();
    out->rows = std::move(rows);
    out->optional_cells = optional_cells(*out->body);
    check_columns(*out);
    return check_key_text(*out) ? std::move(out) : nullptr;
  }

 private:
  void take_body(FleetEntry& out) const {
    std::vector<Member> members;
    for (auto const& m : map_.members) {
      if (!is_fleet_key(m.key)) members.push_back(m);
    }
    out.body = make_map(map_.mark, std::move(members));
    auto const* key = map_.find("key");
    out.key = key != nullptr && !key->value->is_null()
                  ? key->value
                  : make_scalar(member_.key_mark, Value("${row.key}"));
    auto const* former = map_.find("formerKeys");
    if (former != nullptr && !former->value->is_null()) out.former_keys = former->value;
  }

  MissingRow on_missing_row() {
    auto const* node = literal(map_, "onMissingRow");
    if (node == nullptr || node->text() == "error") return MissingRow::error;
    if (node->text() == "deactivate") return MissingRow::deactivate;
    auto const& modes = language::words(language::fleet(), "onMissingRow");
    reporter_.error(node->mark,
                    fmt::format("invalid value \"{}\"{}", visible(node->text()),
                                did_you_mean(node->text(), modes)),
                    "\"onMissingRow\" must be one of: deactivate, error.");
    return MissingRow::error;
  }

  void overrides(FleetEntry& out) {
    auto const map = map_member(map_, "overrides", reporter_);
    if (map == nullptr) return;
    for (auto const& member : map->members) {
      if (!check_key(member, "tenant", reporter_) || member.value->is_null()) continue;
      if (!member.value->is_map()) {
        report_type(*member.value, fmt::format("The override \"{}\"", member.key), "a map",
                    reporter_);
        continue;
      }
      check_layer(*member.value, LayerKind::tenant, model_, reporter_);
      map_member(*member.value, "values", reporter_);
      out.overrides.emplace(member.key, member);
    }
  }

  // --- the file ---

  FleetFormat read_format() {
    FleetFormat out;
    if (auto const* node = literal(map_, "separator")) {
      constexpr std::string_view kSeparators = ",;\t|";
      if (node->text().size() == 1 && kSeparators.find(node->text()) != std::string_view::npos) {
        out.separator = node->text().front();
      } else {
        reporter_.error(node->mark, "invalid value",
                        "\"separator\" must be one of: \",\", \";\", \"\\t\", \"|\".");
      }
    }
    auto const map = map_member(map_, "columns", reporter_);
    if (map == nullptr) return out;
    for (auto const& member : map->members) {
      auto rule = column(member);
      auto const same = std::ranges::find(out.columns, header_of(rule), header_of);
      if (same != out.columns.end()) {
        reporter_.error(rule.where, "two columns of one header",
                        fmt::format("\"{}\" ({}) is called \"{}\" in the file too.", same->name,
                                    same->where.range().text(), visible(header_of(rule))),
                        "take one of them out");
      }
      out.columns.push_back(std::move(rule));
    }
    return out;
  }

  /// A text that is taken as it is written; nullptr (reported) for another value and for a
  /// placeholder.
  Node const* literal(Node const& map, std::string_view key) {
    auto const* node = text_member(map, key, reporter_);
    if (node == nullptr || !node->has_placeholder) return node;
    reporter_.error(node->mark, "placeholder that is not known here",
                    fmt::format("\"{}\" says how the file is read: nothing stands for it.", key),
                    "write the text itself");
    return nullptr;
  }

  ColumnRule column(Member const& member) {
    static auto const kKeys = language::names(language::column());
    ColumnRule rule;
    rule.name = member.key;
    rule.where = member.key_mark;
    check_key(member, "column", reporter_);
    auto const& value = *member.value;
    if (value.is_null()) return rule;
    if (value.is_text()) {
      rule.type = column_type(value);
      return rule;
    }
    if (!value.is_map()) {
      report_type(value, fmt::format("The column \"{}\"", member.key), "a type or a map",
                  reporter_);
      return rule;
    }
    check_keys(value, kKeys, reporter_);
    if (auto const* type = literal(value, "type")) rule.type = column_type(*type);
    if (auto const* header = literal(value, "header")) rule.header = header->text();
    auto const* separator = literal(value, "separator");
    if (separator == nullptr) return rule;
    rule.separator = separator->text();
    if (rule.separator.empty() || rule.type != ColumnType::list) {
      reporter_.error(separator->mark, "invalid value",
                      rule.separator.empty()
                          ? "Between the elements of a list stands at least one character."
                          : "Only a column of the type list has a separator.");
      rule.separator = ";";
    }
    return rule;
  }

  ColumnType column_type(Node const& node) {
    auto const found = std::ranges::find(kTypes, node.text(), &TypeName::name);
    if (found != kTypes.end()) return found->type;
    std::vector<std::string> names;
    for (auto const& t : kTypes) names.emplace_back(t.name);
    reporter_.error(node.mark,
                    fmt::format("invalid value \"{}\"{}", visible(node.text()),
                                did_you_mean(node.text(), names)),
                    fmt::format("A type is one of: {}.", fmt::join(names, ", ")));
    return ColumnType::any;
  }

  /// nullptr (reported) where the fleet names none, or none that may be read.
  Source const* find_file() {
    auto const* node = map_.value_of("from");
    if (node == nullptr) {
      report_missing(member_.key_mark, "from", "it names the file of the rows.", reporter_);
      return nullptr;
    }
    TenantScope const scope;
    Evaluator evaluator(model_.variables, ScopeKind::variables_only, scope, reporter_);
    auto const name = evaluator.plain_text(*node, "\"from\"");
    if (!name) return nullptr;
    auto const& naming = *node->mark.source;
    auto const folder = naming.path.has_parent_path() ? naming.path.parent_path() : fs::path(".");
    auto const path = folder / *name;
    if (!check_name(*name, *node) || !check_file(path, folder, *name, *node)) return nullptr;
    auto shown = (fs::path(naming.name).parent_path() / *name).lexically_normal().string();
    return &model_.sources.emplace_back(
        Source{std::move(shown), path, static_cast<int>(model_.sources.size()), false});
  }

  /// False (reported) for what can be the name of no file of rows.
  bool check_name(std::string const& name, Node const& node) {
    if (!is_fleet_file(name)) {
      reporter_.error(
          node.mark, "unknown kind of file",
          fmt::format("\"{}\" does not end in .csv, .yaml, .yml or .json.", visible(name)),
          "a spreadsheet is exported as CSV in UTF-8; rows of another program may be renamed");
      return false;
    }
    if (name.find("://") == std::string::npos) return true;
    reporter_.error(node.mark, "file that is not here",
                    fmt::format("\"{}\" is no file: nothing is downloaded.", visible(name)),
                    "download it before, into the folder of the configuration");
    return false;
  }

  /// False (reported) for what is no regular file in the folder or below.
  bool check_file(fs::path const& path, fs::path const& folder, std::string const& name,
                  Node const& node) {
    auto const wrong = [&](std::string summary, std::string detail, std::string hint = {}) {
      reporter_.error(node.mark, std::move(summary), std::move(detail), std::move(hint));
      return false;
    };
    auto const& naming = node.mark.source->name;
    std::error_code ec;
    // A NUL would end the name for the system, but not for the check of its folder.
    bool const has_nul = name.find('\0') != std::string::npos;
    if (!has_nul && is_inside(path.parent_path(), folder) && fs::is_symlink(path, ec) &&
        !fs::exists(path, ec)) {
      return wrong("missing file",
                   fmt::format("\"{}\" is a link that leads nowhere.", visible(name)));
    }
    if (!has_nul && !is_inside(path, folder)) {
      return wrong("file outside of the folder",
                   fmt::format("\"{}\" is not in the folder of {}.", visible(name), naming),
                   "move it into that folder, and write its path from there");
    }
    if (has_nul || !fs::exists(path, ec)) {
      return wrong(
          "missing file" + did_you_mean(name, names_beside(folder)),
          fmt::format("There is no file \"{}\" in the folder of {}.", visible(name), naming));
    }
    if (fs::is_regular_file(path, ec)) return true;
    return wrong("file that cannot be read",
                 fmt::format("\"{}\" is not a regular file.", visible(name)));
  }

  /// What might be meant.
  static std::vector<std::string> names_beside(fs::path const& folder) {
    constexpr std::size_t kNamesMax = 1'000;
    std::vector<std::string> out;
    std::error_code ec;
    for (auto it = fs::directory_iterator(folder, ec);
         !ec && it != fs::directory_iterator() && out.size() < kNamesMax; it.increment(ec)) {
      auto name = it->path().filename().string();
      std::error_code ignored;
      if (is_fleet_file(name) && it->is_regular_file(ignored)) out.push_back(std::move(name));
    }
    std::ranges::sort(out);
    return out;
  }

  /// Placeholders of columns that the file does not have: told once, not by every row.
  void check_columns(FleetEntry const& entry) {
    if (!entry.rows->knows_columns()) return;
    auto const row = entry.rows->blank_row();
    TenantScope scope;
    scope.row = &row;
    Evaluator evaluator(model_.variables, ScopeKind::row, scope, reporter_);
    evaluator.check_columns(*entry.key);
    evaluator.check_columns(*entry.body);
    if (entry.former_keys != nullptr) evaluator.check_columns(*entry.former_keys);
    for (auto const& [key, member] : entry.overrides) evaluator.check_columns(*member.value);
  }

  /// False (reported) for what cannot give each row a key of its own.
  bool check_key_text(FleetEntry const& entry) {
    auto const& node = *entry.key;
    if (node.has_placeholder && (node.parsed->problem || names_column(node.parsed->pieces))) {
      return true;
    }
    if (node.is_list() || node.is_map()) {
      report_type(node, "The key of a fleet", "a text", reporter_);
    } else {
      reporter_.error(
          node.mark, "the same key for all rows",
          fmt::format("There is no column in \"{}\".",
                      visible(node.is_text() ? std::string(node.text()) : canonical(node.scalar))),
          "name the column that tells the rows apart: ${row.id}");
    }
    return false;
  }

  static bool names_column(Template const& pieces) {
    return std::ranges::any_of(pieces, [](Piece const& piece) {
      return piece.space == "row" || (piece.fallback && names_column(*piece.fallback));
    });
  }

  Member const& member_;
  Node const& map_;
  Model& model_;
  Reporter& reporter_;
};

}  // namespace

namespace {

/// nullptr (reported) where its rows are not known.
std::unique_ptr<FleetEntry> read_fleet(Member const& member, Model& model, Reporter& reporter) {
  if (!check_key(member, "fleet", reporter)) return nullptr;
  if (member.value->is_map()) return FleetReader(member, model, reporter).read();
  report_type(*member.value, fmt::format("The fleet \"{}\"", member.key), "a map", reporter);
  return nullptr;
}

}  // namespace

void read_fleets(Node const& map, Model& model, Reporter& reporter) {
  for (auto const& member : map.members) {
    auto entry = read_fleet(member, model, reporter);
    if (entry == nullptr) {
      model.has_all_tenants = false;
      continue;
    }
    model.fleet_views[member.key] = entry->fleet;
    model.fleets.emplace(member.key, std::move(entry));
  }
  // Only here a column could seem to be there.
  TenantScope const scope;
  Evaluator evaluator(model.variables, ScopeKind::tenant, scope, reporter);
  for (auto const& [key, blueprint] : model.blueprints) {
    evaluator.check_columns(*blueprint.body);
    if (blueprint.values != nullptr) evaluator.check_columns(*blueprint.values);
    for (auto const& p : blueprint.parameters) {
      if (p.default_value != nullptr) evaluator.check_columns(*p.default_value);
    }
  }
}

}  // namespace tenantry::config
