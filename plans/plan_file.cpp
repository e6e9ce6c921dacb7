#include "plans/plan_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "engine/core/digest.hpp"
#include "engine/core/file.hpp"
#include "engine/core/text.hpp"
#include "plans/diff.hpp"
#include "plans/plan_json.hpp"

namespace tenantry::plans {
namespace {

constexpr std::size_t kBytesMax = std::size_t{256} << 20;
constexpr std::size_t kDepthMax = 128;  // a value of a configuration has at most 100 levels
constexpr std::string_view kFormatKey = "tenantry_plan";

Error corrupt(std::string_view what) {
  return {Errc::corrupt, fmt::format("the plan cannot be trusted: {}", what),
          "make a new one by `tenantry plan --out FILE`"};
}

/// Numbers beyond the range of a double have no text to compute a digest from.
bool is_finite(Value const& value) {
  if (auto const* number = value.if_double()) return std::isfinite(*number);
  if (auto const* array = value.if_array()) return std::ranges::all_of(*array, is_finite);
  if (auto const* object = value.if_object()) {
    return std::ranges::all_of(*object, [](auto const& m) { return is_finite(m.value()); });
  }
  return true;
}

/// The text in front of the digest, and the digest. The digest covers bytes and not values, so that
/// nothing depends on how a number is read.
struct Frame {
  std::string_view body;
  std::string_view digest;
  std::string_view seal;
};

constexpr std::string_view kBeforeDigest = ",\n  \"digest\": \"";
constexpr std::string_view kBeforeSeal = "\",\n  \"seal\": \"";
constexpr std::string_view kEnd = "\"\n}\n";

std::optional<Frame> frame_of(std::string_view text) {
  auto const at = text.rfind(kBeforeDigest);
  if (at == std::string_view::npos || !text.ends_with(kEnd)) return std::nullopt;
  auto const body = text.substr(0, at);
  text.remove_prefix(at + kBeforeDigest.size());
  if (text.size() < kEnd.size()) return std::nullopt;
  text.remove_suffix(kEnd.size());
  auto const seal = text.find(kBeforeSeal);
  if (seal == std::string_view::npos) return Frame{body, text, {}};
  return Frame{body, text.substr(0, seal), text.substr(seal + kBeforeSeal.size())};
}

std::string seal_of(std::string_view digest, std::string_view salt) {
  return keyed_digest_hex(salt, fmt::format("saved plan {}", digest));
}

Result<void> check_format(Object const& document) {
  auto const* format = find(document, kFormatKey);
  if (format == nullptr) return corrupt("it is no plan of Tenantry");
  if (format->is_int64() && format->get_int64() == kPlanFormat) return {};
  return corrupt(fmt::format("its format is {}, this version reads {}",
                             visible(canonical(*format)).substr(0, 20), kPlanFormat));
}

}  // namespace

Result<std::string> to_file_text(Plan const& plan, std::string_view salt) {
  Object document{{kFormatKey, kPlanFormat}};
  auto encoded = encode(plan);
  if (!encoded) return encoded.error();
  for (auto& member : *encoded) document[member.key()] = std::move(member.value());
  auto text = pretty(document);
  text.resize(text.rfind('\n'));  // without the last brace
  auto const digest = sha256_hex(text);
  auto const seal = salt.empty() ? std::string() : std::string(kBeforeSeal) + seal_of(digest, salt);
  return fmt::format("{}{}{}{}{}", text, kBeforeDigest, digest, seal, kEnd);
}

namespace {

Result<SavedPlan> saved_plan_in(std::string_view text) {
  if (text.size() > kBytesMax) return corrupt("it is larger than 256 MiB");
  auto parsed = parse_json(text, kDepthMax);
  if (!parsed) return corrupt(parsed.error().message);
  auto const* document = parsed->if_object();
  if (document == nullptr) return corrupt("it is no plan of Tenantry");
  if (!is_finite(*parsed)) return corrupt("it holds a number that is out of range");
  auto known = check_format(*document);
  if (!known) return known.error();
  auto const frame = frame_of(text);
  if (!frame || frame->digest != sha256_hex(frame->body)) {
    return corrupt("it is torn or was edited (its digest does not fit)");
  }
  auto plan = decode(*document);
  if (!plan) return corrupt(plan.error().message);
  return SavedPlan{std::move(*plan), std::string(frame->digest), std::string(frame->seal)};
}

}  // namespace

Result<Plan> from_file_text(std::string_view text) {
  auto saved = saved_plan_in(text);
  if (!saved) return saved.error();
  return std::move(saved->plan);
}

Result<void> SavedPlan::check_seal(std::string_view salt) const {
  if (!salt.empty() && seal == seal_of(digest, salt)) return {};
  return corrupt("it is not as `tenantry plan` wrote it with this state (its seal does not fit)");
}

Result<void> write_plan(std::filesystem::path const& path, Plan const& plan,
                        std::string_view salt) {
  auto const text = to_file_text(plan, salt);
  if (!text) return text.error();
  return write_file_atomically(path, *text, FileMode::private_);
}

Result<SavedPlan> read_saved_plan(std::filesystem::path const& path) {
  auto text = read_file(path, kBytesMax);
  if (!text) return text.error();
  auto saved = saved_plan_in(*text);
  if (saved) return saved;
  auto error = saved.error();
  error.message = fmt::format("{}: {}", visible(path.string()), error.message);
  return error;
}

Result<Plan> read_plan(std::filesystem::path const& path) {
  auto saved = read_saved_plan(path);
  if (!saved) return saved.error();
  return std::move(saved->plan);
}

Result<void> check_change(Schema const& schema, Change const& change) {
  for (auto const& member : change.after) {
    auto const* attribute = schema.find(member.key());
    auto const name = visible(member.key());
    if (attribute == nullptr || attribute->use == Use::computed || attribute->use == Use::meta) {
      return corrupt(fmt::format("{} has no attribute `{}`", change.address.text(), name));
    }
    if (!is_secret(*attribute) && is_sensitive(member.value())) {
      return corrupt(fmt::format("a secret would land in `{}` of {}, which is no secret", name,
                                 change.address.text()));
    }
  }
  return {};
}

}  // namespace tenantry::plans
