// Saved plans. Input: the text of a plan file. A digest that fits is put in as well, so that what
// stands behind it is reached.
#include "plans/plan_file.hpp"

#include "engine/core/digest.hpp"
#include "plans/render.hpp"
#include "providers/qlik/provider.hpp"
#include "tests/fuzz/targets.hpp"

namespace tenantry::fuzz {
namespace {

constexpr std::string_view kBeforeDigest = ",\n  \"digest\": \"";

/// `text` with the digest that belongs to it.
std::string signed_text(std::string_view text) {
  auto body = text.substr(0, text.rfind(kBeforeDigest));
  if (body.size() == text.size()) {
    auto const last = body.find_last_not_of("} \n");
    body = body.substr(0, last == std::string_view::npos ? 0 : text.find('}', last) + 1);
  }
  std::string out(body);
  auto const digest = sha256_hex(out);
  return out.append(kBeforeDigest).append(digest).append("\"\n}\n");
}

void check_changes(plans::Plan const& plan) {
  auto const looked_at = plan.tenants.for_each([](plans::TenantPlan const& tenant) {
    for (auto const& change : tenant.changes) {
      ensure(plans::digest_of(change).size() == 12, "a change has a digest");
      auto const* const type = qlik_provider().find(change.address.section);
      auto const& schema = type == nullptr ? qlik_provider().tenant().schema() : type->schema();
      auto const checked = plans::check_change(schema, change);
      if (!checked) ensure(is_plain(checked.error().message), "a forged change is told visibly");
    }
  });
  ensure(looked_at.has_value(), "a plan that was read can be looked at");
}

void show(plans::Plan const& plan) {
  for (std::size_t const width : {20U, 100U}) {
    plans::TextOptions options;
    options.width = width;
    ensure(is_plain(plans::to_text(plan, options).value()), "a plan cannot move the cursor");
  }
  (void)plans::summary_line(plan);
  (void)plans::cost_line(plan);
  auto const json = plans::to_terraform_json(plan).value();
  ensure(parse_json(json, 200).has_value(), "a plan is JSON for other tools");
}

void read(std::string_view text) {
  auto const plan = plans::from_file_text(text);
  if (!plan) {
    ensure(plan.error().code == Errc::corrupt, "a plan that cannot be read is corrupt");
    ensure(is_plain(plan.error().message), "why a plan is corrupt is told visibly");
    return;
  }
  auto const written = plans::to_file_text(*plan).value();
  auto const again = plans::from_file_text(written);
  ensure(again.has_value(), "a plan is read as it was written");
  ensure(plans::to_file_text(*again).value() == written, "a plan stays what it was");
  check_changes(*plan);
  show(*plan);
}

}  // namespace

void plan_file(std::string_view input) {
  read(input);
  read(signed_text(input));
}

}  // namespace tenantry::fuzz
