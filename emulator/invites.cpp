// /api/v1/users/actions/invite: invitations by mail, which here are only written down.
#include <fmt/format.h>

#include <algorithm>

#include "emulator/body.hpp"
#include "emulator/call.hpp"
#include "emulator/users.hpp"
#include "engine/core/text.hpp"

namespace tenantry::emulator {
namespace {

/// The documented codes of a refused invitation.
constexpr int kUserActive = 1001;
constexpr int kUserDisabled = 1002;

Row const* user_of_email(Table const& users, std::string_view email) {
  auto const wanted = lower(email);
  for (auto const& [sequence, row] : users.rows()) {
    if (lower(text_at(row.data, "email")) == wanted) return &row;
  }
  return nullptr;
}

Object refused(std::string_view email, int code, std::string_view title) {
  return {{"email", email}, {"status", "error"}, {"code", code}, {"title", title}};
}

Object invited(std::string_view email, std::string_view status, Row const& user) {
  return {{"email", email},
          {"status", status},
          {"userId", user.id},
          {"subject", user.data.at("subject")}};
}

/// The identity that an invited user has until the first login.
std::string new_subject(World& world) {
  auto const digits = world.hex_id(32);
  return fmt::format("{}-{}-{}-{}-{}", digits.substr(0, 8), digits.substr(8, 4),
                     digits.substr(12, 4), digits.substr(16, 4), digits.substr(20));
}

/// Sends a known user another mail where that was asked for. The documents do not say when an
/// active user is `exists` and when an error: here it depends on `resend`.
Object invite_again(Call& call, Row const& user, Object const& invitee) {
  auto const email = text_at(invitee, "email");
  auto const* const resend = find(invitee, "resend");
  if (resend == nullptr || !resend->get_bool()) return invited(email, "exists", user);
  auto const status = text_at(user.data, "status");
  if (status == "active") return refused(email, kUserActive, "User is active");
  if (status == "disabled") return refused(email, kUserDisabled, "User is disabled");
  auto data = user.data;
  data["inviteExpiry"] = invite_expiry(call.world);
  data["lastUpdatedAt"] = call.world.stamp();
  call.table("users").update(user.id, std::move(data));
  return invited(email, "ok", user);
}

Object invite_one(Call& call, Object const& invitee) {
  auto& users = call.table("users");
  auto const email = text_at(invitee, "email");
  if (email.find('@') == std::string::npos) return refused(email, 400, "Invalid email");
  if (auto const* const user = user_of_email(users, email)) {
    return invite_again(call, *user, invitee);
  }
  auto const name = invitee.contains("name") ? text_at(invitee, "name") : email;
  auto data = new_user(call.world, new_subject(call.world), name, "invited");
  data["email"] = email;
  data["inviteExpiry"] = invite_expiry(call.world);
  return invited(email, "ok", users.insert(call.new_id(users), std::move(data)));
}

Answer invite(Call& call) {
  static Property const kBody[] = {
      {.name = "invitees", .type = Type::objects, .use = Use::required}};
  static Property const kInvitee[] = {{.name = "name", .length_max = 1024},
                                      {.name = "email", .use = Use::required, .length_max = 1024},
                                      {.name = "resend", .type = Type::flag},
                                      {.name = "language"}};
  if (auto refusal = check_object(call.body, kBody)) return *refusal;
  auto const& invitees = call.body.at("invitees").get_array();
  for (std::size_t i = 0; i < invitees.size(); ++i) {
    auto const pointer = fmt::format("/invitees/{}", i);
    if (auto refusal = check_object(invitees[i], kInvitee, pointer)) return *refusal;
  }
  Array data;
  for (auto const& invitee : invitees) data.push_back(invite_one(call, invitee.get_object()));
  return json_reply(207, {{"data", std::move(data)}});
}

}  // namespace

Kind invites_kind() {
  return {.errors = {.status = StatusForm::none,
                     .trace_id = false,
                     .source = false,
                     .code_number = true},
          .tables = {},
          .routes = {{"POST", "/api/v1/users/actions/invite", invite, kTier2, Access::admin,
                      BodyKind::json}}};
}

}  // namespace tenantry::emulator
