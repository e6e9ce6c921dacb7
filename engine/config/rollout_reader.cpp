#include "engine/config/rollout_reader.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "engine/config/language.hpp"
#include "engine/config/policy_reader.hpp"
#include "engine/config/structure.hpp"
#include "engine/core/text.hpp"

namespace tenantry::config {
namespace {

std::vector<std::string> names_of(std::vector<Wave> const& waves) {
  std::vector<std::string> names;
  for (auto const& wave : waves) names.push_back(wave.name);
  return names;
}

class RolloutReader {
 public:
  RolloutReader(Model& model, Reporter& reporter) : model_(model), reporter_(reporter) {}

  void read(Node const& map) {
    static auto const kKeys = language::names(language::rollout());
    check_keys(map, kKeys, reporter_);
    Rollout rollout;
    if (auto limit = read_limit(map, "maxFailures", reporter_)) {
      rollout.max_failures = std::move(*limit);
    }
    auto const* list = map.value_of("waves");
    if (list == nullptr) {
      report_missing(map.mark, "waves", "it lists the waves in their order.", reporter_);
    } else if (!list->is_list()) {
      report_type(*list, "\"waves\"", "a list of waves", reporter_);
    } else if (list->items.empty()) {
      reporter_.error(list->mark, "no wave",
                      "\"waves\" is an empty list, and a rollout goes wave by wave.",
                      "name at least one, or leave `rollout` out: then all tenants begin at once");
    } else {
      for (auto const& item : list->items) wave(*item, rollout);
    }
    // Without a wave there would be no last one; it is an error anyhow.
    if (!rollout.waves.empty()) model_.rollout = std::move(rollout);
  }

 private:
  void wave(Node const& node, Rollout& rollout) {
    if (!node.is_map()) return report_type(node, "A wave", "a map", reporter_);
    static auto const kKeys = language::names(language::wave());
    check_keys(node, kKeys, reporter_);
    if (node.value_of("name") == nullptr) {
      report_missing(node.mark, "name", "tenants say it in `wave`.", reporter_);
    }
    auto const* name = text_member(node, "name", reporter_);
    if (name == nullptr) return;
    Wave wave;
    wave.name = std::string(name->text());
    wave.where = name->mark.range();
    if (!check_key({wave.name, name->mark, {}}, "wave", reporter_)) return;
    auto const same = std::ranges::find(rollout.waves, wave.name, &Wave::name);
    if (same != rollout.waves.end()) {
      reporter_.error(
          name->mark, "wave named twice",
          fmt::format("\"{}\" is in the list already ({}).", wave.name, same->where.text()),
          "give one of them another name");
      return;
    }
    if (auto const pins = map_member(node, "blueprints", reporter_)) blueprints(*pins, wave);
    rollout.waves.push_back(std::move(wave));
  }

  void blueprints(Node const& map, Wave& wave) {
    for (auto const& member : map.members) {
      if (!known(member.key, member.key_mark)) continue;
      if (!member.value->is_text()) {
        report_type(*member.value, fmt::format("What stands for \"{}\"", member.key),
                    "the name of a blueprint", reporter_);
        continue;
      }
      std::string const version(member.value->text());
      if (known(version, member.value->mark)) wave.blueprints[member.key] = version;
    }
  }

  bool known(std::string const& name, Mark const& at) {
    if (model_.blueprints.contains(name)) return true;
    std::vector<std::string> names;
    for (auto const& [key, blueprint] : model_.blueprints) names.push_back(key);
    reporter_.error(
        at, fmt::format("unknown blueprint \"{}\"{}", visible(name), did_you_mean(name, names)),
        names.empty() ? std::string("There is no `blueprints`.")
                      : fmt::format("The blueprints are: {}.", fmt::join(names, ", ")));
    return false;
  }

  Model& model_;
  Reporter& reporter_;
};

}  // namespace

void read_rollout(Node const& map, Model& model, Reporter& reporter) {
  RolloutReader(model, reporter).read(map);
}

void check_wave(Mark const& where, std::string const& wave, Model const& model,
                Reporter& reporter) {
  if (!model.rollout) return;
  auto const& waves = model.rollout->waves;
  if (std::ranges::find(waves, wave, &Wave::name) != waves.end()) return;
  auto const names = names_of(waves);
  reporter.error(where,
                 fmt::format("unknown wave \"{}\"{}", visible(wave), did_you_mean(wave, names)),
                 fmt::format("The waves of the rollout are: {}.", fmt::join(names, ", ")));
}

std::string const& pinned_blueprint(Model const& model, std::string const& wave,
                                    std::string const& blueprint) {
  if (!model.rollout) return blueprint;
  auto const& pins = model.rollout->waves[model.rollout->wave_of(wave)].blueprints;
  auto const pin = pins.find(blueprint);
  return pin == pins.end() ? blueprint : pin->second;
}

std::size_t Rollout::wave_of(std::string_view name) const {
  auto const found = std::ranges::find(waves, name, &Wave::name);
  auto const index = static_cast<std::size_t>(found - waves.begin());
  return std::min(index, waves.size() - 1);
}

}  // namespace tenantry::config
