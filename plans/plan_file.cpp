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
constexpr std::string_view kDigestKey = "digest";

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

Result<void> check_frame(Object const& document) {
  auto const* format = find(document, kFormatKey);
  if (format == nullptr) return corrupt("it is no plan of Tenantry");
  if (!format->is_int64() || format->get_int64() != kPlanFormat) {
    return corrupt(fmt::format("its format is {}, this version reads {}",
                               visible(canonical(*format)).substr(0, 20), kPlanFormat));
  }
  auto rest = document;
  rest.erase(kDigestKey);
  if (text_at(document, kDigestKey) != sha256_hex(canonical(rest))) {
    return corrupt("it is torn or was edited (its digest does not fit)");
  }
  return {};
}

}  // namespace

std::string to_file_text(Plan const& plan) {
  Object document{{kFormatKey, kPlanFormat}};
  for (auto& member : encode(plan)) document[member.key()] = std::move(member.value());
  auto const digest = sha256_hex(canonical(document));
  document[kDigestKey] = digest;
  return pretty(document) + '\n';
}

Result<Plan> from_file_text(std::string_view text) {
  if (text.size() > kBytesMax) return corrupt("it is larger than 256 MiB");
  auto parsed = parse_json(text, kDepthMax);
  if (!parsed) return corrupt(parsed.error().message);
  auto const* document = parsed->if_object();
  if (document == nullptr) return corrupt("it is no plan of Tenantry");
  if (!is_finite(*parsed)) return corrupt("it holds a number that is out of range");
  auto framed = check_frame(*document);
  if (!framed) return framed.error();
  auto plan = decode(*document);
  if (!plan) return corrupt(plan.error().message);
  return plan;
}

Result<void> write_plan(std::filesystem::path const& path, Plan const& plan) {
  return write_file_atomically(path, to_file_text(plan), FileMode::private_);
}

Result<Plan> read_plan(std::filesystem::path const& path) {
  auto text = read_file(path, kBytesMax);
  if (!text) return text.error();
  auto plan = from_file_text(*text);
  if (plan) return plan;
  auto error = plan.error();
  error.message = fmt::format("{}: {}", visible(path.string()), error.message);
  return error;
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
