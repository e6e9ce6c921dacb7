#include "plans/plan_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "engine/core/atomic_file.hpp"
#include "engine/core/digest.hpp"
#include "engine/core/file_reader.hpp"
#include "engine/core/json_text.hpp"
#include "engine/core/running_digest.hpp"
#include "engine/core/text.hpp"
#include "plans/diff.hpp"
#include "plans/json_pieces.hpp"
#include "plans/plan_json.hpp"

namespace tenantry::plans {
namespace {

/// Of one tenant, and of all the rest: what is in memory at a time.
constexpr std::size_t kPartMax = std::size_t{256} << 20;
constexpr std::size_t kDepthMax = 128;  // a value of a configuration has at most 100 levels
constexpr std::string_view kFormatKey = "tenantry_plan";
constexpr std::string_view kTenantsKey = "tenants";

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

/// Where the text in front of the digest ends, and the digest. It covers bytes and not values, so
/// that nothing depends on how a number is read.
struct Frame {
  std::uint64_t body_size = 0;
  std::string digest;
  std::string seal;
};

constexpr std::string_view kBeforeDigest = ",\n  \"digest\": \"";
constexpr std::string_view kBeforeSeal = "\",\n  \"seal\": \"";
constexpr std::string_view kEnd = "\"\n}\n";

/// What a plan is read from.
struct Source {
  std::uint64_t size = 0;
  std::function<Result<std::string>(std::uint64_t offset, std::size_t size)> read;
};

Source source_of(std::string_view text) {
  return {text.size(), [text](std::uint64_t offset, std::size_t size) -> Result<std::string> {
            return std::string(text.substr(static_cast<std::size_t>(offset), size));
          }};
}

/// None where the text does not end as a plan does.
Result<std::optional<Frame>> frame_of(Source const& source) {
  constexpr std::size_t kFrameMax = 1024;  // bytes, of two digests and what is around them
  auto const size = static_cast<std::size_t>(std::min<std::uint64_t>(source.size, kFrameMax));
  auto const tail = source.read(source.size - size, size);
  if (!tail) return tail.error();
  std::string_view text = *tail;
  auto const at = text.rfind(kBeforeDigest);
  if (at == std::string_view::npos || !text.ends_with(kEnd)) return std::nullopt;
  Frame frame{source.size - size + at, {}, {}};
  text.remove_prefix(at + kBeforeDigest.size());
  if (text.size() < kEnd.size()) return std::nullopt;
  text.remove_suffix(kEnd.size());
  auto const seal = text.find(kBeforeSeal);
  frame.digest = text.substr(0, seal);
  if (seal != std::string_view::npos) frame.seal = text.substr(seal + kBeforeSeal.size());
  return frame;
}

std::string seal_of(std::string_view digest, std::string_view salt) {
  return keyed_digest_hex(salt, fmt::format("saved plan {}", digest));
}

Result<void> check_format(Value const& document) {
  auto const* object = document.if_object();
  auto const* format = object != nullptr ? find(*object, kFormatKey) : nullptr;
  if (format == nullptr) return corrupt("it is no plan of Tenantry");
  if (format->is_int64() && format->get_int64() == kPlanFormat) return {};
  return corrupt(fmt::format("its format is {}, this version reads {}",
                             visible(canonical(*format)).substr(0, 20), kPlanFormat));
}

}  // namespace

namespace {

using Write = std::function<Result<void>(std::string_view)>;

/// Elements of the list of tenants, which ends the body.
Result<void> write_tenants(TenantPlans const& tenants, Write const& write) {
  constexpr std::size_t kDepth = 2;  // of the elements' indentation
  bool is_first = true;
  auto const written = tenants.try_each([&](TenantPlan const& tenant) {
    auto const* const before = is_first ? "\n    " : ",\n    ";
    is_first = false;
    return write(before + pretty(encode(tenant), kDepth));
  });
  if (!written) return written;
  return write(is_first ? "]" : "\n  ]");
}

/// The whole text, tenant by tenant.
Result<void> write_document(Plan const& plan, std::string_view salt, Write const& write) {
  RunningDigest digest;
  Write const write_body = [&](std::string_view text) {
    digest.add(text);
    return write(text);
  };
  Object document{{kFormatKey, kPlanFormat}};
  for (auto& member : encode(plan)) document[member.key()] = std::move(member.value());
  auto head = pretty(document);
  head.resize(head.rfind('\n'));  // without the last brace
  auto written = write_body(fmt::format("{},\n  \"{}\": [", head, kTenantsKey));
  if (written) written = write_tenants(plan.tenants, write_body);
  if (!written) return written;
  auto const hex = digest.hex();
  auto const seal = salt.empty() ? std::string() : std::string(kBeforeSeal) + seal_of(hex, salt);
  return write(fmt::format("{}{}{}{}", kBeforeDigest, hex, seal, kEnd));
}

/// Errors: those of the source; corrupt.
Result<SavedPlan> saved_plan_in(Source const& source) {
  auto frame = frame_of(source);
  if (!frame) return frame.error();
  auto const body_size = *frame ? (*frame)->body_size : 0;
  PlanDecoder decoder;
  bool in_range = true;
  JsonPieces pieces(kTenantsKey, {kDepthMax, kPartMax}, [&](Value tenant) {
    in_range = in_range && is_finite(tenant);
    if (in_range) decoder.add(tenant);
  });
  RunningDigest digest;
  constexpr std::uint64_t kChunk = 256 << 10;
  for (std::uint64_t at = 0; at < source.size;) {
    auto const bytes =
        source.read(at, static_cast<std::size_t>(std::min(kChunk, source.size - at)));
    if (!bytes) return bytes.error();
    auto const of_body =
        std::min<std::uint64_t>(bytes->size(), body_size - std::min(body_size, at));
    digest.add(std::string_view(*bytes).substr(0, static_cast<std::size_t>(of_body)));
    auto const taken = pieces.add(*bytes);
    if (!taken) return corrupt(taken.error().message);
    at += bytes->size();
  }
  auto const rest = pieces.finish();
  if (!rest) return corrupt(rest.error().message);
  if (!in_range || !is_finite(*rest)) return corrupt("it holds a number that is out of range");
  auto known = check_format(*rest);
  if (!known) return known.error();
  if (!*frame || (*frame)->digest != digest.hex()) {
    return corrupt("it is torn or was edited (its digest does not fit)");
  }
  auto plan = decoder.finish(*rest, pieces.lists());
  if (!plan && plan.error().code != Errc::corrupt) return plan.error();
  if (!plan) return corrupt(plan.error().message);
  return SavedPlan{std::move(*plan), std::move((*frame)->digest), std::move((*frame)->seal)};
}

}  // namespace

Result<std::string> to_file_text(Plan const& plan, std::string_view salt) {
  std::string text;
  auto const written = write_document(plan, salt, [&](std::string_view piece) -> Result<void> {
    text += piece;
    return {};
  });
  if (!written) return written.error();
  return text;
}

Result<Plan> from_file_text(std::string_view text) {
  auto saved = saved_plan_in(source_of(text));
  if (!saved) return saved.error();
  return std::move(saved->plan);
}

Result<void> SavedPlan::check_seal(std::string_view salt) const {
  if (!salt.empty() && seal == seal_of(digest, salt)) return {};
  return corrupt("it is not as `tenantry plan` wrote it with this state (its seal does not fit)");
}

Result<void> write_plan(std::filesystem::path const& path, Plan const& plan,
                        std::string_view salt) {
  auto file = AtomicFile::create(path, FileMode::private_);
  if (!file) return file.error();
  auto const written =
      write_document(plan, salt, [&](std::string_view text) { return file->write(text); });
  if (!written) return written;
  return file->commit();
}

Result<SavedPlan> read_saved_plan(std::filesystem::path const& path) {
  auto const file = FileReader::open(path);
  if (!file) return file.error();
  auto saved = saved_plan_in({file->size(), [&](std::uint64_t offset, std::size_t size) {
                                return file->read(offset, size);
                              }});
  if (saved || saved.error().code != Errc::corrupt) return saved;
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
